//! Rules about statuses: none counts a pod that does not exist.

use super::Look;
use super::stateful_set::LARGEST;
use crate::object::Object;
use crate::store::{Change, ChangeType, Index};
use k8s_openapi::api::core::v1::Pod;

/// What a workload's status says of its own pods: how many there are, and how many of them are ready.
fn said(object: &Object) -> Option<(i32, i32)> {
    match object {
        Object::StatefulSet(set) => {
            let status = set.status.as_ref()?;
            Some((status.replicas, status.ready_replicas.unwrap_or(0)))
        }
        Object::ReplicaSet(set) => {
            let status = set.status.as_ref()?;
            Some((status.replicas, status.ready_replicas.unwrap_or(0)))
        }
        Object::DaemonSet(set) => {
            let status = set.status.as_ref()?;
            let placed = status.current_number_scheduled + status.number_misscheduled;
            Some((placed, status.number_ready))
        }
        Object::Job(job) => {
            let status = job.status.as_ref()?;
            Some((status.active.unwrap_or(0), status.ready.unwrap_or(0)))
        }
        _ => None,
    }
}

/// A status that a component wrote counts no more pods, and no more ready ones, than there were when it looked: those that are left,
/// and those that were taken away in the same step.
pub(super) fn check(look: &Look<'_>, change: &Change) -> Result<(), String> {
    if change.change != ChangeType::Modified {
        return Ok(());
    }
    let old = change.old.as_deref().and_then(said);
    let Some((pods, ready)) = said(&change.object).filter(|new| Some(*new) != old) else {
        return Ok(());
    };
    if pods > LARGEST {
        return Ok(());
    }
    let uid = change.object.uid();
    let gone = look.changes().filter_map(|change| {
        let mut owners = change.object.meta().owner_references.iter().flatten();
        let owned = owners.any(|owner| owner.uid == uid);
        let is_gone = change.change == ChangeType::Deleted && owned;
        change.object.as_kind::<Pod>().filter(|_| is_gone)
    });
    let (mut all, mut well) = (0, 0);
    for pod in look
        .store
        .by_index_as::<Pod>(Index::OwnerUid, uid)
        .chain(gone)
    {
        let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_ref());
        let mut conditions = conditions.into_iter().flatten();
        all += 1;
        well += i32::from(conditions.any(|c| c.type_ == "Ready" && c.status == "True"));
    }
    if pods > all || ready > well {
        let kind = change.object.kind().info().kind;
        return Err(format!(
            "the status of {kind} {} counts {pods} pods, {ready} of them ready; there are {all} and {well}",
            change.object.key()
        ));
    }
    Ok(())
}
