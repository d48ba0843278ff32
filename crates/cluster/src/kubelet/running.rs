//! Programs as they run: resumed when their time comes, by signals and by input; probed; ended.

use super::Kubelet;
use super::container::{Exit, Running};
use super::host::{KubeletHost, Output, exec_pid, write_log};
use super::lifecycle::spec_grace;
use super::pod::{PodWorker, Stage};
use super::probe::Probed;
use super::prober::{ProbeType, ProbeWorker, Verdict};
use super::process::{Process, SIGKILL, Step, Wake, World};
use super::short_lived::{AboutToEnd, SHORTEST_LIFE};
use crate::client::Client;
use crate::record::EventType;
use crate::time::{Duration, Instant};

/// How many bytes a container's last words have at most.
const MESSAGE_LIMIT: usize = 4096;

/// How much of the log stands in for last words.
const LOG_TAIL_LINES: usize = 80;
const LOG_TAIL_BYTES: usize = 2048;

/// Which process is resumed, when and why.
pub(super) struct Moment {
    pub pid: u32,
    pub wake: Wake,
    pub now: Instant,
}

/// What a process did when it was resumed.
pub(super) struct Resumed {
    pub step: Step,
    pub output: Output,
    /// Whom it signalled.
    pub signals: Vec<(u32, i32)>,
    /// It took more memory than its container may have.
    pub out_of_memory: bool,
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
            if due(run.stopping.map(|stopping| stopping.until)) {
                self.stopping_due(worker, index, client);
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
    pub(super) fn resume(
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
            probing: false,
            signals: Vec::new(),
            out_of_memory: false,
        };
        let resume = |world: &mut World<'_>| process.resume(moment.wake, world);
        let (step, output) = host.run(moment.pid, resume);
        let (signals, out_of_memory) = (host.signals, host.out_of_memory);
        self.plan_storage_look(worker, client);
        Some(Resumed {
            step,
            output,
            signals,
            out_of_memory,
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
            out_of_memory,
        }) = self.resume(worker, index, &mut process, moment, client)
        else {
            return;
        };
        write_log(worker, index, now, &output);
        let mut step = step;
        if out_of_memory {
            self.end_container(worker, index, 128 + SIGKILL, "OOMKilled", client);
            return;
        }
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
            out_of_memory,
        }) = self.resume(worker, container, &mut process, moment, client)
        else {
            return;
        };
        if out_of_memory {
            self.end_container(worker, container, 128 + SIGKILL, "OOMKilled", client);
            return;
        }
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
        let reason = if code == 0 { "Completed" } else { "Error" };
        self.end_container(worker, index, code, reason, client);
    }

    fn end_container(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        code: i32,
        reason: &'static str,
        client: &mut Client<'_>,
    ) {
        let now = client.now();
        let message = self.termination_message(worker, index, code);
        let container = &mut worker.containers[index];
        // What failed after its start is looked at like what ended by itself.
        let held = container.held_back.as_ref().map(|(reason, _)| *reason);
        let Some(run) = container.run.as_mut() else {
            return;
        };
        let waited = run.stopping.take().is_some();
        let stopped = run.kill_at.take().is_some() || waited;
        let stopped = stopped && held != Some("PostStartHookError");
        run.exit = Some(Exit {
            code,
            reason,
            message,
            at: now,
            by_kubelet: stopped && worker.stage == Stage::Syncing,
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
        if worker.stage != Stage::Syncing {
            self.next_turns(worker, client);
        }
        if stopped && worker.stage == Stage::Syncing {
            // The kubelet stopped it itself and goes on in the same sync.
            worker.quiet = true;
            worker.sync_by(now + client.latency().status);
        } else {
            self.notice_exit(worker, client);
        }
    }

    /// A sync that sees containers that run and are not ready asks for their readiness.
    pub(super) fn probe_unready(&mut self, worker: &mut PodWorker, client: &mut Client<'_>) {
        for index in 0..worker.containers.len() {
            let run = worker.containers[index].run.as_ref();
            let run = run.filter(|run| run.is_running() && run.started_up && !run.ready);
            if let Some((probe, spec)) = run.and_then(|run| run.probes.readiness()) {
                self.probe(worker, index, probe, &spec, client);
            }
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
        let kind = spec.kind.as_str();
        let (success, failed) = match self.run_probe(worker, index, &spec.spec, client) {
            Probed::Success => (true, None),
            Probed::Failure(output) => (false, Some(format!("{kind} probe failed: {output}"))),
            Probed::Unknown(why) => {
                let message = format!("{kind} probe errored and resulted in unknown state: {why}");
                let warning = EventType::Warning;
                self.event(worker, Some(index), client, warning, "Unhealthy", message);
                return;
            }
        };
        if let Some(message) = failed {
            let warning = EventType::Warning;
            self.event(worker, Some(index), client, warning, "Unhealthy", message);
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
                    if !ready {
                        run.probes.look_again(now);
                    }
                    worker.status_at = Some(now + client.latency().status);
                }
            }
            (Verdict::Success, ProbeType::Startup) => {
                if !run.started_up {
                    run.started_up = true;
                    run.ready |= !run.probes.has(ProbeType::Readiness);
                    run.probes.look_again(now);
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
        let restarts = worker.restart_policy() != "Never";
        let message = match (worker.containers[index].init, restarts) {
            (true, _) => format!("Init container {name} failed {what} probe"),
            (false, true) => format!("Container {name} failed {what} probe, will be restarted"),
            (false, false) => format!("Container {name} failed {what} probe"),
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
        let grace = match spec.spec.termination_grace_period_seconds {
            Some(own) => Duration::secs(u64::try_from(own).unwrap_or(0)),
            None => spec_grace(worker),
        };
        self.stop_container(worker, index, grace, client);
    }

    /// Lets the node itself do something on the network.
    pub(super) fn as_node<R>(
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
            probing: true,
            signals: Vec::new(),
            out_of_memory: false,
        };
        Some(act(&mut host))
    }

    /// What a container leaves as its last words: the file that its spec names, or the end of its log.
    fn termination_message(&self, worker: &PodWorker, index: usize, code: i32) -> Option<String> {
        let spec = worker.container_spec(index)?;
        let path = spec.termination_message_path.as_deref()?;
        let run = worker.containers[index].run.as_ref()?;
        // A disk that nobody has looked at holds no words.
        let disk = run.context.fills.first();
        let disk = disk.and_then(|(disk, _)| self.disks.get(disk));
        let bytes = disk.and_then(|disk| disk.files.bytes(path));
        if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
            let end = bytes.len().min(MESSAGE_LIMIT);
            return Some(String::from_utf8_lossy(&bytes[..end]).into_owned());
        }
        if code == 0 || spec.termination_message_policy.as_deref() != Some("FallbackToLogsOnError")
        {
            return None;
        }
        Some(run.log.tail(LOG_TAIL_LINES, LOG_TAIL_BYTES)).filter(|text| !text.is_empty())
    }
}
