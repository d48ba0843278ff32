//! Values that the API server fills in where a manifest leaves them out.
//!
//! Upstream: `pkg/apis/*/v1/defaults.go`.

mod apps;
mod batch;
mod core;
pub mod pod;
mod storage;

use crate::object::Object;

/// Fills in what is left out. Running it twice changes nothing.
pub fn apply(object: &mut Object) {
    match object {
        Object::Pod(pod) => pod::pod(pod),
        Object::DaemonSet(set) => apps::daemon_set(set),
        Object::Deployment(deployment) => apps::deployment(deployment),
        Object::ReplicaSet(set) => apps::replica_set(set),
        Object::CronJob(cron_job) => batch::cron_job(cron_job),
        Object::Job(job) => batch::job(job),
        Object::StatefulSet(set) => apps::stateful_set(set),
        Object::HorizontalPodAutoscaler(scaler) => super::autoscaling::defaults(scaler),
        Object::Service(service) => core::service(service),
        Object::Secret(secret) => core::secret(secret),
        Object::Namespace(namespace) => core::namespace(namespace),
        Object::Node(node) => core::node(node),
        Object::Endpoints(endpoints) => core::endpoints(endpoints),
        Object::EndpointSlice(slice) => core::endpoint_slice(slice),
        Object::PersistentVolumeClaim(claim) => storage::claim(claim),
        Object::PersistentVolume(volume) => storage::volume(volume),
        Object::StorageClass(class) => storage::class(class),
        Object::ConfigMap(_)
        | Object::ControllerRevision(_)
        | Object::Event(_)
        | Object::Lease(_)
        | Object::PodDisruptionBudget(_)
        | Object::ServiceAccount(_)
        | Object::VolumeAttachment(_) => {}
    }
}

/// Sets a text that is missing or empty.
fn text(field: &mut Option<String>, default: &str) {
    if field.as_deref().is_none_or(str::is_empty) {
        *field = Some(default.to_owned());
    }
}

/// Sets a number that is missing or zero.
fn number(field: &mut Option<i32>, default: i32) {
    if field.unwrap_or(0) == 0 {
        *field = Some(default);
    }
}
