//! Binding of claims and volumes, and provisioning.
//!
//! Upstream: `pkg/controller/volume/persistentvolume/pv_controller.go`. A key with a namespace is a claim, one without is
//! a volume.

mod binding;
mod provision;
mod reclaim;
mod recycle;

use crate::api::admission::default_class_of;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Store};
use crate::time::{Duration, Instant};
use crate::trace::Fact;
use crate::volume::{claim_ref, class_of, matching};
use k8s_openapi::api::core::v1::{ObjectReference, PersistentVolume, PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;
use rpds::RedBlackTreeMapSync;
use std::collections::BTreeMap;

/// How often claims and volumes without a partner are looked at again.
const RESYNC: Duration = Duration::secs(15);

const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
const STORAGE_PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
const BETA_STORAGE_PROVISIONER: &str = "volume.beta.kubernetes.io/storage-provisioner";
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const CONTROLLER_FINALIZER: &str = "kubernetes.io/pv-controller";

/// Binding of claims and volumes, and provisioning.
#[derive(Clone, Default)]
pub struct PersistentVolumeController {
    /// Volumes that are being made, by claim, and when they are there.
    operations: RedBlackTreeMapSync<Key, Instant>,
    /// Up to which resource version the events of the pod that scrubs a volume were told, by volume.
    scrubs: RedBlackTreeMapSync<Key, u64>,
}

impl Controller for PersistentVolumeController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let mut wake = |key| wakes.add(ControllerId::PersistentVolume, key);
        match &*change.object {
            Object::PersistentVolumeClaim(claim) => {
                if change.change == ChangeType::Deleted {
                    self.operations.remove_mut(&change.object.key());
                    if let Some(volume) = volume_name(claim) {
                        wake(Key::new("", volume));
                    }
                } else {
                    wake(change.object.key());
                }
            }
            Object::PersistentVolume(volume) => {
                if change.change != ChangeType::Deleted {
                    wake(change.object.key());
                } else if let Some(key) = claim_key(volume) {
                    wake(key);
                }
            }
            Object::Pod(_) | Object::Event(_) => {
                if let Some(key) = recycle::volume_of(&change.object) {
                    wake(key);
                }
            }
            Object::StorageClass(class) if change.change == ChangeType::Added => {
                let name = class.metadata.name.as_deref();
                for claim in store.list_as::<PersistentVolumeClaim>(None) {
                    let waits = !has_annotation(&claim.metadata.annotations, BIND_COMPLETED);
                    if waits && (class_of(claim).is_none() || class_of(claim) == name) {
                        let meta = &claim.metadata;
                        let namespace = meta.namespace.as_deref().unwrap_or("");
                        wake(Key::new(namespace, meta.name.as_deref().unwrap_or("")));
                    }
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        if key.namespace().is_empty() {
            return match client.get::<PersistentVolume>(key).cloned() {
                Some(volume) => self.sync_volume(volume, client),
                None => Outcome::DONE,
            };
        }
        let Some(claim) = client.get::<PersistentVolumeClaim>(key).cloned() else {
            self.operations.remove_mut(key);
            return Outcome::DONE;
        };
        if has_annotation(&claim.metadata.annotations, BIND_COMPLETED) {
            self.sync_bound_claim(key, claim, client)
        } else {
            self.sync_unbound_claim(key, claim, client)
        }
    }
}

impl PersistentVolumeController {
    fn sync_unbound_claim(
        &mut self,
        key: &Key,
        claim: PersistentVolumeClaim,
        client: &mut Client<'_>,
    ) -> Outcome {
        if let Some(volume) = volume_name(&claim).map(str::to_owned) {
            return self.sync_claim_for(&volume, claim, client);
        }
        let class = class_of(&claim).map(str::to_owned).unwrap_or_default();
        let known = client.get::<StorageClass>(&Key::new("", &class)).cloned();
        let delayed = known.as_ref().is_some_and(|class| {
            class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer")
        });
        if let Some(volume) = matching::find_best_match(client.store(), &claim, delayed) {
            if claim_ref(&volume).is_none() && !self.is_time_to_bind(key, client) {
                return Outcome::after(client.latency().sync);
            }
            return self.bind(volume, claim, client);
        }
        if let Some(updated) = self.assign_default_class(&claim, client) {
            // The write wakes this claim again.
            let _ = client.update(updated);
            return Outcome::DONE;
        }
        let selected = has_annotation(&claim.metadata.annotations, SELECTED_NODE);
        if delayed && !selected {
            let pods = consumers(client.store(), key);
            let (reason, message) = waiting_for_consumer(&pods);
            client.explain(
                Kind::PersistentVolumeClaim,
                key,
                Fact::WaitsForConsumer { pods },
            );
            event(client, &claim, EventType::Normal, reason, message);
            return resync(client);
        }
        if class.is_empty() {
            client.explain(Kind::PersistentVolumeClaim, key, Fact::NoClass);
            let message =
                "no persistent volumes available for this claim and no storage class is set";
            event(
                client,
                &claim,
                EventType::Normal,
                "FailedBinding",
                message.to_owned(),
            );
            return resync(client);
        }
        self.provision_claim(key, claim, &class, known, client)
    }

    /// Whether the writes that bind a claim to a free volume have had their time: a scheduler that looks at once finds the
    /// claim unbound.
    fn is_time_to_bind(&mut self, key: &Key, client: &Client<'_>) -> bool {
        let now = client.now();
        let due = self.operations.get(key).copied();
        match due {
            Some(due) if due > now => false,
            Some(_) => {
                self.operations.remove_mut(key);
                true
            }
            None => {
                let due = now + client.latency().sync;
                self.operations.insert_mut(key.clone(), due);
                false
            }
        }
    }

    /// A claim that names its volume itself.
    fn sync_claim_for(
        &mut self,
        name: &str,
        claim: PersistentVolumeClaim,
        client: &mut Client<'_>,
    ) -> Outcome {
        let Some(volume) = client.get::<PersistentVolume>(&Key::new("", name)).cloned() else {
            return resync(client);
        };
        match claim_ref(&volume) {
            None => match matching::mismatch(&volume, &claim) {
                Some(why) => {
                    let message = format!("Cannot bind to requested volume \"{name}\": {why}");
                    event(
                        client,
                        &claim,
                        EventType::Warning,
                        "VolumeMismatch",
                        message,
                    );
                    resync(client)
                }
                None => self.bind(volume, claim, client),
            },
            Some(reference) if matching::refers_to(reference, &claim) => {
                self.bind(volume, claim, client)
            }
            Some(_) => {
                let message = format!("volume \"{name}\" already bound to a different claim.");
                event(client, &claim, EventType::Warning, "FailedBinding", message);
                resync(client)
            }
        }
    }

    fn sync_bound_claim(
        &mut self,
        key: &Key,
        claim: PersistentVolumeClaim,
        client: &mut Client<'_>,
    ) -> Outcome {
        self.operations.remove_mut(key);
        let Some(name) = volume_name(&claim) else {
            let message =
                "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!";
            return lost(claim, "ClaimLost", message, client);
        };
        let Some(volume) = client.get::<PersistentVolume>(&Key::new("", name)).cloned() else {
            let message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
            return lost(claim, "ClaimLost", message, client);
        };
        let uid = claim.metadata.uid.as_deref();
        match claim_ref(&volume) {
            None => self.bind(volume, claim, client),
            Some(reference) if reference.uid.as_deref() == uid => self.bind(volume, claim, client),
            Some(_) => {
                let message =
                    "Two claims are bound to the same volume, this one is bound incorrectly";
                lost(claim, "ClaimMisbound", message, client)
            }
        }
    }

    /// The claim with the default class, if it has none and there is one: the newest, then the first by name.
    fn assign_default_class(
        &self,
        claim: &PersistentVolumeClaim,
        client: &Client<'_>,
    ) -> Option<PersistentVolumeClaim> {
        if class_of(claim).is_some() {
            return None;
        }
        let newest = default_class_of(client.store())?;
        let mut claim = claim.clone();
        claim.spec.get_or_insert_default().storage_class_name = newest.metadata.name.clone();
        Some(claim)
    }
}

/// Another look when all claims and volumes are looked at again.
fn resync(client: &Client<'_>) -> Outcome {
    let since = Duration(client.now().since(Instant::ZERO).0 % RESYNC.0);
    Outcome::after(Duration(RESYNC.0 - since.0))
}

/// The pods without a node that use a claim.
fn consumers(store: &Store, key: &Key) -> Vec<String> {
    let claim = format!("{}/{}", key.namespace(), key.name());
    store
        .by_index_as::<Pod>(crate::store::Index::Claim, &claim)
        .filter(|pod| {
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
            let phase = pod
                .status
                .as_ref()
                .and_then(|status| status.phase.as_deref());
            node.is_none_or(str::is_empty) && !matches!(phase, Some("Succeeded" | "Failed"))
        })
        .filter_map(|pod| pod.metadata.name.clone())
        .collect()
}

/// Why a claim of a delayed class waits, as its event says.
fn waiting_for_consumer(pods: &[String]) -> (&'static str, String) {
    match pods {
        [] => (
            "WaitForFirstConsumer",
            "waiting for first consumer to be created before binding".to_owned(),
        ),
        [pod] => (
            "WaitForPodScheduled",
            format!("waiting for pod {pod} to be scheduled"),
        ),
        pods => (
            "WaitForPodScheduled",
            format!("waiting for pods {} to be scheduled", pods.join(",")),
        ),
    }
}

fn lost(
    mut claim: PersistentVolumeClaim,
    reason: &str,
    message: &str,
    client: &mut Client<'_>,
) -> Outcome {
    let status = claim.status.get_or_insert_default();
    if status.phase.as_deref() == Some("Lost") {
        return Outcome::DONE;
    }
    status.phase = Some("Lost".to_owned());
    status.access_modes = None;
    status.capacity = None;
    let about = claim.clone();
    if client.update_status(claim).is_err() {
        return Outcome::RETRY;
    }
    event(
        client,
        &about,
        EventType::Warning,
        reason,
        message.to_owned(),
    );
    Outcome::DONE
}

fn event(
    client: &mut Client<'_>,
    claim: &PersistentVolumeClaim,
    kind: EventType,
    reason: &str,
    message: String,
) {
    let about = reference(&Object::from(claim.clone()));
    send_event(client, about, kind, reason, message);
}

fn send_event(
    client: &mut Client<'_>,
    about: ObjectReference,
    kind: EventType,
    reason: &str,
    message: String,
) {
    let by = Reporter::control_plane("persistentvolume-controller");
    client.event(&by, about, kind, reason, message);
}

fn has_annotation(annotations: &Option<BTreeMap<String, String>>, name: &str) -> bool {
    annotations
        .as_ref()
        .is_some_and(|map| map.contains_key(name))
}

fn volume_name(claim: &PersistentVolumeClaim) -> Option<&str> {
    claim
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_name.as_deref())
        .filter(|name| !name.is_empty())
}

fn claim_key(volume: &PersistentVolume) -> Option<Key> {
    let reference = claim_ref(volume)?;
    let (namespace, name) = (reference.namespace.as_deref(), reference.name.as_deref());
    Some(Key::new(namespace.unwrap_or(""), name.unwrap_or("")))
}
