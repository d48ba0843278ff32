//! The shell: at the learner's prompt and inside containers.
//!
//! A script is read into a tree and run by a machine that can stop anywhere and go on later. Nothing here blocks.

mod arith;
mod ast;
mod braces;
mod builtins;
mod complaints;
mod conditions;
mod expand;
mod extent;
mod jobs;
mod lexer;
mod loops;
mod machine;
mod parser;
mod pattern;
mod pipelines;
mod run;
mod run_program;
mod signals;
mod simple;
mod state;
mod streams;
#[cfg(test)]
mod tests;
mod trim;
mod variables;

use crate::command::{Input, Poll, Until};
use crate::programs::{Io, Place, Program, System};
use complaints::syntax_error;
pub(crate) use extent::take_command;
pub use extent::{Extent, extent};
pub use lexer::SyntaxError;
use machine::{Machine, Progress};
pub(crate) use pattern::{in_class, matches as pattern_matches};
use petset_cluster::Instant;
use petset_cluster::sort;
pub use state::Dialect;
use state::State;
use std::collections::BTreeMap;
use std::sync::Arc;
pub use streams::Stream;
use streams::{Outside, Pipes};
pub use variables::Variable;

/// How many shells may run in each other and side by side.
const MACHINE_LIMIT: usize = 200;

/// How much is done before others get their turn.
pub const POLL_BUDGET: u32 = 20_000;

/// A shell with what it knows and what it is running.
#[derive(Clone)]
pub struct Shell {
    machine: Machine,
    pipes: Pipes,
    turns: u32,
    turns_at: Instant,
}

/// What a shell reaches while it is polled.
pub struct Surroundings<'a> {
    /// Files, time, network.
    pub system: &'a mut dyn System,
    /// Standard input.
    pub stdin: &'a mut Input,
    /// What is printed, in order.
    pub output: &'a mut Vec<(Stream, String)>,
    /// How much work may be done.
    pub budget: &'a mut u32,
    /// How many programs run this shell.
    pub depth: u32,
    /// Whether a person looks at the standard output.
    pub terminal: bool,
}

/// The name, environment and place that a shell begins with.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// `$0`
    pub name: String,
    /// `$1` and so on.
    pub arguments: Vec<String>,
    /// The exported variables.
    pub environment: BTreeMap<String, String>,
    /// The working directory.
    pub cwd: String,
    /// Whose words it speaks.
    pub dialect: Dialect,
}

impl Shell {
    /// A shell that runs nothing yet.
    pub fn new(origin: Origin) -> Shell {
        let variables = origin.environment.into_iter().map(|(name, value)| {
            let variable = Variable {
                value,
                exported: true,
                ..Variable::default()
            };
            (name, variable)
        });
        let process_id = match origin.dialect {
            Dialect::BashPrompt => 1001,
            _ => 7,
        };
        Shell {
            machine: Machine {
                state: State {
                    variables: sort::map(variables),
                    arguments: origin.arguments,
                    name: origin.name,
                    cwd: if origin.cwd.is_empty() {
                        "/".to_owned()
                    } else {
                        origin.cwd
                    },
                    dialect: origin.dialect,
                    process_id,
                    ..State::default()
                },
                ..Machine::default()
            },
            pipes: Pipes::default(),
            turns: 0,
            turns_at: Instant::ZERO,
        }
    }

    /// Begins to run a script.
    ///
    /// # Errors
    /// When it is none; [`Shell::syntax_error`] has the words.
    pub fn run(&mut self, text: &str) -> Result<(), SyntaxError> {
        let list = parser::parse(text, self.machine.state.dialect)?;
        self.machine.state.line = 1;
        self.machine.start(Arc::new(list));
        Ok(())
    }

    /// Begins to run one program with its arguments as they are.
    pub fn run_arguments(&mut self, arguments: &[String]) {
        let words = arguments.iter().map(|a| ast::Word::quoted(a)).collect();
        let command = ast::Command {
            body: ast::Body::Simple {
                assigns: Vec::new(),
                words,
            },
            redirects: Vec::new(),
            line: 1,
        };
        self.machine.start_command(Arc::new(command));
    }

    /// What the shell says about a text that is no script, line by line; the exit code becomes 2.
    pub fn syntax_error(&mut self, error: &SyntaxError, text: &str) -> Vec<String> {
        self.machine.state.status = 2;
        syntax_error(&self.machine.state, error, text)
    }

    /// Goes on until it waits or what was started has ended.
    pub fn poll(&mut self, surroundings: &mut Surroundings<'_>) -> Poll {
        let now = surroundings.system.now();
        if now != self.turns_at {
            self.turns_at = now;
            self.turns = 0;
        }
        let mut outside = Outside {
            system: &mut *surroundings.system,
            pipes: &mut self.pipes,
            stdin: &mut *surroundings.stdin,
            output: &mut *surroundings.output,
            budget: &mut *surroundings.budget,
            activity: 0,
            forks: MACHINE_LIMIT.saturating_sub(self.machine.count()),
            turns: &mut self.turns,
            depth: surroundings.depth,
            terminal: surroundings.terminal,
        };
        match self.machine.poll(&mut outside) {
            Progress::Done => {
                if self.machine.jobs.is_empty() {
                    self.pipes = Pipes::default();
                }
                self.machine.descriptors = None;
                Poll::Done(self.machine.state.status & 255)
            }
            Progress::Yield => Poll::Pending(Until::Time(now)),
            Progress::Wait(until) => Poll::Pending(until.unwrap_or(Until::Change(None))),
        }
    }

    /// Lets commands in the background go on. When they want to be polled again; `None` when there are none.
    pub fn poll_background(&mut self, surroundings: &mut Surroundings<'_>) -> Option<Until> {
        if self.machine.jobs.is_empty() {
            return None;
        }
        let now = surroundings.system.now();
        match self.poll(surroundings) {
            Poll::Pending(until) => Some(until),
            Poll::Done(_) if self.machine.jobs.is_empty() => None,
            Poll::Done(_) => Some(Until::Time(now)),
        }
    }

    /// Whether something runs in the foreground.
    pub fn is_busy(&self) -> bool {
        !self.machine.frames.is_empty()
    }

    /// Whether something runs in the background.
    pub fn has_jobs(&self) -> bool {
        !self.machine.jobs.is_empty()
    }

    /// A signal for what runs in the foreground, Ctrl-C for one. All of it ends, with what it still has to say.
    pub fn interrupt(&mut self, surroundings: &mut Surroundings<'_>) {
        let mut outside = Outside {
            system: &mut *surroundings.system,
            pipes: &mut self.pipes,
            stdin: &mut *surroundings.stdin,
            output: &mut *surroundings.output,
            budget: &mut *surroundings.budget,
            activity: 0,
            forks: 0,
            turns: &mut self.turns,
            depth: surroundings.depth,
            terminal: surroundings.terminal,
        };
        self.machine.interrupt(&mut outside);
    }

    /// A signal for the shell itself. The exit code, if it ends by it.
    pub fn signal(&mut self, signal: i32, surroundings: &mut Surroundings<'_>) -> Option<i32> {
        let mut outside = Outside {
            system: &mut *surroundings.system,
            pipes: &mut self.pipes,
            stdin: &mut *surroundings.stdin,
            output: &mut *surroundings.output,
            budget: &mut *surroundings.budget,
            activity: 0,
            forks: 0,
            turns: &mut self.turns,
            depth: surroundings.depth,
            terminal: surroundings.terminal,
        };
        self.machine.signal(signal, &mut outside)
    }

    /// The last exit code.
    pub fn status(&self) -> i32 {
        self.machine.state.status & 255
    }

    /// From now on a person types the commands.
    pub fn set_interactive(&mut self) {
        self.machine.state.interactive = true;
    }

    /// What it runs is all that it will run: `trap … EXIT` follows it.
    pub fn set_single(&mut self) {
        self.machine.single = true;
    }

    /// Begins what `trap … EXIT` asks for. Whether there is something.
    pub fn begin_exit_trap(&mut self) -> bool {
        self.machine.begin_exit_trap()
    }

    /// Whose words it speaks.
    pub fn dialect(&self) -> Dialect {
        self.machine.state.dialect
    }

    /// Whether `exit` ended it.
    pub fn left(&self) -> bool {
        self.machine.left
    }

    /// Sets a variable that programs get. A value that is too long is left out.
    pub fn export(&mut self, name: &str, value: &str) {
        if self.machine.state.set(name, value.to_owned()).is_ok()
            && let Some(variable) = self.machine.state.variables.get_mut(name)
        {
            variable.exported = true;
        }
    }

    /// The prompt of a shell that somebody types to.
    pub fn prompt(&self, system: &dyn System) -> String {
        let state = &self.machine.state;
        match state.dialect {
            Dialect::BashPrompt => "$ ".to_owned(),
            Dialect::Bash => format!("root@{}:{}# ", system.hostname(), state.cwd),
            Dialect::Dash => "# ".to_owned(),
            Dialect::Ash => format!("{} # ", state.cwd),
        }
    }

    /// The variables that programs get.
    pub fn environment(&self) -> BTreeMap<String, String> {
        self.machine.state.environment()
    }

    /// The ports that its programs listen on.
    pub fn ports(&self) -> Vec<u16> {
        let mut ports = Vec::new();
        self.machine.ports(&mut ports);
        ports
    }

    /// The program that listens on a port.
    pub fn server(&mut self, port: u16) -> Option<&mut Box<dyn Program>> {
        self.machine.server(port)
    }

    /// The aliases.
    pub fn aliases(&self) -> &BTreeMap<String, String> {
        &self.machine.state.aliases
    }

    /// The working directory.
    pub fn cwd(&self) -> &str {
        &self.machine.state.cwd
    }

    /// Tells the shell which lines were typed, for `history`.
    pub fn set_history(&mut self, lines: Arc<Vec<String>>) {
        self.machine.state.history = lines;
    }
}

/// What a program that runs a shell inside needs: its own ends of the streams.
pub(crate) fn poll_inside(shell: &mut Shell, io: &mut Io<'_>) -> Poll {
    let mut output = Vec::new();
    let poll = shell.poll(&mut Surroundings {
        system: &mut *io.system,
        stdin: &mut *io.stdin,
        output: &mut output,
        budget: &mut *io.budget,
        depth: io.depth + 1,
        terminal: io.terminal,
    });
    spread(output, io);
    poll
}

/// Puts a shell's output where its program writes.
pub(crate) fn spread(output: Vec<(Stream, String)>, io: &mut Io<'_>) {
    // A container's terminal is one stream: what is printed stays in order.
    let one = io.stdin.terminal && io.system.place() != Place::Prompt;
    for (stream, text) in output {
        match stream {
            _ if one => io.stdout.push_str(&text),
            Stream::Stdout => io.stdout.push_str(&text),
            Stream::Stderr => io.stderr.push_str(&text),
        }
    }
}
