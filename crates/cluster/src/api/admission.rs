//! The plug-ins that a default API server runs before it stores an object.
//!
//! Upstream: `pkg/kubeapiserver/options/plugins.go` names them, `plugin/pkg/admission` and
//! `staging/src/k8s.io/apiserver/pkg/admission/plugin` hold them.

mod jobs;
mod namespace_lifecycle;
mod pods;
mod service_account;
mod size;
mod storage;

use super::{Server, Status};
use crate::object::Object;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

pub(super) use namespace_lifecycle::{check_delete, check_namespace};
pub(crate) use storage::default_class_of;
pub(super) use storage::is_default_class;

/// The name by which a refusal calls a new object: one that is still to be drawn is called by its prefix.
pub(super) fn name_in_refusal(meta: &ObjectMeta) -> &str {
    let given = [&meta.name, &meta.generate_name].into_iter();
    let mut given = given.filter_map(|name| name.as_deref());
    given.find(|name| !name.is_empty()).unwrap_or("Unknown")
}

/// Changes and judges a new object.
pub(super) fn admit_create(server: &mut Server, object: &mut Object) -> Result<(), Status> {
    size::check_replicas(server, object, None)?;
    match object {
        Object::CronJob(cron_job) => jobs::check_cron_job(cron_job),
        Object::Pod(pod) => {
            size::check_pods(server)?;
            pods::default_tolerations(pod);
            pods::priority(pod)?;
            service_account::admit(server, pod)
        }
        Object::PersistentVolumeClaim(claim) => {
            storage::protect_claim(claim);
            storage::default_class(server, claim);
            Ok(())
        }
        Object::PersistentVolume(volume) => {
            storage::protect_volume(volume);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Changes and judges a write to a stored object (not to its subresources).
pub(super) fn admit_update(
    server: &Server,
    object: &mut Object,
    old: &Object,
) -> Result<(), Status> {
    size::check_replicas(server, object, Some(old))?;
    match (object, old) {
        (Object::Pod(pod), Object::Pod(_)) => {
            pods::default_tolerations(pod);
            Ok(())
        }
        (Object::CronJob(cron_job), _) => jobs::check_cron_job(cron_job),
        _ => Ok(()),
    }
}

/// Judges a write that is valid: what plug-ins that change nothing are asked last.
pub(super) fn validate_update(
    server: &Server,
    object: &Object,
    old: &Object,
) -> Result<(), Status> {
    match (object, old) {
        (Object::PersistentVolumeClaim(claim), Object::PersistentVolumeClaim(old)) => {
            storage::check_resize(server, claim, old)
        }
        _ => Ok(()),
    }
}
