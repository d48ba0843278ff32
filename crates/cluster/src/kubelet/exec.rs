//! Commands in running containers, their logs and their terminals.
//!
//! Upstream: `pkg/kubelet/server/server.go`, `pkg/kubelet/kubelet_pods.go`, `pkg/registry/core/pod/rest`.

use crate::api::Status;
use crate::cluster::Cluster;
use crate::kubelet::process::Wake;
use crate::object::Key;
use crate::time::{Duration, Instant};

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
