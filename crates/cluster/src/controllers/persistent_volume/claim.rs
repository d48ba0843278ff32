//! One look at a claim.
//!
//! Upstream: `syncUnboundClaim` and `syncBoundClaim` in `pv_controller.go`.

use super::bind::{BIND_COMPLETED, bind, has_annotation, set_claim_phase};
use super::{PersistentVolumeController, class, matching, provision, resync};
use crate::api::Status;
use crate::client::Client;
use crate::controllers::Outcome;
use crate::object::{Key, Kind, Resource as _};
use crate::record::{EventType, Reporter, reference};
use crate::store::Index;
use crate::trace::Fact;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};

/// Tells of something about a claim.
pub(super) fn tell(
    client: &mut Client<'_>,
    claim: &PersistentVolumeClaim,
    kind: EventType,
    reason: &str,
    text: &str,
) {
    let by = Reporter::control_plane("persistentvolume-controller");
    client.event(
        &by,
        reference(&claim.clone().into_object()),
        kind,
        reason,
        text.to_owned(),
    );
}

pub(super) fn sync(
    controller: &mut PersistentVolumeController,
    client: &mut Client<'_>,
    key: &Key,
    claim: PersistentVolumeClaim,
) -> Outcome {
    let bound = has_annotation(&claim.metadata, BIND_COMPLETED);
    let volume_name = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_name.clone())
        .unwrap_or_default();
    if bound {
        client.explain_no_more(Kind::PersistentVolumeClaim, key);
        return outcome(sync_bound(client, claim, &volume_name));
    }
    let class = class::of_claim(&claim).to_owned();
    client.explain(
        Kind::PersistentVolumeClaim,
        key,
        Fact::WaitsForVolume { class },
    );
    if volume_name.is_empty() {
        sync_unbound(controller, client, claim)
    } else {
        sync_named(client, claim, &volume_name)
    }
}

fn outcome(result: Result<(), Status>) -> Outcome {
    if result.is_ok() {
        Outcome::DONE
    } else {
        Outcome::RETRY
    }
}

/// A claim that leaves the choice of its volume to the controller.
fn sync_unbound(
    controller: &mut PersistentVolumeController,
    client: &mut Client<'_>,
    claim: PersistentVolumeClaim,
) -> Outcome {
    let class = class::of_claim(&claim).to_owned();
    let waits = class::waits_for_first_consumer(client.store(), &class);
    if let Some(volume) = matching::best_match(client.store(), &claim, waits) {
        return outcome(bind(client, volume, claim));
    }
    if class::is_absent(&claim)
        && let Some(default) = class::default_class(client.store())
    {
        let mut claim = claim;
        claim.spec.get_or_insert_default().storage_class_name = default.metadata.name.clone();
        return outcome(client.update(claim).map(|_| ()));
    }
    let placed = has_annotation(&claim.metadata, provision::SELECTED_NODE);
    if waits && !placed {
        tell_of_waiting(client, &claim);
        return resync();
    }
    if class.is_empty() {
        let text = "no persistent volumes available for this claim and no storage class is set";
        tell(client, &claim, EventType::Normal, "FailedBinding", text);
        return resync();
    }
    provision::provision(controller, client, claim)
}

/// Which pod a claim waits for, when its class waits for the first consumer.
fn tell_of_waiting(client: &mut Client<'_>, claim: &PersistentVolumeClaim) {
    let claimed = format!(
        "{}/{}",
        claim.metadata.namespace.as_deref().unwrap_or(""),
        claim.metadata.name.as_deref().unwrap_or("")
    );
    let unscheduled: Vec<String> = client
        .store()
        .by_index_as::<Pod>(Index::Claim, &claimed)
        .filter(|pod| {
            let phase = pod
                .status
                .as_ref()
                .and_then(|status| status.phase.as_deref());
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
            !matches!(phase, Some("Succeeded" | "Failed")) && node.is_none_or(str::is_empty)
        })
        .filter_map(|pod| pod.metadata.name.clone())
        .collect();
    let (reason, text) = match unscheduled.as_slice() {
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
    };
    tell(client, claim, EventType::Normal, reason, &text);
}

/// A claim that names its volume.
fn sync_named(client: &mut Client<'_>, claim: PersistentVolumeClaim, name: &str) -> Outcome {
    let Some(volume) = client.get::<PersistentVolume>(&Key::new("", name)).cloned() else {
        return resync();
    };
    let reserved = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.claim_ref.as_ref())
        .is_some();
    if reserved
        && volume
            .spec
            .as_ref()
            .is_some_and(|spec| matching::is_reserved_for(spec, &claim))
    {
        return outcome(bind(client, volume, claim));
    }
    if reserved {
        let text = format!("volume \"{name}\" already bound to a different claim.");
        tell(client, &claim, EventType::Warning, "FailedBinding", &text);
        return resync();
    }
    match mismatch(&volume, &claim, name) {
        None => outcome(bind(client, volume, claim)),
        Some(why) => {
            let text = format!("Cannot bind to requested volume \"{name}\": {why}");
            tell(client, &claim, EventType::Warning, "VolumeMismatch", &text);
            resync()
        }
    }
}

/// Why a volume cannot be bound to the claim that names it.
fn mismatch(
    volume: &PersistentVolume,
    claim: &PersistentVolumeClaim,
    name: &str,
) -> Option<String> {
    if volume.metadata.deletion_timestamp.is_some() {
        return Some(format!("the volume is marked for deletion \"{name}\""));
    }
    let why = if matching::capacity_bytes(volume) < matching::requested_bytes(claim) {
        "requested PV is too small"
    } else if class::of_volume(volume) != class::of_claim(claim) {
        "storageClassName does not match"
    } else if !matching::same_mode(volume, claim) {
        "incompatible volumeMode"
    } else if !matching::offers_modes(volume, claim) {
        "incompatible accessMode"
    } else {
        return None;
    };
    Some(why.to_owned())
}

/// A claim whose binding was complete once: its volume may be lost.
fn sync_bound(
    client: &mut Client<'_>,
    claim: PersistentVolumeClaim,
    name: &str,
) -> Result<(), Status> {
    if name.is_empty() {
        let text =
            "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!";
        return lose(client, claim, "ClaimLost", text);
    }
    let Some(volume) = client.get::<PersistentVolume>(&Key::new("", name)).cloned() else {
        let text = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
        return lose(client, claim, "ClaimLost", text);
    };
    let reference = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.claim_ref.as_ref());
    if reference.is_none_or(|reference| reference.uid == claim.metadata.uid) {
        return bind(client, volume, claim);
    }
    let text = "Two claims are bound to the same volume, this one is bound incorrectly";
    lose(client, claim, "ClaimMisbound", text)
}

fn lose(
    client: &mut Client<'_>,
    claim: PersistentVolumeClaim,
    reason: &str,
    text: &str,
) -> Result<(), Status> {
    if set_claim_phase(client, claim.clone(), "Lost")? {
        tell(client, &claim, EventType::Warning, reason, text);
    }
    Ok(())
}
