//! Simple commands: functions, builtins, programs, and where their streams go.

use super::ast::{Body, Command, RedirectKind, Word};
use super::machine::{Frame, Machine, Progress, Read};
use super::parser;
use super::state::{Dialect, State};
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

/// An assignment that is expanded.
pub(super) struct Assigned {
    pub name: String,
    pub index: Option<String>,
    pub append: bool,
    pub value: String,
    /// The elements of `(…)`, with the keys that they name.
    pub elements: Option<Vec<(Option<String>, String)>>,
}

impl State {
    /// Makes an assignment.
    ///
    /// # Errors
    /// When the variable cannot be set.
    pub(super) fn assign(&mut self, assigned: &Assigned) -> Result<(), String> {
        let name = &assigned.name;
        if let Some(elements) = &assigned.elements {
            if !assigned.append {
                if self.variables.get(name).is_some_and(|v| v.readonly) {
                    return Err(format!("{name}: readonly variable"));
                }
                self.clear_array(name, false);
            }
            for (key, value) in elements {
                match key {
                    Some(key) => self.set_element(name, key, value.clone())?,
                    None => self.push_element(name, value.clone())?,
                }
            }
            return Ok(());
        }
        if let Some(key) = &assigned.index {
            let mut value = assigned.value.clone();
            if assigned.append {
                let key = self.element_key(name, key)?;
                let array = self.variables.get(name).and_then(|v| v.array.as_ref());
                if let Some(old) = array.and_then(|array| array.get(&key)) {
                    value.insert_str(0, old);
                }
            }
            return self.set_element(name, key, value);
        }
        let value = match assigned.append {
            true if self.variables.get(name).is_some_and(|v| v.integer) => {
                format!("{name}+({})", assigned.value)
            }
            true => self.parameter(name).unwrap_or_default() + &assigned.value,
            false => assigned.value.clone(),
        };
        self.set(name, value)
    }
}

impl Machine {
    /// Runs the text of an alias in the place of its name. Whether that could be done.
    pub(super) fn start_alias(&mut self, name: &str, text: &str, rest: &[String]) -> bool {
        let Ok(list) = parser::parse(text, self.state.dialect) else {
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
            line: self.state.line,
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
                (_, Some(1 | 2)) | (_, None) if target.is_empty() => {
                    return Err(self.cannot("create", target, Errno::NotFound));
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
            (false, Errno::NotFound) if verb == "create" => match self.state.dialect {
                Dialect::Dash => format!("cannot create {target}: Directory nonexistent"),
                _ => format!("can't create {target}: nonexistent directory"),
            },
            (false, Errno::NotFound) if self.state.dialect == Dialect::Dash => {
                format!("cannot {verb} {target}: No such file")
            }
            (false, Errno::NotFound) => format!("can't {verb} {target}: no such file"),
            (false, _) if self.state.dialect == Dialect::Dash => {
                format!("cannot {verb} {target}: {words}")
            }
            (false, _) => format!("can't {verb} {target}: {words}"),
        }
    }

    pub(super) fn run_simple(
        &mut self,
        arguments: Vec<String>,
        assigns: Vec<Assigned>,
        had_substitution: bool,
        outside: &mut Outside<'_>,
    ) {
        if self.state.options.xtrace {
            let mut line = "+".to_owned();
            for assigned in &assigns {
                let value = self.traced(&assigned.value);
                line.push_str(&format!(" {}={value}", assigned.name));
            }
            for argument in &arguments {
                line.push(' ');
                line.push_str(&self.traced(argument));
            }
            let sink = self.streams().stderr;
            let _ = outside.write(&sink, &format!("{line}\n"));
        }
        if arguments.is_empty() {
            let status = if had_substitution {
                self.state.status
            } else {
                0
            };
            return self.settle(status);
        }
        let mut arguments = arguments;
        let arrays = assigns.iter().any(|assigned| assigned.elements.is_some());
        if arrays {
            arguments.extend(assigns.iter().map(|assigned| assigned.name.clone()));
            self.run_arguments(std::mem::take(&mut arguments), outside);
        }
        if !assigns.is_empty() && !arrays {
            let saved = assigns
                .iter()
                .map(|a| (a.name.clone(), self.state.variables.get(&a.name).cloned()))
                .collect();
            self.frames.push(Frame::RestoreVariables(saved));
        }
        for assigned in assigns {
            if let Err(error) = self.state.assign(&assigned) {
                self.error(&error, outside);
            }
            if !arrays && let Some(variable) = self.state.variables.get_mut(&assigned.name) {
                variable.exported = true;
            }
        }
        if !arrays {
            self.run_arguments(arguments, outside);
        }
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
        self.start_named("", arguments, outside);
    }

    /// Starts a program; `by` stands before an error.
    pub(super) fn start_named(
        &mut self,
        by: &str,
        arguments: &[String],
        outside: &mut Outside<'_>,
    ) {
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
                    126 if !self.state.is_bash() => format!("{name}: Permission denied"),
                    127 if !name.contains('/') => match self.state.is_bash() && by.is_empty() {
                        true => format!("{name}: command not found"),
                        false => format!("{name}: not found"),
                    },
                    127 if !self.state.is_bash() => format!("{name}: not found"),
                    _ => format!("{name}: {words}"),
                };
                self.error(&format!("{by}{words}"), outside);
                self.settle(status);
            }
        }
    }

    /// `read`: waits for a line.
    pub(super) fn step_read(&mut self, read: Read, outside: &mut Outside<'_>) -> Option<Progress> {
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
            _ if read.lines.is_some() => input.closed.then(|| (std::mem::take(&mut input.text), 0)),
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
            self.frames.push(Frame::Read(read));
            return Some(Progress::Wait(match source {
                Source::Pipe(_) => None,
                _ => Some(Until::Input),
            }));
        };
        if let Err(error) = self.take_line(&read, &line) {
            self.error(&error, outside);
        }
        self.settle(status);
        None
    }

    /// Puts what was read into variables.
    fn take_line(&mut self, read: &Read, line: &str) -> Result<(), String> {
        let first = read.names.first().map_or("REPLY", String::as_str);
        if let Some(ends) = read.lines {
            self.state.clear_array(first, false);
            for line in line.split_inclusive('\n') {
                let line = if ends {
                    line
                } else {
                    line.trim_end_matches('\n')
                };
                self.state.push_element(first, line.to_owned())?;
            }
            return Ok(());
        }
        let line = if read.raw {
            line.to_owned()
        } else {
            line.replace('\\', "")
        };
        let separators = match self.state.variables.get("IFS") {
            Some(ifs) => ifs.value.clone(),
            None => " \t\n".to_owned(),
        };
        let blank = |c: char| c.is_whitespace() && separators.contains(c);
        // The whole line as it is, when no name was given.
        if !read.array && read.names.is_empty() {
            return self.state.set("REPLY", line);
        }
        let mut rest = line.trim_matches(blank);
        let mut words = Vec::new();
        while !rest.is_empty() && (read.array || words.len() + 1 < read.names.len()) {
            let end = rest.find(|c| separators.contains(c)).unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            let after = rest[end..].trim_start_matches(blank);
            // One separator that is no blank, with the blanks around it.
            rest = match after.chars().next() {
                Some(c) if separators.contains(c) => {
                    after[c.len_utf8()..].trim_start_matches(blank)
                }
                _ => after,
            };
        }
        if read.array {
            self.state.clear_array(first, false);
            for word in words {
                self.state.push_element(first, word)?;
            }
            return Ok(());
        }
        words.push(rest.to_owned());
        for (i, name) in read.names.iter().enumerate() {
            let value = words.get(i).cloned().unwrap_or_default();
            self.state.set(name, value)?;
        }
        Ok(())
    }

    /// An argument as `set -x` shows it.
    fn traced(&self, text: &str) -> String {
        let plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%^".contains(c);
        let bare = match self.state.dialect {
            Dialect::Dash => true,
            Dialect::Ash => {
                text == "]" || text != "=" && !text.is_empty() && text.chars().all(plain)
            }
            _ => !text.is_empty() && text.chars().all(plain),
        };
        match bare {
            true => text.to_owned(),
            false => format!("'{}'", text.replace('\'', "'\\''")),
        }
    }
}

fn not_simulated(descriptor: u32) -> String {
    format!("not simulated here: streams other than 0, 1 and 2 ({descriptor})")
}
