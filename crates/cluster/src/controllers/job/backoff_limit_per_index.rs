//! Indexes that fail by themselves: each has its own limit of failures, which its pods hand on from one to the next.
//!
//! Upstream: `pkg/controller/job/indexed_job_utils.go`.

use super::backoff_utils::{finished_time, remaining_of_index};
use super::indexed_job_utils::from_text;
use super::{JobSync, is_tracked, new_condition, pod_failure_policy, pod_in};
use crate::client::Client;
use crate::object::Object;
use crate::pod::is_active;
use crate::time::{Calendar, Duration};
use k8s_openapi::api::core::v1::Pod;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many pods of the index failed before this one, those that count.
const FAILURE_COUNT: &str = "batch.kubernetes.io/job-index-failure-count";
/// The same for those that the failure policy ignores.
const IGNORED_FAILURE_COUNT: &str = "batch.kubernetes.io/job-index-ignored-failure-count";

/// A count in an annotation; what is none counts as 0.
fn count_in(pod: &Pod, name: &str) -> u32 {
    let annotations = pod.metadata.annotations.as_ref();
    let text = annotations.and_then(|all| all.get(name));
    let count = text.and_then(|text| text.parse::<i32>().ok());
    count
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(0)
}

/// How many pods of its index failed before a pod, ignored ones included.
fn all_failures(pod: &Pod) -> u32 {
    count_in(pod, FAILURE_COUNT).saturating_add(count_in(pod, IGNORED_FAILURE_COUNT))
}

impl JobSync<'_> {
    /// Judges the indexes: whether too many have failed, whether all have ended, whether enough have succeeded.
    pub(super) fn judge_indexes(&mut self, calendar: Calendar) {
        if !self.is_indexed() {
            return;
        }
        let completions = self.spec.completions.unwrap_or(0);
        let count = |indexes: &BTreeSet<i32>| i32::try_from(indexes.len()).unwrap_or(i32::MAX);
        if let Some(limit) = self.spec.backoff_limit_per_index {
            let failed_indexes = self.read_failed_indexes(u32::try_from(limit).unwrap_or(0));
            let failed = count(&failed_indexes);
            self.failed_indexes = Some(failed_indexes);
            let why = if self
                .spec
                .max_failed_indexes
                .is_some_and(|most| failed > most)
            {
                Some((
                    "MaxFailedIndexesExceeded",
                    "Job has exceeded the specified maximal number of failed indexes",
                ))
            } else if failed > 0 && failed + count(&self.succeeded_indexes) >= completions {
                Some(("FailedIndexes", "Job has failed indexes"))
            } else {
                None
            };
            if let Some((reason, message)) = why.filter(|_| self.finished.is_none()) {
                self.finished = Some(new_condition("FailureTarget", reason, message, &self.now));
            }
            self.delayed = self.delayed_pods(calendar);
        }
        if self.finished.is_none()
            && let Some(message) = self.matched_success_rule()
        {
            let met = new_condition("SuccessCriteriaMet", "SuccessPolicy", &message, &self.now);
            self.finished = Some(met);
        }
    }

    /// The indexes that have failed for good, before and with the pods that have ended now.
    fn read_failed_indexes(&self, limit: u32) -> BTreeSet<i32> {
        let text = self.status.failed_indexes.as_deref().unwrap_or("");
        let mut failed = from_text(text, self.spec.completions.unwrap_or(0));
        let fresh = self.pods.iter().filter(|object| {
            is_tracked(object) && pod_in(object).is_some_and(|pod| self.fails_index(pod, limit))
        });
        failed.extend(fresh.filter_map(|pod| self.valid_index(pod)));
        failed
    }

    fn fails_index(&self, pod: &Pod, limit: u32) -> bool {
        if !self.is_failed(pod) {
            return false;
        }
        let verdict = self.spec.pod_failure_policy.as_ref();
        let verdict = verdict.map(|policy| pod_failure_policy::matching(policy, pod));
        let (counts, fails) = verdict.map_or((true, false), |v| (v.counts, v.fails_index));
        fails || (counts && count_in(pod, FAILURE_COUNT) >= limit)
    }

    /// The last failed pod of each index that has neither ended nor a pod that works.
    fn delayed_pods(&self, calendar: Calendar) -> BTreeMap<i32, Arc<Object>> {
        let works = |object: &&Arc<Object>| pod_in(object).is_some_and(is_active);
        let active = self.pods.iter().filter(works);
        let active: BTreeSet<i32> = active.filter_map(|pod| self.valid_index(pod)).collect();
        let failed = self.failed_indexes.clone().unwrap_or_default();
        let mut delayed: BTreeMap<i32, Arc<Object>> = BTreeMap::new();
        for object in self.pods.iter().filter(|object| is_tracked(object)) {
            let (Some(index), Some(pod)) = (self.valid_index(object), pod_in(object)) else {
                continue;
            };
            let over = [&self.succeeded_indexes, &failed, &active];
            if !self.is_failed(pod) || over.iter().any(|indexes| indexes.contains(&index)) {
                continue;
            }
            let later = delayed.get(&index).and_then(|other| pod_in(other));
            let later = later.is_none_or(|other| {
                all_failures(other) <= all_failures(pod)
                    && finished_time(pod, calendar) >= finished_time(other, calendar)
            });
            if later {
                delayed.insert(index, object.clone());
            }
        }
        delayed
    }

    /// Whether a failed pod stays until there is another of its index.
    pub(super) fn is_delayed(&self, object: &Object) -> bool {
        let mut delayed = self.delayed.values();
        delayed.any(|pod| pod.uid() == object.uid())
    }

    /// Leaves out the indexes whose last pod failed too short a time ago; says how long the first of them has to wait if
    /// no other is left.
    pub(super) fn without_waiting(
        &self,
        indexes: &mut Vec<i32>,
        client: &Client<'_>,
    ) -> Option<Duration> {
        let mut shortest: Option<Duration> = None;
        indexes.retain(|index| {
            let pod = self.delayed.get(index).and_then(|pod| pod_in(pod));
            let wait = pod.and_then(|pod| {
                let failures = all_failures(pod);
                remaining_of_index(pod, failures, client.now(), client.calendar())
            });
            if let Some(wait) = wait {
                shortest = Some(shortest.map_or(wait, |before| before.min(wait)));
            }
            wait.is_none()
        });
        shortest.filter(|_| indexes.is_empty())
    }

    /// Hands the counts of the pod before on to a new pod of the index.
    pub(super) fn give_failure_counts(&self, pod: &mut Pod, index: i32) {
        if self.spec.backoff_limit_per_index.is_none() {
            return;
        }
        let (mut counted, mut ignored) = (0, 0);
        if let Some(object) = self.delayed.get(&index)
            && let Some(before) = pod_in(object)
        {
            counted = count_in(before, FAILURE_COUNT);
            ignored = count_in(before, IGNORED_FAILURE_COUNT);
            let counter = match self.counts_as_failure(object) {
                true => &mut counted,
                false => &mut ignored,
            };
            *counter = counter.saturating_add(1);
        }
        let annotations = pod.metadata.annotations.get_or_insert_default();
        annotations.insert(FAILURE_COUNT.to_owned(), counted.to_string());
        if ignored > 0 {
            annotations.insert(IGNORED_FAILURE_COUNT.to_owned(), ignored.to_string());
        }
    }
}
