//! The four writes that bind a claim to a volume, in upstream's order.

use super::{
    BIND_COMPLETED, BOUND_BY_CONTROLLER, PersistentVolumeController, claim_ref, volume_name,
};
use crate::api::Status;
use crate::client::Client;
use crate::controller::Outcome;
use crate::object::Object;
use crate::record::reference;
use crate::trace::Fact;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};
use std::sync::Arc;

impl PersistentVolumeController {
    /// Binds a volume and a claim; what is written already is not written again.
    pub(super) fn bind(
        &mut self,
        volume: PersistentVolume,
        claim: PersistentVolumeClaim,
        client: &mut Client<'_>,
    ) -> Outcome {
        match bind(volume, claim, client) {
            Ok(()) => Outcome::DONE,
            Err(_) => Outcome::RETRY,
        }
    }
}

fn bind(
    volume: PersistentVolume,
    claim: PersistentVolumeClaim,
    client: &mut Client<'_>,
) -> Result<(), Status> {
    let volume = bind_volume(volume, &claim, client)?;
    let volume = set_volume_phase(volume, "Bound", client)?;
    let claim = bind_claim(claim, &volume, client)?;
    set_claim_status(claim, &volume, client)
}

fn bind_volume(
    mut volume: PersistentVolume,
    claim: &PersistentVolumeClaim,
    client: &mut Client<'_>,
) -> Result<PersistentVolume, Status> {
    let uid = claim.metadata.uid.as_deref();
    if claim_ref(&volume).is_some_and(|reference| reference.uid.as_deref() == uid) {
        return Ok(volume);
    }
    let reserved = claim_ref(&volume).is_some();
    let spec = volume.spec.get_or_insert_default();
    spec.claim_ref = Some(reference(&Object::from(claim.clone())));
    if !reserved {
        let annotations = volume.metadata.annotations.get_or_insert_default();
        annotations.insert(BOUND_BY_CONTROLLER.to_owned(), "yes".to_owned());
    }
    let stored = client.update(volume.clone())?;
    Ok(typed(&stored).unwrap_or(volume))
}

/// Writes the phase of a volume if it is another one.
pub(super) fn set_volume_phase(
    mut volume: PersistentVolume,
    phase: &str,
    client: &mut Client<'_>,
) -> Result<PersistentVolume, Status> {
    let status = volume.status.get_or_insert_default();
    if status.phase.as_deref() == Some(phase) {
        return Ok(volume);
    }
    status.phase = Some(phase.to_owned());
    status.last_phase_transition_time = Some(client.calendar().time(client.now()));
    let stored = client.update_status(volume.clone())?;
    Ok(typed(&stored).unwrap_or(volume))
}

fn bind_claim(
    mut claim: PersistentVolumeClaim,
    volume: &PersistentVolume,
    client: &mut Client<'_>,
) -> Result<PersistentVolumeClaim, Status> {
    let mut dirty = false;
    if volume_name(&claim) != volume.metadata.name.as_deref() {
        claim.spec.get_or_insert_default().volume_name = volume.metadata.name.clone();
        let annotations = claim.metadata.annotations.get_or_insert_default();
        annotations.insert(BOUND_BY_CONTROLLER.to_owned(), "yes".to_owned());
        dirty = true;
    }
    let annotations = claim.metadata.annotations.get_or_insert_default();
    if !annotations.contains_key(BIND_COMPLETED) {
        annotations.insert(BIND_COMPLETED.to_owned(), "yes".to_owned());
        dirty = true;
    }
    if !dirty {
        return Ok(claim);
    }
    let stored = client.update(claim.clone())?;
    Ok(typed(&stored).unwrap_or(claim))
}

fn set_claim_status(
    mut claim: PersistentVolumeClaim,
    volume: &PersistentVolume,
    client: &mut Client<'_>,
) -> Result<(), Status> {
    let key = Object::from(claim.clone()).key();
    client.explain_no_more(crate::object::Kind::PersistentVolumeClaim, &key);
    let status = claim.status.get_or_insert_default();
    if status.phase.as_deref() == Some("Bound") {
        return Ok(());
    }
    let bound = Fact::Bound {
        volume: volume.metadata.name.clone().unwrap_or_default(),
    };
    client.decide(crate::object::Kind::PersistentVolumeClaim, &key, bound);
    let spec = volume.spec.as_ref();
    status.phase = Some("Bound".to_owned());
    status.access_modes = spec.and_then(|spec| spec.access_modes.clone());
    status.capacity = spec.and_then(|spec| spec.capacity.clone());
    client.update_status(claim).map(|_| ())
}

/// The object that the API stored, by type.
fn typed<T: crate::object::Resource>(object: &Arc<Object>) -> Option<T> {
    object.as_kind::<T>().cloned()
}

/// Says why a claim is not bound yet.
pub(super) fn explain_waiting(client: &mut Client<'_>, claim: &PersistentVolumeClaim, class: &str) {
    let key = Object::from(claim.clone()).key();
    let fact = Fact::WaitsForVolume {
        class: class.to_owned(),
    };
    client.explain(crate::object::Kind::PersistentVolumeClaim, &key, fact);
}
