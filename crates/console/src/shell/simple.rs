//! Simple commands: functions, builtins, programs, and where their streams go.

use super::ast::{Body, Command, RedirectKind, Word};
use super::machine::{Frame, Machine, Progress};
use super::parser;
use super::state::Dialect;
use super::streams::{Outside, Sink, Source};
use crate::command::{Input, Until};
use crate::programs::{self, Errno, system};
use std::sync::Arc;

/// What came of a builtin.
pub(super) enum Built {
    /// It ended.
    Status(i32),
    /// It left frames that go on.
    Goes,
}

impl Machine {
    /// Runs the text of an alias in the place of its name. Whether that could be done.
    pub(super) fn start_alias(&mut self, name: &str, text: &str, rest: &[String]) -> bool {
        let Ok(list) = parser::parse(text) else {
            return false;
        };
        let single = match list.items.as_slice() {
            [item] => match item.and_or.pipelines.as_slice() {
                [(_, pipeline)] if pipeline.commands.len() == 1 => pipeline.commands.first(),
                _ => None,
            },
            _ => None,
        };
        let Some(command) = single else {
            self.start(Arc::new(list));
            return rest.is_empty();
        };
        let Body::Simple { words, assigns } = &command.body else {
            return false;
        };
        let mut words: Vec<Word> = words.clone();
        // The name itself is not replaced again: `alias ls='ls -l'`.
        if let Some(first) = words.first_mut()
            && first.literal() == Some(name)
        {
            *first = Word::quoted(name);
        }
        words.extend(rest.iter().map(|argument| Word::quoted(argument)));
        let command = Command {
            body: Body::Simple {
                assigns: assigns.clone(),
                words,
            },
            redirects: Vec::new(),
        };
        self.start_command(Arc::new(command));
        true
    }

    /// Points the streams where the redirections of a command say.
    pub(super) fn redirect(
        &mut self,
        node: &Command,
        targets: &[String],
        outside: &mut Outside<'_>,
    ) -> Result<(), String> {
        for (redirect, target) in node.redirects.iter().zip(targets) {
            let mut streams = self.streams();
            let path = system::absolute(&self.state.cwd, target);
            match (redirect.kind, redirect.descriptor) {
                (RedirectKind::Text, _) => {
                    streams.stdin = Source::Pipe(outside.pipes.of_text(target.clone()));
                }
                (RedirectKind::Read, Some(0)) if target == "/dev/null" => {
                    streams.stdin = Source::Null;
                }
                (RedirectKind::Read, Some(0)) => {
                    let bytes = outside
                        .system
                        .read(&path)
                        .map_err(|error| self.cannot("open", target, error))?;
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    streams.stdin = Source::Pipe(outside.pipes.of_text(text));
                }
                (RedirectKind::Write | RedirectKind::Append, descriptor) => {
                    let append = redirect.kind == RedirectKind::Append;
                    let sink = match target.as_str() {
                        "/dev/null" => Sink::Null,
                        "/dev/stdout" | "/proc/1/fd/1" => streams.stdout.clone(),
                        "/dev/stderr" | "/proc/1/fd/2" => streams.stderr.clone(),
                        _ => {
                            outside
                                .system
                                .write(&path, b"", append)
                                .map_err(|error| self.cannot("create", target, error))?;
                            Sink::File(path)
                        }
                    };
                    match descriptor {
                        None => {
                            streams.stdout = sink.clone();
                            streams.stderr = sink;
                        }
                        Some(1) => streams.stdout = sink,
                        Some(2) => streams.stderr = sink,
                        Some(n) => return Err(not_simulated(n)),
                    }
                }
                (RedirectKind::Duplicate, descriptor) => match (descriptor, target.as_str()) {
                    (Some(1), "2") => streams.stdout = streams.stderr.clone(),
                    (Some(2), "1") => streams.stderr = streams.stdout.clone(),
                    (Some(a), b) if a.to_string() == b => {}
                    (Some(1), "-") => streams.stdout = Sink::Null,
                    (Some(2), "-") => streams.stderr = Sink::Null,
                    (Some(0), "-") => streams.stdin = Source::Null,
                    (_, other) => return Err(format!("{other}: Bad file descriptor")),
                },
                (RedirectKind::Read, n) => return Err(not_simulated(n.unwrap_or(0))),
            }
            self.descriptors = Some(streams);
        }
        Ok(())
    }

    fn cannot(&self, verb: &str, target: &str, error: Errno) -> String {
        let words = error.message();
        match (self.state.is_bash(), error) {
            (true, _) => format!("{target}: {words}"),
            (false, Errno::NotFound) if verb == "create" => {
                let words = match self.state.dialect {
                    Dialect::Dash => "Directory nonexistent",
                    _ => "nonexistent directory",
                };
                format!("cannot {verb} {target}: {words}")
            }
            (false, Errno::NotFound) if self.state.dialect == Dialect::Dash => {
                format!("cannot {verb} {target}: No such file")
            }
            (false, Errno::NotFound) => format!("can't {verb} {target}: no such file"),
            (false, _) => format!("cannot {verb} {target}: {words}"),
        }
    }

    pub(super) fn run_simple(
        &mut self,
        arguments: Vec<String>,
        assigns: Vec<(String, String)>,
        had_substitution: bool,
        outside: &mut Outside<'_>,
    ) {
        if self.state.options.xtrace {
            let mut line = "+".to_owned();
            for (name, value) in &assigns {
                line.push_str(&format!(" {name}={}", traced(value)));
            }
            for argument in &arguments {
                line.push(' ');
                line.push_str(&traced(argument));
            }
            let sink = self.streams().stderr;
            let _ = outside.write(&sink, &format!("{line}\n"));
        }
        if arguments.is_empty() {
            for (name, value) in assigns {
                if let Err(error) = self.state.set(&name, value) {
                    self.error(&error, outside);
                    return self.settle(1);
                }
            }
            let status = if had_substitution {
                self.state.status
            } else {
                0
            };
            return self.settle(status);
        }
        if !assigns.is_empty() {
            let saved = assigns
                .iter()
                .map(|(name, _)| (name.clone(), self.state.variables.get(name).cloned()))
                .collect();
            self.frames.push(Frame::RestoreVariables(saved));
            for (name, value) in assigns {
                if let Err(error) = self.state.set(&name, value) {
                    self.error(&error, outside);
                }
                if let Some(variable) = self.state.variables.get_mut(&name) {
                    variable.exported = true;
                }
            }
        }
        self.run_arguments(arguments, outside);
    }

    /// Runs what the arguments name: a function, a builtin or a program.
    pub(super) fn run_arguments(&mut self, arguments: Vec<String>, outside: &mut Outside<'_>) {
        if let Some(body) = self.state.functions.get(&arguments[0]).cloned() {
            let own = arguments[1..].to_vec();
            let saved = std::mem::replace(&mut self.state.arguments, own);
            self.frames.push(Frame::Call { arguments: saved });
            self.start_command(body);
            return;
        }
        match self.builtin(&arguments, outside) {
            Some(Built::Status(status)) => self.settle(status),
            Some(Built::Goes) => {}
            None => self.start_program(&arguments, outside),
        }
    }

    pub(super) fn start_program(&mut self, arguments: &[String], outside: &mut Outside<'_>) {
        let name = &arguments[0];
        if outside.depth + self.depth >= programs::DEPTH_LIMIT {
            self.error(
                "not simulated here: programs that run programs this deep",
                outside,
            );
            return self.settle(1);
        }
        let environment = Arc::new(self.state.environment());
        let started = programs::start(
            arguments,
            &environment,
            &self.state.cwd,
            outside.system,
            &self.state.history,
        );
        match started {
            Ok(program) => self.frames.push(Frame::Program {
                program,
                environment,
            }),
            Err(programs::StartFailure { status, words }) => {
                let words = match status {
                    127 if !name.contains('/') => match self.state.is_bash() {
                        true => format!("{name}: command not found"),
                        false => format!("{name}: not found"),
                    },
                    127 if !self.state.is_bash() => format!("{name}: not found"),
                    _ => format!("{name}: {words}"),
                };
                self.error(&words, outside);
                self.settle(status);
            }
        }
    }

    /// `read`: waits for a line.
    pub(super) fn step_read(
        &mut self,
        names: Vec<String>,
        raw: bool,
        outside: &mut Outside<'_>,
    ) -> Option<Progress> {
        let source = self.streams().stdin;
        let mut input = match &source {
            Source::Outside => std::mem::take(outside.stdin),
            Source::Pipe(id) => outside.pipes.input(*id),
            Source::Null => Input {
                closed: true,
                ..Input::default()
            },
        };
        let line = match input.text.find('\n') {
            Some(end) => {
                let rest = input.text.split_off(end + 1);
                let mut line = std::mem::replace(&mut input.text, rest);
                line.pop();
                Some((line, 0))
            }
            None if input.closed => Some((std::mem::take(&mut input.text), 1)),
            None => None,
        };
        match &source {
            Source::Outside => *outside.stdin = input,
            Source::Pipe(id) => outside.pipes.unread(*id, input.text),
            Source::Null => {}
        }
        let Some((line, status)) = line else {
            self.frames.push(Frame::Read { names, raw });
            return Some(Progress::Wait(match source {
                Source::Pipe(_) => None,
                _ => Some(Until::Input),
            }));
        };
        let line = if raw { line } else { line.replace('\\', "") };
        let mut rest = line.trim_matches([' ', '\t']);
        for (i, name) in names.iter().enumerate() {
            let value = match rest.find([' ', '\t']) {
                Some(end) if i + 1 < names.len() => {
                    let (value, after) = rest.split_at(end);
                    rest = after.trim_start_matches([' ', '\t']);
                    value
                }
                _ => std::mem::take(&mut rest),
            };
            if let Err(error) = self.state.set(name, value.to_owned()) {
                self.error(&error, outside);
            }
        }
        self.settle(status);
        None
    }
}

fn not_simulated(descriptor: u32) -> String {
    format!("not simulated here: streams other than 0, 1 and 2 ({descriptor})")
}

/// An argument as `set -x` shows it.
fn traced(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%^".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
