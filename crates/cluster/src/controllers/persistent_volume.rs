//! Binding of claims and volumes, provisioning, and what becomes of a volume whose claim is gone.
//!
//! Upstream: `pkg/controller/volume/persistentvolume`. A key with a namespace is a claim, one without is a volume.

mod bind;
mod claim;
mod class;
mod matching;
mod provision;
mod reclaim;
mod volume;

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::{Key, Object};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use std::collections::BTreeMap;

/// How often everything that is not settled is looked at again.
const RESYNC_PERIOD: Duration = Duration::secs(15);

/// Binds claims to volumes and makes volumes for claims.
#[derive(Clone, Default)]
pub struct PersistentVolumeController {
    /// Claims for which a volume is being made, by uid, and when it will be there.
    provisioning: BTreeMap<String, Instant>,
}

impl Controller for PersistentVolumeController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let id = ControllerId::PersistentVolume;
        match &*change.object {
            Object::PersistentVolumeClaim(claim) => {
                if change.change == ChangeType::Deleted {
                    self.provisioning.remove(change.object.uid());
                    let volume = claim
                        .spec
                        .as_ref()
                        .and_then(|spec| spec.volume_name.as_deref());
                    if let Some(name) = volume.filter(|name| !name.is_empty()) {
                        wakes.add(id, Key::new("", name));
                    }
                    // A volume may wait for a claim that names no volume yet.
                    let claimed = change.object.key().to_string();
                    for volume in
                        store.by_index(crate::Kind::PersistentVolume, Index::Claim, &claimed)
                    {
                        wakes.add(id, volume.key());
                    }
                } else {
                    wakes.add(id, change.object.key());
                }
            }
            Object::PersistentVolume(volume) => {
                if change.change != ChangeType::Deleted {
                    wakes.add(id, change.object.key());
                }
                if let Some(claim) = claim_of(volume) {
                    wakes.add(id, claim);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        if key.namespace().is_empty() {
            let volume = client.get::<PersistentVolume>(key).cloned();
            volume.map_or(Outcome::DONE, |volume| volume::sync(client, volume))
        } else {
            let claim = client.get::<PersistentVolumeClaim>(key).cloned();
            claim.map_or(Outcome::DONE, |claim| claim::sync(self, client, key, claim))
        }
    }
}

/// The claim that a volume is reserved for.
fn claim_of(volume: &PersistentVolume) -> Option<Key> {
    let claim = volume.spec.as_ref()?.claim_ref.as_ref()?;
    Some(Key::new(
        claim.namespace.as_deref().unwrap_or(""),
        claim.name.as_deref().unwrap_or(""),
    ))
}

/// Looks again at the next resync.
fn resync() -> Outcome {
    Outcome::after(RESYNC_PERIOD)
}
