//! One look at a volume.
//!
//! Upstream: `syncVolume` in `pv_controller.go`.

use super::bind::{has_annotation, set_volume_phase, unbind};
use super::{claim_of, matching, reclaim};
use crate::api::Status;
use crate::client::Client;
use crate::controllers::Outcome;
use crate::queue::ControllerId;
use crate::time::Duration;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim};

pub(super) fn sync(client: &mut Client<'_>, volume: PersistentVolume) -> Outcome {
    if look(client, volume).is_ok() {
        Outcome::DONE
    } else {
        Outcome::RETRY
    }
}

fn look(client: &mut Client<'_>, volume: PersistentVolume) -> Result<(), Status> {
    let spec = volume.spec.clone().unwrap_or_default();
    let reserved_uid = spec
        .claim_ref
        .as_ref()
        .and_then(|reference| reference.uid.clone())
        .filter(|uid| !uid.is_empty());
    let (Some(uid), Some(key)) = (reserved_uid, claim_of(&volume)) else {
        return set_volume_phase(client, volume, "Available", None).map(|_| ());
    };
    let claim = client
        .get::<PersistentVolumeClaim>(&key)
        .filter(|claim| claim.metadata.uid.as_ref() == Some(&uid));
    let Some(claim) = claim.cloned() else {
        let phase = volume
            .status
            .as_ref()
            .and_then(|status| status.phase.as_deref());
        let volume = if phase == Some("Failed") {
            volume
        } else {
            set_volume_phase(client, volume, "Released", None)?
        };
        return reclaim::reclaim(client, volume);
    };
    let wanted = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_name.as_deref())
        .unwrap_or("");
    if wanted.is_empty() {
        if matching::same_mode(&volume, &claim) {
            client.wake_after(ControllerId::PersistentVolume, &key, Duration::ZERO);
        }
        return Ok(());
    }
    if Some(wanted) == volume.metadata.name.as_deref() {
        return set_volume_phase(client, volume, "Bound", None).map(|_| ());
    }
    let provisioned = has_annotation(&volume.metadata, "pv.kubernetes.io/provisioned-by");
    if provisioned && spec.persistent_volume_reclaim_policy.as_deref() == Some("Delete") {
        let volume = set_volume_phase(client, volume, "Released", None)?;
        return reclaim::reclaim(client, volume);
    }
    unbind(client, volume)
}
