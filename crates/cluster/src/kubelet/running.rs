//! Programs as they run: resumed when their time comes, by signals and by input; probed; ended.

use super::Kubelet;
use super::container::{Exit, Running};
use super::environment::port_number;
use super::host::{KubeletHost, Output, exec_pid, write_log};
use super::pod::{PodWorker, Stage};
use super::prober::{ProbeType, ProbeWorker, Verdict};
use super::process::{Host, Process, SIGKILL, Step, Wake, World};
use super::short_lived::{AboutToEnd, SHORTEST_LIFE};
use crate::client::Client;
use crate::network::http::{ConnectError, HttpRequest};
use crate::record::EventType;
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1 as core;
use std::net::IpAddr;

/// How often a probing command may sleep before it is given up.
const PROBE_STEPS_LIMIT: u32 = 100;

/// Which process is resumed, when and why.
struct Moment {
    pid: u32,
    wake: Wake,
    now: Instant,
}

/// What a process did when it was resumed.
struct Resumed {
    step: Step,
    output: Output,
    /// Whom it signalled.
    signals: Vec<(u32, i32)>,
}

impl Kubelet {
    /// Resumes one program, kills one container or probes one whose time has come.
    pub(super) fn resume_due(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) -> bool {
        let now = client.now();
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        for index in 0..worker.containers.len() {
            let terminating = worker.stage != Stage::Syncing;
            let Some(run) = worker.containers[index]
                .run
                .as_mut()
                .filter(|run| run.is_running())
            else {
                continue;
            };
            if due(run.kill_at) {
                self.kill_container(worker, index, client);
                return true;
            }
            if due(run.main.due()) {
                self.resume_main(worker, index, Wake::Due, client);
                return true;
            }
            if due(run.probes.next_due()) {
                let started_up = run.started_up;
                if let Some((probe, spec)) = run.probes.take_due(now, started_up, terminating) {
                    self.probe(worker, index, probe, &spec, client);
                }
                return true;
            }
        }
        for index in 0..worker.execs.len() {
            if due(worker.execs[index].running.due()) {
                self.resume_exec(worker, index, Wake::Due, client);
                return true;
            }
        }
        false
    }

    /// Runs a piece of a process of a container.
    fn resume(
        &mut self,
        worker: &mut PodWorker,
        container: usize,
        process: &mut Box<dyn Process>,
        moment: Moment,
        client: &mut Client<'_>,
    ) -> Option<Resumed> {
        let context = worker.containers[container].run.as_ref()?.context.clone();
        let mut host = KubeletHost {
            kubelet: self,
            client,
            worker,
            container,
            context,
            now: moment.now,
            depth: 0,
            signals: Vec::new(),
        };
        let resume = |world: &mut World<'_>| process.resume(moment.wake, world);
        let (step, output) = host.run(moment.pid, resume);
        Some(Resumed {
            step,
            output,
            signals: host.signals,
        })
    }

    /// Resumes the main program of a container.
    pub(super) fn resume_main(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        wake: Wake,
        client: &mut Client<'_>,
    ) {
        let now = client.now();
        let Some(mut process) = worker.containers[index]
            .run
            .as_mut()
            .and_then(|run| run.main.process.take())
        else {
            return;
        };
        let moment = Moment { pid: 1, wake, now };
        let Some(Resumed {
            step,
            output,
            signals,
        }) = self.resume(worker, index, &mut process, moment, client)
        else {
            return;
        };
        write_log(worker, index, now, &output);
        let mut step = step;
        if let Some(run) = worker.containers[index].run.as_mut() {
            if let Step::Exit(code) = step
                && run.started == Some(now)
            {
                process = Box::new(AboutToEnd(code));
                step = Step::SleepUntil(now + SHORTEST_LIFE);
            }
            run.main.step = step;
            run.main.process = Some(process);
        }
        if let Step::Exit(code) = step {
            self.container_ended(worker, index, code, client);
        }
        self.deliver(worker, index, signals, client);
    }

    /// Resumes a command in a container.
    pub(super) fn resume_exec(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        wake: Wake,
        client: &mut Client<'_>,
    ) {
        let exec = &mut worker.execs[index];
        let (id, container) = (exec.id, exec.container);
        if exec.attached {
            self.resume_main(worker, container, wake, client);
            return;
        }
        let Some(mut process) = exec.running.process.take() else {
            return;
        };
        let now = client.now();
        let pid = exec_pid(id.0);
        let moment = Moment { pid, wake, now };
        let Some(Resumed {
            step,
            output,
            signals,
        }) = self.resume(worker, container, &mut process, moment, client)
        else {
            return;
        };
        if let Some(exec) = worker.execs.iter_mut().find(|exec| exec.id == id) {
            exec.stdout.push_str(&output.stdout);
            let errors = if exec.tty {
                &mut exec.stdout
            } else {
                &mut exec.stderr
            };
            errors.push_str(&output.stderr);
            exec.running.step = step;
            match step {
                Step::Exit(code) => exec.exit = Some(code),
                _ => exec.running.process = Some(process),
            }
        }
        self.deliver(worker, container, signals, client);
    }

    /// Brings signals that one process of a container sent to others.
    fn deliver(
        &mut self,
        worker: &mut PodWorker,
        container: usize,
        signals: Vec<(u32, i32)>,
        client: &mut Client<'_>,
    ) {
        for (pid, signal) in signals {
            if pid == 1 {
                // The kernel spares the first process of a container from KILL sent from inside.
                if signal != SIGKILL {
                    self.resume_main(worker, container, Wake::Signal(signal), client);
                }
                continue;
            }
            let found = worker
                .execs
                .iter()
                .position(|exec| exec.container == container && exec_pid(exec.id.0) == pid);
            match found {
                Some(index) if signal == SIGKILL => {
                    worker.execs[index].running.process = None;
                    worker.execs[index].exit = Some(128 + SIGKILL);
                }
                Some(index) => self.resume_exec(worker, index, Wake::Signal(signal), client),
                None => {}
            }
        }
    }

    /// Ends a container that did not end when it was asked to.
    pub(super) fn kill_container(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        client: &mut Client<'_>,
    ) {
        self.container_ended(worker, index, 128 + SIGKILL, client);
    }

    fn container_ended(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        code: i32,
        client: &mut Client<'_>,
    ) {
        let now = client.now();
        let Some(run) = worker.containers[index].run.as_mut() else {
            return;
        };
        let stopped = run.kill_at.take().is_some();
        run.exit = Some(Exit {
            code,
            reason: if code == 0 { "Completed" } else { "Error" },
            message: None,
            at: now,
        });
        run.main = Running {
            process: None,
            step: Step::Exit(code),
        };
        run.probes.stop();
        for exec in worker
            .execs
            .iter_mut()
            .filter(|exec| exec.container == index)
        {
            if exec.exit.is_none() {
                exec.exit = Some(if exec.attached { code } else { 128 + SIGKILL });
                exec.running.process = None;
            }
        }
        if stopped && worker.stage == Stage::Syncing {
            // The kubelet stopped it itself and goes on in the same sync.
            worker.quiet = true;
            worker.sync_by(now + client.latency().status);
        } else {
            self.notice_exit(worker, client);
        }
    }

    fn probe(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        probe: usize,
        spec: &ProbeWorker,
        client: &mut Client<'_>,
    ) {
        let result = self.run_probe(worker, index, &spec.spec, client);
        let success = result.is_ok();
        if let Err(output) = result {
            let message = format!("{} probe failed: {output}", spec.kind.as_str());
            self.event(
                worker,
                Some(index),
                client,
                EventType::Warning,
                "Unhealthy",
                message,
            );
        }
        let now = client.now();
        let Some(run) = worker.containers[index]
            .run
            .as_mut()
            .filter(|run| run.is_running())
        else {
            return;
        };
        match (run.probes.count(probe, success), spec.kind) {
            (Verdict::Unchanged, _) | (Verdict::Success, ProbeType::Liveness) => {}
            (verdict, ProbeType::Readiness) => {
                let ready = verdict == Verdict::Success;
                if run.ready != ready {
                    run.ready = ready;
                    worker.status_at = Some(now + client.latency().status);
                }
            }
            (Verdict::Success, ProbeType::Startup) => {
                if !run.started_up {
                    run.started_up = true;
                    run.ready |= !run.probes.has(ProbeType::Readiness);
                    worker.sync_by(now + client.latency().status);
                }
            }
            (Verdict::Failure, kind) => self.restart_unhealthy(worker, index, kind, spec, client),
        }
    }

    fn restart_unhealthy(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        kind: ProbeType,
        spec: &ProbeWorker,
        client: &mut Client<'_>,
    ) {
        let name = &worker.containers[index].name;
        let what = kind.as_str().to_lowercase();
        let message = if worker.containers[index].init {
            format!("Init container {name} failed {what} probe")
        } else {
            format!("Container {name} failed {what} probe, will be restarted")
        };
        self.event(
            worker,
            Some(index),
            client,
            EventType::Normal,
            "Killing",
            message,
        );
        if let Some(run) = worker.containers[index].run.as_mut() {
            run.probes.stop();
        }
        let of_pod = worker
            .spec()
            .and_then(|spec| spec.termination_grace_period_seconds);
        let grace = spec
            .spec
            .termination_grace_period_seconds
            .or(of_pod)
            .unwrap_or(30);
        let grace = Duration::secs(u64::try_from(grace).unwrap_or(0)).max(Duration::secs(2));
        self.stop_container(worker, index, grace, client);
    }

    /// One try of a probe; the output that says why it failed.
    fn run_probe(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        probe: &core::Probe,
        client: &mut Client<'_>,
    ) -> Result<(), String> {
        let timeout = u64::try_from(probe.timeout_seconds.unwrap_or(1)).unwrap_or(1);
        if let Some(exec) = &probe.exec {
            let argv = exec.command.clone().unwrap_or_default();
            return self.probe_exec(worker, index, &argv, Duration::secs(timeout), client);
        }
        let number = |port| {
            worker
                .container_spec(index)
                .and_then(|spec| port_number(spec, port))
        };
        let ip = worker.ip.map(IpAddr::V4).ok_or("no address")?;
        if let Some(get) = &probe.http_get {
            let port = number(&get.port).ok_or("couldn't parse port")?;
            let host = get
                .host
                .as_ref()
                .and_then(|host| host.parse().ok())
                .unwrap_or(ip);
            let path = get.path.clone().unwrap_or_else(|| "/".to_owned());
            let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_lowercase();
            let request = HttpRequest {
                method: "GET".to_owned(),
                host: host.to_string(),
                port,
                headers: vec![("User-Agent".to_owned(), "kube-probe/1.36".to_owned())],
                path: path.clone(),
                ..HttpRequest::default()
            };
            let dial = format!(
                "Get \"{scheme}://{host}:{port}{path}\": dial tcp {host}:{port}: connect: connection refused"
            );
            let answer = self.as_node(worker, index, client, |h| h.request(host, &request));
            return match answer {
                Some(Ok(response)) if (200..400).contains(&response.status) => Ok(()),
                Some(Ok(response)) => Err(format!(
                    "HTTP probe failed with statuscode: {}",
                    response.status
                )),
                Some(Err(ConnectError::EmptyReply(_))) => {
                    Err(format!("Get \"{scheme}://{host}:{port}{path}\": EOF"))
                }
                _ => Err(dial),
            };
        }
        if let Some(socket) = &probe.tcp_socket {
            let port = number(&socket.port).ok_or("couldn't parse port")?;
            let host = socket
                .host
                .as_ref()
                .and_then(|host| host.parse().ok())
                .unwrap_or(ip);
            let answer = self.as_node(worker, index, client, |h| h.connect(host, port));
            return match answer {
                Some(Ok(_)) => Ok(()),
                _ => Err(format!(
                    "dial tcp {host}:{port}: connect: connection refused"
                )),
            };
        }
        Err("not simulated here: this type of probe".to_owned())
    }

    fn as_node<R>(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        client: &mut Client<'_>,
        act: impl FnOnce(&mut KubeletHost<'_, '_>) -> R,
    ) -> Option<R> {
        let context = worker.containers[index].run.as_ref()?.context.clone();
        let now = client.now();
        let mut host = KubeletHost {
            kubelet: self,
            client,
            worker,
            container: index,
            context,
            now,
            depth: 0,
            signals: Vec::new(),
        };
        Some(act(&mut host))
    }

    fn probe_exec(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        argv: &[String],
        timeout: Duration,
        client: &mut Client<'_>,
    ) -> Result<(), String> {
        let Some(image) = worker.containers[index]
            .run
            .as_ref()
            .map(|run| run.image.clone())
        else {
            return Err("container not running".to_owned());
        };
        let started = self.runtime.start(&image, argv, false);
        let mut process = started.map_err(|error| error.message)?;
        let began = client.now();
        let (mut now, mut wake, mut written) = (began, Wake::Started, String::new());
        for _ in 0..PROBE_STEPS_LIMIT {
            let moment = Moment {
                pid: exec_pid(0),
                wake,
                now,
            };
            let Some(Resumed { step, output, .. }) =
                self.resume(worker, index, &mut process, moment, client)
            else {
                break;
            };
            written.push_str(&output.stdout);
            written.push_str(&output.stderr);
            match step {
                Step::Exit(0) => return Ok(()),
                Step::Exit(_) => return Err(written),
                Step::SleepUntil(at) if at <= began + timeout => now = at.max(now),
                Step::SleepUntil(_) | Step::Wait => break,
            }
            wake = Wake::Due;
        }
        Err(format!(
            "command timed out: \"{}\" timed out after {}s",
            argv.join(" "),
            timeout.as_secs()
        ))
    }
}
