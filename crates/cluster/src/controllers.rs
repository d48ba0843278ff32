//! The controllers, the scheduler and the kubelets: clients of the API that are woken by changes.

pub mod attach_detach;
pub(crate) mod controller_ref;
mod controller_ref_manager;
pub mod cron_job;
pub(crate) mod daemon_set;
pub mod deployment;
pub(crate) mod disruption;
pub mod endpoint_slice;
pub mod endpoints;
pub mod ephemeral_volume;
pub mod external_provisioner;
pub mod garbage_collector;
pub(crate) mod job;
pub mod kubernetes_service;
pub(crate) mod label_selector;
pub mod namespace;
pub mod node_lifecycle;
pub mod persistent_volume;
pub(crate) mod pod_condition;
pub(crate) mod pod_control;
pub mod pod_gc;
mod pod_handlers;
pub(crate) mod pod_state;
pub(crate) mod pod_template_hash;
pub mod replica_set;
mod service_pods;
pub mod stateful_set;
pub mod taint_eviction;
pub mod ttl_after_finished;
pub mod volume_expand;
pub mod volume_protection;

use crate::client::Client;
use crate::object::Key;
use crate::queue::ControllerId;
use crate::store::{Change, Store};
use crate::time::Duration;

/// Keys that a change wakes, and how long after it (on top of the watch's own latency).
#[derive(Debug, Default)]
pub struct Wakes {
    pub(crate) keys: Vec<(ControllerId, Key, Duration)>,
}

impl Wakes {
    /// Wakes `controller` for `key` as soon as it sees the change.
    pub fn add(&mut self, controller: ControllerId, key: Key) {
        self.keys.push((controller, key, Duration::ZERO));
    }

    /// Wakes `controller` for `key` some time later.
    pub fn add_after(&mut self, controller: ControllerId, key: Key, delay: Duration) {
        self.keys.push((controller, key, delay));
    }
}

/// When a key is to be worked on again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requeue {
    /// Not before something changes.
    No,
    /// After a delay.
    After(Duration),
    /// After the key's back-off, because the sync failed.
    RateLimited,
}

/// What a sync ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When the key is to be worked on again.
    pub requeue: Requeue,
    /// How many objects the sync looked at; they make it last longer.
    pub looked_at: u64,
}

impl Outcome {
    /// Done, nothing more to do until something changes.
    pub const DONE: Outcome = Outcome {
        requeue: Requeue::No,
        looked_at: 1,
    };

    /// Failed; try again after the back-off.
    pub const RETRY: Outcome = Outcome {
        requeue: Requeue::RateLimited,
        looked_at: 1,
    };

    /// Done for now; look again after `delay`.
    pub fn after(delay: Duration) -> Outcome {
        Outcome {
            requeue: Requeue::After(delay),
            looked_at: 1,
        }
    }
}

/// A component that reacts to changes: it says which of its keys a change wakes, and works on one key at a time.
pub trait Controller {
    /// Looks at a change and wakes keys. Reads only.
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes);

    /// Works on one key.
    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome;
}

macro_rules! components {
    ($($field:ident: $type:ty = $id:ident;)*) => {
        /// Every component of the cluster but the API server.
        #[derive(Clone)]
        pub struct Components { $(
            #[doc = concat!("See [`", stringify!($type), "`].")]
            pub $field: $type
        ),* }

        impl Components {
            /// Shows a change to every component.
            pub(crate) fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
                $(self.$field.observe(change, store, wakes);)*
            }

            /// Lets one component work on one key.
            pub(crate) fn sync(&mut self, id: ControllerId, key: &Key, client: &mut Client<'_>) -> Outcome {
                match id { $(ControllerId::$id => self.$field.sync(key, client)),* }
            }
        }
    };
}

components! {
    deployment: deployment::DeploymentController = Deployment;
    replica_set: replica_set::ReplicaSetController = ReplicaSet;
    stateful_set: stateful_set::StatefulSetController = StatefulSet;
    endpoint_slice: endpoint_slice::EndpointSliceController = EndpointSlice;
    endpoints: endpoints::EndpointsController = Endpoints;
    garbage_collector: garbage_collector::GarbageCollector = GarbageCollector;
    kubernetes_service: kubernetes_service::KubernetesServiceController = KubernetesService;
    namespace: namespace::NamespaceController = Namespace;
    persistent_volume: persistent_volume::PersistentVolumeController = PersistentVolume;
    external_provisioner: external_provisioner::ExternalProvisioner = ExternalProvisioner;
    volume_protection: volume_protection::VolumeProtectionController = VolumeProtection;
    daemon_set: daemon_set::DaemonSetController = DaemonSet;
    job: job::JobController = Job;
    cron_job: cron_job::CronJobController = CronJob;
    ttl_after_finished: ttl_after_finished::TtlAfterFinishedController = TtlAfterFinished;
    disruption: disruption::DisruptionController = Disruption;
    node_lifecycle: node_lifecycle::NodeLifecycleController = NodeLifecycle;
    taint_eviction: taint_eviction::TaintEvictionController = TaintEviction;
    pod_gc: pod_gc::PodGcController = PodGc;
    ephemeral_volume: ephemeral_volume::EphemeralVolumeController = EphemeralVolume;
    volume_expand: volume_expand::VolumeExpandController = VolumeExpand;
    attach_detach: attach_detach::AttachDetachController = AttachDetach;
    scheduler: crate::scheduler::Scheduler = Scheduler;
    kubelet: crate::kubelet::Kubelet = Kubelet;
}
