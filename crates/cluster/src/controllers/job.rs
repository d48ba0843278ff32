//! Pods that run to their end: so many successes, so many at a time, again after failures.
//!
//! Upstream: `pkg/controller/job/job_controller.go`.

mod backoff_limit_per_index;
mod backoff_utils;
mod indexed_job_utils;
mod manage_job;
mod pod_failure_policy;
mod success_policy;
mod sync_job;
mod tracking;

use super::controller_ref_manager::Claimer;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Requeue, Wakes};
use crate::meta::controller_ref::{controller_of, resolve_controller_ref};
use crate::meta::label_selector;
use crate::object::{Key, Kind, Object};
use crate::pod::{is_active, is_terminating, phase, ready_since};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::Duration;
use backoff_utils::BackoffRecord;
use k8s_openapi::api::batch::v1::{Job, JobCondition, JobSpec, JobStatus};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What keeps a pod until its end has been counted.
pub(crate) const TRACKING_FINALIZER: &str = "batch.kubernetes.io/job-tracking";
/// Who works on a job in which nobody else is named.
const CONTROLLER_NAME: &str = "kubernetes.io/job-controller";
/// Changes of pods are worked on together after this long.
const SYNC_JOB_BATCH_PERIOD: Duration = Duration::secs(1);
/// Before the name of a pod in the keys of pods that have lost their job; no object's name has it.
const ORPHAN: &str = "pod:";

/// Runs pods to their end. A key is a job, or a pod that has lost its job.
#[derive(Clone, Default)]
pub struct JobController {
    backoff: BTreeMap<Key, BackoffRecord>,
}

/// A job that is worked on, and what follows from its pods.
struct JobSync<'c> {
    key: &'c Key,
    object: Arc<Object>,
    job: Job,
    spec: JobSpec,
    status: JobStatus,
    pods: Vec<Arc<Object>>,
    active: i32,
    ready: i32,
    terminating: i32,
    succeeded: i32,
    failed: i32,
    prev_succeeded_indexes: BTreeSet<i32>,
    succeeded_indexes: BTreeSet<i32>,
    /// Where each index has a limit of failures: those that have reached it.
    failed_indexes: Option<BTreeSet<i32>>,
    /// Failed pods of such a job that stay until there is another of their index, which takes over their counts.
    delayed: BTreeMap<i32, Arc<Object>>,
    finished: Option<JobCondition>,
    record: BackoffRecord,
    now: Time,
    /// When to look again.
    again: Option<Duration>,
}

/// The pod in an object that is one.
fn pod_in(object: &Object) -> Option<&Pod> {
    object.as_kind::<Pod>()
}

/// Whether the pod's end has not been counted yet.
fn is_tracked(object: &Object) -> bool {
    let finalizers = object.meta().finalizers.as_deref().unwrap_or_default();
    finalizers.iter().any(|name| name == TRACKING_FINALIZER)
}

fn condition<'j>(status: &'j JobStatus, kind: &str) -> Option<&'j JobCondition> {
    let conditions = status.conditions.as_deref().unwrap_or_default();
    conditions
        .iter()
        .find(|condition| condition.type_ == kind && condition.status == "True")
}

/// The condition that says how a job has ended.
pub(crate) fn finished(status: &JobStatus) -> Option<&JobCondition> {
    condition(status, "Complete").or_else(|| condition(status, "Failed"))
}

fn new_condition(kind: &str, reason: &str, message: &str, now: &Time) -> JobCondition {
    JobCondition {
        type_: kind.to_owned(),
        status: "True".to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_probe_time: Some(now.clone()),
        last_transition_time: Some(now.clone()),
    }
}

/// Sets a condition; a new one that is false is not worth having. Returns whether anything changed.
///
/// Upstream: `ensureJobConditionStatus`.
fn ensure_condition(status: &mut JobStatus, condition: JobCondition) -> bool {
    let conditions = status.conditions.get_or_insert_default();
    match conditions.iter_mut().find(|c| c.type_ == condition.type_) {
        Some(known) => {
            let changed = known.status != condition.status
                || known.reason != condition.reason
                || known.message != condition.message;
            if changed {
                *known = condition;
            }
            changed
        }
        None if condition.status != "False" => {
            conditions.push(condition);
            true
        }
        None => {
            if conditions.is_empty() {
                status.conditions = None;
            }
            false
        }
    }
}

impl Controller for JobController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        match &**object {
            Object::Job(_) if change.change == ChangeType::Deleted => {
                wakes.add(ControllerId::Job, object.key());
                for pod in store.by_index(Kind::Pod, Index::OwnerUid, object.uid()) {
                    wakes.add(ControllerId::Job, orphan_key(pod));
                }
            }
            Object::Job(_) => {
                let old = change.old.as_ref().map(|old| old.meta().generation);
                if old == Some(object.meta().generation) {
                    wakes.add_after(ControllerId::Job, object.key(), SYNC_JOB_BATCH_PERIOD);
                } else {
                    wakes.add(ControllerId::Job, object.key());
                }
            }
            Object::Pod(_) => observe_pod(change, store, wakes),
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        if let Some(name) = key.name().strip_prefix(ORPHAN) {
            let done = release_orphan(&Key::new(key.namespace(), name), client);
            return if done { Outcome::DONE } else { Outcome::RETRY };
        }
        let Some(object) = client.store().get(Kind::Job, key).cloned() else {
            self.backoff.remove(key);
            return Outcome::DONE;
        };
        let Some(job) = object.as_kind::<Job>().cloned() else {
            return Outcome::DONE;
        };
        if is_managed_elsewhere(&job) {
            return Outcome::DONE;
        }
        if job.status.as_ref().and_then(finished).is_some() {
            self.backoff.remove(key);
            return Outcome::DONE;
        }
        let Some(mut sync) = JobSync::new(key, object, job, &self.backoff, client) else {
            return Outcome::RETRY;
        };
        let looked_at = 1 + sync.pods.len() as u64;
        let requeue = match sync.run(&mut self.backoff, client) {
            Ok(()) => match sync.again {
                Some(delay) => Requeue::After(delay.max(Duration::micros(1))),
                None => Requeue::No,
            },
            Err(_) => Requeue::RateLimited,
        };
        Outcome { requeue, looked_at }
    }
}

/// Whether somebody else works on the job.
///
/// Upstream: `managedByExternalController`.
fn is_managed_elsewhere(job: &Job) -> bool {
    let manager = job
        .spec
        .as_ref()
        .and_then(|spec| spec.managed_by.as_deref());
    manager.is_some_and(|manager| manager != CONTROLLER_NAME)
}

fn orphan_key(pod: &Object) -> Key {
    Key::new(pod.namespace(), &format!("{ORPHAN}{}", pod.name()))
}

fn observe_pod(change: &Change, store: &Store, wakes: &mut Wakes) {
    let object = &change.object;
    let owner = controller_of(object.meta());
    let old = change.old.as_ref();
    let old_owner = old.and_then(|old| controller_of(old.meta()));
    let owners = [owner, old_owner.filter(|old| Some(*old) != owner)];
    for job in owners
        .into_iter()
        .flatten()
        .filter_map(|owner| resolve_controller_ref(store, Kind::Job, object.namespace(), owner))
    {
        wakes.add_after(ControllerId::Job, job.key(), SYNC_JOB_BATCH_PERIOD);
    }
    if change.change == ChangeType::Deleted {
        return;
    }
    let of_job = owner.is_none_or(|owner| owner.kind == "Job");
    let job =
        owner.and_then(|owner| resolve_controller_ref(store, Kind::Job, object.namespace(), owner));
    let lost = job.is_none_or(|job| {
        let status = job.as_kind::<Job>().and_then(|job| job.status.as_ref());
        status.and_then(finished).is_some()
    });
    if of_job && lost && is_tracked(object) {
        wakes.add(ControllerId::Job, orphan_key(object));
    }
    if owner.is_none() && !object.is_terminating() {
        let news = old.is_none_or(|old| {
            old.meta().labels != object.meta().labels || controller_of(old.meta()).is_some()
        });
        let jobs = store.list(Kind::Job, Some(object.namespace()));
        for job in jobs.filter(|_| news) {
            let spec = job.as_kind::<Job>().and_then(|job| job.spec.as_ref());
            let selector = spec.and_then(|spec| spec.selector.as_ref());
            if selector.is_some_and(|selector| label_selector::matches(selector, object.meta())) {
                wakes.add_after(ControllerId::Job, job.key(), SYNC_JOB_BATCH_PERIOD);
            }
        }
    }
}

/// Lets a pod go that no job counts any more; whether that worked.
fn release_orphan(key: &Key, client: &mut Client<'_>) -> bool {
    let Some(pod) = client.store().get(Kind::Pod, key).cloned() else {
        return true;
    };
    if let Some(owner) = controller_of(pod.meta()) {
        if owner.kind != "Job" {
            return true;
        }
        let job = resolve_controller_ref(client.store(), Kind::Job, key.namespace(), owner);
        let job = job.and_then(|job| job.as_kind::<Job>());
        let status = job.and_then(|job| job.status.as_ref());
        if job.is_some_and(|job| is_managed_elsewhere(job) || status.and_then(finished).is_none()) {
            return true;
        }
    }
    tracking::remove_finalizer(&pod, client)
}

impl<'c> JobSync<'c> {
    /// Reads a job and its pods; none if a pod could not be adopted.
    fn new(
        key: &'c Key,
        object: Arc<Object>,
        mut job: Job,
        backoff: &BTreeMap<Key, BackoffRecord>,
        client: &mut Client<'_>,
    ) -> Option<JobSync<'c>> {
        let pods = claim_pods(&object, &job, client)?;
        let spec = job.spec.clone().unwrap_or_default();
        let mut status = job.status.take().unwrap_or_default();
        status.uncounted_terminated_pods.get_or_insert_default();
        let of_pods = |test: &dyn Fn(&Pod) -> bool| {
            let found = pods
                .iter()
                .filter_map(|pod| pod_in(pod))
                .filter(|p| test(p));
            i32::try_from(found.count()).unwrap_or(i32::MAX)
        };
        let active = of_pods(&is_active);
        let ready = of_pods(&|pod| is_active(pod) && ready_since(pod).is_some());
        let terminating = of_pods(&is_terminating);
        let mut sync = JobSync {
            key,
            object,
            spec,
            active,
            ready,
            terminating,
            succeeded: status.succeeded.unwrap_or(0),
            failed: status.failed.unwrap_or(0),
            prev_succeeded_indexes: BTreeSet::new(),
            succeeded_indexes: BTreeSet::new(),
            failed_indexes: None,
            delayed: BTreeMap::new(),
            finished: None,
            record: BackoffRecord::default(),
            now: client.calendar().time(client.now()),
            again: None,
            status,
            pods,
            job,
        };
        sync.count(backoff.get(key), client);
        Some(sync)
    }

    /// Counts what has ended since the last sync.
    fn count(&mut self, before: Option<&BackoffRecord>, client: &Client<'_>) {
        let uncounted = self.status.uncounted_terminated_pods.clone();
        let uncounted = uncounted.unwrap_or_default();
        let known_successes = uncounted.succeeded.unwrap_or_default();
        let known_failures = uncounted.failed.unwrap_or_default();
        let fresh = |known: &[String], test: &dyn Fn(&Pod) -> bool| -> Vec<Arc<Object>> {
            let pods = self.pods.iter().filter(|pod| {
                is_tracked(pod)
                    && !known.iter().any(|uid| uid == pod.uid())
                    && (!self.is_indexed() || self.valid_index(pod).is_some())
                    && pod_in(pod).is_some_and(test)
            });
            pods.cloned().collect()
        };
        let successes = fresh(&known_successes, &|pod| phase(pod) == "Succeeded");
        let failures = fresh(&known_failures, &|pod| self.is_failed(pod));
        let counted = failures.iter().filter(|pod| self.counts_as_failure(pod));
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let failed = number(counted.count() + known_failures.len());
        self.record = backoff_utils::new_record(before, &successes, &failures, client.calendar());
        self.succeeded += number(successes.len() + known_successes.len());
        self.failed += failed;
        if self.is_indexed() {
            self.read_indexes();
        }
    }
}

/// The job's own pods, less what it releases, and orphans that it adopts; none if one could not be claimed.
fn claim_pods(
    object: &Arc<Object>,
    job: &Job,
    client: &mut Client<'_>,
) -> Option<Vec<Arc<Object>>> {
    let selector = job.spec.as_ref()?.selector.clone()?;
    if !label_selector::is_valid(&selector) {
        return None;
    }
    let claimer = Claimer {
        kind: Kind::Job,
        owner: &job.metadata,
        selector: &selector,
        filter: &|_| true,
    };
    let store = client.store();
    let own = store.by_index(Kind::Pod, Index::OwnerUid, object.uid());
    let orphans = store.by_index(Kind::Pod, Index::OwnerUid, "");
    let orphans = orphans.filter(|pod| {
        pod.namespace() == object.namespace() && label_selector::matches(&selector, pod.meta())
    });
    let candidates: Vec<Arc<Object>> = own.chain(orphans).cloned().collect();
    let mut pods = Vec::new();
    for pod in candidates {
        let adopted = controller_of(pod.meta()).is_none();
        let claimed = claimer.claim(client, &pod).ok()?;
        pods.extend(claimed.map(|pod| match adopted {
            true => tracking::add_finalizer(&pod, client),
            false => pod,
        }));
    }
    Some(pods)
}
