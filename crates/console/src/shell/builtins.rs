//! The commands that a shell runs itself.

mod input;
mod options;
mod variables;

use super::machine::{Frame, Machine, Read};
use super::parser;
use super::simple::Built;
use super::state::Dialect;
use super::streams::Outside;
use crate::programs::{FileType, echo, path, system, test};
use std::sync::Arc;

/// The names of the builtins, for `type`.
const NAMES: &str = " . : [ alias bg break cd command continue echo eval exec exit export false fg getopts hash jobs kill \
local printf pwd read readonly return set shift test times trap true type ulimit umask unalias unset wait ";

/// Those that bash has besides.
const BASH_NAMES: &str =
    " builtin declare dirs disown enable let mapfile popd pushd readarray shopt source typeset ";

/// The keywords of all shells, and those that bash has besides.
const KEYWORDS: [&str; 2] = [
    " ! case do done elif else esac fi for if in then until while { } ",
    " [[ ]] function select time ",
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
            && BASH_NAMES.contains(&format!(" {} ", arguments[0]))
            && !(self.state.dialect == Dialect::Ash
                && matches!(arguments[0].as_str(), "source" | "let"))
        {
            return None;
        }
        if arguments[0] == "[[" && self.state.dialect == Dialect::Dash {
            return None;
        }
        let status = match arguments[0].as_str() {
            ":" | "true" => 0,
            "false" => 1,
            "echo" => {
                let text = match self.state.dialect {
                    Dialect::Dash => echo::dash(rest),
                    _ => echo::echo(rest, false),
                };
                return Some(self.say(&text, outside));
            }
            "printf" => return Some(self.printf(rest, outside)),
            "pwd" => {
                let line = format!("{}\n", self.state.cwd);
                return Some(self.say(&line, outside));
            }
            "test" | "[" | "[[" => self.test(arguments, outside),
            "cd" => self.change_directory(rest, outside),
            "export" | "readonly" => return Some(self.export(arguments, outside)),
            "declare" | "typeset" => return Some(self.declare(arguments, outside)),
            "local" => return Some(self.local(rest, outside)),
            "unset" => return Some(self.unset(rest, outside)),
            "alias" => self.alias(rest, outside)?,
            "unalias" => self.unalias(rest, outside),
            "set" => return Some(self.set_options(rest, outside)),
            "shopt" => self.shopt(rest, outside),
            "shift" => {
                let count = rest.first().and_then(|n| n.parse().ok()).unwrap_or(1);
                if count > self.state.arguments.len() {
                    if self.state.dialect == Dialect::Dash {
                        let words = format!("{}can't shift that many", "shift: ");
                        self.give_up(&words, 2, outside);
                        return Some(Built::Goes);
                    }
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
            "kill" => return Some(self.kill(rest, outside)),
            "fg" | "bg" | "disown" => return Some(self.job_control(arguments, outside)),
            "trap" => return Some(self.trap(rest, outside)),
            "getopts" => self.getopts(rest, outside),
            "pushd" | "popd" | "dirs" => return Some(self.directories(arguments, outside)),
            "times" => return Some(self.say("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n", outside)),
            "ulimit" => return Some(self.say("unlimited\n", outside)),
            "enable" => 0,
            "hash" => match self.state.dialect {
                Dialect::Dash | Dialect::Ash => 0,
                _ => return Some(self.say("hash: hash table empty\n", outside)),
            },
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
                    if !self.state.is_bash() {
                        // dash and ash take it for `exit` where no function runs.
                        self.frames.clear();
                        self.left |= !self.state.interactive;
                        self.state.status = status;
                        return Some(Built::Goes);
                    }
                    let words = "can only `return' from a function or sourced script";
                    self.complain("return", words, outside);
                    return Some(Built::Status(2));
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
                self.left = true;
                self.traps.clear();
                let name = match self.state.dialect {
                    Dialect::Ash => format!("exec: line {}: ", self.state.line.saturating_sub(1)),
                    _ => "exec: ".to_owned(),
                };
                self.start_named(&name, rest, outside);
                Some(Built::Goes)
            }
            "builtin" => match self.builtin(rest, outside) {
                Some(built) => Some(built),
                None => {
                    let name = rest.first().map_or("", String::as_str);
                    self.complain("builtin", &format!("{name}: not a shell builtin"), outside);
                    Some(Built::Status(1))
                }
            },
            "mapfile" | "readarray" => {
                let names = rest.iter().filter(|a| !a.starts_with('-')).take(1).cloned();
                let mut names: Vec<String> = names.collect();
                if names.is_empty() {
                    names.push("MAPFILE".to_owned());
                }
                self.frames.push(Frame::Read(Read {
                    names,
                    lines: Some(!rest.iter().any(|a| a == "-t")),
                    ..Read::default()
                }));
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
            "read" => Some(self.read(rest, outside)),
            "wait" => Some(self.wait(rest, outside)),
            _ => None,
        }
    }

    /// Prints; ends the shell when nobody reads any more.
    pub(super) fn say(&mut self, text: &str, outside: &mut Outside<'_>) -> Built {
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
                    Dialect::Dash => format!("Illegal number: {text}"),
                    Dialect::Ash => format!("Illegal number: {text}"),
                    _ => format!("{text}: numeric argument required"),
                };
                self.complain(name, &words, outside);
                2
            }
        }
    }

    fn test(&mut self, arguments: &[String], outside: &mut Outside<'_>) -> i32 {
        let name = &arguments[0];
        let mut words = &arguments[1..];
        let dialect = self.state.dialect;
        if let Some(end) = match name.as_str() {
            "[" => Some("]"),
            "[[" => Some("]]"),
            _ => None,
        } {
            match words.split_last() {
                Some((last, before)) if last == end => words = before,
                _ => {
                    let words = match dialect {
                        Dialect::Dash | Dialect::Ash => format!("missing {end}"),
                        _ => format!("missing `{end}'"),
                    };
                    self.complain_of_test(name, &words, outside);
                    return 2;
                }
            }
        }
        let cwd = self.state.cwd.clone();
        let double = name == "[[";
        match test::evaluate(
            words,
            double,
            dialect,
            &cwd,
            outside.system,
            Some(&mut self.state),
        ) {
            Ok(holds) => i32::from(!holds),
            Err(error) => {
                self.complain_of_test(name, &error, outside);
                2
            }
        }
    }

    fn complain_of_test(&mut self, name: &str, words: &str, outside: &mut Outside<'_>) {
        match self.state.dialect {
            Dialect::Ash => self.error(words, outside),
            _ => self.complain(name, words, outside),
        }
    }

    fn change_directory(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let home = self.state.parameter("HOME").unwrap_or_default();
        let old = self.state.parameter("OLDPWD").unwrap_or_default();
        let target = match rest.first().map(String::as_str) {
            None | Some("~" | "--") => home,
            Some("-") => old,
            Some(_) if rest.len() > 1 && self.state.is_bash() => {
                self.complain("cd", "too many arguments", outside);
                return 1;
            }
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
                if rest.first().is_some_and(|word| word == "-") {
                    let line = format!("{}\n", self.state.cwd);
                    self.say(&line, outside);
                }
                return 0;
            }
            Ok(_) => "Not a directory",
            Err(error) => error.message(),
        };
        let (words, status) = match self.state.dialect {
            Dialect::Dash => (format!("can't cd to {target}"), 2),
            Dialect::Ash => (format!("can't cd to {target}: {error}"), 2),
            _ => (format!("{target}: {error}"), 1),
        };
        self.complain("cd", &words, outside);
        status
    }

    fn let_(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let mut value = 0;
        for text in rest {
            match super::arith::evaluate(text, &mut self.state) {
                Ok(result) => value = result,
                Err(error) => {
                    self.complain("let", &error, outside);
                    return 1;
                }
            }
        }
        i32::from(value == 0)
    }

    /// Runs text as if it stood here.
    pub(super) fn run_text(&mut self, text: &str, outside: &mut Outside<'_>) -> Built {
        match parser::parse(text, self.state.dialect) {
            Ok(list) => {
                self.state.status = 0;
                self.start(Arc::new(list));
                Built::Goes
            }
            Err(error) => {
                let mut state = self.state.clone();
                if let Dialect::Bash = state.dialect {
                    state.name = "bash: eval".to_owned();
                }
                for line in super::complaints::syntax_error(&state, &error, text) {
                    let line = line.replacen("bash: eval: -c: ", "bash: eval: ", 1);
                    let sink = self.streams().stderr;
                    let _ = outside.write(&sink, &format!("{line}\n"));
                }
                if !self.state.is_bash() && !self.state.interactive {
                    self.frames.clear();
                    self.left = true;
                    self.state.status = 2;
                    return Built::Goes;
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
                let words = match self.state.dialect {
                    Dialect::Dash => format!(".: cannot open {name}: No such file"),
                    Dialect::Ash => {
                        let prefix = self.state.builtin_prefix(&arguments[0]);
                        let prefix = prefix.strip_prefix(&self.state.prefix()).unwrap_or("");
                        format!("{prefix}can't open '{name}': {}", error.message())
                    }
                    _ => {
                        self.error(&format!("{name}: {}", error.message()), outside);
                        return Built::Status(1);
                    }
                };
                self.give_up(&words, 2, outside);
                Built::Goes
            }
        }
    }

    fn is_builtin(&self, name: &str) -> bool {
        let name = format!(" {name} ");
        NAMES.contains(&name) || self.state.is_bash() && BASH_NAMES.contains(&name)
    }

    fn is_keyword(&self, name: &str) -> bool {
        let name = format!(" {name} ");
        KEYWORDS[0].contains(&name) || self.state.is_bash() && KEYWORDS[1].contains(&name)
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
            } else if self.is_keyword(name) {
                (name.clone(), "is a shell keyword".to_owned())
            } else if self.state.functions.contains_key(name) {
                let words = match self.state.dialect {
                    Dialect::Dash => "is a shell function",
                    _ => "is a function",
                };
                (name.clone(), words.to_owned())
            } else if self.is_builtin(name) {
                (name.clone(), "is a shell builtin".to_owned())
            } else if let Some(found) = path::find(name, &self.state.environment(), outside.system)
            {
                (found.clone(), format!("is {found}"))
            } else {
                status = if self.state.is_bash() { 1 } else { 127 };
                if words && self.state.is_bash() {
                    self.complain("type", &format!("{name}: not found"), outside);
                } else if words {
                    lines.push_str(&format!("{name}: not found\n"));
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
