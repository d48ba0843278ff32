//! `export`, `local`, `alias`, `set`.

use crate::shell::machine::{Frame, Machine};
use crate::shell::parser::is_name;
use crate::shell::streams::Outside;

impl Machine {
    pub(super) fn export(&mut self, rest: &[String], outside: &mut Outside<'_>) -> Option<i32> {
        let names: Vec<&String> = rest.iter().filter(|a| !a.starts_with('-')).collect();
        if names.is_empty() {
            let lines: String = self
                .state
                .variables
                .iter()
                .filter(|(_, variable)| variable.exported)
                .map(|(name, variable)| match self.state.is_bash() {
                    true => format!("declare -x {name}=\"{}\"\n", variable.value),
                    false => format!("export {name}='{}'\n", variable.value),
                })
                .collect();
            self.say(&lines, outside);
            return Some(0);
        }
        let mut status = 0;
        for argument in names {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument.as_str(), None),
            };
            if !is_name(name) {
                self.error(
                    &format!("export: `{argument}': not a valid identifier"),
                    outside,
                );
                status = 1;
                continue;
            }
            if let Some(value) = value
                && let Err(error) = self.state.set(name, value.to_owned())
            {
                self.error(&error, outside);
                status = 1;
            }
            self.state
                .variables
                .entry(name.to_owned())
                .or_default()
                .exported = true;
        }
        Some(status)
    }

    pub(super) fn local(&mut self, rest: &[String], outside: &mut Outside<'_>) -> i32 {
        let Some(at) = self
            .frames
            .iter()
            .rposition(|frame| matches!(frame, Frame::Call { .. }))
        else {
            self.error("local: can only be used in a function", outside);
            return 1;
        };
        let mut saved = Vec::new();
        for argument in rest.iter().filter(|a| !a.starts_with('-')) {
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            saved.push((name.to_owned(), self.state.variables.get(name).cloned()));
            if let Err(error) = self.state.set(name, value.to_owned()) {
                self.error(&error, outside);
            }
        }
        self.frames.insert(at, Frame::RestoreVariables(saved));
        0
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
                    Some(text) => lines.push_str(&format!("alias {argument}='{text}'\n")),
                    None => {
                        self.error(&format!("alias: {argument}: not found"), outside);
                        status = 1;
                    }
                },
            }
        }
        self.say(&lines, outside);
        Some(status)
    }

    pub(super) fn set_options(
        &mut self,
        rest: &[String],
        outside: &mut Outside<'_>,
    ) -> Option<i32> {
        if rest.is_empty() {
            let lines: String = self
                .state
                .variables
                .iter()
                .map(|(name, variable)| format!("{name}={}\n", variable.value))
                .collect();
            self.say(&lines, outside);
            return Some(0);
        }
        let mut arguments = rest.iter();
        while let Some(argument) = arguments.next() {
            let (on, letters) = match (argument.strip_prefix('-'), argument.strip_prefix('+')) {
                (Some("-"), _) => {
                    self.state.arguments = arguments.cloned().collect();
                    return Some(0);
                }
                (Some(letters), _) => (true, letters),
                (_, Some(letters)) => (false, letters),
                _ => {
                    self.state.arguments = std::iter::once(argument)
                        .chain(arguments)
                        .cloned()
                        .collect();
                    return Some(0);
                }
            };
            for letter in letters.chars() {
                let name = match letter {
                    'e' => "errexit",
                    'x' => "xtrace",
                    'u' => "nounset",
                    'f' => "noglob",
                    'o' => arguments.next().map_or("", String::as_str),
                    _ => "",
                };
                let options = &mut self.state.options;
                match name {
                    "errexit" => options.errexit = on,
                    "xtrace" => options.xtrace = on,
                    "nounset" => options.nounset = on,
                    "noglob" => options.noglob = on,
                    "pipefail" => options.pipefail = on,
                    _ => {
                        self.error(
                            &format!("set: not simulated here: option {argument} {name}"),
                            outside,
                        );
                        return Some(2);
                    }
                }
            }
        }
        Some(0)
    }
}
