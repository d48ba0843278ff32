//! Makes and deletes pods for the object that controls them, and reports it in events.
//!
//! Upstream: RealPodControl in `pkg/controller/controller_utils.go`, slowStartBatch in `pkg/controller/replicaset/replica_set.go`.

use crate::api::Status;
use crate::api::validation::names::dns1123_subdomain;
use crate::client::Client;
use crate::meta::controller_ref::new_controller_ref;
use crate::object::{Key, Kind, Object};
use crate::record::{EventType, Reporter, reference};
use k8s_openapi::api::core::v1::{Pod, PodStatus, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::sync::Arc;

/// Pods that one sync makes or deletes, at most. It leaves the rest to the next, which its own changes wake: upstream
/// takes up to 500 in one sync, but that sync is one step here, in which nothing else moves.
pub(crate) const BURST_REPLICAS: usize = 100;

/// The hands of an object that controls pods.
pub(crate) struct PodControl<'o> {
    /// Who reports, such as `replicaset-controller`.
    pub(crate) component: &'static str,
    /// The object that controls the pods, as the sync saw it.
    pub(crate) owner: &'o Arc<Object>,
}

impl PodControl<'_> {
    /// Makes a pod.
    ///
    /// # Errors
    /// The API's words, or that the pod has no labels.
    pub(crate) fn create_pod(
        &self,
        client: &mut Client<'_>,
        pod: Pod,
    ) -> Result<Arc<Object>, Status> {
        if pod.metadata.labels.as_ref().is_none_or(|l| l.is_empty()) {
            return Err(Status::internal("unable to create pods, no labels"));
        }
        match client.create(pod) {
            Ok(created) => {
                let message = format!("Created pod: {}", created.name());
                self.event(client, EventType::Normal, "SuccessfulCreate", message);
                Ok(created)
            }
            Err(status) => {
                if !is_namespace_terminating(&status) {
                    let message = format!("Error creating: {}", status.message);
                    self.event(client, EventType::Warning, "FailedCreate", message);
                }
                Err(status)
            }
        }
    }

    /// Deletes a pod.
    ///
    /// # Errors
    /// The API's words; that the pod is gone already is an error without an event.
    pub(crate) fn delete_pod(&self, client: &mut Client<'_>, name: &str) -> Result<(), Status> {
        let key = Key::new(self.owner.namespace(), name);
        match client.delete(Kind::Pod, &key, None, None) {
            Ok(()) => {
                let message = format!("Deleted pod: {name}");
                self.event(client, EventType::Normal, "SuccessfulDelete", message);
                Ok(())
            }
            Err(status) if status.is_not_found() => Err(status),
            Err(mut status) => {
                let message = format!("Error deleting: {}", status.message);
                self.event(client, EventType::Warning, "FailedDelete", message);
                status.message.insert_str(0, "unable to delete pods: ");
                Err(status)
            }
        }
    }

    /// Reports about the owner.
    pub(crate) fn event(
        &self,
        client: &mut Client<'_>,
        kind: EventType,
        reason: &str,
        message: String,
    ) {
        let by = Reporter::control_plane(self.component);
        client.event(&by, reference(self.owner), kind, reason, message);
    }
}

/// A pod of `template` that `owner` controls, with a name that the API server draws.
pub(crate) fn pod_from_template(owner: &Object, template: &PodTemplateSpec) -> Pod {
    let from = template.metadata.clone().unwrap_or_default();
    Pod {
        metadata: ObjectMeta {
            namespace: owner.meta().namespace.clone(),
            generate_name: Some(pods_prefix(owner.name())),
            labels: from.labels,
            annotations: from.annotations,
            finalizers: from.finalizers,
            owner_references: Some(vec![new_controller_ref(owner.kind(), owner.meta())]),
            ..ObjectMeta::default()
        },
        spec: Some(template.spec.clone().unwrap_or_default()),
        status: None,
    }
}

/// `<controller>-`, or without the dash if pods' names would be too long with it.
fn pods_prefix(controller: &str) -> String {
    // Upstream masks the dash, and with it the letter before, to judge the rest as a whole name.
    let rest = controller.char_indices().next_back();
    let rest = rest.map_or("", |(last, _)| &controller[..last]);
    if dns1123_subdomain(&format!("{rest}a")).is_empty() {
        format!("{controller}-")
    } else {
        controller.to_owned()
    }
}

/// Whether a refusal says no more than that the namespace goes away.
pub(crate) fn is_namespace_terminating(status: &Status) -> bool {
    let mut causes = status.causes.iter();
    causes.any(|cause| cause.reason == "NamespaceTerminating")
}

/// Calls `act` so many times in batches of 1, 2, 4 …, up to the first batch in which one fails.
///
/// # Errors
/// The first failure.
pub(crate) fn slow_start_batch<E>(
    count: usize,
    mut act: impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    let (mut remaining, mut size) = (count, 1);
    while remaining > 0 {
        let batch = remaining.min(size);
        let mut first = Ok(());
        for _ in 0..batch {
            let result = act();
            if first.is_ok() {
                first = result;
            }
        }
        first?;
        remaining -= batch;
        size = 2 * batch;
    }
    Ok(())
}

/// Writes a changed status of a pod, whoever wrote the pod meanwhile.
///
/// # Errors
/// What the API answers.
pub fn write_pod_status(
    client: &mut Client<'_>,
    pod: &Pod,
    status: PodStatus,
) -> Result<Arc<Object>, Status> {
    let mut pod = pod.clone();
    pod.status = Some(status);
    pod.metadata.resource_version = None;
    client.update_status(pod)
}
