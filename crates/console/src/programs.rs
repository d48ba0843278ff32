//! The programs a shell can start: the learner's small tools and those inside containers.
//!
//! One trait serves both places; what differs stands behind [`System`].

pub(crate) mod archive;
mod awk;
mod catalog;
pub(crate) mod container;
mod database_answers;
mod database_clients;
mod database_texts;
mod databases;
mod dd;
mod demo_servers;
mod disk_usage;
pub(crate) mod echo;
mod expr;
pub(crate) mod fault;
mod files;
mod filters;
mod find;
mod follow;
mod jq;
mod kubectl;
mod lines;
mod listing;
mod machine_info;
mod network;
mod options;
pub(crate) mod path;
pub mod prompt;
mod runners;
mod sed;
mod servers;
mod sort;
mod stat;
pub mod system;
mod tar;
pub(crate) mod test;
mod text;
mod time;
mod tr;

use crate::command::{Input, Poll, Until};
use crate::shell::{Dialect, Origin, Shell, poll_inside};
use petset_cluster::network::http::{HttpRequest, HttpResponse};
use std::collections::BTreeMap;
pub use system::{Errno, FileType, Place, System};

/// How deep programs may run programs.
pub const DEPTH_LIMIT: u32 = 12;

/// What a program reads, writes and reaches while it is polled.
pub struct Io<'a> {
    /// Files, time, network.
    pub system: &'a mut dyn System,
    /// Standard input.
    pub stdin: &'a mut Input,
    /// Standard output; the program appends.
    pub stdout: &'a mut String,
    /// Standard error; the program appends.
    pub stderr: &'a mut String,
    /// Environment variables.
    pub env: &'a BTreeMap<String, String>,
    /// The working directory, absolute.
    pub cwd: &'a str,
    /// How much work may still be done before others get their turn.
    pub budget: &'a mut u32,
    /// How many programs run this one.
    pub depth: u32,
    /// Whether a person looks at the standard output.
    pub terminal: bool,
}

impl Io<'_> {
    /// The absolute path of what an argument names.
    pub(crate) fn path(&self, argument: &str) -> String {
        system::absolute(self.cwd, argument)
    }

    /// A file's text; complaints go to standard error in the program's name.
    pub(crate) fn read(&mut self, program: &str, argument: &str) -> Option<String> {
        let path = self.path(argument);
        match self.system.read(&path) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => {
                self.complain(program, argument, error);
                None
            }
        }
    }

    pub(crate) fn complain(&mut self, program: &str, argument: &str, error: Errno) {
        let words = error.message();
        let line = match (program, self.is_busybox()) {
            ("cat" | "head" | "tail" | "tac", true)
                if error == Errno::NotFound && program == "cat" =>
            {
                format!("{program}: can't open '{argument}': {words}\n")
            }
            ("head" | "tail", false) if error == Errno::NotFound => {
                format!("{program}: cannot open '{argument}' for reading: {words}\n")
            }
            ("tac", false) if error == Errno::NotFound => {
                format!("{program}: failed to open '{argument}' for reading: {words}\n")
            }
            ("sort", false) if error == Errno::NotFound => {
                format!("{program}: cannot read: {argument}: {words}\n")
            }
            _ => format!("{program}: {argument}: {words}\n"),
        };
        self.stderr.push_str(&line);
    }

    /// All of standard input, once it is closed.
    pub(crate) fn input(&mut self) -> Option<String> {
        self.stdin
            .closed
            .then(|| std::mem::take(&mut self.stdin.text))
    }

    /// Whether the programs are BusyBox's.
    pub(crate) fn is_busybox(&self) -> bool {
        matches!(self.system.place(), Place::BusyBox(_))
    }

    /// Ends a program with a complaint.
    pub(crate) fn fail(&mut self, text: &str, status: i32) -> Poll {
        self.stderr.push_str(text);
        self.stderr.push('\n');
        Poll::Done(status)
    }
}

/// A running program, as resumable state.
pub trait Program: Send + Sync {
    /// Lets it go on until it waits or ends.
    fn poll(&mut self, io: &mut Io<'_>) -> Poll;

    /// A signal: 2 is INT, 15 is TERM. Returns the exit code, if the program ends by it.
    fn signal(&mut self, signal: i32, _io: &mut Io<'_>) -> Option<i32> {
        Some(128 + signal)
    }

    /// The TCP ports that it listens on.
    fn ports(&self) -> Vec<u16> {
        Vec::new()
    }

    /// Answers a request; `None` when it does not speak HTTP.
    fn serve(&mut self, _request: &HttpRequest, _io: &mut Io<'_>) -> Option<HttpResponse> {
        None
    }

    /// A copy, for snapshots.
    fn clone_box(&self) -> Box<dyn Program>;
}

impl Clone for Box<dyn Program> {
    fn clone(&self) -> Box<dyn Program> {
        self.clone_box()
    }
}

/// A program that could not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartFailure {
    /// 127 when there is none, 126 when it cannot be run.
    pub status: i32,
    /// Why.
    pub words: String,
}

/// A program that does its work in one go, as soon as its input is there. Called again from the beginning when it
/// answers that it waits.
#[derive(Clone)]
struct Simple {
    run: fn(&[String], &mut Io<'_>) -> Poll,
    arguments: Vec<String>,
}

impl Program for Simple {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        (self.run)(&self.arguments, io)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// A shell as a program.
#[derive(Clone)]
pub(crate) struct ShellProgram {
    pub(crate) shell: Shell,
    /// Whether commands come from standard input.
    pub(crate) reads_input: bool,
    pub(crate) prompted: bool,
}

impl Program for ShellProgram {
    fn poll(&mut self, io: &mut Io<'_>) -> Poll {
        loop {
            if self.shell.is_busy() || !self.reads_input {
                let poll = poll_inside(&mut self.shell, io);
                if !self.reads_input || poll != Poll::Done(self.shell.status()) {
                    return poll;
                }
                if self.shell.left() {
                    return Poll::Done(self.shell.status());
                }
            }
            if io.stdin.terminal && !self.prompted {
                io.stdout.push_str(&self.shell.prompt(io.system));
                self.shell.set_interactive();
                self.prompted = true;
            }
            let Some(text) = runners::next_command(io.stdin, self.shell.dialect()) else {
                if io.stdin.closed && io.stdin.text.is_empty() {
                    if self.shell.begin_exit_trap() {
                        continue;
                    }
                    return Poll::Done(self.shell.status());
                }
                return Poll::Pending(Until::Input);
            };
            self.prompted = false;
            if let Err(error) = self.shell.run(&text) {
                for line in self.shell.syntax_error(&error, &text) {
                    io.stderr.push_str(&line);
                    io.stderr.push('\n');
                }
            }
        }
    }

    fn signal(&mut self, signal: i32, io: &mut Io<'_>) -> Option<i32> {
        let mut output = Vec::new();
        let typed_at = io.stdin.terminal && self.reads_input;
        let mut surroundings = crate::shell::Surroundings {
            system: &mut *io.system,
            stdin: &mut *io.stdin,
            output: &mut output,
            budget: &mut *io.budget,
            depth: io.depth + 1,
            terminal: io.terminal,
        };
        let ended = if typed_at && signal == 2 {
            self.shell.interrupt(&mut surroundings);
            self.prompted = false;
            None
        } else {
            self.shell.signal(signal, &mut surroundings)
        };
        crate::shell::spread(output, io);
        ended
    }

    fn ports(&self) -> Vec<u16> {
        self.shell.ports()
    }

    fn serve(&mut self, request: &HttpRequest, io: &mut Io<'_>) -> Option<HttpResponse> {
        self.shell.server(request.port)?.serve(request, io)
    }

    fn clone_box(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

/// Starts the program that `arguments` name.
///
/// # Errors
/// When there is none.
pub fn start(
    arguments: &[String],
    environment: &BTreeMap<String, String>,
    cwd: &str,
    system: &mut dyn System,
    history: &[String],
) -> Result<Box<dyn Program>, StartFailure> {
    let failure = |status, words: &str| StartFailure {
        status,
        words: words.to_owned(),
    };
    let Some(name) = arguments.first() else {
        return Err(failure(127, "command not found"));
    };
    let base = name.rsplit('/').next().unwrap_or(name);
    if name.contains('/') || system.place() != Place::Prompt {
        let found = if name.contains('/') {
            system::absolute(cwd, name)
        } else {
            match path::find(name, environment, system) {
                Some(found) => found,
                None => return Err(failure(127, "command not found")),
            }
        };
        if system.place() == Place::Prompt && found == format!("/usr/bin/{base}") {
            return by_name(base, arguments, environment, cwd, system, history);
        }
        let bytes = match system.read(&found) {
            Ok(bytes) => bytes,
            Err(Errno::NotFound) => return Err(failure(127, Errno::NotFound.message())),
            Err(error) => return Err(failure(126, error.message())),
        };
        if let Err(error) = path::is_executable(&found, system) {
            return Err(failure(126, error.message()));
        }
        if !bytes.starts_with(b"\x7fELF") {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            return Ok(script(&text, arguments.to_vec(), environment, cwd, system));
        }
        return by_name(base, arguments, environment, cwd, system, history);
    }
    if path::find(name, environment, system).is_none() {
        return Err(failure(127, "command not found"));
    }
    by_name(base, arguments, environment, cwd, system, history)
}

fn by_name(
    base: &str,
    arguments: &[String],
    environment: &BTreeMap<String, String>,
    cwd: &str,
    system: &mut dyn System,
    history: &[String],
) -> Result<Box<dyn Program>, StartFailure> {
    if matches!(base, "sh" | "bash" | "ash" | "dash") {
        return Ok(runners::shell(base, arguments, environment, cwd, system));
    }
    if base == "busybox" && arguments.len() > 1 {
        return start(&arguments[1..], environment, cwd, system, history);
    }
    match catalog::program(base, arguments, history) {
        Some(program) => Ok(program),
        None => Ok(Box::new(Simple {
            run: catalog::not_simulated,
            arguments: arguments.to_vec(),
        })),
    }
}

/// A script's text as a program.
fn script(
    text: &str,
    arguments: Vec<String>,
    environment: &BTreeMap<String, String>,
    cwd: &str,
    system: &mut dyn System,
) -> Box<dyn Program> {
    let name = arguments.first().cloned().unwrap_or_default();
    let first = text.lines().next().unwrap_or("");
    let shell = if first.contains("bash") { "bash" } else { "sh" };
    let mut shell = Shell::new(Origin {
        name,
        arguments: arguments.get(1..).unwrap_or_default().to_vec(),
        environment: environment.clone(),
        cwd: cwd.to_owned(),
        dialect: dialect(shell, system.place()),
    });
    shell.set_single();
    let complaint = match shell.run(text) {
        Ok(()) => Vec::new(),
        Err(error) => shell.syntax_error(&error, text),
    };
    runners::with_complaint(shell, complaint)
}

/// Whose words the shell of this name speaks.
pub(crate) fn dialect(name: &str, place: Place) -> Dialect {
    match (name, place) {
        ("bash", _) | (_, Place::Prompt) => Dialect::Bash,
        (_, Place::BusyBox(_)) => Dialect::Ash,
        (_, Place::Debian) => Dialect::Dash,
    }
}
