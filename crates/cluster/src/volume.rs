//! Claims and volumes as controllers, scheduler and kubelets look at them.
//!
//! Upstream: `staging/src/k8s.io/component-helpers/storage/volume`, `pkg/volume/csi/csi_attacher.go`.

pub mod matching;

use crate::annotation::BETA_STORAGE_CLASS;
use crate::object::Key;
use crate::store::Store;
use k8s_openapi::api::core::v1::{Node, ObjectReference, PersistentVolume, PersistentVolumeClaim};

/// The class of a claim; `None` when it says nothing, which is not the same as an empty one.
pub(crate) fn class_of(claim: &PersistentVolumeClaim) -> Option<&str> {
    let annotations = claim.metadata.annotations.as_ref();
    annotations
        .and_then(|map| map.get(BETA_STORAGE_CLASS))
        .map(String::as_str)
        .or_else(|| claim.spec.as_ref()?.storage_class_name.as_deref())
}

/// The claim that a volume is bound to, or reserved for.
pub(crate) fn claim_ref(volume: &PersistentVolume) -> Option<&ObjectReference> {
    volume
        .spec
        .as_ref()
        .and_then(|spec| spec.claim_ref.as_ref())
}

/// The name of a volume in the status of the nodes that have it; none for volumes that are not attached.
pub(crate) fn attachment_name(volume: &PersistentVolume) -> Option<String> {
    let csi = volume.spec.as_ref()?.csi.as_ref()?;
    Some(format!(
        "kubernetes.io/csi/{}^{}",
        csi.driver, csi.volume_handle
    ))
}

/// Whether a node has a volume attached.
pub(crate) fn is_attached(store: &Store, node: &str, name: &str) -> bool {
    let node = store.get_as::<Node>(&Key::new("", node));
    let status = node.and_then(|node| node.status.as_ref());
    let volumes = status.and_then(|status| status.volumes_attached.as_ref());
    volumes
        .into_iter()
        .flatten()
        .any(|known| known.name == name)
}
