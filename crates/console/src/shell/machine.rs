//! Runs a script as resumable state: a stack of frames that goes on where it waited.

mod commands;

use super::ast::{AndOr, Body, Command, Connector, List};
use super::pipelines::merge;
use super::state::{Dialect, State};
use super::streams::{Descriptors, Outside, Sink};
use super::variables::Variable;
use crate::command::Until;
use crate::programs::Program;
use petset_cluster::Instant;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How deep shells may start shells.
const MACHINE_DEPTH_LIMIT: u32 = 16;

/// How high the stack of one shell may grow.
pub(super) const FRAME_LIMIT: usize = 2_000;

/// What came of polling a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It ended; its status tells how.
    Done,
    /// It waits; `None` for something that its own siblings bring.
    Wait(Option<Until>),
    /// It used up its share of work.
    Yield,
}

/// What a machine is in the middle of.
#[derive(Clone)]
pub(super) enum Frame {
    List {
        list: Arc<List>,
        next: usize,
    },
    AndOr {
        node: Arc<AndOr>,
        next: usize,
    },
    /// Turns the exit code round.
    Negate,
    /// What runs above is a condition: its failure ends nothing.
    Condition,
    Pipeline {
        children: Vec<Child>,
    },
    Command {
        node: Arc<Command>,
        wanted: Vec<Arc<List>>,
        results: VecDeque<String>,
    },
    Capture {
        machine: Box<Machine>,
        pipe: u32,
    },
    Subshell {
        machine: Box<Machine>,
    },
    RestoreStreams {
        descriptors: Descriptors,
    },
    RestoreVariables(Vec<(String, Option<Variable>)>),
    Call {
        arguments: Vec<String>,
    },
    If {
        node: Arc<Command>,
        clause: usize,
    },
    While {
        node: Arc<Command>,
        testing: bool,
        last: i32,
    },
    For {
        node: Arc<Command>,
        values: VecDeque<String>,
    },
    ForArith {
        node: Arc<Command>,
        started: bool,
    },
    /// `select`; whether a choice was asked for.
    Select {
        node: Arc<Command>,
        values: Vec<String>,
        asked: bool,
    },
    /// What is left of a `case` whose arm runs.
    Case {
        node: Arc<Command>,
        text: String,
        next: usize,
        fall: bool,
    },
    /// Sets the exit code back to what it was before a trap.
    Status(i32),
    /// `time`
    Timed {
        begun: Instant,
    },
    Program {
        program: Box<dyn Program>,
        environment: Arc<BTreeMap<String, String>>,
    },
    /// `read`
    Read(Read),
    /// `wait`; for one process, or for all.
    Wait(Option<u32>),
}

/// What `read` does with the line.
#[derive(Clone, Default)]
pub(super) struct Read {
    pub names: Vec<String>,
    pub raw: bool,
    /// Whether the words become the elements of the first name.
    pub array: bool,
    /// Whether all lines do, as for `mapfile`; with their ends kept or not.
    pub lines: Option<bool>,
}

/// One command of a pipeline.
#[derive(Clone)]
pub(super) struct Child {
    pub machine: Machine,
    /// The pipe it reads.
    pub reads: Option<u32>,
    /// The pipe it writes.
    pub writes: Option<u32>,
    pub done: Option<i32>,
}

/// A command in the background.
#[derive(Clone)]
pub(super) struct Job {
    pub number: usize,
    pub process_id: u32,
    pub machine: Box<Machine>,
}

/// A shell in the middle of its work.
#[derive(Clone, Default)]
pub(super) struct Machine {
    pub state: State,
    pub frames: Vec<Frame>,
    pub descriptors: Option<Descriptors>,
    pub jobs: Vec<Job>,
    /// How the jobs ended that have.
    pub ended: BTreeMap<u32, i32>,
    pub traps: BTreeMap<String, String>,
    pub pending_traps: VecDeque<String>,
    pub depth: u32,
    /// Whether nothing else will be run.
    pub single: bool,
    /// Whether `trap … EXIT` has run.
    pub trapped: bool,
    /// Whether `exit` ended it.
    pub left: bool,
}

impl Machine {
    pub(super) fn streams(&self) -> Descriptors {
        self.descriptors
            .clone()
            .unwrap_or_else(Descriptors::outside)
    }

    /// Begins to run a list.
    pub(super) fn start(&mut self, list: Arc<List>) {
        self.frames.push(Frame::List { list, next: 0 });
    }

    /// A copy that will run on its own.
    pub(super) fn fork(&self, outside: &mut Outside<'_>) -> Option<Machine> {
        if self.depth >= MACHINE_DEPTH_LIMIT || outside.forks == 0 {
            return None;
        }
        outside.forks -= 1;
        let mut state = self.state.clone();
        state.options.errexit &= !self.in_condition();
        Some(Machine {
            state,
            descriptors: Some(self.streams()),
            depth: self.depth + 1,
            single: true,
            ..Machine::default()
        })
    }

    pub(super) fn fork_failed(&mut self, outside: &mut Outside<'_>) {
        self.error("fork: retry: Resource temporarily unavailable", outside);
        self.frames.clear();
        self.state.status = 254;
    }

    /// How many machines there are in this one, itself included.
    pub(super) fn count(&self) -> usize {
        let inner: usize = self
            .frames
            .iter()
            .map(|frame| match frame {
                Frame::Pipeline { children } => children.iter().map(|c| c.machine.count()).sum(),
                Frame::Capture { machine, .. } | Frame::Subshell { machine } => machine.count(),
                _ => 0,
            })
            .sum();
        let jobs: usize = self.jobs.iter().map(|job| job.machine.count()).sum();
        1 + inner + jobs
    }

    /// Whether a failure here is somebody's condition.
    pub(super) fn in_condition(&self) -> bool {
        self.frames.iter().any(|frame| match frame {
            Frame::Negate | Frame::Condition | Frame::If { .. } => true,
            Frame::While { testing, .. } => *testing,
            _ => false,
        })
    }

    /// Takes note of an exit code; under `set -e` a failure ends the shell.
    pub(super) fn settle(&mut self, status: i32) {
        self.state.status = status;
        if status == 0 || self.in_condition() {
            return;
        }
        let in_call = self.frames.iter().any(|f| matches!(f, Frame::Call { .. }));
        // A trap's own commands set off no further trap.
        let in_trap = self.frames.iter().any(|f| matches!(f, Frame::Status(_)));
        if let Some(action) = self.traps.get("ERR").filter(|_| !in_call && !in_trap) {
            self.pending_traps.push_back(action.clone());
        }
        if self.state.options.errexit {
            self.frames.clear();
        }
    }

    /// Begins what `trap … EXIT` asks for. Whether there is something.
    pub(super) fn begin_exit_trap(&mut self) -> bool {
        let Some(action) = self.traps.remove("EXIT").filter(|_| !self.trapped) else {
            return false;
        };
        self.trapped = true;
        self.begin_trap(&action)
    }

    /// Begins the action of a trap, after which the exit code is what it was.
    fn begin_trap(&mut self, action: &str) -> bool {
        let Ok(list) = super::parser::parse(action, self.state.dialect) else {
            return false;
        };
        self.frames.push(Frame::Status(self.state.status));
        self.start(Arc::new(list));
        true
    }

    /// Ends the shell with an error, as dash does after an error of a special builtin. A person's shell goes on.
    pub(super) fn give_up(&mut self, words: &str, status: i32, outside: &mut Outside<'_>) {
        self.error(words, outside);
        self.frames.clear();
        self.left |= !self.state.interactive && self.state.dialect != Dialect::BashPrompt;
        self.state.status = status;
    }

    /// Prints an error of a builtin.
    pub(super) fn complain(&mut self, name: &str, text: &str, outside: &mut Outside<'_>) {
        let line = format!("{}{text}\n", self.state.builtin_prefix(name));
        let sink = self.streams().stderr;
        let _ = outside.write(&sink, &line);
    }

    /// Prints an error in the shell's name.
    pub(super) fn error(&mut self, text: &str, outside: &mut Outside<'_>) {
        let line = format!("{}{text}\n", self.state.prefix());
        let sink = self.streams().stderr;
        // A message that cannot be written is lost in a real shell, too.
        let _ = outside.write(&sink, &line);
    }

    /// Goes on until it waits, ends or has used up the budget.
    pub(super) fn poll(&mut self, outside: &mut Outside<'_>) -> Progress {
        let mut wait = None;
        let mut yields = false;
        self.poll_jobs(outside, &mut wait, &mut yields);
        let polled = self.state.last_background;
        loop {
            if *outside.budget == 0 {
                return Progress::Yield;
            }
            *outside.budget -= 1;
            if !matches!(self.frames.last(), Some(Frame::Program { .. }))
                && let Some(text) = self.pending_traps.pop_front()
            {
                if let Some(progress) = self.turn(outside) {
                    if progress != Progress::Done {
                        self.pending_traps.push_front(text);
                    }
                    return progress;
                }
                self.begin_trap(&text);
            }
            if self.frames.is_empty() {
                if (self.single || self.left) && self.begin_exit_trap() {
                    continue;
                }
                return Progress::Done;
            }
            if let Sink::Pipe(id) = self.streams().stdout
                && outside.pipes.is_full(id)
            {
                return Progress::Wait(wait);
            }
            match self.step(outside) {
                None => outside.activity += 1,
                Some(Progress::Wait(_)) if yields => return Progress::Yield,
                // What was begun in the background meanwhile has not had its turn.
                Some(Progress::Wait(_)) if self.state.last_background != polled => {
                    return Progress::Yield;
                }
                Some(Progress::Wait(until)) => return Progress::Wait(merge(wait, until)),
                Some(other) => return other,
            }
        }
    }

    fn step(&mut self, outside: &mut Outside<'_>) -> Option<Progress> {
        let frame = self.frames.pop()?;
        if self.frames.len() > FRAME_LIMIT {
            self.error("not simulated here: calls in each other this deep", outside);
            self.frames.clear();
            self.state.status = 1;
            return None;
        }
        match frame {
            Frame::List { list, next } => self.step_list(list, next, outside),
            Frame::AndOr { node, next } => self.step_and_or(node, next, outside),
            Frame::Negate => {
                self.state.status = i32::from(self.state.status == 0);
            }
            Frame::Condition => {}
            Frame::Command {
                node,
                wanted,
                results,
            } => self.step_command(node, wanted, results, outside),
            Frame::RestoreStreams { descriptors } => {
                self.descriptors = Some(descriptors);
            }
            Frame::RestoreVariables(saved) => self.restore_variables(saved),
            Frame::Call { arguments } => self.state.arguments = arguments,
            Frame::If { node, clause } => self.step_if(node, clause),
            Frame::While {
                node,
                testing,
                last,
            } => return self.step_while(node, testing, last, outside),
            Frame::For { node, values } => return self.step_for(node, values, outside),
            Frame::ForArith { node, started } => {
                return self.step_for_arith(node, started, outside);
            }
            Frame::Pipeline { children } => return self.step_pipeline(children, outside),
            Frame::Capture { machine, pipe } => return self.step_capture(machine, pipe, outside),
            Frame::Subshell { mut machine } => {
                let progress = machine.poll(outside);
                if progress != Progress::Done {
                    self.frames.push(Frame::Subshell { machine });
                    return Some(progress);
                }
                outside.forks += 1;
                self.settle(machine.state.status);
            }
            Frame::Program {
                program,
                environment,
            } => return self.step_program(program, environment, outside),
            Frame::Read(read) => return self.step_read(read, outside),
            Frame::Select {
                node,
                values,
                asked,
            } => return self.step_select(node, values, asked, outside),
            Frame::Case {
                node,
                text,
                next,
                fall,
            } => self.step_case(&node, text, next, fall, outside),
            Frame::Status(status) => self.state.status = status,
            Frame::Timed { begun } => self.end_time(begun, outside),
            Frame::Wait(wanted) => return self.step_wait(wanted),
        }
        None
    }

    fn restore_variables(&mut self, saved: Vec<(String, Option<Variable>)>) {
        for (name, value) in saved {
            match value {
                Some(value) => self.state.variables.insert(name, value),
                None => self.state.variables.remove(&name),
            };
        }
    }

    fn step_list(&mut self, list: Arc<List>, next: usize, outside: &mut Outside<'_>) {
        let Some(item) = list.items.get(next) else {
            return;
        };
        let node = item.and_or.clone();
        let background = item.background;
        self.frames.push(Frame::List {
            list,
            next: next + 1,
        });
        if background {
            self.start_job(node, outside);
        } else {
            self.frames.push(Frame::AndOr { node, next: 0 });
        }
    }

    fn step_and_or(&mut self, node: Arc<AndOr>, mut next: usize, outside: &mut Outside<'_>) {
        let pipeline = loop {
            let Some((connector, pipeline)) = node.pipelines.get(next) else {
                return;
            };
            next += 1;
            let runs = match connector {
                Connector::First => true,
                Connector::And => self.state.status == 0,
                Connector::Or => self.state.status != 0,
            };
            if runs {
                break pipeline.clone();
            }
        };
        if next < node.pipelines.len() {
            self.frames.push(Frame::AndOr { node, next });
            self.frames.push(Frame::Condition);
        }
        if pipeline.timed {
            self.frames.push(Frame::Timed {
                begun: outside.system.now(),
            });
        }
        if pipeline.negated {
            self.frames.push(Frame::Negate);
        }
        self.start_pipeline(&pipeline, outside);
    }

    fn step_if(&mut self, node: Arc<Command>, clause: usize) {
        let Body::If { clauses, otherwise } = &node.body else {
            return;
        };
        // `clause` conditions have been asked; the last one's answer is the status.
        if clause > 0 && self.state.status == 0 {
            return self.start(clauses[clause - 1].1.clone());
        }
        match (clauses.get(clause), otherwise) {
            (Some((condition, _)), _) => {
                let condition = condition.clone();
                self.frames.push(Frame::If {
                    node,
                    clause: clause + 1,
                });
                self.start(condition);
            }
            (None, Some(list)) => self.start(list.clone()),
            (None, None) => self.state.status = 0,
        }
    }
}
