//! Every component of the cluster but the API server: the controllers, the scheduler and the kubelets.

use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::controllers::{
    attach_detach, cron_job, daemon_set, deployment, disruption, endpoint_slice, endpoints,
    ephemeral_volume, external_provisioner, garbage_collector, job, kubernetes_service, namespace,
    node_lifecycle, persistent_volume, pod_gc, replica_set, stateful_set, taint_eviction,
    ttl_after_finished, volume_expand, volume_protection,
};
use crate::kubelet::Kubelet;
use crate::object::Key;
use crate::queue::ControllerId;
use crate::scheduler::Scheduler;
use crate::store::{Change, Store};

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
    scheduler: Scheduler = Scheduler;
    kubelet: Kubelet = Kubelet;
}
