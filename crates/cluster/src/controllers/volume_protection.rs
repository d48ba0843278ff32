//! Finalizers that protect claims and volumes in use.
//!
//! Upstream: `pkg/controller/volume/pvcprotection`, `pkg/controller/volume/pvprotection`. A key with a namespace is a
//! claim, one without is a volume.

use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Object};
use crate::queue::ControllerId;
use crate::storage::claim_names;
use crate::store::{Change, ChangeType, Index, Store};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};

const CLAIM_FINALIZER: &str = "kubernetes.io/pvc-protection";
const VOLUME_FINALIZER: &str = "kubernetes.io/pv-protection";

/// Finalizers that protect claims and volumes in use.
#[derive(Clone, Default)]
pub struct VolumeProtectionController {}

impl Controller for VolumeProtectionController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        match &**object {
            Object::PersistentVolumeClaim(_) | Object::PersistentVolume(_)
                if change.change != ChangeType::Deleted && object.is_terminating() =>
            {
                wakes.add(ControllerId::VolumeProtection, object.key());
            }
            Object::Pod(pod) if change.change == ChangeType::Deleted || is_terminal(pod) => {
                for claim in claim_names(pod) {
                    let key = Key::new(object.namespace(), &claim);
                    let terminating = store
                        .get_as::<PersistentVolumeClaim>(&key)
                        .is_some_and(|claim| claim.metadata.deletion_timestamp.is_some());
                    if terminating {
                        wakes.add(ControllerId::VolumeProtection, key);
                    }
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let done = if key.namespace().is_empty() {
            release_volume(key, client)
        } else {
            release_claim(key, client)
        };
        if done { Outcome::DONE } else { Outcome::RETRY }
    }
}

fn is_terminal(pod: &Pod) -> bool {
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// Lets a claim go unless a pod that was given a node refers to it.
fn release_claim(key: &Key, client: &mut Client<'_>) -> bool {
    let Some(claim) = client.get::<PersistentVolumeClaim>(key) else {
        return true;
    };
    if claim.metadata.deletion_timestamp.is_none() {
        return true;
    }
    let name = format!("{}/{}", key.namespace(), key.name());
    let used = client
        .store()
        .by_index_as::<Pod>(Index::Claim, &name)
        .any(|pod| {
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
            node.is_some_and(|node| !node.is_empty())
        });
    if used {
        return true;
    }
    let mut claim = claim.clone();
    !remove(&mut claim.metadata.finalizers, CLAIM_FINALIZER) || client.update(claim).is_ok()
}

/// Lets a volume go unless it is bound.
fn release_volume(key: &Key, client: &mut Client<'_>) -> bool {
    let Some(volume) = client.get::<PersistentVolume>(key) else {
        return true;
    };
    let phase = volume
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    if volume.metadata.deletion_timestamp.is_none() || phase == Some("Bound") {
        return true;
    }
    let mut volume = volume.clone();
    !remove(&mut volume.metadata.finalizers, VOLUME_FINALIZER) || client.update(volume).is_ok()
}

/// Takes a finalizer out of a list; whether it was in it.
fn remove(finalizers: &mut Option<Vec<String>>, name: &str) -> bool {
    let Some(list) = finalizers else { return false };
    let before = list.len();
    list.retain(|finalizer| finalizer != name);
    let removed = list.len() != before;
    if list.is_empty() {
        *finalizers = None;
    }
    removed
}
