//! The one door: [`Server::handle`] is the only way to read or change objects.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers` and `pkg/registry`.

pub(crate) mod admission;
pub mod autoscaling;
pub mod check;
pub mod decode;
pub mod defaults;
mod delete;
mod disabled_fields;
pub mod discovery;
pub mod duration;
pub mod encode;
mod eviction;
pub mod field;
mod internal;
pub mod managed_fields;
pub mod paging;
mod patch;
pub mod quantity;
mod registry;
pub mod schema;
pub mod selectors;
mod service_alloc;
pub mod status;
pub mod strategic;
mod strategy;
mod subresource;
pub mod table;
pub mod validation;
mod warnings;
pub mod watch;

use crate::object::{Kind, Object};
use crate::random::Random;
use crate::store::Store;
use crate::time::{Calendar, Instant};
use crate::trace::Trace;
pub use check::FieldProblem;
pub use managed_fields::Tracking;
use serde_json::Value;
pub use status::{Cause, Reason, Status};
use std::sync::Arc;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// One object.
    Get,
    /// All objects of a kind that fit the selectors.
    List,
    /// A new object.
    Create,
    /// A whole object in the place of the stored one.
    Update,
    /// Changes to a stored object.
    Patch,
    /// The end of an object.
    Delete,
    /// The end of all objects that fit the selectors.
    DeleteCollection,
}

/// A part of an object with rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subresource {
    /// What is observed, written by controllers.
    Status,
    /// The number of replicas.
    Scale,
    /// The node of a pod.
    Binding,
    /// Deletion with regard to disruption budgets.
    Eviction,
    /// The finalizers in a namespace's spec.
    Finalize,
}

/// The forms of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// Kubernetes' own, with merge keys for lists.
    Strategic,
    /// Server-side apply.
    Apply,
}

/// What a request carries.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// A typed object, from a component inside the cluster. It is defaulted and validated like any other.
    Typed(Box<Object>),
    /// An object as JSON, from outside.
    Json(Value),
    /// A patch.
    Patch(PatchType, Value),
}

/// How strictly unknown and duplicate fields are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// They are refused.
    Strict,
    /// They are dropped with a warning.
    #[default]
    Warn,
    /// They are dropped.
    Ignore,
}

/// What happens to the dependents of a deleted object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// They are deleted afterwards.
    Background,
    /// They are deleted first.
    Foreground,
    /// They stay, without the owner.
    Orphan,
}

/// The options of a request; each verb reads its own.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Nothing is stored.
    pub dry_run: bool,
    /// How unknown fields are taken.
    pub field_validation: FieldValidation,
    /// What a strict reader says of the body itself: fields that stand twice in it. Told or refused as unknown fields are.
    pub duplicates: Vec<String>,
    /// Who writes, for `managedFields`.
    pub field_manager: Option<String>,
    /// The body is an event under its name in `events.k8s.io`, where more is asked of events.
    pub newer_event: bool,
    /// Whether the write is noted there.
    pub tracking: Tracking,
    /// Which of the cluster's own components writes; none for everybody else.
    pub component: Option<&'static str>,
    /// For [`PatchType::Apply`]: fields of other managers are taken over.
    pub force: bool,
    /// Label selector as text.
    pub label_selector: String,
    /// Field selector as text.
    pub field_selector: String,
    /// For deletions: seconds until the end is forced; `None` for the object's own.
    pub grace_period_seconds: Option<i64>,
    /// For deletions: what happens to dependents; `None` for the kind's default.
    pub propagation: Option<Propagation>,
    /// For deletions: the uid that the object must have.
    pub precondition_uid: Option<String>,
    /// For deletions: the resource version that the object must have.
    pub precondition_resource_version: Option<String>,
}

/// A request to the API.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub verb: Verb,
    /// The kind of the objects.
    pub kind: Kind,
    /// The namespace; empty for cluster-scoped kinds and for all namespaces.
    pub namespace: String,
    /// The object's name; empty for lists and collections.
    pub name: String,
    /// The part of the object, if not all of it.
    pub subresource: Option<Subresource>,
    /// What is written.
    pub body: Body,
    /// Options.
    pub options: Options,
}

impl Request {
    /// A request with neither subresource nor body nor options.
    pub fn new(verb: Verb, kind: Kind, namespace: &str, name: &str) -> Request {
        Request {
            verb,
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            subresource: None,
            body: Body::None,
            options: Options::default(),
        }
    }

    /// The same request with a body.
    pub fn with_body(mut self, body: Body) -> Request {
        self.body = body;
        self
    }

    /// The same request for a part of the object.
    pub fn with_subresource(mut self, subresource: Subresource) -> Request {
        self.subresource = Some(subresource);
        self
    }
}

/// What a request is answered with when it succeeds.
#[derive(Clone, Debug)]
pub enum Reply {
    /// One object.
    Object(Arc<Object>),
    /// Several, with the version of the whole.
    List {
        /// The objects, in etcd's order.
        items: Vec<Arc<Object>>,
        /// The version at which the list was true.
        resource_version: u64,
    },
    /// An object of a kind that is made on the fly, such as a `Scale`.
    Json(Value),
    /// The object was deleted at once; its last state.
    Deleted(Arc<Object>),
}

impl Reply {
    /// The object that the answer is about, if it is one stored object.
    pub fn object(&self) -> Option<&Arc<Object>> {
        match self {
            Reply::Object(object) | Reply::Deleted(object) => Some(object),
            Reply::List { .. } | Reply::Json(_) => None,
        }
    }
}

/// An answer: a reply or a status that says what is wrong, and warnings for the person at the keyboard.
#[derive(Clone, Debug)]
pub struct Response {
    /// The reply, or why there is none.
    pub result: Result<Reply, Status>,
    /// Warnings, each to be shown once.
    pub warnings: Vec<String>,
}

/// The API server: the store and what belongs to its door.
#[derive(Clone, Debug)]
pub struct Server {
    pub(crate) store: Store,
    pub(crate) random: Random,
    pub(crate) calendar: Calendar,
    pub(crate) now: Instant,
    pub(crate) trace: Trace,
    pub(crate) gates: FeatureGates,
}

/// Features that a cluster's administrator turns on.
///
/// Upstream: `pkg/features/kube_features.go`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeatureGates {
    /// `MaxUnavailableStatefulSet`: a rolling update of a set may replace several pods at once. Off in 1.36.3.
    pub max_unavailable_stateful_set: bool,
}

impl Server {
    /// A server with an empty store.
    pub fn new(seed: u64, calendar: Calendar) -> Server {
        Server {
            store: Store::default(),
            random: Random::new(seed),
            calendar,
            now: Instant::ZERO,
            trace: Trace::default(),
            gates: FeatureGates::default(),
        }
    }

    /// A server that holds `objects` as they are at `now`, as after a restore of etcd: for a state that was recorded.
    pub fn restored(calendar: Calendar, now: Instant, objects: Vec<Object>) -> Server {
        let mut server = Server::new(0, calendar);
        server.now = now;
        for object in objects {
            server.store.put(object);
        }
        server
    }

    /// Answers a request. The only function that changes objects.
    pub fn handle(&mut self, request: Request) -> Response {
        let mut warnings = Vec::new();
        self.store.set_now(self.now);
        let result = registry::dispatch(self, request, &mut warnings);
        Response { result, warnings }
    }

    /// The objects, to be read.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The present moment.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Virtual moments as dates.
    pub fn calendar(&self) -> Calendar {
        self.calendar
    }

    /// Why things are as they are.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }
}
