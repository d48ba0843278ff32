//! How controllers, scheduler and kubelets reach the API: typed requests through the same door as everybody's.

use crate::api::managed_fields::components::{CONTROLLER_MANAGER, KUBELET, SCHEDULER};
use crate::api::{
    Body, FeatureGates, Options, Propagation, Reply, Request, Server, Status, Subresource, Verb,
};
use crate::latency::Latency;
use crate::object::{Key, Kind, Object, Resource};
use crate::queue::ControllerId;
use crate::random::Random;
use crate::record::Recorder;
use crate::store::Store;
use crate::time::{Calendar, Duration, Instant};
use crate::trace::Fact;
use k8s_openapi::api::core::v1::{Namespace, ObjectReference};
use std::sync::Arc;

/// A component's connection to the API for the length of one sync.
pub struct Client<'a> {
    server: &'a mut Server,
    random: &'a mut Random,
    latency: &'a Latency,
    recorder: &'a mut Recorder,
    wakes: Vec<(ControllerId, Key, Duration)>,
    /// Who writes.
    component: &'static str,
}

impl<'a> Client<'a> {
    pub(crate) fn new(
        server: &'a mut Server,
        random: &'a mut Random,
        latency: &'a Latency,
        recorder: &'a mut Recorder,
    ) -> Client<'a> {
        Client {
            server,
            random,
            latency,
            recorder,
            wakes: Vec::new(),
            component: KUBELET,
        }
    }

    /// The same connection for the component of which the controller is a part.
    pub(crate) fn of(mut self, id: ControllerId) -> Client<'a> {
        self.component = match id {
            ControllerId::Kubelet => KUBELET,
            ControllerId::Scheduler => SCHEDULER,
            ControllerId::KubernetesService => "kube-apiserver",
            ControllerId::ExternalProvisioner => "hostpath-provisioner",
            _ => CONTROLLER_MANAGER,
        };
        self
    }

    pub(crate) fn into_wakes(self) -> Vec<(ControllerId, Key, Duration)> {
        self.wakes
    }

    /// The objects as they are now.
    pub fn store(&self) -> &Store {
        self.server.store()
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        self.server.now()
    }

    /// Virtual moments as dates.
    pub fn calendar(&self) -> Calendar {
        self.server.calendar()
    }

    /// Randomness of the components (the server has its own).
    pub fn random(&mut self) -> &mut Random {
        self.random
    }

    /// The objects, to be read, together with randomness.
    pub(crate) fn store_and_random(&mut self) -> (&Store, &mut Random) {
        (self.server.store(), self.random)
    }

    /// How long things take.
    pub fn latency(&self) -> &'a Latency {
        self.latency
    }

    /// The features that are on.
    pub fn gates(&self) -> FeatureGates {
        self.server.gates
    }

    /// `base` with the random part that every duration has.
    pub fn jitter(&mut self, base: Duration) -> Duration {
        self.random.jitter(base, self.latency.jitter_percent)
    }

    /// What the recorders of events remember.
    pub(crate) fn recorder(&mut self) -> &mut Recorder {
        self.recorder
    }

    /// Wakes `controller` for `key` after `delay`.
    pub fn wake_after(&mut self, controller: ControllerId, key: &Key, delay: Duration) {
        self.wakes.push((controller, key.clone(), delay));
    }

    /// Remembers why something was done or left undone.
    pub fn explain(&mut self, kind: Kind, key: &Key, fact: Fact) {
        let now = self.server.now;
        self.server.trace.record(kind, key, now, fact);
    }

    /// Puts a decision into the log that leaves nothing to be explained later.
    pub fn decide(&mut self, kind: Kind, key: &Key, fact: Fact) {
        let now = self.server.now;
        self.server.trace.decide(kind, key, now, fact);
    }

    /// Puts into the log that a component reports about an object.
    pub(crate) fn log_report(&mut self, about: &ObjectReference, reason: &str) {
        let kinds = Kind::ALL.iter();
        let kind = about.kind.as_deref().unwrap_or("");
        let Some(kind) = kinds.into_iter().find(|known| known.info().kind == kind) else {
            return;
        };
        let namespace = match kind.info().namespaced {
            true => about.namespace.as_deref().unwrap_or(""),
            false => "",
        };
        let key = Key::new(namespace, about.name.as_deref().unwrap_or(""));
        let now = self.server.now;
        self.server.trace.report(*kind, &key, now, reason);
    }

    /// Takes back what was said about an object.
    pub fn explain_no_more(&mut self, kind: Kind, key: &Key) {
        self.server.trace.forget(kind, key);
    }

    /// Sends any request.
    ///
    /// # Errors
    /// What the API answers.
    pub fn request(&mut self, mut request: Request) -> Result<Reply, Status> {
        request.options.component = Some(self.component);
        self.server.handle(request).result
    }

    /// One object, by type.
    pub fn get<T: Resource>(&self, key: &Key) -> Option<&T> {
        self.store().get_as::<T>(key)
    }

    /// Creates an object in the namespace that its metadata names.
    ///
    /// # Errors
    /// What the API answers.
    pub fn create<T: Resource>(&mut self, object: T) -> Result<Arc<Object>, Status> {
        let object = object.into_object();
        let request = Request::new(
            Verb::Create,
            T::SIMULATED_KIND,
            object.namespace(),
            object.name(),
        );
        self.send(request.with_body(Body::Typed(Box::new(object))))
    }

    /// Writes a whole object. With a resource version in it, only if nobody wrote since.
    ///
    /// # Errors
    /// What the API answers.
    pub fn update<T: Resource>(&mut self, object: T) -> Result<Arc<Object>, Status> {
        self.write(object.into_object(), None)
    }

    /// Writes a whole object of any kind, as [`Client::update`] does.
    ///
    /// # Errors
    /// What the API answers.
    pub fn update_object(&mut self, object: Object) -> Result<Arc<Object>, Status> {
        self.write(object, None)
    }

    /// Writes the status of an object.
    ///
    /// # Errors
    /// What the API answers.
    pub fn update_status<T: Resource>(&mut self, object: T) -> Result<Arc<Object>, Status> {
        self.write(object.into_object(), Some(Subresource::Status))
    }

    /// Deletes an object, with the uid as a precondition if one is given.
    ///
    /// # Errors
    /// What the API answers.
    pub fn delete(
        &mut self,
        kind: Kind,
        key: &Key,
        uid: Option<&str>,
        grace: Option<i64>,
    ) -> Result<(), Status> {
        let mut request = Request::new(Verb::Delete, kind, key.namespace(), key.name());
        request.options = Options {
            precondition_uid: uid.map(str::to_owned),
            grace_period_seconds: grace,
            propagation: Some(Propagation::Background),
            ..Options::default()
        };
        self.request(request).map(|_| ())
    }

    /// Deletes the object with this uid, and says what happens to its dependents.
    ///
    /// # Errors
    /// What the API answers.
    pub fn delete_with(
        &mut self,
        kind: Kind,
        key: &Key,
        uid: &str,
        propagation: Propagation,
    ) -> Result<(), Status> {
        let mut request = Request::new(Verb::Delete, kind, key.namespace(), key.name());
        request.options = Options {
            precondition_uid: Some(uid.to_owned()),
            propagation: Some(propagation),
            ..Options::default()
        };
        self.request(request).map(|_| ())
    }

    /// Writes the finalizers in a namespace's spec; without any, a namespace that is being deleted goes away.
    ///
    /// # Errors
    /// What the API answers.
    pub fn finalize(&mut self, namespace: Namespace) -> Result<Arc<Object>, Status> {
        self.write(namespace.into_object(), Some(Subresource::Finalize))
    }

    fn write(
        &mut self,
        object: Object,
        subresource: Option<Subresource>,
    ) -> Result<Arc<Object>, Status> {
        let mut request = Request::new(
            Verb::Update,
            object.kind(),
            object.namespace(),
            object.name(),
        );
        request.subresource = subresource;
        self.send(request.with_body(Body::Typed(Box::new(object))))
    }

    fn send(&mut self, request: Request) -> Result<Arc<Object>, Status> {
        let (kind, name) = (request.kind, request.name.clone());
        let reply = self.request(request)?;
        reply
            .object()
            .cloned()
            .ok_or_else(|| Status::not_found(kind, &name))
    }
}
