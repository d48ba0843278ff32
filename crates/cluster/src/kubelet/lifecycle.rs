//! Hooks of containers: after the start and before the end; and the order in which the containers of a pod end.
//!
//! Upstream: `pkg/kubelet/lifecycle/handlers.go`, `pkg/kubelet/kuberuntime/kuberuntime_termination_order.go`.

use super::Kubelet;
use super::container::{Stopping, Waits};
use super::environment::port_number;
use super::exec::new_exec;
use super::kuberuntime::next_tick;
use super::pod::{Exec, Hook, Job, PodWorker, Stage};
use super::prober::{ProbeType, Probes};
use super::process::{Host, SIGKILL, Wake};
use crate::client::Client;
use crate::network::http::{ConnectError, HttpRequest};
use crate::record::EventType;
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1 as core;
use std::net::IpAddr;

/// The least time a container gets to end, whatever the pod says.
pub(super) const MINIMUM_GRACE: Duration = Duration::secs(2);

/// What came of a hook so far.
enum Outcome {
    Done,
    /// With the message that a waiting container shows.
    Failed(String),
    /// It goes on: to this moment, or as long as its command runs.
    Going(Option<Instant>),
}

impl Kubelet {
    /// Runs the hook after the start, if there is one; then the container counts as started.
    pub(super) fn post_start(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        client: &mut Client<'_>,
    ) {
        let spec = worker.container_spec(index);
        let lifecycle = spec.and_then(|spec| spec.lifecycle.as_ref());
        let Some(handler) = lifecycle.and_then(|hooks| hooks.post_start.clone()) else {
            container_is_up(worker, index, client);
            return;
        };
        match self.run_hook(worker, index, Hook::PostStart, &handler, client) {
            Outcome::Done => container_is_up(worker, index, client),
            Outcome::Failed(message) => self.post_start_failed(worker, index, message, client),
            Outcome::Going(Some(until)) => worker.job = Some((until, Job::Started(index))),
            Outcome::Going(None) => worker.in_post_start = true,
        }
    }

    /// The time of a hook after the start is over.
    pub(super) fn post_start_over(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        client: &mut Client<'_>,
    ) {
        container_is_up(worker, index, client);
        self.start_next(worker, client);
    }

    fn post_start_failed(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        message: String,
        client: &mut Client<'_>,
    ) {
        let failed = "PostStartHook failed".to_owned();
        let warning = EventType::Warning;
        self.event(
            worker,
            Some(index),
            client,
            warning,
            "FailedPostStartHook",
            failed,
        );
        worker.containers[index].held_back = Some(("PostStartHookError", message));
        if worker.containers[index].is_running() {
            let killed = "FailedPostStartHook".to_owned();
            self.event(
                worker,
                Some(index),
                client,
                EventType::Normal,
                "Killing",
                killed,
            );
            let grace = spec_grace(worker);
            self.stop_container(worker, index, grace, client);
        }
    }

    /// Asks a container to end within `grace`: its hook first, then it waits for its turn, then comes the signal.
    pub(super) fn stop_container(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        grace: Duration,
        client: &mut Client<'_>,
    ) {
        let now = client.now();
        let spec = worker.container_spec(index);
        let lifecycle = spec.and_then(|spec| spec.lifecycle.as_ref());
        let handler = lifecycle.and_then(|hooks| hooks.pre_stop.clone());
        let Some(run) = worker.containers[index].run.as_mut() else {
            return;
        };
        if run.kill_at.is_some() || run.stopping.is_some() {
            return;
        }
        run.stopping = Some(Stopping {
            began: now,
            grace,
            until: now + grace,
            waits: Waits::Hook,
        });
        let Some(handler) = handler.filter(|_| grace > Duration::ZERO) else {
            self.take_turn(worker, index, client);
            return;
        };
        match self.run_hook(worker, index, Hook::PreStop, &handler, client) {
            Outcome::Done => self.take_turn(worker, index, client),
            Outcome::Failed(_) => {
                self.pre_stop_failed(worker, index, client);
                self.take_turn(worker, index, client);
            }
            Outcome::Going(until) => {
                let run = worker.containers[index].run.as_mut();
                if let (Some(until), Some(stopping)) =
                    (until, run.and_then(|run| run.stopping.as_mut()))
                {
                    stopping.until = stopping.until.min(until);
                }
            }
        }
    }

    fn pre_stop_failed(&self, worker: &PodWorker, index: usize, client: &mut Client<'_>) {
        let message = "PreStopHook failed".to_owned();
        let warning = EventType::Warning;
        self.event(
            worker,
            Some(index),
            client,
            warning,
            "FailedPreStopHook",
            message,
        );
    }

    /// What a container that is asked to end waited for has come, or its time is over.
    pub(super) fn stopping_due(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        client: &mut Client<'_>,
    ) {
        let run = worker.containers[index].run.as_ref();
        match run
            .and_then(|run| run.stopping)
            .map(|stopping| stopping.waits)
        {
            Some(Waits::Hook) => {
                worker
                    .execs
                    .retain(|exec| exec.container != index || exec.hook != Some(Hook::PreStop));
                self.take_turn(worker, index, client);
            }
            Some(Waits::Turn) => self.ask_to_end(worker, index, client),
            None => {}
        }
    }

    /// Sidecars of a pod that ends go after all others, the last one first.
    fn take_turn(&mut self, worker: &mut PodWorker, index: usize, client: &mut Client<'_>) {
        let now = client.now();
        let waits = worker.stage != Stage::Syncing && has_before(worker, index);
        let run = worker.containers[index].run.as_mut();
        let Some(stopping) = run.and_then(|run| run.stopping.as_mut()) else {
            return;
        };
        let end = stopping.began + stopping.grace;
        if waits && now < end {
            stopping.waits = Waits::Turn;
            stopping.until = end;
            return;
        }
        self.ask_to_end(worker, index, client);
    }

    /// Those that waited for a container that has ended go on.
    pub(super) fn next_turns(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        for index in (0..worker.containers.len()).rev() {
            let run = worker.containers[index].run.as_ref();
            let waits = run
                .and_then(|run| run.stopping)
                .map(|stopping| stopping.waits);
            if waits == Some(Waits::Turn) && !has_before(worker, index) {
                self.ask_to_end(worker, index, client);
            }
        }
    }

    fn ask_to_end(&mut self, worker: &mut PodWorker, index: usize, client: &mut Client<'_>) {
        let now = client.now();
        let run = worker.containers[index].run.as_mut();
        let Some(run) = run.filter(|run| run.is_running()) else {
            return;
        };
        let Some(stopping) = run.stopping.take() else {
            return;
        };
        let spent = Duration::secs(now.since(stopping.began).as_secs());
        run.kill_at = Some(now + (stopping.grace - spent).max(MINIMUM_GRACE));
        let signal = run.stop_signal();
        if signal == SIGKILL {
            self.kill_container(worker, index, client);
        } else {
            self.resume_main(worker, index, Wake::Signal(signal), client);
        }
    }

    /// The command of a hook has ended. Returns whether there was one.
    pub(super) fn finish_hook(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) -> bool {
        let ended = |exec: &Exec| exec.hook.is_some() && exec.exit.is_some();
        let Some(at) = worker.execs.iter().position(ended) else {
            return false;
        };
        let exec = worker.execs.remove(at);
        let (index, code) = (exec.container, exec.exit.unwrap_or(0));
        match exec.hook {
            Some(Hook::PostStart) => {
                worker.in_post_start = false;
                if code == 0 {
                    container_is_up(worker, index, client);
                } else {
                    let message = exec_failed(worker, &exec);
                    self.post_start_failed(worker, index, message, client);
                }
                if worker.stage == Stage::Syncing {
                    self.start_next(worker, client);
                }
            }
            Some(Hook::PreStop) if worker.containers[index].is_running() => {
                if code != 0 {
                    self.pre_stop_failed(worker, index, client);
                }
                self.take_turn(worker, index, client);
            }
            _ => {}
        }
        true
    }

    fn run_hook(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        hook: Hook,
        handler: &core::LifecycleHandler,
        client: &mut Client<'_>,
    ) -> Outcome {
        if let Some(exec) = &handler.exec {
            let argv = exec.command.clone().unwrap_or_default();
            return self.exec_hook(worker, index, hook, argv, client);
        }
        if let Some(sleep) = &handler.sleep {
            let secs = u64::try_from(sleep.seconds).unwrap_or(0);
            return Outcome::Going(Some(client.now() + Duration::secs(secs)));
        }
        if let Some(get) = &handler.http_get {
            return self.http_hook(worker, index, get, client);
        }
        // A connection alone has not been a hook for long: the kubelet does not know what to do with it.
        Outcome::Failed("Cannot run handler: invalid handler".to_owned())
    }

    fn exec_hook(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        hook: Hook,
        argv: Vec<String>,
        client: &mut Client<'_>,
    ) -> Outcome {
        let run = worker.containers[index].run.as_ref();
        let Some(image) = run.map(|run| run.image.clone()) else {
            return Outcome::Done;
        };
        self.last_exec += 1;
        let id = super::ExecId(self.last_exec);
        let mut exec = Exec {
            argv: argv.clone(),
            hook: Some(hook),
            ..new_exec(id, index, client.now())
        };
        match self.runtime.start(&image, &argv, false) {
            Ok(process) => exec.running.process = Some(process),
            Err(error) => {
                let cause = super::probe::start_exec_failed(&error.message, client);
                return Outcome::Failed(exec_message(worker, &exec, &cause, ""));
            }
        }
        worker.execs.push(exec);
        for wake in [Wake::Started, Wake::InputClosed] {
            let open = |exec: &Exec| exec.id == id && exec.exit.is_none();
            if let Some(at) = worker.execs.iter().position(open) {
                self.resume_exec(worker, at, wake, client);
            }
        }
        Outcome::Going(None)
    }

    fn http_hook(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        get: &core::HTTPGetAction,
        client: &mut Client<'_>,
    ) -> Outcome {
        let spec = worker.container_spec(index);
        let port = spec.and_then(|spec| port_number(spec, &get.port));
        let own = worker.ip.map(IpAddr::V4);
        let host = get.host.as_ref().and_then(|host| host.parse().ok());
        let path = get.path.clone().unwrap_or_else(|| "/".to_owned());
        let failed = |worker: &PodWorker, why: String| {
            let name = &worker.containers[index].name;
            let pod = worker.full_name();
            Outcome::Failed(format!(
                "HTTP lifecycle hook ({path}) for Container \"{name}\" in Pod \"{pod}\" failed - error: {why}"
            ))
        };
        let (Some(port), Some(host)) = (port, host.or(own)) else {
            return failed(worker, "invalid port number: -1".to_owned());
        };
        let request = HttpRequest {
            method: "GET".to_owned(),
            host: host.to_string(),
            port,
            headers: vec![("User-Agent".to_owned(), "kube-lifecycle/1.36".to_owned())],
            path: path.clone(),
            ..HttpRequest::default()
        };
        let answer = self.as_node(worker, index, client, |node| node.request(host, &request));
        let url = format!("http://{host}:{port}{path}");
        match answer {
            Some(Ok(_)) => Outcome::Done,
            Some(Err(ConnectError::EmptyReply(_))) => failed(worker, format!("Get \"{url}\": EOF")),
            _ => failed(
                worker,
                format!("Get \"{url}\": dial tcp {host}:{port}: connect: connection refused"),
            ),
        }
    }
}

/// From now on a container is probed; without probes it is ready.
fn container_is_up(worker: &mut PodWorker, index: usize, client: &Client<'_>) {
    let now = client.now();
    let relist = next_tick(worker, now, client.latency().relist);
    let probes = worker
        .container_spec(index)
        .map(|spec| Probes::new(spec, worker.added, now, relist))
        .unwrap_or_default();
    if let Some(run) = worker.containers[index].run.as_mut() {
        run.started_up = !probes.has(ProbeType::Startup);
        run.ready = run.started_up && !probes.has(ProbeType::Readiness);
        run.probes = probes;
    }
}

/// Whether a sidecar has to wait for others to end: all that are no sidecars, and the later sidecars.
fn has_before(worker: &PodWorker, index: usize) -> bool {
    let running = |other: usize| worker.containers[other].is_running();
    let counts = |other: &usize| {
        !worker.containers[*other].init || (*other > index && worker.is_sidecar(*other))
    };
    worker.is_sidecar(index) && (0..worker.containers.len()).filter(counts).any(running)
}

/// How long the containers of a pod that stays get to end.
pub(super) fn spec_grace(worker: &PodWorker) -> Duration {
    let secs = worker
        .spec()
        .and_then(|spec| spec.termination_grace_period_seconds);
    Duration::secs(u64::try_from(secs.unwrap_or(30)).unwrap_or(0))
}

fn exec_failed(worker: &PodWorker, exec: &Exec) -> String {
    let (code, stderr) = (exec.exit.unwrap_or(0), &exec.stderr);
    let cause = format!(
        "command '{}' exited with {code}: {stderr}",
        exec.argv.join(" ")
    );
    let said = format!("{}{stderr}", exec.stdout);
    exec_message(worker, exec, &cause, &said)
}

fn exec_message(worker: &PodWorker, exec: &Exec, cause: &str, said: &str) -> String {
    let name = &worker.containers[exec.container].name;
    let command = exec.argv.join(" ");
    let pod = worker.full_name();
    format!(
        "Exec lifecycle hook ([{command}]) for Container \"{name}\" in Pod \"{pod}\" failed - error: {cause}, message: {said:?}"
    )
}
