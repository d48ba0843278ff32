//! Rules about claims and volumes: one disk for one claim, and no claim goes while a placed pod uses it.

use super::{Look, Memory};
use crate::object::{Key, Object};
use crate::store::{Change, ChangeType, Index};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};

/// A claim that turned Bound, or that is gone.
pub(super) fn claim(
    look: &Look<'_>,
    change: &Change,
    claim: &PersistentVolumeClaim,
) -> Result<(), String> {
    let Some(actor) = look.actor else {
        return Ok(());
    };
    let key = change.object.key();
    if change.change == ChangeType::Deleted {
        let mut pods = look
            .store
            .by_index_as::<Pod>(Index::Claim, &key.to_string());
        let user = pods.find(|pod| {
            let placed = pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref());
            placed.is_some()
        });
        return match user.and_then(|pod| pod.metadata.name.as_ref()) {
            Some(pod) => Err(format!("{actor:?} let {key} go, which {pod} uses")),
            None => Ok(()),
        };
    }
    let is_bound = |claim: &PersistentVolumeClaim| {
        let phase = claim.status.as_ref().and_then(|s| s.phase.as_deref());
        phase == Some("Bound")
    };
    let old = change.old.as_deref().and_then(Object::as_kind);
    if !is_bound(claim) || old.is_some_and(is_bound) {
        return Ok(());
    }
    let name = claim.spec.as_ref().and_then(|s| s.volume_name.as_deref());
    let name = name.unwrap_or("");
    let volume = look.store.get_as::<PersistentVolume>(&Key::new("", name));
    let owner = volume
        .and_then(|volume| volume.spec.as_ref()?.claim_ref.as_ref())
        .and_then(|claim| claim.uid.as_ref());
    if owner.is_none() || owner != claim.metadata.uid.as_ref() {
        return Err(format!(
            "{key} is bound to {name}, which belongs to {owner:?}"
        ));
    }
    Ok(())
}

/// A volume is bound to one claim at a time.
pub(super) fn disk(
    memory: &mut Memory,
    look: &Look<'_>,
    change: &Change,
    claim: &PersistentVolumeClaim,
) -> Result<(), String> {
    let volume = claim.spec.as_ref().and_then(|s| s.volume_name.as_deref());
    let phase = claim.status.as_ref().and_then(|s| s.phase.as_deref());
    let (Some(volume), uid) = (volume, change.object.uid()) else {
        return Ok(());
    };
    let holder = memory.disks.get(volume);
    if change.change == ChangeType::Deleted || phase != Some("Bound") {
        if holder.is_some_and(|holder| holder == uid) {
            memory.disks.remove(volume);
        }
        return Ok(());
    }
    let other = holder.is_some_and(|holder| holder != uid);
    memory.disks.insert(volume.to_owned(), uid.to_owned());
    match other && look.actor.is_some() {
        true => Err(format!(
            "{volume} is bound to {} and to another claim",
            change.object.key()
        )),
        false => Ok(()),
    }
}
