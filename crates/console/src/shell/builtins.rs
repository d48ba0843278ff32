//! The commands that a shell runs itself.

mod variables;

use super::machine::{Frame, Machine};
use super::parser;
use super::simple::Built;
use super::state::Dialect;
use super::streams::Outside;
use crate::programs::{FileType, echo, path, system, test};
use std::sync::Arc;

/// The names of the builtins, for `type`.
const NAMES: [&str; 34] = [
    ".", ":", "[", "[[", "alias", "break", "cd", "command", "continue", "echo", "eval", "exec",
    "exit", "export", "false", "jobs", "let", "local", "printf", "pwd", "read", "return", "set",
    "shift", "source", "test", "trap", "true", "type", "umask", "unalias", "unset", "wait",
    "declare",
];

impl Machine {
    /// Runs a builtin; `None` when there is none of that name.
    pub(super) fn builtin(
        &mut self,
        arguments: &[String],
        outside: &mut Outside<'_>,
    ) -> Option<Built> {
        let rest = &arguments[1..];
        if !self.state.is_bash()
            && matches!(arguments[0].as_str(), "[[" | "let" | "declare" | "source")
        {
            return None;
        }
        let status = match arguments[0].as_str() {
            ":" | "true" => 0,
            "false" => 1,
            "echo" => {
                let escapes = self.state.dialect == Dialect::Dash;
                return Some(self.say(&echo::echo(rest, escapes), outside));
            }
            "printf" => {
                let (text, error) = echo::printf(rest);
                if let Some(error) = &error {
                    self.error(&format!("printf: {error}"), outside);
                }
                let built = self.say(&text, outside);
                return Some(match error {
                    Some(_) => Built::Status(if rest.is_empty() { 2 } else { 1 }),
                    None => built,
                });
            }
            "pwd" => {
                let line = format!("{}\n", self.state.cwd);
                return Some(self.say(&line, outside));
            }
            "test" | "[" | "[[" => self.test(arguments, outside),
            "cd" => self.change_directory(rest, outside),
            "export" | "declare" | "typeset" | "readonly" => self.export(rest, outside)?,
            "local" => self.local(rest, outside),
            "unset" => {
                for name in rest {
                    self.state.variables.remove(name);
                    self.state.functions.remove(name);
                }
                0
            }
            "alias" => self.alias(rest, outside)?,
            "unalias" => {
                for name in rest {
                    self.state.aliases.remove(name);
                }
                0
            }
            "set" => self.set_options(rest, outside)?,
            "shift" => {
                let count = rest.first().and_then(|n| n.parse().ok()).unwrap_or(1);
                if count > self.state.arguments.len() {
                    1
                } else {
                    self.state.arguments.drain(..count);
                    0
                }
            }
            "umask" => return Some(self.say("0022\n", outside)),
            "jobs" => {
                let lines: String = self
                    .jobs
                    .iter()
                    .map(|job| format!("[{}]   Running\n", job.number))
                    .collect();
                return Some(self.say(&lines, outside));
            }
            "kill" if rest.iter().any(|word| self.names_job(word)) => self.kill(rest, outside),
            "trap" => self.trap(rest),
            "let" => self.let_(rest, outside),
            _ => return self.flow(arguments, outside),
        };
        Some(Built::Status(status))
    }

    /// The builtins that change what runs next.
    fn flow(&mut self, arguments: &[String], outside: &mut Outside<'_>) -> Option<Built> {
        let rest = &arguments[1..];
        match arguments[0].as_str() {
            "exit" => {
                let status = self.number(rest.first(), "exit", outside);
                self.frames.clear();
                self.left = true;
                self.state.status = status;
                Some(Built::Goes)
            }
            "return" => {
                let status = self.number(rest.first(), "return", outside);
                if !self.leave_call() {
                    self.error(
                        "return: can only `return' from a function or sourced script",
                        outside,
                    );
                    return Some(Built::Status(1));
                }
                self.state.status = status;
                Some(Built::Goes)
            }
            name @ ("break" | "continue") => {
                let levels = rest.first().and_then(|n| n.parse().ok()).unwrap_or(1);
                if self.leave_loop(levels, name == "continue") {
                    self.state.status = 0;
                    return Some(Built::Goes);
                }
                if self.state.is_bash() {
                    self.error(
                        &format!("{name}: only meaningful in a `for', `while', or `until' loop"),
                        outside,
                    );
                }
                Some(Built::Status(0))
            }
            "eval" => Some(self.run_text(&rest.join(" "), outside)),
            "." | "source" => Some(self.source(arguments, outside)),
            "exec" => {
                if rest.is_empty() {
                    return Some(Built::Status(0));
                }
                self.frames.clear();
                self.start_program(rest, outside);
                Some(Built::Goes)
            }
            "command" => match rest.first().map(String::as_str) {
                None => Some(Built::Status(0)),
                Some("-v" | "-V") => Some(self.describe(&rest[1..], false, outside)),
                Some(_) => {
                    match self.builtin(rest, outside) {
                        Some(built) => return Some(built),
                        None => self.start_program(rest, outside),
                    }
                    Some(Built::Goes)
                }
            },
            "type" => Some(self.describe(rest, true, outside)),
            "read" => {
                let raw = rest.iter().any(|a| a == "-r");
                let mut names: Vec<String> = rest
                    .iter()
                    .filter(|a| !a.starts_with('-'))
                    .cloned()
                    .collect();
                if names.is_empty() {
                    names.push("REPLY".to_owned());
                }
                self.frames.push(Frame::Read { names, raw });
                Some(Built::Goes)
            }
            "wait" => {
                self.state.status = 0;
                self.frames.push(Frame::Wait);
                Some(Built::Goes)
            }
            _ => None,
        }
    }

    /// Prints; ends the shell when nobody reads any more.
    fn say(&mut self, text: &str, outside: &mut Outside<'_>) -> Built {
        let streams = self.streams();
        if self.deliver(&streams, text, "", outside) {
            self.frames.clear();
            self.state.status = 141;
            return Built::Goes;
        }
        Built::Status(0)
    }

    fn number(&mut self, text: Option<&String>, name: &str, outside: &mut Outside<'_>) -> i32 {
        let Some(text) = text else {
            return self.state.status;
        };
        match text.trim().parse::<i64>() {
            Ok(n) => i32::from(n.rem_euclid(256) as u8),
            Err(_) => {
                let words = match self.state.dialect {
                    Dialect::Dash | Dialect::Ash => format!("{name}: Illegal number: {text}"),
                    _ => format!("{name}: {text}: numeric argument required"),
                };
                self.error(&words, outside);
                2
            }
        }
    }

    fn test(&mut self, arguments: &[String], outside: &mut Outside<'_>) -> i32 {
        let name = &arguments[0];
        let mut words = &arguments[1..];
        if let Some(end) = match name.as_str() {
            "[" => Some("]"),
            "[[" => Some("]]"),
            _ => None,
        } {
            match words.split_last() {
                Some((last, before)) if last == end => words = before,
                _ => {
                    self.error(&format!("{name}: missing `{end}'"), outside);
                    return 2;
                }
            }
        }
        let cwd = self.state.cwd.clone();
        match test::evaluate(words, name == "[[", &cwd, outside.system) {
            Ok(holds) => i32::from(!holds),
            Err(error) => {
                self.error(&format!("{name}: {error}"), outside);
                2
            }
        }
    }

    fn change_directory(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let home = self.state.parameter("HOME").unwrap_or_default();
        let old = self.state.parameter("OLDPWD").unwrap_or_default();
        let target = match rest.first().map(String::as_str) {
            None | Some("~" | "--") => home,
            Some("-") => old,
            Some(path) => path.to_owned(),
        };
        let path = system::absolute(&self.state.cwd, &target);
        let error = match outside.system.stat(&path) {
            Ok(metadata) if metadata.file_type == FileType::Directory => {
                let old = std::mem::replace(&mut self.state.cwd, path);
                self.state
                    .variables
                    .entry("OLDPWD".to_owned())
                    .or_default()
                    .value = old;
                return 0;
            }
            Ok(_) => "Not a directory",
            Err(error) => error.message(),
        };
        let (words, status) = match self.state.dialect {
            Dialect::Dash => (format!("cd: can't cd to {target}"), 2),
            Dialect::Ash => (format!("cd: can't cd to {target}: {error}"), 2),
            _ => (format!("cd: {target}: {error}"), 1),
        };
        self.error(&words, outside);
        status
    }

    fn trap(&mut self, rest: &[String]) -> i32 {
        if let Some((action, signals)) = rest.split_first() {
            for signal in signals {
                let name = signal.trim_start_matches("SIG").to_owned();
                if action == "-" {
                    self.traps.remove(&name);
                } else {
                    self.traps.insert(name, action.clone());
                }
            }
        }
        0
    }

    fn let_(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let mut value = 0;
        for text in rest {
            match super::arith::evaluate(text, &mut self.state) {
                Ok(result) => value = result,
                Err(error) => {
                    self.error(&format!("let: {text}: {error}"), outside);
                    return 1;
                }
            }
        }
        i32::from(value == 0)
    }

    /// Runs text as if it stood here.
    pub(super) fn run_text(&mut self, text: &str, outside: &mut Outside<'_>) -> Built {
        match parser::parse(text) {
            Ok(list) => {
                self.state.status = 0;
                self.start(Arc::new(list));
                Built::Goes
            }
            Err(error) => {
                for line in super::complaints::syntax_error(&self.state, &error, text) {
                    let sink = self.streams().stderr;
                    let _ = outside.write(&sink, &format!("{line}\n"));
                }
                Built::Status(2)
            }
        }
    }

    fn source(&mut self, arguments: &[String], outside: &mut Outside<'_>) -> Built {
        let Some(name) = arguments.get(1) else {
            self.error(
                &format!("{}: filename argument required", arguments[0]),
                outside,
            );
            return Built::Status(2);
        };
        let path = system::absolute(&self.state.cwd, name);
        match outside.system.read(&path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let own = arguments[2..].to_vec();
                let own = if own.is_empty() {
                    self.state.arguments.clone()
                } else {
                    own
                };
                let saved = std::mem::replace(&mut self.state.arguments, own);
                self.frames.push(Frame::Call { arguments: saved });
                self.run_text(&text, outside)
            }
            Err(error) => {
                self.error(&format!("{name}: {}", error.message()), outside);
                Built::Status(1)
            }
        }
    }

    fn describe(&mut self, names: &[String], words: bool, outside: &mut Outside<'_>) -> Built {
        let mut status = 0;
        let mut lines = String::new();
        for name in names {
            let (short, long) = if let Some(text) = self.state.aliases.get(name) {
                (
                    format!("alias {name}='{text}'"),
                    format!("is aliased to `{text}'"),
                )
            } else if self.state.functions.contains_key(name) {
                (name.clone(), "is a function".to_owned())
            } else if NAMES.contains(&name.as_str()) {
                (name.clone(), "is a shell builtin".to_owned())
            } else if let Some(found) = path::find(name, &self.state.environment(), outside.system)
            {
                (found.clone(), format!("is {found}"))
            } else {
                status = if self.state.is_bash() { 1 } else { 127 };
                if words {
                    self.error(&format!("type: {name}: not found"), outside);
                }
                continue;
            };
            match words {
                true => lines.push_str(&format!("{name} {long}\n")),
                false => lines.push_str(&format!("{short}\n")),
            }
        }
        match self.say(&lines, outside) {
            Built::Status(_) => Built::Status(status),
            goes => goes,
        }
    }
}
