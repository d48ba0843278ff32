//! How a rollout goes, and whether it takes too long.
//!
//! Upstream: `pkg/controller/deployment/progress.go`.

use super::Rollout;
use super::conditions::{
    self, PROGRESSING, REPLICA_FAILURE, condition, find, of_replica_set, reason,
};
use super::replica_sets::OwnedSet;
use crate::api::Status;
use crate::controller::Requeue;
use crate::time::Duration;
use k8s_openapi::api::apps::v1::{DeploymentCondition, DeploymentStatus};

const NEW_RS_AVAILABLE: &str = "NewReplicaSetAvailable";
const TIMED_OUT: &str = "ProgressDeadlineExceeded";

impl Rollout<'_, '_> {
    /// The deadline for progress, if there is one.
    pub(super) fn progress_deadline(&self) -> Option<Duration> {
        let seconds = self.spec.progress_deadline_seconds?;
        let seconds = u64::try_from(seconds).ok()?;
        (seconds != i32::MAX as u64).then(|| Duration::secs(seconds))
    }

    /// Whether all pods are of the present template and available.
    pub(super) fn is_complete(&self, status: Option<&DeploymentStatus>) -> bool {
        let count = |count: Option<i32>| count.unwrap_or(0);
        status.is_some_and(|status| {
            [
                count(status.updated_replicas),
                count(status.replicas),
                count(status.available_replicas),
            ] == [self.replicas(); 3]
                && status.observed_generation >= self.deployment.metadata.generation
        })
    }

    /// Writes the status with what is to be said of the rollout.
    pub(super) fn sync_rollout_status(
        &mut self,
        new: Option<&OwnedSet>,
        old: &[OwnedSet],
    ) -> Result<(), Status> {
        let mut status = self.calculate_status(new, old);
        let before = self.deployment.status.clone().unwrap_or_default();
        let current = find(&before, PROGRESSING);
        if self.progress_deadline().is_none() {
            conditions::remove(&mut status, PROGRESSING);
        } else {
            let settled = status.replicas == status.updated_replicas
                && current.is_some_and(|current| reason(current) == NEW_RS_AVAILABLE);
            if !settled {
                self.judge_progress(new, &before, &mut status);
            }
        }
        let mut failures = new.into_iter().chain(old).filter_map(failure_of);
        match failures.next() {
            Some(failure) => conditions::set(&mut status, failure),
            None => conditions::remove(&mut status, REPLICA_FAILURE),
        }
        if before == status {
            self.requeue_stuck(&status);
            return Ok(());
        }
        self.deployment.status = Some(status);
        self.update_status()
    }

    fn judge_progress(
        &self,
        new: Option<&OwnedSet>,
        before: &DeploymentStatus,
        status: &mut DeploymentStatus,
    ) {
        let what = match new {
            Some(new) => format!("ReplicaSet \"{}\"", new.name()),
            None => format!("Deployment \"{}\"", self.name()),
        };
        let now = self.now();
        let say = |value: &str, reason: &str, deed: &str| {
            condition(
                PROGRESSING,
                value,
                reason,
                format!("{what} {deed}"),
                now.clone(),
            )
        };
        if self.is_complete(Some(status)) {
            let done = say("True", NEW_RS_AVAILABLE, "has successfully progressed.");
            conditions::set(status, done);
        } else if has_progressed(before, status) {
            let mut moving = say("True", "ReplicaSetUpdated", "is progressing.");
            if let Some(current) = find(before, PROGRESSING) {
                if current.status == "True" {
                    let since = &current.last_transition_time;
                    moving.last_transition_time.clone_from(since);
                }
                conditions::remove(status, PROGRESSING);
            }
            conditions::set(status, moving);
        } else if self.has_timed_out(status) {
            let late = say("False", TIMED_OUT, "has timed out progressing.");
            conditions::set(status, late);
        }
    }

    fn has_timed_out(&self, status: &DeploymentStatus) -> bool {
        let Some(condition) = find(status, PROGRESSING) else {
            return false;
        };
        match reason(condition) {
            NEW_RS_AVAILABLE => false,
            TIMED_OUT => true,
            _ => self
                .due(condition)
                .is_some_and(|due| due < self.client.now()),
        }
    }

    /// When the deadline passes, counted from the last progress.
    fn due(&self, condition: &DeploymentCondition) -> Option<crate::time::Instant> {
        let since = condition.last_update_time.as_ref()?;
        Some(self.client.calendar().instant(&since.0) + self.progress_deadline()?)
    }

    /// Looks again when the deadline will have passed, for nothing else may happen until then.
    fn requeue_stuck(&mut self, status: &DeploymentStatus) {
        let Some(condition) = find(status, PROGRESSING) else {
            return;
        };
        if self.is_complete(Some(status)) || reason(condition) == TIMED_OUT {
            return;
        }
        let Some(due) = self.due(condition) else {
            return;
        };
        let now = self.client.now();
        self.requeue = if due < now + Duration::secs(1) {
            Requeue::RateLimited
        } else {
            Requeue::After(due.since(now) + Duration::secs(1))
        };
    }
}

/// Whether more pods are new, ready or available than before, or fewer are old.
fn has_progressed(before: &DeploymentStatus, now: &DeploymentStatus) -> bool {
    let counts = |status: &DeploymentStatus| {
        let count = |count: Option<i32>| count.unwrap_or(0);
        let updated = count(status.updated_replicas);
        (
            updated,
            count(status.replicas) - updated,
            count(status.ready_replicas),
            count(status.available_replicas),
        )
    };
    let (before, now) = (counts(before), counts(now));
    now.0 > before.0 || now.1 < before.1 || now.2 > before.2 || now.3 > before.3
}

/// The condition that a ReplicaSet cannot make or delete pods.
fn failure_of(set: &OwnedSet) -> Option<DeploymentCondition> {
    let status = set.typed()?.status.as_ref()?;
    let mut conditions = status.conditions.iter().flatten();
    conditions
        .find(|condition| condition.type_ == REPLICA_FAILURE)
        .map(of_replica_set)
}
