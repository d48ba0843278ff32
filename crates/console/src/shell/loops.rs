//! Loops and pipelines: the frames that go round.

use super::ast::{ArmEnd, Body, Command};
use super::expand::Expander;
use super::machine::{Frame, Machine, Progress, Read};
use super::state::Dialect;
use super::streams::Outside;
use crate::command::Until;
use petset_cluster::{Duration, Instant};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many turns loops may make while virtual time stands still.
const TURN_LIMIT: u32 = 10_000;

impl Machine {
    /// Counts a turn. Beyond the limit a loop at the prompt ends with an error; one in a container is taken to have
    /// kept a processor busy for a second.
    pub(super) fn turn(&mut self, outside: &mut Outside<'_>) -> Option<Progress> {
        *outside.turns += 1;
        if *outside.turns <= TURN_LIMIT {
            return None;
        }
        if self.state.dialect == Dialect::BashPrompt {
            self.error(
                &format!(
                    "not simulated here: more than {TURN_LIMIT} turns of a loop that never waits"
                ),
                outside,
            );
            self.frames.clear();
            self.state.status = 1;
            return Some(Progress::Done);
        }
        let later = outside.system.now() + Duration::secs(1);
        Some(Progress::Wait(Some(Until::Time(later))))
    }

    pub(super) fn step_while(
        &mut self,
        node: Arc<Command>,
        testing: bool,
        last: i32,
        outside: &mut Outside<'_>,
    ) -> Option<Progress> {
        let Body::While {
            until,
            condition,
            body,
        } = &node.body
        else {
            return None;
        };
        if testing {
            if (self.state.status == 0) == *until {
                self.state.status = last;
                return None;
            }
            let body = body.clone();
            self.frames.push(Frame::While {
                node,
                testing: false,
                last,
            });
            self.start(body);
            return None;
        }
        let last = self.state.status;
        if let Some(progress) = self.turn(outside) {
            if progress != Progress::Done {
                self.frames.push(Frame::While {
                    node,
                    testing,
                    last,
                });
            }
            return Some(progress);
        }
        let condition = condition.clone();
        self.frames.push(Frame::While {
            node,
            testing: true,
            last,
        });
        self.start(condition);
        None
    }

    pub(super) fn step_for(
        &mut self,
        node: Arc<Command>,
        mut values: VecDeque<String>,
        outside: &mut Outside<'_>,
    ) -> Option<Progress> {
        let Body::For { name, body, .. } = &node.body else {
            return None;
        };
        let value = values.pop_front()?;
        if let Some(progress) = self.turn(outside) {
            if progress != Progress::Done {
                values.push_front(value);
                self.frames.push(Frame::For { node, values });
            }
            return Some(progress);
        }
        if let Err(error) = self.state.set(name, value) {
            self.error(&error, outside);
        }
        let body = body.clone();
        self.frames.push(Frame::For { node, values });
        self.start(body);
        None
    }

    /// `select`: shows the choices and reads one.
    pub(super) fn step_select(
        &mut self,
        node: Arc<Command>,
        values: Vec<String>,
        asked: bool,
        outside: &mut Outside<'_>,
    ) -> Option<Progress> {
        let Body::Select { name, body, .. } = &node.body else {
            return None;
        };
        let streams = self.streams();
        if asked {
            if self.state.status != 0 {
                let _ = outside.write(&streams.stdout, "\n");
                return None;
            }
            let reply = self.state.parameter("REPLY").unwrap_or_default();
            let chosen = reply.trim().parse::<usize>().ok();
            let value = chosen.and_then(|n| values.get(n.checked_sub(1)?)).cloned();
            if let Err(error) = self.state.set(name, value.unwrap_or_default()) {
                self.error(&error, outside);
            }
            let body = body.clone();
            self.frames.push(Frame::Select {
                node,
                values,
                asked: false,
            });
            // An empty line shows the choices again.
            if !reply.is_empty() {
                self.start(body);
            }
            return None;
        }
        if values.is_empty() {
            return None;
        }
        if let Some(progress) = self.turn(outside) {
            if progress != Progress::Done {
                self.frames.push(Frame::Select {
                    node,
                    values,
                    asked,
                });
            }
            return Some(progress);
        }
        let mut menu = String::new();
        for (at, value) in values.iter().enumerate() {
            menu.push_str(&format!("{}) {value}\n", at + 1));
        }
        let _ = outside.write(&streams.stderr, &(menu + "#? "));
        self.frames.push(Frame::Select {
            node,
            values,
            asked: true,
        });
        self.frames.push(Frame::Read(Read {
            names: vec!["REPLY".to_owned()],
            ..Read::default()
        }));
        None
    }

    /// Goes on in a `case` after `;&` or `;;&`.
    pub(super) fn step_case(
        &mut self,
        node: &Arc<Command>,
        text: String,
        next: usize,
        fall: bool,
        outside: &mut Outside<'_>,
    ) {
        let Body::Case { arms, .. } = &node.body else {
            return;
        };
        let found = match fall {
            true => Some(next),
            false => {
                let mut expander = Expander {
                    state: &mut self.state,
                    system: &mut *outside.system,
                    results: VecDeque::new(),
                    unset: false,
                };
                let mut rest = arms.iter().enumerate().skip(next);
                rest.find_map(|(at, (patterns, ..))| {
                    let mut patterns = patterns.iter();
                    patterns
                        .any(|pattern| {
                            let pattern = expander.pattern(pattern).unwrap_or_default();
                            super::pattern::matches(&pattern, &text)
                        })
                        .then_some(at)
                })
            }
        };
        if let Some((_, list, end)) = found.and_then(|at| arms.get(at)) {
            let (list, end) = (list.clone(), *end);
            if end != ArmEnd::Leave {
                self.frames.push(Frame::Case {
                    node: node.clone(),
                    text,
                    next: found.unwrap_or(0) + 1,
                    fall: end == ArmEnd::Fall,
                });
            }
            self.start(list);
        }
    }

    /// What `time` says at the end.
    pub(super) fn end_time(&mut self, begun: Instant, outside: &mut Outside<'_>) {
        let millis = outside.system.now().since(begun).as_millis();
        let (minutes, seconds) = (millis / 60_000, millis % 60_000);
        let sink = self.streams().stderr;
        let text = format!(
            "\nreal\t{minutes}m{}.{:03}s\nuser\t0m0.000s\nsys\t0m0.000s\n",
            seconds / 1000,
            seconds % 1000
        );
        let _ = outside.write(&sink, &text);
    }

    pub(super) fn step_for_arith(
        &mut self,
        node: Arc<Command>,
        started: bool,
        outside: &mut Outside<'_>,
    ) -> Option<Progress> {
        let Body::ForArith { parts, body } = &node.body else {
            return None;
        };
        if let Some(progress) = self.turn(outside) {
            if progress != Progress::Done {
                self.frames.push(Frame::ForArith { node, started });
            }
            return Some(progress);
        }
        let mut expander = Expander {
            state: &mut self.state,
            system: &mut *outside.system,
            results: VecDeque::new(),
            unset: false,
        };
        let first = &parts[if started { 2 } else { 0 }];
        let goes_on = expander.arithmetic(first).and_then(|_| {
            let condition = expander.text(&parts[1])?;
            if condition.trim().is_empty() {
                return Ok(true);
            }
            Ok(expander.arithmetic(&parts[1])? != "0")
        });
        match goes_on {
            Ok(true) => {
                let body = body.clone();
                self.frames.push(Frame::ForArith {
                    node,
                    started: true,
                });
                self.start(body);
            }
            Ok(false) => {}
            Err(error) => {
                self.error(&format!("((: {error}"), outside);
                self.settle(1);
            }
        }
        None
    }

    /// Leaves or repeats loops. Whether there was a loop.
    pub(super) fn leave_loop(&mut self, levels: usize, again: bool) -> bool {
        let is_loop = |frame: &Frame| {
            matches!(
                frame,
                Frame::For { .. }
                    | Frame::While { .. }
                    | Frame::ForArith { .. }
                    | Frame::Select { .. }
            )
        };
        let inside = self
            .frames
            .iter()
            .rev()
            .take_while(|frame| !matches!(frame, Frame::Call { .. }))
            .filter(|frame| is_loop(frame))
            .count();
        if inside == 0 {
            return false;
        }
        let mut left = levels.clamp(1, inside);
        while let Some(frame) = self.frames.pop() {
            if is_loop(&frame) {
                left -= 1;
                if left == 0 {
                    if again {
                        self.state.status = 0;
                        self.frames.push(match frame {
                            Frame::While { node, last, .. } => Frame::While {
                                node,
                                testing: false,
                                last,
                            },
                            other => other,
                        });
                    }
                    return true;
                }
            }
            self.undo(frame);
        }
        true
    }

    /// Leaves a function. Whether there was one.
    pub(super) fn leave_call(&mut self) -> bool {
        if !self
            .frames
            .iter()
            .any(|frame| matches!(frame, Frame::Call { .. }))
        {
            return false;
        }
        while let Some(frame) = self.frames.pop() {
            let end = matches!(frame, Frame::Call { .. });
            self.undo(frame);
            if end {
                break;
            }
        }
        true
    }

    /// Undoes what a frame would have undone at its end.
    fn undo(&mut self, frame: Frame) {
        match frame {
            Frame::RestoreStreams { descriptors } => self.descriptors = Some(descriptors),
            Frame::Call { arguments } => self.state.arguments = arguments,
            Frame::RestoreVariables(saved) => {
                for (name, value) in saved {
                    match value {
                        Some(value) => self.state.variables.insert(name, value),
                        None => self.state.variables.remove(&name),
                    };
                }
            }
            _ => {}
        }
    }
}
