//! Programs that go through text line by line, as it comes.

use super::{Io, Program};
use crate::command::{Poll, Until};
use std::collections::VecDeque;

/// What such a program does with each line.
pub(super) trait LineFilter: Clone + Send + Sync + 'static {
    /// Takes a line (without its end) of `file` (`-` for standard input). An exit code ends the program at once.
    fn line(&mut self, file: &str, line: &str, out: &mut String) -> Option<i32>;

    /// After the last line. Returns the exit code.
    fn end(&mut self, out: &mut String) -> i32;
}

/// Feeds a filter from files or from standard input.
#[derive(Clone)]
pub(super) struct Lines<F> {
    pub(super) name: String,
    pub(super) filter: F,
    pub(super) files: VecDeque<String>,
    pub(super) failed: bool,
    pub(super) has_files: bool,
}

impl<F: LineFilter> Lines<F> {
    pub(super) fn boxed(name: &str, filter: F, files: Vec<String>) -> Box<dyn Program> {
        Box::new(Lines {
            name: name.to_owned(),
            filter,
            has_files: !files.is_empty(),
            files: files.into(),
            failed: false,
        })
    }
}

impl<F: LineFilter> Program for Lines<F> {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        while let Some(file) = self.files.front().cloned() {
            if file == "-" {
                match self.standard_input(io) {
                    Some(poll) => return poll,
                    None => {
                        self.files.pop_front();
                        continue;
                    }
                }
            }
            self.files.pop_front();
            let Some(text) = io.read(&self.name, &file) else {
                self.failed = true;
                continue;
            };
            for line in text.lines() {
                if let Some(status) = self.filter.line(&file, line, io.stdout) {
                    return Poll::Done(status);
                }
            }
        }
        if !self.has_files
            && let Some(poll) = self.standard_input(io)
        {
            return poll;
        }
        let status = self.filter.end(io.stdout);
        Poll::Done(match (self.failed, self.name.as_str()) {
            (true, "grep" | "egrep" | "sed" | "awk") => 2,
            (true, _) => 1,
            _ => status,
        })
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl<F: LineFilter> Lines<F> {
    /// `None` when all of it was read.
    fn standard_input(&mut self, io: &mut Io<'_>) -> Option<Poll> {
        let closed = io.stdin.closed;
        let ready = match io.stdin.text.rfind('\n') {
            _ if closed => io.stdin.text.len(),
            Some(end) => end + 1,
            None => 0,
        };
        let rest = io.stdin.text.split_off(ready);
        let text = std::mem::replace(&mut io.stdin.text, rest);
        for line in text.lines() {
            if let Some(status) = self.filter.line("-", line, io.stdout) {
                return Some(Poll::Done(status));
            }
        }
        (!closed).then_some(Poll::Pending(Until::Input))
    }
}
