//! Conditions of a Deployment.
//!
//! Upstream: `pkg/controller/deployment/util/deployment_util.go`.

use k8s_openapi::api::apps::v1::{DeploymentCondition, DeploymentStatus, ReplicaSetCondition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// Whether enough pods are available.
pub(super) const AVAILABLE: &str = "Available";
/// How the rollout goes.
pub(super) const PROGRESSING: &str = "Progressing";
/// Pods cannot be made or deleted.
pub(super) const REPLICA_FAILURE: &str = "ReplicaFailure";

/// A condition that is new now.
pub(super) fn condition(
    kind: &str,
    status: &str,
    reason: &str,
    message: String,
    now: Time,
) -> DeploymentCondition {
    DeploymentCondition {
        type_: kind.to_owned(),
        status: status.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message),
        last_transition_time: Some(now.clone()),
        last_update_time: Some(now),
    }
}

/// The condition of a kind.
pub(super) fn find<'s>(
    status: &'s DeploymentStatus,
    kind: &str,
) -> Option<&'s DeploymentCondition> {
    let mut conditions = status.conditions.iter().flatten();
    conditions.find(|condition| condition.type_ == kind)
}

/// The reason of a condition; empty if it gives none.
pub(super) fn reason(condition: &DeploymentCondition) -> &str {
    condition.reason.as_deref().unwrap_or("")
}

/// Sets a condition, unless the one that is there says the same for the same reason.
pub(super) fn set(status: &mut DeploymentStatus, mut condition: DeploymentCondition) {
    if let Some(current) = find(status, &condition.type_)
        && current.status == condition.status
    {
        if current.reason == condition.reason {
            return;
        }
        condition
            .last_transition_time
            .clone_from(&current.last_transition_time);
    }
    remove(status, &condition.type_);
    status.conditions.get_or_insert_default().push(condition);
}

/// Removes a condition.
pub(super) fn remove(status: &mut DeploymentStatus, kind: &str) {
    if let Some(conditions) = &mut status.conditions {
        conditions.retain(|condition| condition.type_ != kind);
        if conditions.is_empty() {
            status.conditions = None;
        }
    }
}

/// A ReplicaSet's condition as its Deployment's.
pub(super) fn of_replica_set(condition: &ReplicaSetCondition) -> DeploymentCondition {
    DeploymentCondition {
        type_: condition.type_.clone(),
        status: condition.status.clone(),
        reason: condition.reason.clone(),
        message: condition.message.clone(),
        last_transition_time: condition.last_transition_time.clone(),
        last_update_time: condition.last_transition_time.clone(),
    }
}
