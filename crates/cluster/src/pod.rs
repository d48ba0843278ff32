//! How far a pod is, and its conditions, as the control plane asks for them.
//!
//! Upstream: `pkg/api/v1/pod/util.go`, and of `pkg/controller/controller_utils.go` IsPodActive and its neighbours.

use crate::time::{Calendar, Duration, Instant};
use k8s_openapi::api::core::v1::{Pod, PodCondition, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The test of `minReadySeconds` at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MinReady {
    /// How long a pod must have been ready.
    pub(crate) span: Duration,
    /// The moment.
    pub(crate) now: Instant,
    /// Moments as dates.
    pub(crate) calendar: Calendar,
}

impl MinReady {
    /// When a pod that turned ready at `since` becomes available; none if its condition does not say since when.
    pub(crate) fn due(self, since: ReadySince) -> Option<Instant> {
        Some(self.calendar.instant(&since?.0) + self.span)
    }

    /// Whether a pod that turned ready at `since` is available.
    pub(crate) fn is_met(self, since: ReadySince) -> bool {
        self.span == Duration::ZERO || self.due(since).is_some_and(|due| due <= self.now)
    }
}

/// When a ready pod turned ready, if its condition says so.
pub(crate) type ReadySince<'a> = Option<&'a Time>;

/// Since when the pod is ready; the outer `None` for one that is not.
pub(crate) fn ready_since(pod: &Pod) -> Option<ReadySince<'_>> {
    let conditions = pod.status.as_ref()?.conditions.as_deref()?;
    let ready = conditions
        .iter()
        .find(|condition| condition.type_ == "Ready")?;
    (ready.status == "True").then_some(ready.last_transition_time.as_ref())
}

/// The phase; empty for a pod that has none yet.
pub(crate) fn phase(pod: &Pod) -> &str {
    let status = pod.status.as_ref();
    status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("")
}

/// Whether the pod has ended and will not run again.
pub(crate) fn is_terminal(pod: &Pod) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Whether the pod has not ended and is not being deleted.
pub(crate) fn is_active(pod: &Pod) -> bool {
    !is_terminal(pod) && pod.metadata.deletion_timestamp.is_none()
}

/// Whether the pod is being deleted and has not ended yet.
pub(crate) fn is_terminating(pod: &Pod) -> bool {
    !is_terminal(pod) && pod.metadata.deletion_timestamp.is_some()
}

/// A condition of a pod, if it has it.
pub(crate) fn pod_condition<'p>(pod: &'p Pod, kind: &str) -> Option<&'p PodCondition> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// Sets a condition, whose date changes with its status alone. Returns whether anything changed.
pub(crate) fn update_pod_condition(
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
pub(crate) fn disruption_target(pod: &Pod, reason: &str, message: &str) -> PodCondition {
    PodCondition {
        type_: "DisruptionTarget".to_owned(),
        observed_generation: pod.metadata.generation,
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        ..PodCondition::default()
    }
}
