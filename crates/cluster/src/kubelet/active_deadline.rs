//! Pods that may be active for so long and no longer.
//!
//! Upstream: `pkg/kubelet/active_deadline.go`.

use super::Kubelet;
use super::kuberuntime::next_tick;
use super::pod::{PodWorker, Stage};
use crate::client::Client;
use crate::record::EventType;
use crate::time::Duration;

/// Why the kubelet ends a pod that has been active for too long.
const DEADLINE_EXCEEDED: (&str, &str) = (
    "DeadlineExceeded",
    "Pod was active on the node longer than the specified deadline",
);

impl Kubelet {
    /// A pod has been active for too long: it fails, and its containers are stopped.
    pub(super) fn evict(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        worker.deadline_at = None;
        if worker.stage != Stage::Syncing || worker.object.is_terminating() {
            return;
        }
        worker.evicted = Some(DEADLINE_EXCEEDED);
        worker.job = None;
        worker.in_post_start = false;
        self.say_evicted(worker, client);
        self.write_status(worker, client);
        self.terminate(worker, client);
    }

    /// Each status of a pod that the kubelet ends tells of it again.
    pub(super) fn say_evicted(&self, worker: &PodWorker, client: &mut Client<'_>) {
        if let Some((reason, message)) = worker.evicted {
            let message = message.to_owned();
            self.event(worker, None, client, EventType::Normal, reason, message);
        }
    }
}

/// Notes when a pod will have been active for as long as it may be; the kubelet looks every second.
pub(super) fn set_deadline(worker: &mut PodWorker, client: &Client<'_>) {
    let spec = worker.spec();
    let allowed = spec.and_then(|spec| spec.active_deadline_seconds);
    let Some(allowed) = allowed.filter(|_| worker.stage == Stage::Syncing) else {
        worker.deadline_at = None;
        return;
    };
    let began = client.calendar().instant(&worker.start_time.0);
    let end = began + Duration::secs(u64::try_from(allowed).unwrap_or(0));
    worker.deadline_at = Some(next_tick(worker, end.max(client.now()), Duration::secs(1)));
}
