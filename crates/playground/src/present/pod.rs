//! A pod as the page draws it.

use super::set::why_of;
use super::{Since, reference};
use crate::view::{ContainerState, ContainerView, Meaning, ObjectRef, PodView, Why};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use petset_cluster::api::Server;
use petset_cluster::{Kind, Object};

/// The pod, with the words of `kubectl get pods`.
pub(crate) fn pod_view(object: &Object, since: Since) -> Option<PodView> {
    let Object::Pod(pod) = object else {
        return None;
    };
    let spec = pod.spec.as_ref()?;
    let status = pod.status.as_ref();
    let columns = petset_cluster::api::table::pod_columns(pod);
    let terminating = object.is_terminating();
    let containers: Vec<ContainerView> = spec
        .containers
        .iter()
        .map(|container| ContainerView {
            name: container.name.clone(),
            image: container.image.clone().unwrap_or_default(),
            state: container_state(container_status(pod, &container.name)),
        })
        .collect();
    let node = spec.node_name.as_deref().filter(|name| !name.is_empty());
    Some(PodView {
        object: reference(object),
        uid: object.uid().to_owned(),
        meaning: pod_meaning(&columns.status, terminating, columns.ready, columns.total),
        status: columns.status,
        terminating,
        ready_containers: columns.ready,
        containers,
        revision: object
            .meta()
            .labels
            .as_ref()
            .and_then(|labels| labels.get("controller-revision-hash"))
            .map(|name| short_revision(name)),
        restarts: columns.restarts,
        node: node.map(|name| ObjectRef::cluster_wide("Node", name)),
        ip: status.and_then(|s| s.pod_ip.clone()),
        changed: since.touched(object),
    })
}

/// The last part of a revision's name.
pub(crate) fn short_revision(name: &str) -> String {
    name.rsplit('-').next().unwrap_or(name).to_owned()
}

pub(crate) fn pod_meaning(status: &str, terminating: bool, ready: u32, total: u32) -> Meaning {
    match status {
        _ if terminating => Meaning::Gone,
        "Running" if ready == total => Meaning::Ready,
        "Running" | "ContainerCreating" | "PodInitializing" => Meaning::Progress,
        "Pending" | "SchedulingGated" => Meaning::Waiting,
        "Completed" | "Succeeded" => Meaning::Ready,
        _ if status.starts_with("Init:")
            && !status.contains("Err")
            && !status.contains("Crash") =>
        {
            Meaning::Progress
        }
        _ => Meaning::Failed,
    }
}

/// Whether a pod has a node and has not got all its containers running yet.
pub(crate) fn is_starting(pod: &Pod) -> bool {
    let placed = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    placed.is_some_and(|node| !node.is_empty()) && phase.is_none_or(|phase| phase == "Pending")
}

/// Why a pod is not ready, if it is not.
pub(crate) fn why(server: &Server, object: &Object) -> Option<Why> {
    let Object::Pod(pod) = object else {
        return None;
    };
    if object.is_terminating() {
        let grace = object.meta().deletion_grace_period_seconds.unwrap_or(0);
        return Some(Why::Terminating {
            grace_period_s: u64::try_from(grace).unwrap_or(0),
        });
    }
    if let Some(why) = server
        .trace()
        .about(Kind::Pod, &object.key())
        .and_then(|(_, fact)| why_of(fact))
    {
        return Some(why);
    }
    let spec = pod.spec.as_ref()?;
    let status = pod.status.as_ref();
    if spec.node_name.as_deref().is_none_or(str::is_empty) {
        return Some(Why::NotScheduled {
            message: condition_message(pod, "PodScheduled").unwrap_or_default(),
        });
    }
    let phase = status.and_then(|s| s.phase.as_deref()).unwrap_or("Pending");
    let waiting = status
        .into_iter()
        .flat_map(|s| s.container_statuses.iter().flatten())
        .find_map(|container| {
            let waiting = container.state.as_ref()?.waiting.as_ref()?;
            Some((
                waiting.reason.clone().unwrap_or_default(),
                waiting.message.clone().unwrap_or_default(),
            ))
        });
    match (phase, waiting) {
        ("Succeeded", _) => None,
        (_, Some((reason, message)))
            if reason != "ContainerCreating" && reason != "PodInitializing" =>
        {
            Some(Why::Reported { reason, message })
        }
        ("Pending", _) => Some(Why::Starting),
        ("Running", _) if condition_is(pod, "Ready", "True") => None,
        ("Running", _) => Some(Why::NotReady),
        _ => status
            .and_then(|s| s.reason.clone())
            .map(|reason| Why::Reported {
                reason,
                message: status.and_then(|s| s.message.clone()).unwrap_or_default(),
            }),
    }
}

fn condition_is(pod: &Pod, name: &str, value: &str) -> bool {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition.type_ == name && condition.status == value)
}

fn condition_message(pod: &Pod, name: &str) -> Option<String> {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .find(|condition| condition.type_ == name)?
        .message
        .clone()
}

fn container_status<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    pod.status
        .as_ref()?
        .container_statuses
        .iter()
        .flatten()
        .find(|status| status.name == name)
}

fn container_state(status: Option<&ContainerStatus>) -> ContainerState {
    let Some(status) = status else {
        return ContainerState::Waiting;
    };
    match status.state.as_ref() {
        Some(state) if state.running.is_some() && status.ready => ContainerState::Ready,
        Some(state) if state.running.is_some() => ContainerState::Running,
        Some(state) => match state.terminated.as_ref() {
            Some(terminated) if terminated.exit_code == 0 => ContainerState::Succeeded,
            Some(_) => ContainerState::Failed,
            None => ContainerState::Waiting,
        },
        None => ContainerState::Waiting,
    }
}
