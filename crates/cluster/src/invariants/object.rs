//! Rules about any object: versions rise, generations do not go back, owners live, what has ended does not come back.

use super::{Look, Memory};
use crate::object::{Key, Kind, Object};
use crate::store::{Change, ChangeType};
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

/// Who names an owner names one that is there: one that is ending may orphan or take along what it owns.
pub(super) fn owners(look: &Look<'_>, change: &Change) -> Result<(), String> {
    if look.actor.is_none() || change.change == ChangeType::Deleted {
        return Ok(());
    }
    let object = &change.object;
    let before = change
        .old
        .as_ref()
        .and_then(|old| old.meta().owner_references.as_ref());
    for owner in object.meta().owner_references.iter().flatten() {
        let known = before.is_some_and(|before| before.iter().any(|old| old.uid == owner.uid));
        let kind = Kind::ALL.iter().find(|kind| kind.info().kind == owner.kind);
        let (Some(kind), false) = (kind, known) else {
            continue;
        };
        let namespace = if kind.info().namespaced {
            object.namespace()
        } else {
            ""
        };
        let found = look.store.get(*kind, &Key::new(namespace, &owner.name));
        // A pod that is condemned gets its claims first, and may go within the same step.
        let mut gone = look.changes().filter(|c| c.change == ChangeType::Deleted);
        if found.is_none_or(|found| found.uid() != owner.uid)
            && !gone.any(|change| change.object.uid() == owner.uid)
        {
            return Err(format!(
                "{} {} was given an owner that is not there: {} {}",
                object.kind().info().kind,
                object.key(),
                owner.kind,
                owner.name
            ));
        }
    }
    Ok(())
}

/// The `observedGeneration` of a status, for the kinds that have one.
fn observed(object: &Object) -> Option<i64> {
    match object {
        Object::StatefulSet(set) => set.status.as_ref()?.observed_generation,
        Object::ReplicaSet(set) => set.status.as_ref()?.observed_generation,
        Object::Deployment(deployment) => deployment.status.as_ref()?.observed_generation,
        Object::DaemonSet(set) => set.status.as_ref()?.observed_generation,
        Object::PodDisruptionBudget(budget) => budget.status.as_ref()?.observed_generation,
        _ => None,
    }
}

/// `observedGeneration` never goes back and never runs ahead. People may write a status as they like, and the rule begins anew.
pub(super) fn generation(
    memory: &mut Memory,
    look: &Look<'_>,
    change: &Change,
) -> Result<(), String> {
    let uid = change.object.uid();
    if change.change == ChangeType::Deleted || look.actor.is_none() {
        memory.generations.remove(uid);
        return Ok(());
    }
    let Some(seen) = observed(&change.object) else {
        return match memory.generations.get(uid) {
            Some(before) if *before > 0 => Err(format!(
                "observedGeneration went back from {before} to none"
            )),
            _ => Ok(()),
        };
    };
    let before = memory.generations.insert(uid.to_owned(), seen).unwrap_or(0);
    if seen < before {
        return Err(format!(
            "observedGeneration went back from {before} to {seen}"
        ));
    }
    if seen > change.object.meta().generation.unwrap_or(0) {
        return Err(format!("observedGeneration {seen} is in the future"));
    }
    Ok(())
}
