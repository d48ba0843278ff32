//! Making and deleting the pods of a job.
//!
//! Upstream: `manageJob` in `pkg/controller/job/job_controller.go`.

use super::{JobSync, pod_in, tracking};
use crate::client::Client;
use crate::controllers::pod_control::{
    BURST_REPLICAS, is_namespace_terminating, pod_from_template, slow_start_batch,
};
use crate::object::Object;
use crate::pod::{is_active, phase, ready_since};
use crate::sort;
use std::sync::Arc;

impl JobSync<'_> {
    /// The active pods, those first that are the least loss.
    ///
    /// Upstream: `controller.ActivePods`.
    fn active_pods(&self) -> Vec<Arc<Object>> {
        let active = self
            .pods
            .iter()
            .filter(|pod| pod_in(pod).is_some_and(is_active));
        let mut pods: Vec<Arc<Object>> = active.cloned().collect();
        sort::by(&mut pods, |a, b| rank(a).cmp(&rank(b)));
        pods
    }

    /// Deletes what still runs of a job that has ended.
    ///
    /// # Errors
    /// The first pod that could not be deleted, in the API's words.
    pub(super) fn delete_active_pods(&mut self, client: &mut Client<'_>) -> Result<(), String> {
        let mut first = Ok(());
        for pod in self.active_pods() {
            match self.control().delete_pod(client, pod.name()) {
                Err(status) if !status.is_not_found() => {
                    first = first.and(Err(status.message));
                }
                _ => self.forget_active(&pod),
            }
        }
        first
    }

    fn forget_active(&mut self, pod: &Object) {
        self.active -= 1;
        self.terminating += 1;
        self.ready -= i32::from(pod_in(pod).is_some_and(|pod| ready_since(pod).is_some()));
    }

    /// Deletes pods that are too many; their ends do not count.
    fn delete_pods(
        &mut self,
        pods: Vec<Arc<Object>>,
        client: &mut Client<'_>,
    ) -> Result<(), String> {
        let mut first = Ok(());
        for pod in pods {
            if !tracking::remove_finalizer(&pod, client) {
                first = first.and(Err("removing completion finalizer".to_owned()));
                continue;
            }
            match self.control().delete_pod(client, pod.name()) {
                Err(status) if !status.is_not_found() => {
                    first = first.and(Err(status.message));
                }
                _ => self.forget_active(&pod),
            }
        }
        first
    }

    /// Makes pods that are missing or deletes those that are too many.
    ///
    /// # Errors
    /// The API's words.
    pub(super) fn manage_job(&mut self, client: &mut Client<'_>) -> Result<(), String> {
        if self.is_suspended() {
            let pods = self.active_pods();
            return self.delete_pods(pods, client);
        }
        let parallelism = self.spec.parallelism.unwrap_or(1);
        let wanted = match self.spec.completions {
            None if self.succeeded > 0 => self.active,
            None => parallelism,
            Some(completions) => (completions - self.succeeded).min(parallelism).max(0),
        };
        let excess = usize::try_from(self.active - wanted).unwrap_or(0);
        let surplus = self.pods_for_removal(excess);
        if !surplus.is_empty() {
            return self.delete_pods(surplus, client);
        }
        let leaving = match self.only_replaces_failed() {
            true => self.terminating,
            false => 0,
        };
        let missing = usize::try_from(wanted - leaving - self.active).unwrap_or(0);
        if missing == 0 {
            return Ok(());
        }
        let wait = match self.spec.backoff_limit_per_index {
            Some(_) => None,
            None => self.record.remaining(client.now(), client.calendar()),
        };
        if let Some(wait) = wait {
            self.look_again(wait);
            return Ok(());
        }
        let count = missing.min(BURST_REPLICAS);
        let mut indexes = self.is_indexed().then(|| self.first_pending_indexes(count));
        if let Some(indexes) = &mut indexes
            && let Some(wait) = self.without_waiting(indexes, client)
        {
            self.look_again(wait);
            return Ok(());
        }
        self.create_pods(count, indexes.as_deref(), client)
    }

    /// The pods that are to go: those of an index that has another, and then as many as are too many.
    fn pods_for_removal(&self, excess: usize) -> Vec<Arc<Object>> {
        let (mut gone, left) = self.without_duplicates(self.active_pods());
        let more = excess.saturating_sub(gone.len());
        gone.extend(left.into_iter().take(more));
        gone.truncate(BURST_REPLICAS);
        gone
    }

    /// Makes so many pods, or one of each of the indexes.
    fn create_pods(
        &mut self,
        count: usize,
        indexes: Option<&[i32]>,
        client: &mut Client<'_>,
    ) -> Result<(), String> {
        let mut template = self.spec.template.clone();
        if self.is_indexed() {
            self.add_index_variables(&mut template);
        }
        let mut pod = pod_from_template(&self.object, &template);
        tracking::mark(&mut pod.metadata);
        let count = indexes.map_or(count, <[i32]>::len);
        let (mut next, mut made) = (0, 0);
        let control = self.control();
        let result = slow_start_batch(count, || {
            let mut pod = pod.clone();
            if let Some(index) = indexes.and_then(|indexes| indexes.get(next)) {
                self.give_index(&mut pod, *index);
            }
            next += 1;
            match control.create_pod(client, pod) {
                Ok(_) => {
                    made += 1;
                    Ok(())
                }
                Err(status) if is_namespace_terminating(&status) => Ok(()),
                Err(status) => Err(status.message),
            }
        });
        self.active += made;
        result
    }
}

/// How much is lost with a pod: none yet has a node, none waits, none is ready, the youngest.
fn rank(object: &Object) -> (bool, u8, bool, std::cmp::Reverse<Option<i64>>, String) {
    let Some(pod) = pod_in(object) else {
        return (false, 0, false, std::cmp::Reverse(None), String::new());
    };
    let spec = pod.spec.as_ref();
    let assigned = spec.and_then(|spec| spec.node_name.as_deref());
    let phase = match phase(pod) {
        "Pending" => 0,
        "Running" => 2,
        _ => 1,
    };
    let created = pod.metadata.creation_timestamp.as_ref();
    (
        assigned.is_some_and(|node| !node.is_empty()),
        phase,
        ready_since(pod).is_some(),
        std::cmp::Reverse(created.map(|time| time.0.as_second())),
        object.name().to_owned(),
    )
}
