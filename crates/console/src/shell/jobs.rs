//! Commands in the background.

use super::ast::AndOr;
use super::machine::{Frame, Job, Machine, Progress};
use super::pipelines::merge;
use super::streams::{Outside, Source};
use crate::command::Until;
use std::sync::Arc;

impl Machine {
    /// Lets background jobs go on and forgets those that ended.
    pub(super) fn poll_jobs(
        &mut self,
        outside: &mut Outside<'_>,
        wait: &mut Option<Until>,
        yields: &mut bool,
    ) {
        for job in &mut self.jobs {
            match job.machine.poll(outside) {
                Progress::Done => outside.activity += 1,
                Progress::Wait(until) => *wait = merge(*wait, until),
                Progress::Yield => *yields = true,
            }
        }
        self.jobs.retain(|job| !job.machine.frames.is_empty());
    }

    pub(super) fn start_job(&mut self, node: Arc<AndOr>, outside: &mut Outside<'_>) {
        let Some(mut machine) = self.fork(outside) else {
            return self.fork_failed(outside);
        };
        if let Some(descriptors) = &mut machine.descriptors {
            descriptors.stdin = Source::Null;
        }
        machine.frames.push(Frame::AndOr { node, next: 0 });
        let number = self.jobs.last().map_or(0, |job| job.number) + 1;
        let process_id = self.state.last_background.unwrap_or(self.state.process_id) + 1;
        self.state.last_background = Some(process_id);
        if self.state.dialect == super::state::Dialect::BashPrompt && self.depth == 0 {
            let line = format!("[{number}] {process_id}\n");
            let sink = self.streams().stderr;
            let _ = outside.write(&sink, &line);
        }
        self.jobs.push(Job {
            number,
            process_id,
            machine: Box::new(machine),
        });
        self.state.status = 0;
    }

    /// Whether a word means a background job, by `%` or by its process.
    pub(super) fn names_job(&self, word: &str) -> bool {
        let mut jobs = self.jobs.iter();
        word.starts_with('%') || jobs.any(|job| job.process_id.to_string() == word)
    }

    /// `kill %1`, `kill $!`: ends a background job.
    pub(super) fn kill(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let mut status = 0;
        for word in rest.iter().filter(|word| !word.starts_with('-')) {
            let job = word.strip_prefix('%').map(|name| match name {
                "" | "%" | "+" => self.jobs.len().checked_sub(1),
                number => self
                    .jobs
                    .iter()
                    .position(|job| job.number.to_string() == number),
            });
            match job.flatten() {
                Some(at) => {
                    self.jobs[at].machine.interrupt(outside);
                    self.jobs.remove(at);
                }
                None => {
                    self.error(&format!("kill: {word}: no such job"), outside);
                    status = 1;
                }
            }
        }
        status
    }
}
