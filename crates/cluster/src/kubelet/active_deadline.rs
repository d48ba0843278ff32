//! Pods that may be active for so long and no longer.
//!
//! Upstream: `pkg/kubelet/active_deadline.go`.

use super::Kubelet;
use super::kuberuntime::next_tick;
use super::pod::{Evicted, PodWorker, Stage};
use crate::client::Client;
use crate::record::EventType;
use crate::time::Duration;

impl Kubelet {
    /// A pod has been active for too long.
    pub(super) fn pass_deadline(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        worker.deadline_at = None;
        let why = Evicted {
            reason: "DeadlineExceeded",
            message: "Pod was active on the node longer than the specified deadline".to_owned(),
            repeated: true,
            grace: None,
        };
        self.evict(worker, why, client);
    }

    /// The kubelet ends a pod: it fails, and its containers are stopped.
    pub(super) fn evict(&mut self, worker: &mut PodWorker, why: Evicted, client: &mut Client<'_>) {
        if worker.stage != Stage::Syncing || worker.object.is_terminating() {
            return;
        }
        worker.evicted = Some(why);
        worker.job = None;
        worker.in_post_start = false;
        self.say_evicted(worker, client);
        self.write_status(worker, client);
        self.terminate(worker, client);
    }

    /// Each status of a pod that has been active for too long tells of it again.
    pub(super) fn say_evicted(&self, worker: &PodWorker, client: &mut Client<'_>) {
        if let Some(why) = worker.evicted.as_ref().filter(|why| why.repeated) {
            let (normal, message) = (EventType::Normal, why.message.clone());
            self.event(worker, None, client, normal, why.reason, message);
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
