//! Volumes by themselves: available, bound, released, reclaimed.

use super::binding::set_volume_phase;
use super::{
    BOUND_BY_CONTROLLER, CONTROLLER_FINALIZER, PROVISIONED_BY, PersistentVolumeController,
    claim_key, claim_ref, has_annotation, resync, send_event, volume_name,
};
use crate::client::Client;
use crate::controller::Outcome;
use crate::object::{Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, reference};
use crate::time::Duration;
use crate::volume::matching::{claim_mode, volume_mode};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

impl PersistentVolumeController {
    pub(super) fn sync_volume(
        &mut self,
        volume: PersistentVolume,
        client: &mut Client<'_>,
    ) -> Outcome {
        let uid = claim_ref(&volume).and_then(|reference| reference.uid.clone());
        let (Some(key), Some(uid)) = (claim_key(&volume), uid.filter(|uid| !uid.is_empty())) else {
            return phase(volume, "Available", client);
        };
        let claim = client
            .get::<PersistentVolumeClaim>(&key)
            .filter(|claim| claim.metadata.uid.as_deref() == Some(&uid));
        let Some(claim) = claim else {
            return self.release(volume, client);
        };
        match volume_name(claim) {
            None if volume_mode(&volume) != claim_mode(claim) => {
                let claim = claim.clone();
                tell_mismatch(&volume, &claim, client);
                resync(client)
            }
            None => {
                client.wake_after(ControllerId::PersistentVolume, &key, Duration::ZERO);
                Outcome::DONE
            }
            Some(name) if Some(name) == volume.metadata.name.as_deref() => {
                phase(volume, "Bound", client)
            }
            Some(_) => {
                let provisioned = has_annotation(&volume.metadata.annotations, PROVISIONED_BY);
                if provisioned && policy(&volume) == "Delete" {
                    return self.release(volume, client);
                }
                unbind(volume, client)
            }
        }
    }

    /// The claim is gone: the volume is released, and reclaimed as its policy says.
    fn release(&mut self, volume: PersistentVolume, client: &mut Client<'_>) -> Outcome {
        let failed = volume.status.as_ref().and_then(|s| s.phase.as_deref()) == Some("Failed");
        let volume = if failed {
            volume
        } else {
            match set_volume_phase(volume, "Released", client) {
                Ok(volume) => volume,
                Err(_) => return Outcome::RETRY,
            }
        };
        match policy(&volume) {
            "Retain" => Outcome::DONE,
            "Delete" => self.delete_volume(volume, client),
            "Recycle" => self.recycle_volume(volume, client),
            _ => {
                let message = "Volume has unrecognized PersistentVolumeReclaimPolicy";
                fail(
                    volume,
                    "VolumeUnknownReclaimPolicy",
                    message.to_owned(),
                    client,
                )
            }
        }
    }

    fn delete_volume(&mut self, mut volume: PersistentVolume, client: &mut Client<'_>) -> Outcome {
        let annotations = volume.metadata.annotations.as_ref();
        let provisioner = annotations.and_then(|map| map.get(PROVISIONED_BY));
        if provisioner.is_some_and(|name| !name.starts_with("kubernetes.io/")) {
            return Outcome::DONE;
        }
        if volume.metadata.deletion_timestamp.is_some() {
            return Outcome::DONE;
        }
        if let Some(why) = not_deletable(&volume) {
            return fail(volume, "VolumeFailedDelete", why, client);
        }
        let key = Object::from(volume.clone()).key();
        let finalizers = volume.metadata.finalizers.get_or_insert_default();
        let before = finalizers.len();
        finalizers.retain(|finalizer| finalizer != CONTROLLER_FINALIZER);
        if finalizers.len() != before && client.update(volume).is_err() {
            return Outcome::RETRY;
        }
        match client.delete(Kind::PersistentVolume, &key, None, None) {
            Err(error) if !error.is_not_found() => Outcome::RETRY,
            _ => Outcome::DONE,
        }
    }
}

/// Says of a volume that is reserved for a claim, and of the claim, that one is a device and the other is not.
fn tell_mismatch(
    volume: &PersistentVolume,
    claim: &PersistentVolumeClaim,
    client: &mut Client<'_>,
) {
    let name = |meta: &ObjectMeta| meta.name.clone().unwrap_or_default();
    let of_volume = format!(
        "Cannot bind PersistentVolume to requested PersistentVolumeClaim \"{}\" due to incompatible volumeMode.",
        name(&claim.metadata)
    );
    let of_claim = format!(
        "Cannot bind PersistentVolume \"{}\" to requested PersistentVolumeClaim due to incompatible volumeMode.",
        name(&volume.metadata)
    );
    let about = [
        (reference(&Object::from(volume.clone())), of_volume),
        (reference(&Object::from(claim.clone())), of_claim),
    ];
    for (about, message) in about {
        send_event(client, about, EventType::Warning, "VolumeMismatch", message);
    }
}

/// Why a volume's data cannot be removed; none when it can.
fn not_deletable(volume: &PersistentVolume) -> Option<String> {
    let spec = volume.spec.as_ref()?;
    let name = volume.metadata.name.as_deref().unwrap_or("");
    let head = format!("error getting deleter volume plugin for volume \"{name}\"");
    match &spec.host_path {
        Some(host)
            // Upstream looks for this anywhere in the path.
            if host
                .path
                .split_once("/tmp/")
                .is_some_and(|(_, rest)| !rest.is_empty()) =>
        {
            None
        }
        Some(host) => Some(format!(
            "host_path deleter only supports /tmp/.+ but received provided {}",
            host.path
        )),
        None if spec.local.is_some() => Some(format!("{head}: no volume plugin matched")),
        None => Some(format!("{head}: no deletable volume plugin matched")),
    }
}

fn phase(volume: PersistentVolume, phase: &str, client: &mut Client<'_>) -> Outcome {
    match set_volume_phase(volume, phase, client) {
        Ok(_) => Outcome::DONE,
        Err(_) => Outcome::RETRY,
    }
}

pub(super) fn fail(
    mut volume: PersistentVolume,
    reason: &str,
    message: String,
    client: &mut Client<'_>,
) -> Outcome {
    let status = volume.status.get_or_insert_default();
    if status.phase.as_deref() == Some("Failed") {
        return Outcome::DONE;
    }
    status.message = Some(message.clone());
    let about = reference(&Object::from(volume.clone()));
    if set_volume_phase(volume, "Failed", client).is_err() {
        return Outcome::RETRY;
    }
    send_event(client, about, EventType::Warning, reason, message);
    Outcome::DONE
}

/// Frees a volume whose claim was bound to another one.
pub(super) fn unbind(mut volume: PersistentVolume, client: &mut Client<'_>) -> Outcome {
    let by_controller = has_annotation(&volume.metadata.annotations, BOUND_BY_CONTROLLER);
    if let Some(annotations) = volume.metadata.annotations.as_mut() {
        annotations.remove(BOUND_BY_CONTROLLER);
    }
    let spec = volume.spec.get_or_insert_default();
    if by_controller {
        spec.claim_ref = None;
    } else if let Some(reference) = spec.claim_ref.as_mut() {
        reference.uid = None;
    }
    match client.update(volume) {
        // The write wakes the volume again, which then turns available.
        Ok(_) => Outcome::DONE,
        Err(_) => Outcome::RETRY,
    }
}

fn policy(volume: &PersistentVolume) -> &str {
    let spec = volume.spec.as_ref();
    spec.and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref())
        .unwrap_or("Retain")
}
