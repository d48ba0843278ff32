//! The objects that say that a volume is to be attached to a node, and the driver's own controller that does it.
//!
//! Upstream: `pkg/volume/csi/csi_attacher.go`; `pkg/controller/csi_handler.go` of `kubernetes-csi/external-attacher`.

use crate::client::Client;
use crate::hash::sha256_hex;
use crate::object::{Key, Kind};
use crate::store::Store;
use k8s_openapi::api::core::v1::PersistentVolume;
use k8s_openapi::api::storage::v1::{
    VolumeAttachment, VolumeAttachmentSource, VolumeAttachmentSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// The name by which the driver knows a node.
const NODE_ID: &str = "csi.alpha.kubernetes.io/node-id";

/// The name of the object for a volume on a node; none for volumes that no driver attaches.
pub(super) fn key_of(volume: &PersistentVolume, node: &str) -> Option<Key> {
    let csi = volume.spec.as_ref()?.csi.as_ref()?;
    let hash = sha256_hex(format!("{}{}{node}", csi.volume_handle, csi.driver).as_bytes());
    Some(Key::new("", &format!("csi-{hash}")))
}

/// The finalizer of the driver's controller, on its volumes and attachments.
fn finalizer_of(driver: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = driver.chars().map(plain).collect();
    let end = if name.ends_with('-') { "X" } else { "" };
    format!("external-attacher/{name}{end}")
}

fn driver_of(volume: &PersistentVolume) -> Option<&str> {
    Some(volume.spec.as_ref()?.csi.as_ref()?.driver.as_str())
}

/// Asks for a volume on a node; the driver's controller puts its finalizers on both before it does anything.
pub(super) fn request(volume: &PersistentVolume, node: &str, client: &mut Client<'_>) {
    let (Some(key), Some(driver)) = (key_of(volume, node), driver_of(volume)) else {
        return;
    };
    let finalizer = finalizer_of(driver);
    if client.get::<VolumeAttachment>(&key).is_none() {
        let wanted = VolumeAttachment {
            metadata: ObjectMeta {
                name: Some(key.name().to_owned()),
                ..ObjectMeta::default()
            },
            spec: VolumeAttachmentSpec {
                attacher: driver.to_owned(),
                node_name: node.to_owned(),
                source: VolumeAttachmentSource {
                    persistent_volume_name: volume.metadata.name.clone(),
                    inline_volume_spec: None,
                },
            },
            status: None,
        };
        // One that somebody else made meanwhile is as good.
        let _ = client.create(wanted);
    }
    let of_volume = Key::new("", volume.metadata.name.as_deref().unwrap_or(""));
    if let Some(mut stored) = client.get::<PersistentVolume>(&of_volume).cloned()
        && add_finalizer(&mut stored.metadata, &finalizer)
    {
        stored.metadata.resource_version = None;
        let _ = client.update(stored);
    }
    if let Some(mut stored) = client.get::<VolumeAttachment>(&key).cloned()
        && add_finalizer(&mut stored.metadata, &finalizer)
    {
        let annotations = stored.metadata.annotations.get_or_insert_default();
        annotations.insert(NODE_ID.to_owned(), node.to_owned());
        stored.metadata.resource_version = None;
        let _ = client.update(stored);
    }
}

/// Says that the driver has attached a volume, or that it has not any more.
pub(super) fn tell(volume: &PersistentVolume, node: &str, attached: bool, client: &mut Client<'_>) {
    let Some(key) = key_of(volume, node) else {
        return;
    };
    let Some(mut stored) = client.get::<VolumeAttachment>(&key).cloned() else {
        return;
    };
    let status = stored.status.get_or_insert_default();
    status.attached = attached;
    status.attachment_metadata = attached
        .then(|| BTreeMap::from([("devicePath".to_owned(), "/dev/xvdaa".to_owned())]))
        .filter(|_| driver_of(volume) == Some(crate::controllers::external_provisioner::EBS));
    stored.metadata.resource_version = None;
    let _ = client.update_status(stored);
    if attached {
        return;
    }
    if let Some(mut stored) = client.get::<VolumeAttachment>(&key).cloned() {
        let finalizer = finalizer_of(&stored.spec.attacher);
        remove_finalizer(&mut stored.metadata, &finalizer);
        stored.metadata.resource_version = None;
        let _ = client.update(stored);
    }
}

/// Takes back the wish for a volume on a node.
pub(super) fn withdraw(volume: &PersistentVolume, node: &str, client: &mut Client<'_>) {
    if let Some(key) = key_of(volume, node) {
        // It may be gone already.
        let _ = client.delete(Kind::VolumeAttachment, &key, None, None);
    }
}

/// The nodes whose attachment of a volume somebody has deleted.
pub(super) fn withdrawn(store: &Store, volume: &PersistentVolume) -> Vec<String> {
    of_volume(store, volume)
        .filter(|attachment| attachment.metadata.deletion_timestamp.is_some())
        .map(|attachment| attachment.spec.node_name.clone())
        .collect()
}

fn of_volume<'s>(
    store: &'s Store,
    volume: &'s PersistentVolume,
) -> impl Iterator<Item = &'s VolumeAttachment> {
    let all = store.list_as::<VolumeAttachment>(None);
    all.filter(|attachment| attachment.spec.source.persistent_volume_name == volume.metadata.name)
}

/// Lets a volume that is to be deleted go, once nothing is attached.
pub(super) fn release(volume: &PersistentVolume, client: &mut Client<'_>) {
    let Some(finalizer) = driver_of(volume).map(finalizer_of) else {
        return;
    };
    if volume.metadata.deletion_timestamp.is_none()
        || of_volume(client.store(), volume).next().is_some()
    {
        return;
    }
    let mut volume = volume.clone();
    if remove_finalizer(&mut volume.metadata, &finalizer) {
        volume.metadata.resource_version = None;
        let _ = client.update(volume);
    }
}

fn add_finalizer(meta: &mut ObjectMeta, name: &str) -> bool {
    let finalizers = meta.finalizers.get_or_insert_default();
    let missing = !finalizers.iter().any(|known| known == name);
    if missing {
        finalizers.push(name.to_owned());
    }
    missing
}

fn remove_finalizer(meta: &mut ObjectMeta, name: &str) -> bool {
    let finalizers = meta.finalizers.get_or_insert_default();
    let before = finalizers.len();
    finalizers.retain(|known| known != name);
    finalizers.len() != before
}
