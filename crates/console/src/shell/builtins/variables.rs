//! `export`, `readonly`, `declare`, `local`, `alias`.

use crate::shell::machine::{Frame, Machine};
use crate::shell::parser::is_name;
use crate::shell::simple::Built;
use crate::shell::state::Dialect;
use crate::shell::streams::Outside;
use crate::shell::variables::{Array, Variable};

/// A variable as `declare -p` shows it.
fn declared(name: &str, variable: &Variable) -> String {
    let mut flags = String::new();
    let letters = [
        ('a', matches!(variable.array, Some(Array::Numbered(_)))),
        ('A', matches!(variable.array, Some(Array::Named(_)))),
        ('i', variable.integer),
        ('r', variable.readonly),
        ('x', variable.exported),
    ];
    flags.extend(
        letters
            .iter()
            .filter(|(_, on)| *on)
            .map(|(letter, _)| letter),
    );
    if flags.is_empty() {
        flags.push('-');
    }
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    match &variable.array {
        None => format!("declare -{flags} {name}=\"{}\"\n", quoted(&variable.value)),
        Some(array) => {
            let entries = array.entries().into_iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("[{key}]=\"{}\"", quoted(value)))
                .collect();
            format!("declare -{flags} {name}=({})\n", entries.join(" "))
        }
    }
}

impl Machine {
    /// `export` and `readonly`.
    pub(super) fn export(&mut self, arguments: &[String], outside: &mut Outside<'_>) -> Built {
        let builtin = arguments[0].as_str();
        let exports = builtin == "export";
        let rest = &arguments[1..];
        let takes_back = rest.iter().any(|a| a == "-n");
        if takes_back && self.state.dialect == Dialect::Dash {
            self.give_up(&format!("{builtin}: Illegal option -n"), 2, outside);
            return Built::Goes;
        }
        let names: Vec<&String> = rest.iter().filter(|a| !a.starts_with('-')).collect();
        if names.is_empty() {
            let shown = self
                .state
                .variables
                .iter()
                .filter(|(_, variable)| match exports {
                    true => variable.exported,
                    false => variable.readonly,
                });
            let lines: String = shown
                .map(|(name, variable)| match self.state.is_bash() {
                    true => declared(name, variable),
                    false => format!("{builtin} {name}='{}'\n", variable.value),
                })
                .collect();
            return self.say(&lines, outside);
        }
        let mut status = 0;
        for argument in names {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument.as_str(), None),
            };
            if !is_name(name) {
                if self.state.is_bash() {
                    let words = format!("`{argument}': not a valid identifier");
                    self.complain(builtin, &words, outside);
                    status = 1;
                    continue;
                }
                let prefix = self.state.builtin_prefix(builtin);
                let prefix = prefix.strip_prefix(&self.state.prefix()).unwrap_or("");
                let words = format!("{prefix}{name}: bad variable name");
                self.give_up(&words, 2, outside);
                return Built::Goes;
            }
            if let Some(value) = value
                && let Err(error) = self.state.set(name, value.to_owned())
            {
                self.error(&error, outside);
                status = 1;
            }
            let variable = self.state.variables.entry(name.to_owned()).or_default();
            match exports {
                true => variable.exported = !takes_back,
                false => variable.readonly = true,
            }
        }
        Built::Status(status)
    }

    /// `declare`
    pub(super) fn declare(&mut self, arguments: &[String], outside: &mut Outside<'_>) -> Built {
        let mut on = String::new();
        let mut off = String::new();
        let mut names = Vec::new();
        for argument in &arguments[1..] {
            match (argument.strip_prefix('-'), argument.strip_prefix('+')) {
                (Some(letters), _) => on.push_str(letters),
                (_, Some(letters)) => off.push_str(letters),
                _ => names.push(argument.clone()),
            }
        }
        if let Some(letter) = on.chars().find(|c| !"aAiprxg".contains(*c)) {
            let words = format!("not simulated here: -{letter}");
            self.complain(&arguments[0], &words, outside);
            return Built::Status(2);
        }
        if on.contains('p') || names.is_empty() {
            return self.show_declared(&names, outside);
        }
        if !on.contains('g') && self.in_function() {
            self.keep_outside(&names);
        }
        let mut status = 0;
        for argument in &names {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument.as_str(), None),
            };
            if !is_name(name) {
                let words = format!("`{argument}': not a valid identifier");
                self.complain(&arguments[0], &words, outside);
                status = 1;
                continue;
            }
            let is_array = self
                .state
                .variables
                .get(name)
                .is_some_and(|v| v.array.is_some());
            if (on.contains('a') || on.contains('A')) && !is_array {
                self.state.clear_array(name, on.contains('A'));
            }
            if on.contains('i') {
                self.state
                    .variables
                    .entry(name.to_owned())
                    .or_default()
                    .integer = true;
            }
            if let Some(value) = value
                && let Err(error) = self.state.set(name, value.to_owned())
            {
                self.error(&error, outside);
                status = 1;
            }
            if on.contains(['r', 'x']) || off.contains('x') {
                let variable = self.state.variables.entry(name.to_owned()).or_default();
                variable.readonly |= on.contains('r');
                variable.exported = (variable.exported || on.contains('x')) && !off.contains('x');
            }
        }
        Built::Status(status)
    }

    fn show_declared(&mut self, names: &[String], outside: &mut Outside<'_>) -> Built {
        let mut lines = String::new();
        let mut status = 0;
        if names.is_empty() {
            for (name, variable) in &self.state.variables {
                lines.push_str(&declared(name, variable));
            }
        }
        for name in names {
            match self.state.variables.get(name) {
                Some(variable) => lines.push_str(&declared(name, variable)),
                None => {
                    self.complain("declare", &format!("{name}: not found"), outside);
                    status = 1;
                }
            }
        }
        match self.say(&lines, outside) {
            Built::Status(_) => Built::Status(status),
            goes => goes,
        }
    }

    fn in_function(&self) -> bool {
        let mut frames = self.frames.iter();
        frames.any(|frame| matches!(frame, Frame::Call { .. }))
    }

    /// Keeps what variables are outside of the function, for its end.
    fn keep_outside(&mut self, names: &[String]) {
        let call = |frame: &Frame| matches!(frame, Frame::Call { .. });
        let Some(at) = self.frames.iter().rposition(call) else {
            return;
        };
        let mut saved = Vec::new();
        for argument in names {
            let name = argument.split(['=', '[']).next().unwrap_or("");
            saved.push((name.to_owned(), self.state.variables.remove(name)));
        }
        self.frames.insert(at, Frame::RestoreVariables(saved));
    }

    /// `local`
    pub(super) fn local(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Built {
        if !self.in_function() {
            let words = "can only be used in a function";
            if self.state.is_bash() {
                self.complain("local", words, outside);
                return Built::Status(1);
            }
            let prefix = self.state.builtin_prefix("local");
            let prefix = prefix.strip_prefix(&self.state.prefix()).unwrap_or("");
            let words = format!("{prefix}not in a function");
            self.give_up(&words, 2, outside);
            return Built::Goes;
        }
        if self.state.is_bash() {
            let arguments = std::iter::once("local".to_owned()).chain(rest.iter().cloned());
            let arguments: Vec<String> = arguments.collect();
            return match rest.is_empty() {
                true => Built::Status(0),
                false => self.declare(&arguments, outside),
            };
        }
        let names: Vec<String> = rest
            .iter()
            .filter(|a| !a.starts_with('-'))
            .cloned()
            .collect();
        // dash keeps the value that a variable has outside.
        let olds: Vec<Option<Variable>> = names
            .iter()
            .map(|argument| {
                let name = argument.split('=').next().unwrap_or("");
                self.state.variables.get(name).cloned()
            })
            .collect();
        self.keep_outside(&names);
        for (argument, old) in names.iter().zip(olds) {
            let done = match (argument.split_once('='), old) {
                (Some((name, value)), _) => self.state.set(name, value.to_owned()),
                (None, Some(old)) if self.state.dialect == Dialect::Dash => {
                    self.state.variables.insert(argument.clone(), old);
                    Ok(())
                }
                (None, _) => Ok(()),
            };
            if let Err(error) = done {
                self.error(&error, outside);
            }
        }
        Built::Status(0)
    }

    pub(super) fn alias(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Option<i32> {
        let mut status = 0;
        let mut lines = String::new();
        if rest.is_empty() {
            for (name, text) in &self.state.aliases {
                lines.push_str(&format!("alias {name}='{text}'\n"));
            }
        }
        for argument in rest {
            match argument.split_once('=') {
                Some((name, text)) => {
                    self.state.aliases.insert(name.to_owned(), text.to_owned());
                }
                None => match self.state.aliases.get(argument) {
                    Some(text) if self.state.is_bash() => {
                        lines.push_str(&format!("alias {argument}='{text}'\n"));
                    }
                    Some(text) => lines.push_str(&format!("{argument}='{text}'\n")),
                    None => {
                        self.complain("alias", &format!("{argument}: not found"), outside);
                        status = 1;
                    }
                },
            }
        }
        self.say(&lines, outside);
        Some(status)
    }

    /// `unalias`
    pub(super) fn unalias(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let mut status = 0;
        for name in rest {
            if name == "-a" {
                self.state.aliases.clear();
            } else if self.state.aliases.remove(name).is_none() {
                status = 1;
                let sink = self.streams().stderr;
                let line = match self.state.dialect {
                    Dialect::Dash => format!("unalias: {name} not found\n"),
                    Dialect::Ash => format!("unalias: {name} not found\n"),
                    _ => format!(
                        "{}{name}: not found\n",
                        self.state.builtin_prefix("unalias")
                    ),
                };
                let _ = outside.write(&sink, &line);
            }
        }
        status
    }
}
