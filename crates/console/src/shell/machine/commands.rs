//! How a command begins: its substitutions are run first, each in a shell of its own.

use super::{Frame, Machine, Progress};
use crate::shell::ast::{Body, Command, List};
use crate::shell::expand;
use crate::shell::state::VALUE_LIMIT;
use crate::shell::streams::{Outside, Sink};
use std::collections::VecDeque;
use std::sync::Arc;

impl Machine {
    pub(in crate::shell) fn start_command(&mut self, node: Arc<Command>) {
        let mut words = Vec::new();
        match &node.body {
            Body::Simple { assigns, words: w } => {
                words.extend(w);
                words.extend(expand::substitutions_of(assigns));
            }
            Body::For { words: w, .. } | Body::Select { words: w, .. } => {
                words.extend(w.iter().flatten());
            }
            Body::Case { word, arms } => {
                words.push(word);
                words.extend(arms.iter().flat_map(|(patterns, ..)| patterns));
            }
            Body::Arith(word) => words.push(word),
            _ => {}
        }
        words.extend(node.redirects.iter().map(|redirect| &redirect.target));
        let wanted = expand::substitutions(words);
        self.frames.push(Frame::Command {
            node,
            wanted,
            results: VecDeque::new(),
        });
    }

    pub(super) fn step_command(
        &mut self,
        node: Arc<Command>,
        wanted: Vec<Arc<List>>,
        results: VecDeque<String>,
        outside: &mut Outside<'_>,
    ) {
        let Some(list) = wanted.get(results.len()).cloned() else {
            return self.run_command(&node, results, outside);
        };
        let Some(mut machine) = self.fork(outside) else {
            return self.fork_failed(outside);
        };
        let pipe = outside.pipes.open();
        if let Some(descriptors) = &mut machine.descriptors {
            descriptors.stdout = Sink::Pipe(pipe);
        }
        machine.start(list);
        self.frames.push(Frame::Command {
            node,
            wanted,
            results,
        });
        self.frames.push(Frame::Capture {
            machine: Box::new(machine),
            pipe,
        });
    }

    pub(super) fn step_capture(
        &mut self,
        mut machine: Box<Machine>,
        pipe: u32,
        outside: &mut Outside<'_>,
    ) -> Option<Progress> {
        let progress = machine.poll(outside);
        let too_much = outside.pipes.length(pipe) > VALUE_LIMIT;
        if progress != Progress::Done && !too_much {
            // A full pipe is no reason to wait: nobody reads it before the end.
            let full = outside.pipes.is_full(pipe);
            if full {
                outside.pipes.hold(pipe);
            }
            self.frames.push(Frame::Capture { machine, pipe });
            return if full { None } else { Some(progress) };
        }
        outside.forks += 1;
        let text = outside.pipes.take_captured(pipe);
        if too_much {
            self.error("not simulated here: a value of more than 1 MiB", outside);
            self.frames.clear();
            self.state.status = 1;
            return None;
        }
        self.state.status = machine.state.status;
        if let Some(Frame::Command { results, .. }) = self.frames.last_mut() {
            results.push_back(text.trim_end_matches('\n').to_owned());
        }
        None
    }
}
