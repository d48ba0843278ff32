//! Counting each pod's end exactly once: it is noted in the status, then the pod is let go, then the counter is raised.
//!
//! Upstream: `trackJobStatusAndRemoveFinalizers` in `pkg/controller/job/job_controller.go`.

use super::backoff_utils::BackoffRecord;
use super::indexed_job_utils::to_text;
use super::{
    JobSync, TRACKING_FINALIZER, condition, ensure_condition, is_tracked, new_condition, pod_in,
};
use crate::client::Client;
use crate::object::{Key, Kind, Object};
use crate::pod::phase;
use crate::record::EventType;
use k8s_openapi::api::batch::v1::JobStatus;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Pods that a status notes at once, at most.
const MAX_UNCOUNTED_PODS: usize = 500;

/// Gives a pod the finalizer that keeps it until its end has been counted.
pub(super) fn mark(meta: &mut ObjectMeta) {
    let finalizers = meta.finalizers.get_or_insert_default();
    if !finalizers.iter().any(|name| name == TRACKING_FINALIZER) {
        finalizers.push(TRACKING_FINALIZER.to_owned());
    }
}

/// The same for a stored pod; the pod as it is then.
pub(super) fn add_finalizer(pod: &Arc<Object>, client: &mut Client<'_>) -> Arc<Object> {
    let mut marked = Object::clone(pod);
    mark(marked.meta_mut());
    client.update_object(marked).unwrap_or_else(|_| pod.clone())
}

/// Lets a pod go; whether that worked or there was nothing to do.
pub(super) fn remove_finalizer(pod: &Object, client: &mut Client<'_>) -> bool {
    let Some(fresh) = client.store().get(Kind::Pod, &pod.key()) else {
        return true;
    };
    if fresh.uid() != pod.uid() || !is_tracked(fresh) {
        return true;
    }
    let mut released = Object::clone(fresh);
    let finalizers = &mut released.meta_mut().finalizers;
    if let Some(list) = finalizers {
        list.retain(|name| name != TRACKING_FINALIZER);
        if list.is_empty() {
            *finalizers = None;
        }
    }
    match client.update_object(released) {
        Ok(_) => true,
        Err(status) => status.is_not_found(),
    }
}

/// Raises the counters by noted pods that have been let go; whether there were any.
fn count_released(status: &mut JobStatus, held: &BTreeSet<String>) -> bool {
    let mut changed = false;
    let uncounted = status.uncounted_terminated_pods.get_or_insert_default();
    for (list, counter) in [
        (&mut uncounted.succeeded, &mut status.succeeded),
        (&mut uncounted.failed, &mut status.failed),
    ] {
        let Some(uids) = list else { continue };
        let before = uids.len();
        uids.retain(|uid| held.contains(uid));
        let released = i32::try_from(before - uids.len()).unwrap_or(i32::MAX);
        if released > 0 {
            *counter = Some(counter.unwrap_or(0) + released);
            changed = true;
        }
        if uids.is_empty() {
            *list = None;
        }
    }
    changed
}

impl JobSync<'_> {
    /// Writes the status and lets ended pods go. `news` says that the status has changed otherwise.
    ///
    /// # Errors
    /// The API's words.
    pub(super) fn track(
        &mut self,
        news: bool,
        backoff: &mut BTreeMap<Key, BackoffRecord>,
        client: &mut Client<'_>,
    ) -> Result<(), String> {
        let tracked = self.pods.iter().filter(|pod| is_tracked(pod));
        let mut held: BTreeSet<String> = tracked.map(|pod| pod.uid().to_owned()).collect();
        let mut flush = count_released(&mut self.status, &held) || news;
        let (leaving, all) = self.note_ended(&mut flush);
        if self.is_indexed() {
            let text = Some(to_text(&self.succeeded_indexes)).filter(|text| !text.is_empty());
            flush |= text != self.status.completed_indexes;
            self.status.completed_indexes = text;
            self.status.succeeded = Some(self.succeeded).filter(|count| *count != 0);
            let failed = self.failed_indexes.as_ref().map(to_text);
            flush |= failed != self.status.failed_indexes;
            self.status.failed_indexes = failed;
        }
        flush |= self.tell_verdict();
        if flush {
            self.write(client)?;
            backoff.insert(self.key.clone(), self.record);
            flush = false;
        }
        let mut result = Ok(());
        for pod in leaving {
            if remove_finalizer(&pod, client) {
                held.remove(pod.uid());
            } else {
                result = Err("removing tracking finalizer".to_owned());
            }
        }
        flush |= count_released(&mut self.status, &held);
        let ended = all && result.is_ok() && self.enact_finished();
        if flush || ended {
            self.write(client)?;
        }
        if ended {
            self.tell_end(client);
        }
        result
    }

    /// Notes pods that have ended, and says which may be let go and whether these are all.
    fn note_ended(&mut self, flush: &mut bool) -> (Vec<Arc<Object>>, bool) {
        let mut leaving = Vec::new();
        let mut uncounted = self
            .status
            .uncounted_terminated_pods
            .take()
            .unwrap_or_default();
        let succeeded = self
            .finished
            .as_ref()
            .is_some_and(|f| f.type_ == "SuccessCriteriaMet");
        let over = self.finished.is_some() && !succeeded;
        let mut all = true;
        for object in self.pods.iter().filter(|pod| is_tracked(pod)) {
            let Some(pod) = pod_in(object) else { continue };
            let (well, failed) = (phase(pod) == "Succeeded", self.is_failed(pod));
            let ends = self.object.is_terminating() || self.finished.is_some();
            let free = ends || well || (failed && !self.is_delayed(object));
            if !free {
                continue;
            }
            leaving.push(object.clone());
            let uid = object.uid().to_owned();
            let known = |list: &Option<Vec<String>>| list.iter().flatten().any(|u| *u == uid);
            let counted = known(&uncounted.failed) || known(&uncounted.succeeded);
            if well && !known(&uncounted.failed) {
                // The index alone says that the success was counted.
                if self.is_indexed() {
                    let index = self.valid_index(object);
                    *flush |= index.is_some_and(|i| !self.prev_succeeded_indexes.contains(&i));
                } else if !counted {
                    uncounted.succeeded.get_or_insert_default().push(uid);
                    *flush = true;
                }
            } else if (failed || over)
                && !counted
                && (!self.is_indexed() || self.valid_index(object).is_some())
                && self.counts_as_failure(object)
            {
                uncounted.failed.get_or_insert_default().push(uid);
                *flush = true;
            }
            let noted = |list: &Option<Vec<String>>| list.as_ref().map_or(0, Vec::len);
            if noted(&uncounted.succeeded) + noted(&uncounted.failed) >= MAX_UNCOUNTED_PODS {
                all = false;
                break;
            }
        }
        self.status.uncounted_terminated_pods = Some(uncounted);
        (leaving, all)
    }

    /// Says what the end will be, before the pods are let go. Returns whether that was news.
    fn tell_verdict(&mut self) -> bool {
        let Some(verdict) = self.finished.take() else {
            return false;
        };
        let kind = match verdict.type_.as_str() {
            "FailureTarget" => "Failed",
            "SuccessCriteriaMet" => "Complete",
            _ => {
                self.finished = Some(verdict);
                return false;
            }
        };
        let reason = verdict.reason.clone().unwrap_or_default();
        let message = verdict.message.clone().unwrap_or_default();
        self.finished = Some(new_condition(kind, &reason, &message, &self.now));
        let known = condition(&self.status, &verdict.type_).is_some();
        if !known {
            let conditions = self.status.conditions.get_or_insert_default();
            conditions.push(verdict);
        }
        !known
    }

    /// Sets the last condition, once every pod has stopped and is counted.
    fn enact_finished(&mut self) -> bool {
        let Some(finished) = self.finished.clone() else {
            return false;
        };
        let uncounted = self.status.uncounted_terminated_pods.clone();
        let uncounted = uncounted.unwrap_or_default();
        if uncounted.failed.is_some() || uncounted.succeeded.is_some() || self.terminating > 0 {
            return false;
        }
        if finished.type_ == "Complete" {
            self.status
                .completion_time
                .clone_from(&finished.last_transition_time);
        }
        ensure_condition(&mut self.status, finished);
        true
    }

    fn tell_end(&self, client: &mut Client<'_>) {
        let Some(finished) = &self.finished else {
            return;
        };
        if finished.type_ != "Complete" {
            let reason = finished.reason.as_deref().unwrap_or("");
            let message = finished.message.as_deref().unwrap_or("");
            self.event(EventType::Warning, reason, message, client);
            return;
        }
        let succeeded = self.status.succeeded.unwrap_or(0);
        if self.spec.completions.is_some_and(|most| succeeded > most) {
            let message = "Too many succeeded pods running after completion count reached";
            self.event(EventType::Warning, "TooManySucceededPods", message, client);
        }
        self.event(EventType::Normal, "Completed", "Job completed", client);
    }

    fn write(&mut self, client: &mut Client<'_>) -> Result<(), String> {
        let mut job = self.job.clone();
        job.status = Some(self.status.clone());
        job.metadata.resource_version = None;
        let written = client.update_status(job);
        written.map(|_| ()).map_err(|status| status.message)
    }
}
