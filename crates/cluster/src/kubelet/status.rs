//! The status of a pod as its kubelet sees it.
//!
//! Upstream: `pkg/kubelet/kubelet_pods.go`, `pkg/kubelet/status/generate.go`.

use super::container::{Container, Run};
use super::pod::{PodWorker, Stage};
use crate::time::{Calendar, Instant};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The status of a pod now; `old` is the one in the API, whose transition times and foreign conditions are kept.
pub(crate) fn generate(
    worker: &PodWorker,
    old: &core::PodStatus,
    calendar: Calendar,
    now: Instant,
) -> core::PodStatus {
    let statuses = |init: bool| {
        let list: Vec<core::ContainerStatus> = (0..worker.containers.len())
            .filter(|index| worker.containers[*index].init == init)
            .map(|index| container_status(worker, index, calendar))
            .collect();
        (!list.is_empty()).then_some(list)
    };
    let before = old.phase.as_deref().unwrap_or("Pending");
    let told = phase(worker, before);
    // A pod whose containers may still run is not said to be over.
    let ends = matches!(told, "Succeeded" | "Failed") && told != before;
    let phase = match ends && !is_over(worker) {
        true => before,
        false => told,
    };
    let why = worker.evicted.as_ref().filter(|_| phase == "Failed");
    let generation = worker.object.meta().generation;
    let ip = worker
        .ip
        .filter(|_| worker.sandbox_seen || old.pod_ip.is_some());
    let mut status = core::PodStatus {
        observed_generation: generation,
        phase: Some(phase.to_owned()),
        reason: why
            .map(|why| why.reason.to_owned())
            .or_else(|| old.reason.clone()),
        message: why
            .map(|why| why.message.clone())
            .or_else(|| old.message.clone()),
        host_ip: Some(worker.host_ip.clone()),
        host_ips: Some(vec![core::HostIP {
            ip: worker.host_ip.clone(),
        }]),
        pod_ip: ip.map(|ip| ip.to_string()),
        pod_ips: ip.map(|ip| vec![core::PodIP { ip: ip.to_string() }]),
        start_time: Some(worker.start_time.clone()),
        init_container_statuses: statuses(true),
        container_statuses: statuses(false),
        qos_class: old.qos_class.clone(),
        resources: Some(core::ResourceRequirements::default()),
        ..core::PodStatus::default()
    };
    let date = calendar.time(now);
    status.conditions = Some(conditions(worker, told, old, generation, &date));
    status
}

/// Upstream: `getPhase`.
fn phase(worker: &PodWorker, old: &str) -> &'static str {
    match old {
        "Succeeded" => return "Succeeded",
        "Failed" => return "Failed",
        _ => {}
    }
    if worker.evicted.is_some() {
        return "Failed";
    }
    let (mut running, mut waiting, mut stopped, mut succeeded, mut may_restart) =
        (0, 0, 0, 0, false);
    let (mut pending, mut pending_sidecars, mut init_failed) = (0, 0, false);
    let terminal = is_over(worker);
    let initialized = worker.containers.iter().any(|c| !c.init && c.is_running());
    for (index, container) in worker.containers.iter().enumerate() {
        let before = container
            .previous
            .as_ref()
            .and_then(|run| run.exit.as_ref());
        let exit = container.exit().or(before);
        let run = container.run.as_ref().filter(|run| run.is_running());
        match (container.init, worker.is_sidecar(index), exit) {
            (_, true, _) if let Some(run) = run => {
                pending_sidecars += usize::from(!run.started_up);
                running += 1;
            }
            (true, true, None) if !terminal => {
                pending_sidecars += 1;
                waiting += 1;
            }
            (true, true, _) => {}
            (true, false, Some(exit)) if run.is_none() => {
                init_failed |= exit.code != 0 && !worker.restarts_after(index, exit.code);
            }
            (true, false, _) => pending += usize::from(!terminal),
            (false, _, _) if run.is_some() => running += 1,
            (false, _, Some(exit)) => {
                stopped += 1;
                succeeded += usize::from(exit.code == 0);
                may_restart |= worker.restarts_after(index, exit.code);
            }
            // In a pod that is over it counts as lost.
            (false, _, None) if terminal => stopped += 1,
            (false, _, None) => waiting += 1,
        }
    }
    match () {
        () if init_failed => "Failed",
        () if pending > 0 || (pending_sidecars > 0 && !initialized) || waiting > 0 => "Pending",
        () if running > 0 => "Running",
        () if stopped > 0 && may_restart && !terminal => "Running",
        () if stopped > 0 && stopped == succeeded => "Succeeded",
        () if stopped > 0 => "Failed",
        () => "Pending",
    }
}

/// Whether the kubelet has stopped all of the pod.
fn is_over(worker: &PodWorker) -> bool {
    matches!(worker.stage, Stage::Terminated(_) | Stage::Finished)
}

fn container_status(worker: &PodWorker, index: usize, calendar: Calendar) -> core::ContainerStatus {
    let container = &worker.containers[index];
    let spec = worker.container_spec(index);
    let run = container.run.as_ref();
    let running = run.is_some_and(Run::is_running);
    let exited_well = container.exit().is_some_and(|exit| exit.code == 0);
    let (state, last_state) = states(worker, container, calendar);
    let image = run.map(|run| &run.image);
    core::ContainerStatus {
        name: container.name.clone(),
        state: Some(state),
        last_state: Some(last_state),
        ready: if container.init && !worker.is_sidecar(index) {
            exited_well
        } else {
            running && run.is_some_and(|run| run.ready)
        },
        started: Some(running && run.is_some_and(|run| run.started_up)),
        restart_count: container.restart_count,
        image: match image {
            Some(image) => image.full_name.clone(),
            None => spec.and_then(|spec| spec.image.clone()).unwrap_or_default(),
        },
        image_id: image
            .map(|image| image_id(&image.full_name, &image.digest))
            .unwrap_or_default(),
        container_id: run.map(|run| format!("containerd://{}", run.id)),
        resources: run.map(|_| {
            spec.and_then(|spec| spec.resources.clone())
                .unwrap_or_default()
        }),
        allocated_resources: run.and_then(|_| spec?.resources.as_ref()?.requests.clone()),
        volume_mounts: spec
            .and_then(|spec| spec.volume_mounts.as_ref())
            .map(|mounts| mounts.iter().map(volume_mount_status).collect()),
        user: run.map(|run| core::ContainerUser {
            linux: Some(core::LinuxContainerUser {
                uid: i64::from(run.context.user.uid),
                gid: i64::from(run.context.user.gid),
                supplemental_groups: Some(
                    run.context.groups.iter().copied().map(i64::from).collect(),
                ),
            }),
        }),
        ..core::ContainerStatus::default()
    }
}

fn volume_mount_status(mount: &core::VolumeMount) -> core::VolumeMountStatus {
    let read_only = mount.read_only.filter(|read_only| *read_only);
    core::VolumeMountStatus {
        name: mount.name.clone(),
        mount_path: mount.mount_path.clone(),
        read_only,
        recursive_read_only: read_only.map(|_| "Disabled".to_owned()),
        ..core::VolumeMountStatus::default()
    }
}

/// `docker.io/library/nginx@sha256:…`.
fn image_id(full_name: &str, digest: &str) -> String {
    let name = full_name.split('@').next().unwrap_or(full_name);
    let slash = name.rfind('/').unwrap_or(0);
    let end = name[slash..].find(':').map_or(name.len(), |at| slash + at);
    format!("{}@{digest}", &name[..end])
}

fn states(
    worker: &PodWorker,
    container: &Container,
    calendar: Calendar,
) -> (core::ContainerState, core::ContainerState) {
    let terminated = |run: &Run| {
        let exit = run.exit.as_ref()?;
        Some(core::ContainerState {
            terminated: Some(core::ContainerStateTerminated {
                exit_code: exit.code,
                reason: Some(exit.reason.to_owned()),
                message: exit.message.clone(),
                started_at: Some(match run.started {
                    Some(started) => calendar.time(started),
                    None => Time(k8s_openapi::jiff::Timestamp::UNIX_EPOCH),
                }),
                finished_at: Some(calendar.time(exit.at)),
                container_id: Some(format!("containerd://{}", run.id)),
                signal: None,
            }),
            ..core::ContainerState::default()
        })
    };
    let waiting = |reason: &str, message: Option<String>| core::ContainerState {
        waiting: Some(core::ContainerStateWaiting {
            reason: Some(reason.to_owned()),
            message,
        }),
        ..core::ContainerState::default()
    };
    let previous = container
        .previous
        .as_ref()
        .and_then(terminated)
        .unwrap_or_default();
    let syncing = worker.stage == Stage::Syncing;
    match (&container.run, &container.held_back) {
        (Some(run), _) if run.is_running() => {
            let running = core::ContainerState {
                running: Some(core::ContainerStateRunning {
                    started_at: run.started.map(|started| calendar.time(started)),
                }),
                ..core::ContainerState::default()
            };
            (running, previous)
        }
        (Some(run), Some((reason, message))) if run.exit.is_some() && syncing => {
            let last = terminated(run).unwrap_or_default();
            (waiting(reason, Some(message.clone())), last)
        }
        (Some(run), _) if run.exit.is_some() => (terminated(run).unwrap_or_default(), previous),
        (_, Some((reason, message))) if syncing => {
            (waiting(reason, Some(message.clone())), previous)
        }
        _ if worker.stage != Stage::Syncing && worker.stage != Stage::Terminating => {
            let lost = core::ContainerStateTerminated {
                exit_code: 137,
                reason: Some("ContainerStatusUnknown".to_owned()),
                message: Some(
                    "The container could not be located when the pod was terminated".to_owned(),
                ),
                ..core::ContainerStateTerminated::default()
            };
            let state = core::ContainerState {
                terminated: Some(lost),
                ..core::ContainerState::default()
            };
            (state, previous)
        }
        _ if worker.containers.iter().any(|container| container.init) => {
            (waiting("PodInitializing", None), previous)
        }
        _ => (waiting("ContainerCreating", None), previous),
    }
}

/// Whether a status says that the pod is ready.
pub(super) fn is_ready(status: &core::PodStatus) -> bool {
    let mut conditions = status.conditions.iter().flatten();
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

struct Condition {
    name: &'static str,
    status: bool,
    reason: Option<&'static str>,
    message: Option<String>,
}

fn conditions(
    worker: &PodWorker,
    phase: &str,
    old: &core::PodStatus,
    generation: Option<i64>,
    date: &Time,
) -> Vec<core::PodCondition> {
    let terminal = is_over(worker);
    let containers_ready = containers_ready(worker, phase);
    let ready = ready(worker, &containers_ready, old);
    let fresh = [
        Condition {
            name: "PodReadyToStartContainers",
            status: worker.sandbox && !terminal,
            reason: None,
            message: None,
        },
        initialized(worker, phase),
        ready,
        containers_ready,
    ];
    let before = old.conditions.as_deref().unwrap_or_default();
    let find = |name: &str| before.iter().find(|condition| condition.type_ == name);
    let mut list: Vec<core::PodCondition> = before
        .iter()
        .filter(|old| old.type_ != "PodScheduled" && !fresh.iter().any(|new| new.name == old.type_))
        .cloned()
        .collect();
    for condition in fresh {
        let status = if condition.status { "True" } else { "False" };
        let since = find(condition.name)
            .filter(|old| old.status == status)
            .and_then(|old| old.last_transition_time.clone());
        list.push(core::PodCondition {
            type_: condition.name.to_owned(),
            status: status.to_owned(),
            reason: condition.reason.map(str::to_owned),
            message: condition.message,
            last_transition_time: Some(since.unwrap_or_else(|| date.clone())),
            observed_generation: generation,
            ..core::PodCondition::default()
        });
    }
    let since = find("PodScheduled").and_then(|old| old.last_transition_time.clone());
    list.push(core::PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "True".to_owned(),
        last_transition_time: Some(since.unwrap_or_else(|| date.clone())),
        observed_generation: generation,
        ..core::PodCondition::default()
    });
    list
}

fn containers_ready(worker: &PodWorker, phase: &str) -> Condition {
    let condition = |status, reason, message| Condition {
        name: "ContainersReady",
        status,
        reason,
        message,
    };
    match phase {
        "Succeeded" => return condition(false, Some("PodCompleted"), None),
        "Failed" => return condition(false, Some("PodFailed"), None),
        _ => {}
    }
    let unready: Vec<&str> = (0..worker.containers.len())
        .filter(|index| {
            let container = &worker.containers[*index];
            let counts = !container.init || worker.is_sidecar(*index);
            let ready = container
                .run
                .as_ref()
                .is_some_and(|run| run.is_running() && run.ready);
            counts && !ready
        })
        .map(|index| worker.containers[index].name.as_str())
        .collect();
    if unready.is_empty() {
        return condition(true, None, None);
    }
    let message = format!("containers with unready status: [{}]", unready.join(" "));
    condition(false, Some("ContainersNotReady"), Some(message))
}

fn ready(worker: &PodWorker, containers: &Condition, old: &core::PodStatus) -> Condition {
    let condition = |status, reason, message| Condition {
        name: "Ready",
        status,
        reason,
        message,
    };
    if !containers.status {
        return condition(false, containers.reason, containers.message.clone());
    }
    let gates = worker.spec().and_then(|spec| spec.readiness_gates.as_ref());
    let mut missing = Vec::new();
    for gate in gates.into_iter().flatten() {
        let name = &gate.condition_type;
        let found = old.conditions.iter().flatten().find(|c| c.type_ == *name);
        match found {
            None => missing.push(format!(
                "corresponding condition of pod readiness gate \"{name}\" does not exist."
            )),
            Some(found) if found.status != "True" => missing.push(format!(
                "the status of pod readiness gate \"{name}\" is not \"True\", but {}",
                found.status
            )),
            Some(_) => {}
        }
    }
    if missing.is_empty() {
        return condition(true, None, None);
    }
    condition(
        false,
        Some("ReadinessGatesNotReady"),
        Some(missing.join(", ")),
    )
}

/// Whether somebody wrote another status into a condition that the pod's readiness waits for.
///
/// Upstream: `NeedToReconcilePodReadiness` in `pkg/kubelet/status/status_manager.go`.
pub(crate) fn gates_changed(old: &core::Pod, new: &core::Pod) -> bool {
    let told = |pod: &core::Pod, gate: &str| {
        let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_ref());
        let mut conditions = conditions.into_iter().flatten();
        let found = conditions.find(|condition| condition.type_ == gate);
        found.map(|condition| condition.status.clone())
    };
    let gates = new
        .spec
        .as_ref()
        .and_then(|spec| spec.readiness_gates.as_ref());
    let mut gates = gates.into_iter().flatten();
    gates.any(|gate| told(old, &gate.condition_type) != told(new, &gate.condition_type))
}

fn initialized(worker: &PodWorker, phase: &str) -> Condition {
    let condition = |status, reason, message| Condition {
        name: "Initialized",
        status,
        reason,
        message,
    };
    if phase == "Succeeded" {
        return condition(true, Some("PodCompleted"), None);
    }
    let begun = worker.containers.iter().any(|c| !c.init && c.run.is_some());
    let incomplete: Vec<&str> = (0..worker.containers.len())
        .filter(|index| {
            let container = &worker.containers[*index];
            let done = if worker.is_sidecar(*index) {
                container.run.as_ref().is_some_and(|run| run.started_up)
            } else {
                container.exit().is_some_and(|exit| exit.code == 0)
            };
            container.init && !done
        })
        .map(|index| worker.containers[index].name.as_str())
        .collect();
    if begun || incomplete.is_empty() {
        return condition(true, None, None);
    }
    let message = format!(
        "containers with incomplete status: [{}]",
        incomplete.join(" ")
    );
    condition(false, Some("ContainersNotInitialized"), Some(message))
}
