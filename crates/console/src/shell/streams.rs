//! Where a command reads and writes: the outside, pipes, files.

use crate::command::Input;
use crate::programs::{Errno, System};
use std::collections::BTreeMap;

/// How many bytes a pipe holds before its writer has to wait.
const PIPE_CAPACITY: usize = 1 << 12;

/// One of the two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Where input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Outside,
    Pipe(u32),
    Null,
}

/// Where output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sink {
    Outside(Stream),
    Pipe(u32),
    File(String),
    Null,
}

/// The three streams of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Descriptors {
    pub stdin: Source,
    pub stdout: Sink,
    pub stderr: Sink,
}

impl Descriptors {
    pub(super) fn outside() -> Descriptors {
        Descriptors {
            stdin: Source::Outside,
            stdout: Sink::Outside(Stream::Stdout),
            stderr: Sink::Outside(Stream::Stderr),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Pipe {
    text: String,
    /// What was put aside for a substitution.
    held: String,
    /// Nobody will write any more.
    closed: bool,
    /// Nobody will read any more.
    broken: bool,
}

/// The pipes of a shell.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipes {
    next: u32,
    pipes: BTreeMap<u32, Pipe>,
}

impl Pipes {
    pub(super) fn open(&mut self) -> u32 {
        let id = self.next;
        self.next += 1;
        self.pipes.insert(id, Pipe::default());
        id
    }

    /// A pipe that holds `text` and nothing more.
    pub(super) fn of_text(&mut self, text: String) -> u32 {
        let id = self.open();
        if let Some(pipe) = self.pipes.get_mut(&id) {
            pipe.text = text;
            pipe.closed = true;
        }
        id
    }

    pub(super) fn close_writer(&mut self, id: u32) {
        if let Some(pipe) = self.pipes.get_mut(&id) {
            pipe.closed = true;
        }
    }

    pub(super) fn close_reader(&mut self, id: u32) {
        if let Some(pipe) = self.pipes.get_mut(&id) {
            pipe.broken = true;
            pipe.text.clear();
        }
    }

    /// Puts what a pipe holds aside, so that its writer can go on: nobody reads before the end.
    pub(super) fn hold(&mut self, id: u32) {
        if let Some(pipe) = self.pipes.get_mut(&id) {
            let text = std::mem::take(&mut pipe.text);
            pipe.held.push_str(&text);
        }
    }

    /// All that went into a pipe; the pipe is no more.
    pub(super) fn take_captured(&mut self, id: u32) -> String {
        self.hold(id);
        self.pipes
            .remove(&id)
            .map(|pipe| pipe.held)
            .unwrap_or_default()
    }

    pub(super) fn input(&mut self, id: u32) -> Input {
        match self.pipes.get_mut(&id) {
            Some(pipe) => Input {
                text: std::mem::take(&mut pipe.text),
                closed: pipe.closed,
                terminal: false,
            },
            None => Input {
                closed: true,
                ..Input::default()
            },
        }
    }

    /// Gives back what was not read.
    pub(super) fn unread(&mut self, id: u32, text: String) {
        if let Some(pipe) = self.pipes.get_mut(&id) {
            pipe.text.insert_str(0, &text);
        }
    }

    pub(super) fn is_full(&self, id: u32) -> bool {
        self.pipes
            .get(&id)
            .is_some_and(|pipe| !pipe.broken && pipe.text.len() >= PIPE_CAPACITY)
    }

    pub(super) fn is_broken(&self, id: u32) -> bool {
        self.pipes.get(&id).is_none_or(|pipe| pipe.broken)
    }

    pub(super) fn length(&self, id: u32) -> usize {
        self.pipes
            .get(&id)
            .map_or(0, |pipe| pipe.text.len() + pipe.held.len())
    }
}

/// What a machine reaches while it is polled.
pub(super) struct Outside<'a> {
    pub system: &'a mut dyn System,
    pub pipes: &'a mut Pipes,
    pub stdin: &'a mut Input,
    pub output: &'a mut Vec<(Stream, String)>,
    pub budget: &'a mut u32,
    /// Counts whatever happens: a pipeline that made no progress in a round waits.
    pub activity: u64,
    /// How many machines may still be started.
    pub forks: usize,
    /// Turns of loops since virtual time last moved.
    pub turns: &'a mut u32,
    /// Programs that run this shell.
    pub depth: u32,
    /// Whether a person looks at the standard output.
    pub terminal: bool,
}

impl Outside<'_> {
    /// Writes to a sink.
    ///
    /// # Errors
    /// When the sink is a file that cannot be written.
    pub(super) fn write(&mut self, sink: &Sink, text: &str) -> Result<(), Errno> {
        if text.is_empty() {
            return Ok(());
        }
        self.activity += 1;
        match sink {
            Sink::Outside(stream) => match self.output.last_mut() {
                Some((last, chunk)) if last == stream => chunk.push_str(text),
                _ => self.output.push((*stream, text.to_owned())),
            },
            Sink::Pipe(id) => {
                if let Some(pipe) = self.pipes.pipes.get_mut(id)
                    && !pipe.broken
                {
                    pipe.text.push_str(text);
                }
            }
            Sink::File(path) => return self.system.write(path, text.as_bytes(), true),
            Sink::Null => {}
        }
        Ok(())
    }
}
