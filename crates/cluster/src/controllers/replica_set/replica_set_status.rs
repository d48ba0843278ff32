//! The status of a ReplicaSet: counters, the condition of failure, and writing it only when it differs.
//!
//! Upstream: `pkg/controller/replicaset/replica_set_utils.go`.

use crate::client::Client;
use crate::object::{Key, Object};
use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetCondition, ReplicaSetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::sync::Arc;

/// The condition that pods cannot be made or deleted.
const REPLICA_FAILURE: &str = "ReplicaFailure";

/// How many pods are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Neither ended nor being deleted.
    pub(super) active: i32,
    /// Active, with all labels of the template.
    pub(super) labeled: i32,
    /// Active and ready.
    pub(super) ready: i32,
    /// Active and ready for long enough.
    pub(super) available: i32,
    /// Being deleted and not ended yet.
    pub(super) terminating: i32,
}

/// The status that says `counts` and whether the work on pods failed.
pub(super) fn calculate_status(
    set: &ReplicaSet,
    counts: Counts,
    failure: Option<&str>,
    now: Time,
) -> ReplicaSetStatus {
    let old = set.status.clone().unwrap_or_default();
    let mut conditions = old.conditions.unwrap_or_default();
    let failed = conditions.iter().any(|c| c.type_ == REPLICA_FAILURE);
    match failure {
        Some(message) if !failed => {
            let wanted = set.spec.as_ref().and_then(|spec| spec.replicas);
            let reason = if counts.active < wanted.unwrap_or(0) {
                "FailedCreate"
            } else {
                "FailedDelete"
            };
            conditions.push(ReplicaSetCondition {
                type_: REPLICA_FAILURE.to_owned(),
                status: "True".to_owned(),
                last_transition_time: Some(now),
                reason: Some(reason.to_owned()),
                message: Some(message.to_owned()),
            });
        }
        None if failed => conditions.retain(|c| c.type_ != REPLICA_FAILURE),
        _ => {}
    }
    let some = |count: i32| (count != 0).then_some(count);
    ReplicaSetStatus {
        replicas: counts.active,
        fully_labeled_replicas: some(counts.labeled),
        ready_replicas: some(counts.ready),
        available_replicas: some(counts.available),
        terminating_replicas: Some(counts.terminating),
        observed_generation: set.metadata.generation,
        conditions: (!conditions.is_empty()).then_some(conditions),
    }
}

/// Writes the status unless the set says the same already.
pub(super) fn update_status(
    client: &mut Client<'_>,
    key: &Key,
    object: &Arc<Object>,
    status: ReplicaSetStatus,
) -> Result<(), String> {
    let Some(set) = object.as_kind::<ReplicaSet>() else {
        return Ok(());
    };
    if set.status.as_ref() == Some(&status) {
        return Ok(());
    }
    let mut set = set.clone();
    let mut retried = false;
    loop {
        set.status = Some(status.clone());
        match client.update_status(set) {
            Ok(_) => return Ok(()),
            Err(error) if retried => return Err(error.message),
            Err(error) => match client.get::<ReplicaSet>(key) {
                Some(fresh) => set = fresh.clone(),
                None => return Err(error.message),
            },
        }
        retried = true;
    }
}
