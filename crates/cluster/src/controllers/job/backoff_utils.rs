//! How long a job waits after failures: ten seconds, doubled with each failure in a row, at most ten minutes.
//!
//! Upstream: `pkg/controller/job/backoff_utils.go`.

use super::pod_in;
use crate::object::Object;
use crate::pod::pod_condition;
use crate::time::{Calendar, Duration, Instant};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

const DEFAULT_JOB_POD_FAILURE_BACKOFF: Duration = Duration::secs(10);
const MAX_JOB_POD_FAILURE_BACKOFF: Duration = Duration::secs(600);

/// The failures since the last success.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BackoffRecord {
    failures: u32,
    last_failure: Option<Timestamp>,
}

impl BackoffRecord {
    /// How much longer no pod is made; none if one may be made now.
    pub(super) fn remaining(&self, now: Instant, calendar: Calendar) -> Option<Duration> {
        let last = self.last_failure.filter(|_| self.failures > 0)?;
        remaining_after(self.failures, last, now, calendar)
    }
}

/// How much longer no pod is made after so many failures, at least one, of which the last was at `last`.
fn remaining_after(
    failures: u32,
    last: Timestamp,
    now: Instant,
    calendar: Calendar,
) -> Option<Duration> {
    let doublings = failures.saturating_sub(1).min(16);
    let wait = DEFAULT_JOB_POD_FAILURE_BACKOFF
        .times(1 << doublings)
        .min(MAX_JOB_POD_FAILURE_BACKOFF);
    let end = calendar.instant(&last) + wait;
    (end > now).then(|| end.since(now))
}

/// The same for one index, whose last failed pod is `pod`, after `failures` of pods before it.
pub(super) fn remaining_of_index(
    pod: &Pod,
    failures: u32,
    now: Instant,
    calendar: Calendar,
) -> Option<Duration> {
    let failures = failures.saturating_add(1);
    remaining_after(failures, finished_time(pod, calendar), now, calendar)
}

/// The record after some more pods have ended.
pub(super) fn new_record(
    before: Option<&BackoffRecord>,
    successes: &[Arc<Object>],
    failures: &[Arc<Object>],
    calendar: Calendar,
) -> BackoffRecord {
    let ends = |pods: &[Arc<Object>]| -> Vec<Timestamp> {
        let pods = pods.iter().filter_map(|pod| pod_in(pod));
        pods.map(|pod| finished_time(pod, calendar)).collect()
    };
    let (successes, failures) = (ends(successes), ends(failures));
    let before = before.copied().unwrap_or_default();
    let count = |ends: usize| u32::try_from(ends).unwrap_or(u32::MAX);
    match successes.iter().max() {
        None => BackoffRecord {
            failures: before.failures.saturating_add(count(failures.len())),
            last_failure: failures.iter().max().copied().or(before.last_failure),
        },
        Some(success) => {
            let later: Vec<&Timestamp> = failures.iter().filter(|end| *end > success).collect();
            BackoffRecord {
                failures: count(later.len()),
                last_failure: later.into_iter().max().copied(),
            }
        }
    }
}

/// When a pod ended: with its last container, when it stopped being ready, when it was deleted, at the latest when it was made.
pub(super) fn finished_time(pod: &Pod, calendar: Calendar) -> Timestamp {
    let created = || pod.metadata.creation_timestamp.as_ref().map(|time| time.0);
    from_containers(pod)
        .or_else(|| {
            let ready = pod_condition(pod, "Ready").filter(|ready| ready.status == "False")?;
            Some(ready.last_transition_time.as_ref()?.0)
        })
        .or_else(|| {
            let date = pod.metadata.deletion_timestamp.as_ref()?.0;
            let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
            date.checked_sub(SignedDuration::from_secs(grace)).ok()
        })
        .or_else(created)
        .unwrap_or_else(|| calendar.timestamp(Instant::ZERO))
}

fn from_containers(pod: &Pod) -> Option<Timestamp> {
    let status = pod.status.as_ref()?;
    let statuses = status.container_statuses.as_deref().unwrap_or_default();
    let end = |status: &ContainerStatus| {
        let state = status.state.as_ref()?.terminated.as_ref()?;
        Some(state.finished_at.as_ref()?.0)
    };
    let ends: Option<Vec<Timestamp>> = statuses.iter().map(end).collect();
    ends?.into_iter().max()
}
