//! A program as the process of a container.

use crate::command::{Input, Poll, Until};
use crate::programs::container::Inside;
use crate::programs::{Io, Place, Program, start};
use crate::shell::POLL_BUDGET;
use petset_cluster::Duration;
use petset_cluster::kubelet::process::{Process, Step, Wake, World};
use petset_cluster::network::http::{HttpRequest, HttpResponse};
use std::collections::BTreeMap;

/// How often a program is polled within one resumption before virtual time has to move.
const ROUNDS: usize = 50;

/// A process: its program once it has started, and its input.
#[derive(Clone)]
pub(super) struct ProgramProcess {
    argv: Vec<String>,
    place: Place,
    program: Option<Box<dyn Program>>,
    input: Input,
    ports: Vec<u16>,
}

impl ProgramProcess {
    pub(super) fn new(argv: Vec<String>, place: Place, tty: bool) -> ProgramProcess {
        ProgramProcess {
            argv,
            place,
            program: None,
            input: Input {
                terminal: tty,
                ..Input::default()
            },
            ports: Vec::new(),
        }
    }

    /// Lets the program act; what it prints goes to the world.
    fn with_io<T>(
        &mut self,
        world: &mut World<'_>,
        act: impl FnOnce(&mut Box<dyn Program>, &mut Io<'_>) -> T,
    ) -> Option<T> {
        let program = self.program.as_mut()?;
        let environment = environment(world);
        let cwd = working_directory(world);
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let mut budget = POLL_BUDGET;
        let result = act(
            program,
            &mut Io {
                system: &mut Inside {
                    world: &mut *world,
                    place: self.place,
                },
                terminal: self.input.terminal,
                stdin: &mut self.input,
                stdout: &mut stdout,
                stderr: &mut stderr,
                env: &environment,
                cwd: &cwd,
                budget: &mut budget,
                depth: 0,
            },
        );
        world.stdout.push_str(&stdout);
        world.stderr.push_str(&stderr);
        Some(result)
    }

    fn begin(&mut self, world: &mut World<'_>) -> Option<Step> {
        let environment = environment(world);
        let cwd = working_directory(world);
        let mut system = Inside {
            world: &mut *world,
            place: self.place,
        };
        match start(&self.argv, &environment, &cwd, &mut system, &[]) {
            Ok(program) => {
                self.program = Some(program);
                None
            }
            Err(failure) => {
                let line = format!("exec: {}: {}\n", self.argv[0], failure.words);
                world.stderr.push_str(&line);
                Some(Step::Exit(failure.status))
            }
        }
    }
}

fn environment(world: &World<'_>) -> BTreeMap<String, String> {
    world.env.iter().cloned().collect()
}

fn working_directory(world: &World<'_>) -> String {
    match world.working_dir {
        "" => "/".to_owned(),
        directory => directory.to_owned(),
    }
}

impl Process for ProgramProcess {
    fn resume(&mut self, wake: Wake, world: &mut World<'_>) -> Step {
        if self.program.is_none()
            && let Some(step) = self.begin(world)
        {
            return step;
        }
        match wake {
            Wake::Input(text) => self.input.text.push_str(&text),
            Wake::InputClosed => self.input.closed = true,
            Wake::Signal(signal) => {
                let ended = self.with_io(world, |program, io| program.signal(signal, io));
                // The first process of a container is not ended by a signal that it does not handle.
                match ended.flatten() {
                    Some(status) if status != 128 + signal || world.pid != 1 => {
                        return Step::Exit(status);
                    }
                    _ => {}
                }
            }
            Wake::Started | Wake::Due => {}
        }
        for _ in 0..ROUNDS {
            let poll = self.with_io(world, |program, io| program.poll(io));
            if let Some(program) = &self.program {
                self.ports = program.ports();
            }
            match poll {
                None => return Step::Exit(127),
                Some(Poll::Done(status)) => return Step::Exit(status),
                Some(Poll::Pending(Until::Time(at))) if at <= world.now => {}
                Some(Poll::Pending(Until::Time(at) | Until::Change(Some(at)))) => {
                    return Step::SleepUntil(at);
                }
                Some(Poll::Pending(Until::Change(None) | Until::Input)) => return Step::Wait,
            }
        }
        Step::SleepUntil(world.now + Duration::millis(10))
    }

    fn listening(&self) -> &[u16] {
        &self.ports
    }

    fn serve(&mut self, request: &HttpRequest, world: &mut World<'_>) -> Option<HttpResponse> {
        self.with_io(world, |program, io| program.serve(request, io))
            .flatten()
    }

    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }
}
