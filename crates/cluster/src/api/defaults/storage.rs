//! Upstream: `pkg/apis/core/v1/defaults.go`, `pkg/apis/storage/v1/defaults.go`.

use super::text;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::api::storage::v1::StorageClass;

pub(super) fn claim(claim: &mut PersistentVolumeClaim) {
    let spec = claim.spec.get_or_insert_default();
    spec.volume_mode
        .get_or_insert_with(|| "Filesystem".to_owned());
    text(&mut claim.status.get_or_insert_default().phase, "Pending");
}

pub(super) fn volume(volume: &mut PersistentVolume) {
    let spec = volume.spec.get_or_insert_default();
    text(&mut spec.persistent_volume_reclaim_policy, "Retain");
    spec.volume_mode
        .get_or_insert_with(|| "Filesystem".to_owned());
    if let Some(path) = spec.host_path.as_mut() {
        path.type_.get_or_insert_default();
    }
    text(&mut volume.status.get_or_insert_default().phase, "Pending");
}

pub(super) fn class(class: &mut StorageClass) {
    class
        .reclaim_policy
        .get_or_insert_with(|| "Delete".to_owned());
    class
        .volume_binding_mode
        .get_or_insert_with(|| "Immediate".to_owned());
}
