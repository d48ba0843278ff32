//! Pods that a node does not take.
//!
//! Upstream: `pkg/kubelet/kubelet.go` (`rejectPod`), `pkg/kubelet/lifecycle/predicate.go`.

use super::Kubelet;
use super::pod::PodWorker;
use crate::client::Client;
use crate::record::EventType;
use crate::scheduler::admission_check;
use k8s_openapi::api::core::v1::Pod;

impl Kubelet {
    /// Whether a pod is taken; one that is not has failed. The scheduler has looked at those that it bound.
    pub(super) fn admits(&self, worker: &PodWorker, client: &mut Client<'_>) -> bool {
        let status = worker.pod().and_then(|pod| pod.status.as_ref());
        let mut conditions = status
            .and_then(|status| status.conditions.as_deref())
            .unwrap_or_default()
            .iter();
        if conditions.any(|known| known.type_ == "PodScheduled" && known.status == "True") {
            return true;
        }
        let refusal = admission_check(&worker.object, &worker.node, client.store());
        let Some((reason, message)) = refusal else {
            return true;
        };
        let warning = EventType::Warning;
        self.event(worker, None, client, warning, &reason, message.clone());
        if let Some(mut pod) = client.get::<Pod>(&worker.key).cloned() {
            let status = pod.status.get_or_insert_default();
            status.phase = Some("Failed".to_owned());
            status.reason = Some(reason);
            status.message = Some(format!("Pod was rejected: {message}"));
            status.start_time = Some(worker.start_time.clone());
            status.observed_generation = pod.metadata.generation;
            pod.metadata.resource_version = None;
            // The object may be gone by now; then nobody wants to know.
            let _ = client.update_status(pod);
        }
        false
    }
}
