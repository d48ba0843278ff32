//! Signals for what a shell runs, and the servers among it.

use super::jobs::signal_name;
use super::machine::{self, Machine};
use super::streams::Outside;
use crate::command::Input;
use crate::programs::{Io, Program};

impl Machine {
    pub(super) fn ports(&self, ports: &mut Vec<u16>) {
        for frame in &self.frames {
            match frame {
                machine::Frame::Program { program, .. } => ports.extend(program.ports()),
                machine::Frame::Pipeline { children } => {
                    for child in children {
                        child.machine.ports(ports);
                    }
                }
                machine::Frame::Subshell { machine } => machine.ports(ports),
                _ => {}
            }
        }
        for job in &self.jobs {
            job.machine.ports(ports);
        }
    }

    pub(super) fn server(&mut self, port: u16) -> Option<&mut Box<dyn Program>> {
        for frame in &mut self.frames {
            let found = match frame {
                machine::Frame::Program { program, .. } if program.ports().contains(&port) => {
                    Some(program)
                }
                machine::Frame::Pipeline { children } => children
                    .iter_mut()
                    .find_map(|child| child.machine.server(port)),
                machine::Frame::Subshell { machine } => machine.server(port),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        self.jobs
            .iter_mut()
            .find_map(|job| job.machine.server(port))
    }

    pub(super) fn interrupt(&mut self, outside: &mut Outside<'_>) {
        self.signal_programs(2, outside);
        self.frames.clear();
        self.state.status = 130;
        self.descriptors = None;
    }

    /// Signals every program that runs in the foreground.
    pub(super) fn signal_programs(&mut self, signal: i32, outside: &mut Outside<'_>) {
        let streams = self.streams();
        let mut frames = std::mem::take(&mut self.frames);
        for frame in &mut frames {
            match frame {
                machine::Frame::Program {
                    program,
                    environment,
                } => {
                    let (mut stdout, mut stderr) = (String::new(), String::new());
                    program.signal(
                        signal,
                        &mut Io {
                            system: &mut *outside.system,
                            stdin: &mut Input::default(),
                            stdout: &mut stdout,
                            stderr: &mut stderr,
                            env: environment,
                            cwd: &self.state.cwd,
                            budget: &mut *outside.budget,
                            depth: outside.depth + self.depth,
                            terminal: false,
                        },
                    );
                    self.deliver(&streams, &stdout, &stderr, outside);
                }
                machine::Frame::Pipeline { children } => {
                    for child in children {
                        child.machine.signal_programs(signal, outside);
                    }
                }
                machine::Frame::Capture { machine, .. } | machine::Frame::Subshell { machine } => {
                    machine.signal_programs(signal, outside);
                }
                _ => {}
            }
        }
        self.frames = frames;
    }

    pub(super) fn signal(&mut self, signal: i32, outside: &mut Outside<'_>) -> Option<i32> {
        if let Some(action) = self.traps.get(signal_name(signal)) {
            self.pending_traps.push_back(action.clone());
            return None;
        }
        // A program that is all that is left of the script has taken the shell's place.
        let nothing_after = self.frames.iter().rev().skip(1).all(|frame| {
            matches!(frame, machine::Frame::List { list, next } if *next >= list.items.len())
                || matches!(frame, machine::Frame::RestoreStreams { .. })
        });
        if !nothing_after {
            return Some(128 + signal);
        }
        let streams = self.streams();
        let Some(machine::Frame::Program {
            program,
            environment,
        }) = self.frames.last_mut()
        else {
            return Some(128 + signal);
        };
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let ended = program.signal(
            signal,
            &mut Io {
                system: &mut *outside.system,
                stdin: &mut Input::default(),
                stdout: &mut stdout,
                stderr: &mut stderr,
                env: environment,
                cwd: &self.state.cwd,
                budget: &mut *outside.budget,
                depth: outside.depth + self.depth,
                terminal: false,
            },
        );
        self.deliver(&streams, &stdout, &stderr, outside);
        ended
    }
}
