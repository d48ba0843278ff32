//! One sync of a job: what its pods' ends mean to it, and whether it has ended itself.
//!
//! Upstream: `syncJob` in `pkg/controller/job/job_controller.go`.

use super::backoff_utils::BackoffRecord;
use super::{JobSync, condition, ensure_condition, new_condition, pod_failure_policy, pod_in};
use crate::client::Client;
use crate::controllers::pod_control::PodControl;
use crate::object::{Key, Object};
use crate::pod::phase;
use crate::record::EventType;
use crate::time::Duration;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::collections::BTreeMap;

impl JobSync<'_> {
    pub(super) fn is_suspended(&self) -> bool {
        self.spec.suspend == Some(true)
    }

    pub(super) fn only_replaces_failed(&self) -> bool {
        self.spec.pod_replacement_policy.as_deref() == Some("Failed")
    }

    /// Whether the pod counts as failed: it is, or it is being deleted before its end.
    pub(super) fn is_failed(&self, pod: &Pod) -> bool {
        let deleted = pod.metadata.deletion_timestamp.is_some() && phase(pod) != "Succeeded";
        phase(pod) == "Failed" || (deleted && !self.only_replaces_failed())
    }

    pub(super) fn counts_as_failure(&self, pod: &Object) -> bool {
        let policy = self.spec.pod_failure_policy.as_ref();
        match (policy, pod_in(pod)) {
            (Some(policy), Some(pod)) => pod_failure_policy::matching(policy, pod).counts,
            _ => true,
        }
    }

    pub(super) fn control(&self) -> PodControl<'_> {
        PodControl {
            component: "job-controller",
            owner: &self.object,
        }
    }

    pub(super) fn event(
        &self,
        kind: EventType,
        reason: &str,
        message: &str,
        client: &mut Client<'_>,
    ) {
        self.control()
            .event(client, kind, reason, message.to_owned());
    }

    /// One sync.
    ///
    /// # Errors
    /// Why it is to be tried again.
    pub(super) fn run(
        &mut self,
        backoff: &mut BTreeMap<Key, BackoffRecord>,
        client: &mut Client<'_>,
    ) -> Result<(), String> {
        if self.status.start_time.is_none() && !self.is_suspended() {
            self.status.start_time = Some(self.now.clone());
        }
        self.judge(client);
        self.judge_indexes(client.calendar());
        let (mut changed, mut managed) = (false, Ok(()));
        if self.finished.is_some() {
            managed = self.delete_active_pods(client);
            if managed.is_err() {
                self.finished = None;
            }
        } else {
            if !self.object.is_terminating() {
                managed = self.manage_job(client);
            }
            let enough = match self.spec.completions {
                None => self.succeeded > 0,
                Some(completions) => self.succeeded >= completions,
            };
            if enough && self.active == 0 {
                self.finished = Some(new_condition(
                    "SuccessCriteriaMet",
                    "CompletionsReached",
                    "Reached expected number of succeeded pods",
                    &self.now,
                ));
            } else if !self.object.is_terminating() {
                changed = self.tell_suspension(client);
            }
        }
        let count = |count: i32| Some(count).filter(|count| *count != 0);
        let news = changed
            || self.active != self.status.active.unwrap_or(0)
            || Some(self.ready) != self.status.ready
            || Some(self.terminating) != self.status.terminating;
        self.status.active = count(self.active);
        self.status.ready = Some(self.ready);
        self.status.terminating = Some(self.terminating);
        self.track(news, backoff, client)?;
        managed
    }

    /// Whether the job has failed, or had succeeded before.
    fn judge(&mut self, client: &Client<'_>) {
        let fail = |reason: &str, message: &str, now: &Time| {
            Some(new_condition("FailureTarget", reason, message, now))
        };
        if let Some(met) = condition(&self.status, "SuccessCriteriaMet") {
            self.finished = Some(met.clone());
            return;
        }
        if let Some(target) = condition(&self.status, "FailureTarget") {
            let reason = target.reason.clone().unwrap_or_default();
            let message = target.message.clone().unwrap_or_default();
            self.finished = Some(new_condition("Failed", &reason, &message, &self.now));
            return;
        }
        if let Some(policy) = &self.spec.pod_failure_policy {
            let pods = self.pods.iter().filter_map(|pod| pod_in(pod));
            let message = pods
                .filter(|pod| self.is_failed(pod))
                .find_map(|pod| pod_failure_policy::matching(policy, pod).fails_job);
            if let Some(message) = message {
                self.finished = fail("PodFailurePolicy", &message, &self.now);
                return;
            }
        }
        let limit = self.spec.backoff_limit.unwrap_or(6);
        if self.failed > limit || self.past_backoff_limit_on_failure(limit) {
            let message = "Job has reached the specified backoff limit";
            self.finished = fail("BackoffLimitExceeded", message, &self.now);
            return;
        }
        let Some(deadline) = self
            .spec
            .active_deadline_seconds
            .filter(|_| !self.is_suspended())
        else {
            return;
        };
        let Some(start) = &self.status.start_time else {
            return;
        };
        let deadline = Duration::secs(u64::try_from(deadline).unwrap_or(0));
        let end = client.calendar().instant(&start.0) + deadline;
        if end <= client.now() {
            let message = "Job was active longer than specified deadline";
            self.finished = fail("DeadlineExceeded", message, &self.now);
        } else {
            self.look_again(end.since(client.now()));
        }
    }

    pub(super) fn look_again(&mut self, delay: Duration) {
        self.again = Some(self.again.map_or(delay, |before| before.min(delay)));
    }

    /// Whether the containers of pods that are kept running were restarted too often.
    fn past_backoff_limit_on_failure(&self, limit: i32) -> bool {
        let template = self.spec.template.spec.as_ref();
        let policy = template.and_then(|spec| spec.restart_policy.as_deref());
        if policy != Some("OnFailure") {
            return false;
        }
        let pods = self.pods.iter().filter_map(|pod| pod_in(pod));
        let restarts: i32 = pods
            .filter(|pod| matches!(phase(pod), "Running" | "Pending"))
            .filter_map(|pod| pod.status.as_ref())
            .flat_map(|status| {
                let init = status.init_container_statuses.iter().flatten();
                init.chain(status.container_statuses.iter().flatten())
            })
            .map(|status| status.restart_count)
            .sum();
        if limit == 0 {
            restarts > 0
        } else {
            restarts >= limit
        }
    }

    /// Says whether the job is suspended, if that has changed.
    fn tell_suspension(&mut self, client: &mut Client<'_>) -> bool {
        let suspended = self.is_suspended();
        let (reason, message, event) = match suspended {
            true => ("JobSuspended", "Job suspended", "Suspended"),
            false => ("JobResumed", "Job resumed", "Resumed"),
        };
        let mut condition = new_condition("Suspended", reason, message, &self.now);
        if !suspended {
            condition.status = "False".to_owned();
        }
        if !ensure_condition(&mut self.status, condition) {
            return false;
        }
        self.event(EventType::Normal, event, message, client);
        self.status.start_time = (!suspended).then(|| self.now.clone());
        true
    }
}
