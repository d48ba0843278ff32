//! Sandboxes and containers: what a sync does to get from what is to what the spec wants.
//!
//! Upstream: `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, `kuberuntime_container.go`.

use super::container::{Exit, Run, Running};
use super::environment;
use super::image::format_duration;
use super::pod::{Job, PodWorker};
use super::prober::Probes;
use super::process::{Step, Wake};
use super::{Kubelet, volumes};
use crate::client::Client;
use crate::network::addresses::pod_cidr;
use crate::object::Key;
use crate::record::EventType;
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1 as core;
use std::sync::Arc;

/// What runc says before the reason when a program cannot be started.
const START_FAILED: &str = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ";

/// How often a kubelet looks whether a volume has been attached.
const ATTACHMENT_LOOK: Duration = Duration::millis(300);

/// The first wait before volumes that failed are tried again; doubled up to the last.
const VOLUME_RETRY: (Duration, Duration) = (Duration::millis(500), Duration::secs(122));

/// What is to be done with the containers of a pod.
enum Action {
    /// Start this one.
    Start(usize),
    /// Nothing now: something runs or has to be waited for.
    Wait,
    /// All have ended for good.
    Completed,
}

impl Kubelet {
    /// Goes on with a sync: plans its next step that takes time, or ends it.
    pub(super) fn start_next(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        if !worker.sandbox {
            if self.volumes_ready(worker, client) {
                let length = client.latency().sandbox;
                self.plan(worker, Job::Sandbox, length, client);
            }
            return;
        }
        loop {
            match next_action(worker) {
                Action::Start(index) => {
                    worker.attempted.push(index);
                    if self.may_start(worker, index, client)
                        && self.ensure_image_exists(worker, index, client)
                    {
                        return;
                    }
                }
                // An end is looked at by the next sync, after it was told.
                Action::Completed if worker.changed => break,
                Action::Wait => break,
                Action::Completed => {
                    self.complete(worker, client);
                    return;
                }
            }
        }
        self.end_sync(worker, client);
    }

    /// A change in the runtime is looked at soon; what was held back without any is tried again some time later.
    fn end_sync(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        let now = client.now();
        if worker.changed {
            let soon = client.jitter(client.latency().status);
            worker.sync_by(now + soon);
            return;
        }
        let crashing = worker.containers.iter().filter_map(|container| {
            let ("CrashLoopBackOff", _) = container.held_back.as_ref()? else {
                return None;
            };
            Some(container.back_off.until(container.exit()?.at))
        });
        if let Some(at) = crashing.min() {
            // Upstream: `completeWork` of pod_workers.go stretches every wait by up to a half.
            let wait = client.random().jitter(at.max(now).since(now), 50);
            let tick = next_tick(worker, now + wait, client.latency().relist);
            worker.sync_by(tick);
        } else if worker
            .containers
            .iter()
            .any(|c| c.held_back.is_some() && !c.is_running())
        {
            let later = client.random().jitter(Duration::secs(10), 50);
            worker.sync_by(now + later);
        }
    }

    fn volumes_ready(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) -> bool {
        let Some(failure) = volumes::failure(worker, client.store(), &self.disks) else {
            if volumes::waits_for_attachment(worker, client.store()) {
                worker.sync_by(client.now() + ATTACHMENT_LOOK);
                return false;
            }
            return true;
        };
        let first = worker.volume_retry == Duration::ZERO;
        let (shortest, longest) = VOLUME_RETRY;
        let unbound = failure.starts_with("Unable to attach");
        // A claim that is not bound is only reported when the wait for all volumes has run out.
        worker.volume_retry = match (first, unbound) {
            (_, true) => longest,
            (true, false) => shortest,
            (false, false) => worker.volume_retry.times(2).min(longest),
        };
        if !(first && unbound) {
            self.event(
                worker,
                None,
                client,
                EventType::Warning,
                "FailedMount",
                failure,
            );
        }
        let retry = worker.volume_retry;
        worker.sync_by(client.now() + retry);
        false
    }

    /// Whether a container may be started now; one that has ended too recently waits.
    fn may_start(&mut self, worker: &mut PodWorker, index: usize, client: &mut Client<'_>) -> bool {
        let now = client.now();
        let full_name = worker.full_name();
        let container = &mut worker.containers[index];
        // The sync that stops a container has not seen it end: it counts from the end of the run before.
        let before = container
            .previous
            .as_ref()
            .and_then(|run| run.exit.as_ref());
        let before = before.map(|exit| exit.at);
        let exit = container.run.as_mut().and_then(|run| run.exit.as_mut());
        let seen = exit.and_then(|exit| match std::mem::take(&mut exit.by_kubelet) {
            true => before,
            false => Some(exit.at),
        });
        let Some(ended) = seen else {
            return true;
        };
        if now >= container.back_off.until(ended) {
            container.back_off.next(ended, now);
            return true;
        }
        let name = container.name.clone();
        let wait = format_duration(container.back_off.wait());
        let held = format!("back-off {wait} restarting failed container={name} pod={full_name}");
        container.held_back = Some(("CrashLoopBackOff", held));
        let message = format!("Back-off restarting failed container {name} in pod {full_name}");
        self.event(
            worker,
            Some(index),
            client,
            EventType::Warning,
            "BackOff",
            message,
        );
        false
    }

    /// A step that took time is done.
    pub(super) fn finish_job(&mut self, worker: &mut PodWorker, job: Job, client: &mut Client<'_>) {
        match job {
            Job::Sandbox => self.finish_sandbox(worker, client),
            Job::Stop => self.stop_containers(worker, client),
            Job::Pull(index, since) => self.finish_pull(worker, index, since, client),
            Job::Create(index) => {
                let message = "Container created".to_owned();
                self.event(
                    worker,
                    Some(index),
                    client,
                    EventType::Normal,
                    "Created",
                    message,
                );
                let length = client.latency().container_start;
                self.plan(worker, Job::Start(index), length, client);
            }
            Job::Start(index) => {
                self.start_container(worker, index, client);
                if !worker.is_busy() {
                    self.start_next(worker, client);
                }
            }
            Job::Started(index) => self.post_start_over(worker, index, client),
        }
    }

    fn finish_sandbox(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        worker.sandbox = true;
        worker.changed = true;
        let host_network = worker
            .spec()
            .and_then(|spec| spec.host_network)
            .unwrap_or(false);
        worker.ip = if host_network {
            worker.host_ip.parse().ok()
        } else {
            let node = client.get::<core::Node>(&Key::new("", &worker.node));
            let cidr = node.and_then(pod_cidr);
            cidr.and_then(|cidr| self.allocate_ip(&worker.node, &cidr))
        };
        match worker.ip {
            Some(_) if host_network => {}
            Some(ip) => self.by_ip.insert_mut(ip, worker.key.clone()),
            None => {
                worker.sandbox = false;
                let message = "Failed to create pod sandbox: plugin type=\"host-local\" failed (add): no IP addresses available in range set".to_owned();
                self.event(
                    worker,
                    None,
                    client,
                    EventType::Warning,
                    "FailedCreatePodSandBox",
                    message,
                );
                worker.sync_by(client.now() + Duration::secs(10));
                return;
            }
        }
        self.write_sandbox_ready(worker, client);
        self.start_next(worker, client);
    }

    /// Begins to create a container whose image is there.
    pub(super) fn create_container(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        client: &mut Client<'_>,
    ) -> bool {
        let Some(image) = self.found_image(worker, index) else {
            return false;
        };
        if !image.known && worker.containers[index].run.is_none() {
            let name = &image.full_name;
            let message = format!(
                "not simulated here: what image \"{name}\" holds; it runs as a plain shell container"
            );
            let kind = EventType::Warning;
            self.event(worker, Some(index), client, kind, "NotSimulated", message);
        }
        let container = &mut worker.containers[index];
        if container.run.is_some() {
            container.restart_count += 1;
        }
        let context = match environment::context(worker, index, &image, client.store(), &self.disks)
        {
            Ok(context) => context,
            Err(message) => {
                let container = &mut worker.containers[index];
                container.restart_count -= i32::from(container.run.is_some());
                return self.hold_back(
                    worker,
                    index,
                    "CreateContainerConfigError",
                    message,
                    client,
                );
            }
        };
        self.own_volumes(worker, &context);
        let reference = worker
            .container_spec(index)
            .and_then(|spec| spec.image.clone());
        worker.containers[index].pending = Some(Run {
            reference: reference.unwrap_or_default(),
            stopping: None,
            id: client.random().hex(32),
            context: Arc::new(context),
            image,
            started: None,
            main: Running {
                process: None,
                step: Step::Wait,
            },
            exit: None,
            log: Default::default(),
            kill_at: None,
            started_up: false,
            ready: false,
            probes: Probes::default(),
        });
        let length = client.latency().container_create;
        self.plan(worker, Job::Create(index), length, client);
        true
    }

    /// Starts a created container.
    fn start_container(&mut self, worker: &mut PodWorker, index: usize, client: &mut Client<'_>) {
        let now = client.now();
        let container = &mut worker.containers[index];
        let Some(mut run) = container.pending.take() else {
            return;
        };
        worker.changed = true;
        let before = container.run.take();
        let older = before.and_then(|before| container.previous.replace(before));
        for (disk, fill) in older.iter().flat_map(|older| &older.context.fills) {
            if matches!(fill, super::container::Fill::Image) {
                self.disks.remove(disk);
            }
        }
        match self
            .runtime
            .start(&run.image, &run.context.argv, run.context.tty)
        {
            Ok(process) => {
                run.started = Some(now);
                run.main.process = Some(process);
                container.run = Some(run);
                container.held_back = None;
                let message = "Container started".to_owned();
                self.event(
                    worker,
                    Some(index),
                    client,
                    EventType::Normal,
                    "Started",
                    message,
                );
                self.resume_main(worker, index, Wake::Started, client);
                self.post_start(worker, index, client);
            }
            Err(error) => {
                let message = format!("{START_FAILED}{}", error.message);
                run.exit = Some(Exit {
                    code: 128,
                    reason: "StartError",
                    message: Some(message.clone()),
                    at: now,
                    by_kubelet: false,
                });
                container.run = Some(run);
                self.hold_back(worker, index, "RunContainerError", message, client);
            }
        }
    }
}

/// The first moment after `from` at which the kubelet looks around, which it does every `period`. Nodes do not look at the same moment.
pub(super) fn next_tick(worker: &PodWorker, from: Instant, period: Duration) -> Instant {
    let period = period.0.max(1);
    let offset = worker.host_ip.bytes().map(u64::from).sum::<u64>() * 37_000 % period;
    let next = ((from.0 + period - offset) / period + 1) * period - (period - offset);
    Instant(next.max(from.0 + 1))
}

/// Upstream: `computePodActions`.
fn next_action(worker: &PodWorker) -> Action {
    let untried = |index: &usize| !worker.attempted.contains(index);
    let regular = || (0..worker.containers.len()).filter(|i| !worker.containers[*i].init);
    let ended = |index: usize| {
        let exit = worker.containers[index].exit();
        exit.is_some_and(|exit| !worker.restarts_after(index, exit.code))
    };
    if regular().all(ended) {
        return Action::Completed;
    }
    if let Some(action) = next_init_action(worker) {
        return action;
    }
    let wanted = |index: &usize| {
        let container = &worker.containers[*index];
        match container.exit() {
            Some(exit) => worker.restarts_after(*index, exit.code),
            None => !container.is_running(),
        }
    };
    match regular().filter(untried).find(wanted) {
        Some(index) => Action::Start(index),
        None => Action::Wait,
    }
}

/// What is to be done with the init containers; none when they are done. Once a container of the pod runs, only
/// sidecars matter, and nobody waits for them.
///
/// Upstream: `computeInitContainerActions`.
fn next_init_action(worker: &PodWorker) -> Option<Action> {
    let initialized = worker.containers.iter().any(|c| !c.init && c.is_running());
    for index in 0..worker.containers.len() {
        let container = &worker.containers[index];
        let sidecar = worker.is_sidecar(index);
        if !container.init {
            break;
        }
        if initialized && !sidecar {
            continue;
        }
        match container.exit() {
            Some(exit) if exit.code == 0 && !sidecar => continue,
            Some(exit) if !worker.restarts_after(index, exit.code) => {
                return Some(Action::Completed);
            }
            None if container.is_running() => {
                let started_up = container.run.as_ref().is_some_and(|run| run.started_up);
                if sidecar && (started_up || initialized) {
                    continue;
                }
                return Some(Action::Wait);
            }
            _ if !worker.attempted.contains(&index) => return Some(Action::Start(index)),
            _ if initialized => continue,
            _ => return Some(Action::Wait),
        }
    }
    None
}
