//! Lets a program go on, with its ends of the streams.

use super::machine::{Frame, Machine, Progress};
use super::streams::{Descriptors, Outside, Sink, Source};
use crate::command::{Poll, Until};
use crate::programs::{Io, Program};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Machine {
    pub(super) fn step_program(
        &mut self,
        mut program: Box<dyn Program>,
        environment: Arc<BTreeMap<String, String>>,
        outside: &mut Outside<'_>,
    ) -> Option<Progress> {
        let streams = self.streams();
        let mut own = match &streams.stdin {
            Source::Outside => std::mem::take(outside.stdin),
            Source::Pipe(id) => outside.pipes.input(*id),
            Source::Null => crate::command::Input {
                closed: true,
                ..Default::default()
            },
        };
        let before = own.text.len();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        *outside.budget = outside.budget.saturating_sub(10);
        let poll = program.poll(&mut Io {
            system: &mut *outside.system,
            stdin: &mut own,
            stdout: &mut stdout,
            stderr: &mut stderr,
            env: &environment,
            cwd: &self.state.cwd,
            budget: &mut *outside.budget,
            depth: outside.depth + self.depth,
            terminal: outside.terminal && matches!(streams.stdout, Sink::Outside(_)),
        });
        if own.text.len() != before {
            outside.activity += 1;
        }
        let closed = own.closed;
        match &streams.stdin {
            Source::Outside => *outside.stdin = own,
            Source::Pipe(id) => outside.pipes.unread(*id, own.text),
            Source::Null => {}
        }
        let mut poll = poll;
        if self.deliver(&streams, &stdout, &stderr, outside) {
            self.frames.clear();
            poll = Poll::Done(141);
        }
        match poll {
            Poll::Done(status) => {
                self.settle(status);
                None
            }
            Poll::Pending(until) => {
                self.frames.push(Frame::Program {
                    program,
                    environment,
                });
                let from_pipe = matches!(streams.stdin, Source::Pipe(_)) && !closed;
                Some(match until {
                    Until::Input if from_pipe => Progress::Wait(None),
                    Until::Time(at) if at <= outside.system.now() => Progress::Yield,
                    other => Progress::Wait(Some(other)),
                })
            }
        }
    }

    /// Brings a program's output where it belongs. Whether its reader is gone.
    pub(super) fn deliver(
        &mut self,
        streams: &Descriptors,
        stdout: &str,
        stderr: &str,
        outside: &mut Outside<'_>,
    ) -> bool {
        for (sink, text) in [(&streams.stdout, stdout), (&streams.stderr, stderr)] {
            if text.is_empty() {
                continue;
            }
            if let Sink::Pipe(id) = sink
                && outside.pipes.is_broken(*id)
            {
                return true;
            }
            if let Err(error) = outside.write(sink, text) {
                self.error(&format!("write error: {}", error.message()), outside);
            }
        }
        false
    }
}
