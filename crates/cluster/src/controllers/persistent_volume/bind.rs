//! The four writes that bind a claim to a volume, and their undoing.

use crate::api::Status;
use crate::client::Client;
use crate::object::{Kind, Resource as _};
use crate::record::reference;
use k8s_openapi::api::core::v1::{
    PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus, PersistentVolumeStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// On both sides of a binding that nobody asked for by name.
pub(super) const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// On a claim whose binding is complete.
pub(super) const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";

/// Whether an annotation is there.
pub(super) fn has_annotation(meta: &ObjectMeta, key: &str) -> bool {
    meta.annotations
        .as_ref()
        .is_some_and(|annotations| annotations.contains_key(key))
}

/// Writes an annotation.
pub(super) fn annotate(meta: &mut ObjectMeta, key: &str, value: &str) {
    meta.annotations
        .get_or_insert_default()
        .insert(key.to_owned(), value.to_owned());
}

/// Binds a claim and a volume to each other: reservation and phase of the volume, then name and phase of the claim.
pub(super) fn bind(
    client: &mut Client<'_>,
    mut volume: PersistentVolume,
    mut claim: PersistentVolumeClaim,
) -> Result<(), Status> {
    volume = reserve(client, volume, &claim)?;
    volume = set_volume_phase(client, volume, "Bound", None)?;
    let name = volume.metadata.name.clone().unwrap_or_default();
    let before = claim.clone();
    let spec = claim.spec.get_or_insert_default();
    if spec.volume_name.as_deref() != Some(name.as_str()) {
        spec.volume_name = Some(name);
        annotate(&mut claim.metadata, BOUND_BY_CONTROLLER, "yes");
    }
    annotate(&mut claim.metadata, BIND_COMPLETED, "yes");
    if claim != before {
        claim = typed(client.update(claim)?)?;
    }
    let status = bound_status(&volume);
    if claim.status.as_ref() != Some(&status) {
        claim.status = Some(status);
        client.update_status(claim)?;
    }
    Ok(())
}

fn bound_status(volume: &PersistentVolume) -> PersistentVolumeClaimStatus {
    let spec = volume.spec.as_ref();
    PersistentVolumeClaimStatus {
        phase: Some("Bound".to_owned()),
        access_modes: spec.and_then(|spec| spec.access_modes.clone()),
        capacity: spec.and_then(|spec| spec.capacity.clone()),
        ..PersistentVolumeClaimStatus::default()
    }
}

/// Reserves a volume for a claim, unless it is already.
fn reserve(
    client: &mut Client<'_>,
    mut volume: PersistentVolume,
    claim: &PersistentVolumeClaim,
) -> Result<PersistentVolume, Status> {
    let before = volume.clone();
    let spec = volume.spec.get_or_insert_default();
    let named = spec.claim_ref.as_ref().is_some_and(|reference| {
        reference.name == claim.metadata.name && reference.namespace == claim.metadata.namespace
    });
    let by_uid = spec
        .claim_ref
        .as_ref()
        .is_some_and(|reference| reference.uid == claim.metadata.uid);
    if !(named && by_uid) {
        spec.claim_ref = Some(reference(&claim.clone().into_object()));
        if !named {
            annotate(&mut volume.metadata, BOUND_BY_CONTROLLER, "yes");
        }
    }
    if volume == before {
        Ok(volume)
    } else {
        typed(client.update(volume)?)
    }
}

/// Writes the phase of a volume, if it is another.
pub(super) fn set_volume_phase(
    client: &mut Client<'_>,
    mut volume: PersistentVolume,
    phase: &str,
    message: Option<String>,
) -> Result<PersistentVolume, Status> {
    if volume
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        == Some(phase)
    {
        return Ok(volume);
    }
    let now = client.calendar().time(client.now());
    volume.status = Some(PersistentVolumeStatus {
        phase: Some(phase.to_owned()),
        message,
        reason: None,
        last_phase_transition_time: Some(now),
    });
    typed(client.update_status(volume)?)
}

/// Writes the phase of a claim, if it is another.
pub(super) fn set_claim_phase(
    client: &mut Client<'_>,
    mut claim: PersistentVolumeClaim,
    phase: &str,
) -> Result<bool, Status> {
    let status = claim.status.get_or_insert_default();
    if status.phase.as_deref() == Some(phase) {
        return Ok(false);
    }
    status.phase = Some(phase.to_owned());
    client.update_status(claim)?;
    Ok(true)
}

/// Frees a volume from a claim that is bound elsewhere or gone.
pub(super) fn unbind(client: &mut Client<'_>, mut volume: PersistentVolume) -> Result<(), Status> {
    let by_controller = has_annotation(&volume.metadata, BOUND_BY_CONTROLLER);
    let spec = volume.spec.get_or_insert_default();
    if by_controller {
        spec.claim_ref = None;
        if let Some(annotations) = volume.metadata.annotations.as_mut() {
            annotations.remove(BOUND_BY_CONTROLLER);
        }
    } else if let Some(reference) = spec.claim_ref.as_mut() {
        reference.uid = None;
    }
    let volume = typed(client.update(volume)?)?;
    set_volume_phase(client, volume, "Available", None).map(|_| ())
}

/// The stored object as its type again.
pub(super) fn typed<T: crate::Resource>(
    stored: std::sync::Arc<crate::Object>,
) -> Result<T, Status> {
    let name = stored.name().to_owned();
    stored
        .as_kind::<T>()
        .cloned()
        .ok_or_else(|| Status::not_found(kind_of::<T>(), &name))
}

fn kind_of<T: crate::Resource>() -> Kind {
    T::SIMULATED_KIND
}
