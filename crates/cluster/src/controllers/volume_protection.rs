//! Finalizers that keep claims and volumes while they are in use.
//!
//! Upstream: `pkg/controller/volume/pvcprotection` and `pkg/controller/volume/pvprotection`. A key with a namespace is a
//! claim, one without is a volume.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Index, Store};
use k8s_openapi::api::core::v1::{PersistentVolume, Pod};
use std::sync::Arc;

/// On every claim.
const CLAIM_FINALIZER: &str = "kubernetes.io/pvc-protection";
/// On every volume.
const VOLUME_FINALIZER: &str = "kubernetes.io/pv-protection";

/// Removes the protection of claims that no pod uses and of volumes that are not bound.
#[derive(Clone, Default)]
pub struct VolumeProtectionController {}

impl Controller for VolumeProtectionController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let id = ControllerId::VolumeProtection;
        match &*change.object {
            Object::PersistentVolumeClaim(_) | Object::PersistentVolume(_)
                if change.change != ChangeType::Deleted && change.object.is_terminating() =>
            {
                wakes.add(id, change.object.key());
            }
            Object::Pod(pod) => {
                let phase = pod
                    .status
                    .as_ref()
                    .and_then(|status| status.phase.as_deref());
                if change.change != ChangeType::Deleted
                    && !matches!(phase, Some("Succeeded" | "Failed"))
                {
                    return;
                }
                for claim in claims_of(pod) {
                    let key = Key::new(change.object.namespace(), claim);
                    let stored = store.get(Kind::PersistentVolumeClaim, &key);
                    if stored.is_some_and(|claim| claim.is_terminating()) {
                        wakes.add(id, key);
                    }
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let (kind, finalizer) = if key.namespace().is_empty() {
            (Kind::PersistentVolume, VOLUME_FINALIZER)
        } else {
            (Kind::PersistentVolumeClaim, CLAIM_FINALIZER)
        };
        let Some(object) = client.store().get(kind, key).cloned() else {
            return Outcome::DONE;
        };
        if !object.is_terminating() || in_use(client.store(), key, &object) {
            return Outcome::DONE;
        }
        release(client, &object, finalizer)
    }
}

fn claims_of(pod: &Pod) -> impl Iterator<Item = &str> {
    let volumes = pod
        .spec
        .iter()
        .flat_map(|spec| spec.volumes.iter().flatten());
    volumes.filter_map(|volume| {
        volume
            .persistent_volume_claim
            .as_ref()
            .map(|claim| claim.claim_name.as_str())
    })
}

/// Whether a pod on a node refers to the claim, or a claim is bound to the volume.
fn in_use(store: &Store, key: &Key, object: &Object) -> bool {
    if let Some(volume) = object.as_kind::<PersistentVolume>() {
        return volume
            .status
            .as_ref()
            .and_then(|status| status.phase.as_deref())
            == Some("Bound");
    }
    let claimed = key.to_string();
    store.by_index_as::<Pod>(Index::Claim, &claimed).any(|pod| {
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
        node.is_some_and(|node| !node.is_empty())
    })
}

fn release(client: &mut Client<'_>, object: &Arc<Object>, finalizer: &str) -> Outcome {
    let mut object = Object::clone(object);
    let Some(finalizers) = object.meta_mut().finalizers.as_mut() else {
        return Outcome::DONE;
    };
    let before = finalizers.len();
    finalizers.retain(|name| name != finalizer);
    if finalizers.len() == before {
        return Outcome::DONE;
    }
    match client.update_object(object) {
        Ok(_) => Outcome::DONE,
        Err(error) if error.is_not_found() => Outcome::DONE,
        Err(_) => Outcome::RETRY,
    }
}
