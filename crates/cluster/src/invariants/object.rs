//! Rules about any object: versions rise, generations do not go back, what has ended does not come back.

use super::{Look, Memory};
use crate::object::Object;
use crate::store::{Change, ChangeType};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;

/// Every change has a version of its own, above all before it.
pub(super) fn versions(memory: &mut Memory, change: &Change) -> Result<(), String> {
    let key = change.object.key();
    if change.resource_version <= memory.seen {
        return Err(format!("version {} comes late", change.resource_version));
    }
    memory.seen = change.resource_version;
    match &change.old {
        Some(old) if old.resource_version() >= change.resource_version => {
            Err(format!("{key} did not get a new version"))
        }
        _ => Ok(()),
    }
}

/// A deletion is never taken back, and a pod that has finished never runs again.
pub(super) fn lives(look: &Look<'_>, change: &Change) -> Result<(), String> {
    let Some(old) = &change.old else {
        return Ok(());
    };
    let key = change.object.key();
    if old.uid() != change.object.uid() {
        return Err(format!("{key} became another object"));
    }
    if change.change == ChangeType::Modified
        && old.is_terminating()
        && !change.object.is_terminating()
    {
        return Err(format!("the deletion of {key} was taken back"));
    }
    let phase = |object: &Object| {
        let status = object.as_kind::<Pod>()?.status.as_ref()?;
        status.phase.clone()
    };
    let (before, after) = (phase(old), phase(&change.object));
    let finished = matches!(before.as_deref(), Some("Failed" | "Succeeded"));
    if finished && before != after && look.actor.is_some() {
        return Err(format!("{key} went from {before:?} to {after:?}"));
    }
    Ok(())
}

/// `observedGeneration` never goes back and never runs ahead.
pub(super) fn generation(
    memory: &mut Memory,
    set: &StatefulSet,
    change: ChangeType,
) -> Result<(), String> {
    let uid = set.metadata.uid.clone().unwrap_or_default();
    if change == ChangeType::Deleted {
        memory.generations.remove(&uid);
        return Ok(());
    }
    let status = set.status.as_ref();
    let observed = status.and_then(|s| s.observed_generation).unwrap_or(0);
    let before = memory.generations.insert(uid, observed).unwrap_or(0);
    if observed < before {
        return Err(format!(
            "observedGeneration went back from {before} to {observed}"
        ));
    }
    if observed > set.metadata.generation.unwrap_or(0) {
        return Err(format!("observedGeneration {observed} is in the future"));
    }
    Ok(())
}
