//! Conditions of pods that the control plane writes.
//!
//! Upstream: `pkg/api/v1/pod/util.go`.

use crate::client::Client;
use crate::object::Object;
use k8s_openapi::api::core::v1::{Pod, PodCondition, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::sync::Arc;

/// A condition of a pod, if it has it.
pub fn pod_condition<'p>(pod: &'p Pod, kind: &str) -> Option<&'p PodCondition> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// Sets a condition, whose date changes with its status alone. Returns whether anything changed.
pub fn update_pod_condition(
    status: &mut PodStatus,
    mut condition: PodCondition,
    now: &Time,
) -> bool {
    condition.last_transition_time = Some(now.clone());
    let conditions = status.conditions.get_or_insert_default();
    let known = conditions
        .iter_mut()
        .find(|known| known.type_ == condition.type_);
    let Some(known) = known else {
        conditions.push(condition);
        return true;
    };
    if known.status == condition.status {
        condition
            .last_transition_time
            .clone_from(&known.last_transition_time);
    }
    let changed = known.status != condition.status
        || known.reason != condition.reason
        || known.message != condition.message
        || known.last_probe_time != condition.last_probe_time;
    *known = condition;
    changed
}

/// The condition that says why the cluster itself ends a pod.
pub fn disruption_target(pod: &Pod, reason: &str, message: &str) -> PodCondition {
    PodCondition {
        type_: "DisruptionTarget".to_owned(),
        observed_generation: pod.metadata.generation,
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        ..PodCondition::default()
    }
}

/// Writes a changed status of a pod, whoever wrote the pod meanwhile.
///
/// # Errors
/// What the API answers.
pub fn write_pod_status(
    client: &mut Client<'_>,
    pod: &Pod,
    status: PodStatus,
) -> Result<Arc<Object>, crate::api::Status> {
    let mut pod = pod.clone();
    pod.status = Some(status);
    pod.metadata.resource_version = None;
    client.update_status(pod)
}
