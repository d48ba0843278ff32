//! A program in a container with its streams tied to the command's.
//!
//! Upstream: `k8s.io/client-go/tools/remotecommand`.

use super::errors::Error;
use super::session::{Io, Next};
use crate::command::Until;
use petset_cluster::api::{Reason, Status};
use petset_cluster::kubelet::exec::ExecId;

/// A connection to a running program.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    id: ExecId,
    stdin: bool,
    tty: bool,
    closed: bool,
}

/// What came of looking after a connection.
pub(crate) enum Progress {
    /// It goes on.
    Waiting,
    /// The program ended with this code.
    Ended(i32),
}

impl Remote {
    /// Ties the streams to a program.
    pub(crate) fn new(id: ExecId, stdin: bool, tty: bool) -> Remote {
        Remote {
            id,
            stdin,
            tty,
            closed: false,
        }
    }

    /// Passes on what was typed and what the program said.
    pub(crate) fn pump(&mut self, io: &mut Io<'_, '_>) -> Progress {
        if self.stdin && !self.closed {
            let text = std::mem::take(&mut io.context.stdin.text);
            if !text.is_empty() {
                io.context.cluster.exec_input(self.id, &text);
            }
            if io.context.stdin.closed {
                io.context.cluster.exec_close_input(self.id);
                self.closed = true;
            }
        }
        let progress = io.context.cluster.exec_poll(self.id);
        io.out(&progress.stdout);
        io.context.stderr.push_str(&progress.stderr);
        match progress.exit {
            Some(code) => Progress::Ended(code),
            None => Progress::Waiting,
        }
    }

    /// What to wait for while the program runs.
    pub(crate) fn wait() -> Next {
        Next::Wait(Until::Input)
    }

    /// Ctrl-C: with a terminal the program gets it, else only the connection ends. Returns whether the command goes on.
    pub(crate) fn interrupt(&mut self, io: &mut Io<'_, '_>) -> bool {
        if self.tty {
            io.context.cluster.exec_signal(self.id, 2);
        }
        self.tty
    }
}

/// A refusal of the kubelet comes over the connection, without the server's usual prefix.
pub(crate) fn refused(status: Status) -> Error {
    if status.reason == Some(Reason::InternalError) {
        Error::Plain(status.message)
    } else {
        Error::Status(status)
    }
}
