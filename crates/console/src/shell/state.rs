//! What a shell knows: variables, functions, options.

use super::arith::Variables;
use super::ast::Command;
use petset_cluster::sort;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a variable's value may be, in bytes.
pub(super) const VALUE_LIMIT: usize = 1 << 20;

/// Whose words a shell speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// bash at a prompt.
    #[default]
    BashPrompt,
    /// bash with a script.
    Bash,
    /// Debian's `sh`.
    Dash,
    /// BusyBox's `sh`.
    Ash,
}

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// Its value.
    pub value: String,
    /// Whether programs get it.
    pub exported: bool,
}

/// What `set` turns on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub errexit: bool,
    pub xtrace: bool,
    pub nounset: bool,
    pub noglob: bool,
    pub pipefail: bool,
}

/// What a shell knows. A subshell has a copy of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub variables: BTreeMap<String, Variable>,
    pub functions: BTreeMap<String, Arc<Command>>,
    pub aliases: BTreeMap<String, String>,
    /// `$1` and so on.
    pub arguments: Vec<String>,
    /// `$0`
    pub name: String,
    pub cwd: String,
    pub status: i32,
    pub options: Options,
    pub process_id: u32,
    pub last_background: Option<u32>,
    pub dialect: Dialect,
    /// Whether a person types its commands.
    pub interactive: bool,
    /// The lines typed at a prompt, for `history`.
    pub history: Arc<Vec<String>>,
}

impl State {
    /// The value of a variable or of a special parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        if let Ok(index) = name.parse::<usize>() {
            return match index {
                0 => Some(self.name.clone()),
                _ => self.arguments.get(index - 1).cloned(),
            };
        }
        match name {
            "?" => Some(self.status.to_string()),
            "#" => Some(self.arguments.len().to_string()),
            "@" | "*" => (!self.arguments.is_empty()).then(|| self.arguments.join(" ")),
            "$" => Some(self.process_id.to_string()),
            "!" => self.last_background.map(|id| id.to_string()),
            "-" => Some("himBHs".to_owned()),
            "PWD" => Some(self.cwd.clone()),
            _ => self.variables.get(name).map(|v| v.value.clone()),
        }
    }

    /// Sets a variable and keeps whether it is exported.
    ///
    /// # Errors
    /// When the value is longer than a shell here may hold.
    pub(super) fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        if value.len() > VALUE_LIMIT {
            return Err("not simulated here: a value of more than 1 MiB".to_owned());
        }
        self.variables.entry(name.to_owned()).or_default().value = value;
        Ok(())
    }

    /// The variables that programs get.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        let exported = self.variables.iter().filter(|(_, v)| v.exported);
        let mut environment = sort::map(exported.map(|(name, v)| (name.clone(), v.value.clone())));
        environment.insert("PWD".to_owned(), self.cwd.clone());
        environment
    }

    /// What stands before an error.
    pub(super) fn prefix(&self) -> String {
        match self.dialect {
            Dialect::BashPrompt => "bash: ".to_owned(),
            Dialect::Bash if self.interactive => "bash: ".to_owned(),
            Dialect::Bash => format!("{}: line 1: ", self.name),
            Dialect::Dash => format!("{}: 1: ", self.name),
            Dialect::Ash => format!("{}: ", self.name),
        }
    }

    pub(super) fn is_bash(&self) -> bool {
        matches!(self.dialect, Dialect::BashPrompt | Dialect::Bash)
    }
}

impl Variables for State {
    fn value(&self, name: &str) -> String {
        self.parameter(name).unwrap_or_default()
    }

    fn assign(&mut self, name: &str, value: i64) {
        self.variables.entry(name.to_owned()).or_default().value = value.to_string();
    }
}
