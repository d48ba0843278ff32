//! Pipelines: commands side by side, and what they wait for together.

use super::ast::Pipeline;
use super::machine::{Child, Frame, Machine, Progress};
use super::streams::{Outside, Sink, Source};
use crate::command::Until;

impl Machine {
    pub(super) fn start_pipeline(&mut self, pipeline: &Pipeline, outside: &mut Outside<'_>) {
        if let [command] = pipeline.commands.as_slice() {
            return self.start_command(command.clone());
        }
        let mut children = Vec::new();
        let streams = self.streams();
        let mut reads = None;
        for (i, command) in pipeline.commands.iter().enumerate() {
            let Some(mut machine) = self.fork(outside) else {
                return self.fork_failed(outside);
            };
            let mut descriptors = streams.clone();
            if let Some(pipe) = reads {
                descriptors.stdin = Source::Pipe(pipe);
            }
            let last = i + 1 == pipeline.commands.len();
            let writes = (!last).then(|| outside.pipes.open());
            if let Some(pipe) = writes {
                descriptors.stdout = Sink::Pipe(pipe);
            }
            machine.descriptors = Some(descriptors);
            machine.start_command(command.clone());
            children.push(Child {
                machine,
                reads,
                writes,
                done: None,
            });
            reads = writes;
        }
        self.frames.push(Frame::Pipeline { children });
    }

    pub(super) fn step_pipeline(
        &mut self,
        mut children: Vec<Child>,
        outside: &mut Outside<'_>,
    ) -> Option<Progress> {
        loop {
            let before = outside.activity;
            let mut wait = None;
            let mut yields = false;
            for child in children.iter_mut().filter(|child| child.done.is_none()) {
                match child.machine.poll(outside) {
                    Progress::Done => end_child(child, outside),
                    Progress::Wait(until) => wait = merge(wait, until),
                    Progress::Yield => yields = true,
                }
            }
            if children.iter().all(|child| child.done.is_some()) {
                let statuses: Vec<i32> = children.iter().filter_map(|child| child.done).collect();
                let mut status = statuses.last().copied().unwrap_or(0);
                if self.state.options.pipefail && status == 0 {
                    status = statuses
                        .iter()
                        .rev()
                        .copied()
                        .find(|&s| s != 0)
                        .unwrap_or(0);
                }
                self.settle(status);
                return None;
            }
            if yields || *outside.budget == 0 {
                self.frames.push(Frame::Pipeline { children });
                return Some(Progress::Yield);
            }
            if outside.activity == before {
                self.frames.push(Frame::Pipeline { children });
                return Some(Progress::Wait(wait));
            }
        }
    }
}

fn end_child(child: &mut Child, outside: &mut Outside<'_>) {
    child.done = Some(child.machine.state.status);
    outside.activity += 1;
    outside.forks += 1;
    if let Some(id) = child.writes {
        outside.pipes.close_writer(id);
    }
    if let Some(id) = child.reads {
        outside.pipes.close_reader(id);
    }
}

/// Both waits in one: whatever comes first.
pub(super) fn merge(a: Option<Until>, b: Option<Until>) -> Option<Until> {
    let (Some(a), Some(b)) = (a, b) else {
        return a.or(b);
    };
    let time = |until| match until {
        Until::Time(at) => Some(at),
        Until::Change(at) => at,
        Until::Input => None,
    };
    let first = match (time(a), time(b)) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Some(match (a, b) {
        (Until::Time(a), Until::Time(b)) => Until::Time(a.min(b)),
        (Until::Input, Until::Input) => Until::Input,
        _ => Until::Change(first),
    })
}
