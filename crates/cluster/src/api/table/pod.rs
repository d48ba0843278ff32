//! The row of a pod.

use super::{Cell, or};
use crate::api::duration::age as age_of;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod, PodSpec, PodStatus};
use k8s_openapi::jiff::Timestamp;

/// What the containers of a pod say together.
#[derive(Default)]
struct Summary {
    reason: String,
    ready: usize,
    restarts: i32,
    last_restart: Option<Timestamp>,
}

impl Summary {
    fn count(&mut self, container: &ContainerStatus) {
        self.restarts += container.restart_count;
        let ended = container
            .last_state
            .as_ref()
            .and_then(|state| state.terminated.as_ref())
            .and_then(|terminated| terminated.finished_at.as_ref())
            .map(|time| time.0);
        self.last_restart = self.last_restart.max(ended);
    }
}

/// What `kubectl get pods` tells of a pod, beside its name and age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodColumns {
    /// STATUS.
    pub status: String,
    /// The first number of READY.
    pub ready: u32,
    /// The second number of READY.
    pub total: u32,
    /// RESTARTS.
    pub restarts: u32,
}

/// The columns of a pod as numbers and words.
pub fn pod_columns(pod: &Pod) -> PodColumns {
    let summary = summarise(pod);
    PodColumns {
        ready: u32::try_from(summary.ready).unwrap_or(u32::MAX),
        total: u32::try_from(pod.spec.as_ref().map_or(0, total_containers)).unwrap_or(u32::MAX),
        restarts: u32::try_from(summary.restarts).unwrap_or(0),
        status: summary.reason,
    }
}

/// What `kubectl get pods` calls a pod's status.
pub fn status(pod: &Pod) -> String {
    summarise(pod).reason
}

/// How many containers count for READY: the ordinary ones and init containers that keep running.
fn total_containers(spec: &PodSpec) -> usize {
    let helpers = spec.init_containers.iter().flatten();
    let restartable = helpers.filter(|c| is_restartable(c.restart_policy.as_deref()));
    spec.containers.len() + restartable.count()
}

pub(super) fn row(pod: &Pod, age: Cell, now: Timestamp) -> Vec<Cell> {
    let summary = summarise(pod);
    let spec = pod.spec.as_ref();
    let status = pod.status.as_ref();
    let total = spec.map_or(0, total_containers);
    let restarts = match summary.last_restart {
        Some(last) if summary.restarts != 0 => {
            format!("{} ({} ago)", summary.restarts, age_of(Some(&last), now))
        }
        _ => summary.restarts.to_string(),
    };
    let ip = status
        .and_then(|status| status.pod_ips.as_ref())
        .and_then(|ips| ips.first())
        .map(|ip| ip.ip.as_str());
    vec![
        pod.metadata.name.clone().unwrap_or_default(),
        format!("{}/{total}", summary.ready),
        summary.reason,
        restarts,
        age,
        or(ip, "<none>"),
        or(spec.and_then(|spec| spec.node_name.as_deref()), "<none>"),
        or(
            status.and_then(|s| s.nominated_node_name.as_deref()),
            "<none>",
        ),
        readiness_gates(spec, status),
    ]
}

fn is_restartable(policy: Option<&str>) -> bool {
    policy == Some("Always")
}

fn readiness_gates(spec: Option<&PodSpec>, status: Option<&PodStatus>) -> Cell {
    let gates = spec.and_then(|spec| spec.readiness_gates.as_ref());
    let Some(gates) = gates.filter(|gates| !gates.is_empty()) else {
        return "<none>".to_owned();
    };
    let fulfilled = gates.iter().filter(|gate| {
        condition(status, &gate.condition_type).is_some_and(|status| status == "True")
    });
    format!("{}/{}", fulfilled.count(), gates.len())
}

fn condition<'a>(status: Option<&'a PodStatus>, name: &str) -> Option<&'a str> {
    status?
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == name)
        .map(|condition| condition.status.as_str())
}

fn summarise(pod: &Pod) -> Summary {
    let empty = PodStatus::default();
    let status = pod.status.as_ref().unwrap_or(&empty);
    let phase = status.phase.as_deref().unwrap_or("");
    let own_reason = status.reason.as_deref().filter(|reason| !reason.is_empty());
    let mut summary = Summary {
        reason: own_reason.unwrap_or(phase).to_owned(),
        ..Summary::default()
    };
    let gated = status.conditions.iter().flatten().any(|condition| {
        condition.type_ == "PodScheduled" && condition.reason.as_deref() == Some("SchedulingGated")
    });
    if gated {
        "SchedulingGated".clone_into(&mut summary.reason);
    }
    let mut helpers = Summary::default();
    let initializing = init_containers(pod, status, &mut summary, &mut helpers);
    if !initializing || condition(Some(status), "Initialized") == Some("True") {
        summary.restarts = helpers.restarts;
        summary.last_restart = helpers.last_restart;
        containers(status, &mut summary);
    }
    if pod.metadata.deletion_timestamp.is_some() {
        if status.reason.as_deref() == Some("NodeLost") {
            "Unknown".clone_into(&mut summary.reason);
        } else if !matches!(phase, "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut summary.reason);
        }
    }
    summary
}

/// Looks at the init containers up to the first that is not done; returns whether there is one.
fn init_containers(
    pod: &Pod,
    status: &PodStatus,
    summary: &mut Summary,
    helpers: &mut Summary,
) -> bool {
    let declared = pod
        .spec
        .as_ref()
        .and_then(|spec| spec.init_containers.as_deref())
        .unwrap_or(&[]);
    for (at, container) in status.init_container_statuses.iter().flatten().enumerate() {
        summary.count(container);
        let restartable = declared
            .iter()
            .find(|one| one.name == container.name)
            .is_some_and(|one| is_restartable(one.restart_policy.as_deref()));
        if restartable {
            helpers.count(container);
        }
        let state = container.state.as_ref();
        let terminated = state.and_then(|state| state.terminated.as_ref());
        let waiting = state
            .and_then(|state| state.waiting.as_ref())
            .and_then(|waiting| waiting.reason.as_deref());
        if terminated.is_some_and(|terminated| terminated.exit_code == 0) {
            continue;
        }
        if restartable && container.started == Some(true) {
            summary.ready += usize::from(container.ready);
            continue;
        }
        summary.reason = match (terminated, waiting) {
            (Some(terminated), _) => match terminated.reason.as_deref().unwrap_or("") {
                "" if terminated.signal.unwrap_or(0) != 0 => {
                    format!("Init:Signal:{}", terminated.signal.unwrap_or(0))
                }
                "" => format!("Init:ExitCode:{}", terminated.exit_code),
                reason => format!("Init:{reason}"),
            },
            (None, Some(reason)) if !reason.is_empty() && reason != "PodInitializing" => {
                format!("Init:{reason}")
            }
            _ => format!("Init:{at}/{}", declared.len()),
        };
        return true;
    }
    false
}

fn containers(status: &PodStatus, summary: &mut Summary) {
    let mut running = false;
    let mut error = String::new();
    for container in status.container_statuses.iter().flatten().rev() {
        summary.count(container);
        let state = container.state.as_ref();
        let waiting = state
            .and_then(|state| state.waiting.as_ref())
            .and_then(|waiting| waiting.reason.as_deref())
            .filter(|reason| !reason.is_empty());
        if let Some(reason) = waiting {
            reason.clone_into(&mut summary.reason);
        } else if let Some(terminated) = state.and_then(|state| state.terminated.as_ref()) {
            summary.reason = match terminated.reason.as_deref().unwrap_or("") {
                "" if terminated.signal.unwrap_or(0) != 0 => {
                    format!("Signal:{}", terminated.signal.unwrap_or(0))
                }
                "" => format!("ExitCode:{}", terminated.exit_code),
                reason => reason.to_owned(),
            };
            if terminated.exit_code != 0 {
                error.clone_from(&summary.reason);
            }
        } else if container.ready && state.is_some_and(|state| state.running.is_some()) {
            running = true;
            summary.ready += 1;
        }
    }
    if summary.reason == "Completed" {
        if running && condition(Some(status), "Ready") == Some("True") {
            "Running".clone_into(&mut summary.reason);
        } else if !error.is_empty() {
            summary.reason = error;
        } else if running {
            "NotReady".clone_into(&mut summary.reason);
        }
    }
}
