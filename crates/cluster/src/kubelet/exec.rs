//! Commands in running containers, their logs and their terminals.
//!
//! Upstream: `pkg/kubelet/server/server.go`, `pkg/kubelet/kubelet_pods.go`, `pkg/registry/core/pod/rest`.

use super::Kubelet;
use super::container::Running;
use super::pod::{Exec, PodWorker};
use super::process::{Step, Wake};
use crate::api::Status;
use crate::client::Client;
use crate::cluster::Cluster;
use crate::object::{Key, Kind};
use crate::queue::ControllerId;
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1 as core;
use std::sync::Arc;

/// A command that was started with [`crate::Cluster::exec`], or a connection made with [`crate::Cluster::attach`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecId(pub u64);

/// What has come of a command since it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecProgress {
    /// Standard output that has not been told before. With a terminal, standard error is in it too.
    pub stdout: String,
    /// Standard error that has not been told before.
    pub stderr: String,
    /// The exit code, once it has ended and all output was told. 137 when it was killed with its container.
    pub exit: Option<i32>,
}

/// Which stream of a container a line was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line of a container's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: Instant,
    /// Where it was written.
    pub stream: LogStream,
    /// The text without the end of the line.
    pub text: String,
    /// Whether the line was ended; a prompt is not.
    pub ended: bool,
}

/// What is asked of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// The log of the run before the last restart.
    pub previous: bool,
    /// Only so many of the last lines.
    pub tail_lines: Option<u64>,
    /// Only lines from the last so much time.
    pub since: Option<Duration>,
    /// Only lines from this number on: what [`LogPage::next`] said, to follow a log.
    pub from: u64,
}

/// An answer about a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
    /// The number of the line after the last one.
    pub next: u64,
    /// Whether more may come: the container runs (or will run again under the same restart count).
    pub more: bool,
}

impl Cluster {
    /// Starts `argv` in a running container; `container` is needed when the pod has several.
    ///
    /// # Errors
    /// No such pod or container, the container does not run, or it has no such program: kubectl prints the status as
    /// an error of the server.
    pub fn exec(
        &mut self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        argv: &[String],
        stdin: bool,
        tty: bool,
    ) -> Result<ExecId, Status> {
        self.with_kubelet(|kubelet, client| {
            kubelet.exec(
                client,
                &Key::new(namespace, pod),
                container,
                argv,
                stdin,
                tty,
            )
        })
    }

    /// Whether a container is named that commands could run in, before anybody connects to it.
    ///
    /// # Errors
    /// No such pod or container, several containers and none named, or a pod that has no node yet.
    pub fn check_container(
        &self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
    ) -> Result<(), Status> {
        let key = Key::new(namespace, pod);
        let pod = self.store().get_as::<core::Pod>(&key);
        let pod = pod.ok_or_else(|| Status::missing(Kind::Pod, &key))?;
        container_name(pod, container).map(|_| ())
    }

    /// Connects to the main process of a running container: its output from now on, and (with `stdin`) its input.
    ///
    /// # Errors
    /// As [`Cluster::exec`].
    pub fn attach(
        &mut self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        stdin: bool,
    ) -> Result<ExecId, Status> {
        self.with_kubelet(|kubelet, client| {
            kubelet.attach(client, &Key::new(namespace, pod), container, stdin)
        })
    }

    /// Takes what a command has said since the last call. After the exit code was told the command is forgotten.
    pub fn exec_poll(&mut self, id: ExecId) -> ExecProgress {
        self.with_kubelet(|kubelet, _| kubelet.exec_poll(id))
    }

    /// Types into a command's standard input.
    pub fn exec_input(&mut self, id: ExecId, text: &str) {
        self.with_kubelet(|kubelet, client| {
            kubelet.exec_wake(client, id, Wake::Input(text.to_owned()));
        });
    }

    /// Closes a command's standard input.
    pub fn exec_close_input(&mut self, id: ExecId) {
        self.with_kubelet(|kubelet, client| kubelet.exec_wake(client, id, Wake::InputClosed));
    }

    /// Sends a signal to a command: 2 is Ctrl-C in a terminal.
    pub fn exec_signal(&mut self, id: ExecId, signal: i32) {
        self.with_kubelet(|kubelet, client| kubelet.exec_wake(client, id, Wake::Signal(signal)));
    }

    /// The log of a container; `container` is needed when the pod has several.
    ///
    /// # Errors
    /// No such pod or container, no such run, or a container that has not started: kubectl prints the status as an
    /// error of the server.
    pub fn logs(
        &self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        options: &LogOptions,
    ) -> Result<LogPage, Status> {
        let key = Key::new(namespace, pod);
        self.kubelet()
            .logs(self.store(), self.now(), &key, container, options)
    }
}

impl Kubelet {
    /// Finds a running container of a pod for a command.
    fn running_container(
        &self,
        client: &Client<'_>,
        key: &Key,
        container: Option<&str>,
    ) -> Result<usize, Status> {
        let pod = client
            .get::<core::Pod>(key)
            .ok_or_else(|| Status::missing(Kind::Pod, key))?;
        let name = container_name(pod, container)?;
        let worker = self.worker(key);
        if let Some(worker) = worker.filter(|worker| self.is_cut_off(&worker.node)) {
            return Err(super::heartbeat::unreachable(
                "error dialing backend",
                &worker.host_ip,
            ));
        }
        let found = worker.and_then(|worker| {
            let mut containers = worker.containers.iter();
            containers.position(|container| container.name == name && container.is_running())
        });
        found.ok_or_else(|| {
            Status::internal(&format!(
                "unable to upgrade connection: container not found (\"{name}\")"
            ))
        })
    }

    fn exec(
        &mut self,
        client: &mut Client<'_>,
        key: &Key,
        container: Option<&str>,
        argv: &[String],
        stdin: bool,
        tty: bool,
    ) -> Result<ExecId, Status> {
        let index = self.running_container(client, key, container)?;
        let mut worker = self
            .take(key)
            .ok_or_else(|| Status::missing(Kind::Pod, key))?;
        let state = Arc::make_mut(&mut worker);
        let image = state.containers[index]
            .run
            .as_ref()
            .map(|run| run.image.clone());
        let started = match image {
            Some(image) => self.runtime.start(&image, argv, tty),
            None => Err(super::process::StartError {
                message: "container not running".to_owned(),
                exit_code: 128,
            }),
        };
        let result = started.map_err(|error| {
            let id = client.random().hex(32);
            Status::internal(&format!(
                "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"{id}\": OCI runtime exec failed: exec failed: unable to start container process: {}",
                error.message
            ))
        });
        let result = result.map(|process| {
            let id = self.new_exec(key);
            state.execs.push(Exec {
                argv: argv.to_vec(),
                tty,
                running: Running {
                    process: Some(process),
                    step: Step::Wait,
                },
                ..new_exec(id, index, client.now())
            });
            let at = state.execs.len() - 1;
            self.resume_exec(state, at, Wake::Started, client);
            let open = state
                .execs
                .iter()
                .position(|exec| exec.id == id && exec.exit.is_none());
            if let (Some(at), false) = (open, stdin) {
                self.resume_exec(state, at, Wake::InputClosed, client);
            }
            id
        });
        self.give_back(key, worker, client);
        result
    }

    fn attach(
        &mut self,
        client: &mut Client<'_>,
        key: &Key,
        container: Option<&str>,
        stdin: bool,
    ) -> Result<ExecId, Status> {
        let index = self.running_container(client, key, container)?;
        let mut worker = self
            .take(key)
            .ok_or_else(|| Status::missing(Kind::Pod, key))?;
        let state = Arc::make_mut(&mut worker);
        let id = self.new_exec(key);
        state.execs.push(Exec {
            attached: true,
            tty: !stdin,
            ..new_exec(id, index, client.now())
        });
        self.give_back(key, worker, client);
        Ok(id)
    }

    fn new_exec(&mut self, key: &Key) -> ExecId {
        self.last_exec += 1;
        let id = ExecId(self.last_exec);
        self.execs.insert_mut(id, key.clone());
        id
    }

    /// Puts a pod's state back and sees to it that what it waits for wakes it.
    fn give_back(&mut self, key: &Key, worker: Arc<PodWorker>, client: &mut Client<'_>) {
        if let Some(at) = worker.next_due() {
            let delay = at.since(client.now()).max(Duration::micros(1));
            client.wake_after(ControllerId::Kubelet, key, delay);
        }
        self.put_back(key, worker);
    }

    fn exec_poll(&mut self, id: ExecId) -> ExecProgress {
        if let Some(progress) = self.ended_execs.get(&id).cloned() {
            self.ended_execs.remove_mut(&id);
            return progress;
        }
        let gone = ExecProgress {
            exit: Some(128 + super::process::SIGKILL),
            ..ExecProgress::default()
        };
        let Some(key) = self.execs.get(&id).cloned() else {
            return gone;
        };
        let Some(mut worker) = self.take(&key) else {
            return gone;
        };
        let execs = &mut Arc::make_mut(&mut worker).execs;
        let Some(at) = execs.iter().position(|exec| exec.id == id) else {
            self.put_back(&key, worker);
            return gone;
        };
        let progress = ExecProgress {
            stdout: std::mem::take(&mut execs[at].stdout),
            stderr: std::mem::take(&mut execs[at].stderr),
            exit: execs[at].exit,
        };
        if progress.exit.is_some() {
            execs.remove(at);
            self.execs.remove_mut(&id);
        }
        self.put_back(&key, worker);
        progress
    }

    fn exec_wake(&mut self, client: &mut Client<'_>, id: ExecId, wake: Wake) {
        let Some(key) = self.execs.get(&id).cloned() else {
            return;
        };
        let Some(mut worker) = self.take(&key) else {
            return;
        };
        let state = Arc::make_mut(&mut worker);
        let open = state
            .execs
            .iter()
            .position(|exec| exec.id == id && exec.exit.is_none());
        if let Some(at) = open {
            self.resume_exec(state, at, wake, client);
        }
        self.give_back(&key, worker, client);
    }

    /// The commands of a pod that goes away: what they said can still be asked for.
    pub(super) fn end_execs(&mut self, worker: &mut PodWorker) {
        for exec in worker.execs.drain(..) {
            let progress = ExecProgress {
                stdout: exec.stdout,
                stderr: exec.stderr,
                exit: Some(exec.exit.unwrap_or(128 + super::process::SIGKILL)),
            };
            self.execs.remove_mut(&exec.id);
            if exec.hook.is_none() {
                self.ended_execs.insert_mut(exec.id, progress);
            }
        }
    }
}

pub(super) fn new_exec(id: ExecId, container: usize, now: Instant) -> Exec {
    Exec {
        id,
        container,
        argv: Vec::new(),
        started: now,
        tty: false,
        running: Running {
            process: None,
            step: Step::Wait,
        },
        stdout: String::new(),
        stderr: String::new(),
        exit: None,
        attached: false,
        hook: None,
    }
}

/// The container that is meant: the only one, or the one that is named.
///
/// Upstream: `pkg/registry/core/pod/strategy.go`.
pub(super) fn container_name(pod: &core::Pod, container: Option<&str>) -> Result<String, Status> {
    let name = pod.metadata.name.as_deref().unwrap_or("");
    let Some(spec) = &pod.spec else {
        return Err(Status::bad_request(format!("pod {name} has no containers")));
    };
    let inits = spec.init_containers.as_deref().unwrap_or_default();
    let chosen = match (container, spec.containers.as_slice()) {
        (Some(chosen), _) => chosen.to_owned(),
        (None, [only]) if inits.is_empty() => only.name.clone(),
        (None, several) => {
            let names = |list: &[core::Container]| {
                let names: Vec<&str> = list.iter().map(|c| c.name.as_str()).collect();
                names.join(" ")
            };
            let mut message = format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                names(several)
            );
            if !inits.is_empty() {
                message.push_str(&format!(
                    " or one of the init containers: [{}]",
                    names(inits)
                ));
            }
            return Err(Status::bad_request(message));
        }
    };
    if !spec
        .containers
        .iter()
        .chain(inits)
        .any(|known| known.name == chosen)
    {
        let message = format!("container {chosen} is not valid for pod {name}");
        return Err(Status::bad_request(message));
    }
    if spec.node_name.as_deref().is_none_or(str::is_empty) {
        return Err(Status::bad_request(format!(
            "pod {name} does not have a host assigned"
        )));
    }
    Ok(chosen)
}
