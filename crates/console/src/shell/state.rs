//! What a shell knows: variables, functions, options.

use super::arith::Variables;
use super::ast::Command;
use super::variables::Variable;
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

impl Dialect {
    /// Whether it is bash.
    pub fn is_bash(self) -> bool {
        matches!(self, Dialect::BashPrompt | Dialect::Bash)
    }
}

/// What `set` turns on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub errexit: bool,
    pub xtrace: bool,
    pub nounset: bool,
    pub noglob: bool,
    pub pipefail: bool,
    pub noexec: bool,
    pub nullglob: bool,
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
    /// The line of the script that runs.
    pub line: u32,
    /// Where `getopts` is within an argument.
    pub getopts_at: usize,
    /// Where `pushd` came from, newest last.
    pub directories: Vec<String>,
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
            "@" => (!self.arguments.is_empty()).then(|| self.arguments.join(" ")),
            "*" => (!self.arguments.is_empty()).then(|| self.arguments.join(&self.separator())),
            "$" => Some(self.process_id.to_string()),
            "!" => self.last_background.map(|id| id.to_string()),
            "-" => Some(
                match self.dialect {
                    Dialect::BashPrompt => "himBHs",
                    Dialect::Bash => "hBc",
                    _ => "",
                }
                .to_owned(),
            ),
            "PWD" => Some(self.cwd.clone()),
            _ => match self.variables.get(name) {
                Some(variable) => Some(variable.value.clone()),
                None => self.dynamic(name),
            },
        }
    }

    /// What a shell fills in itself.
    fn dynamic(&self, name: &str) -> Option<String> {
        match name {
            "LINENO" if self.dialect == Dialect::Dash => None,
            "LINENO" if self.dialect == Dialect::Ash => {
                Some(self.line.saturating_sub(1).to_string())
            }
            "LINENO" => Some(self.line.to_string()),
            "OPTIND" => Some("1".to_owned()),
            "PPID" => Some("0".to_owned()),
            "BASH_VERSION" if self.is_bash() => Some("5.2.15(1)-release".to_owned()),
            "UID" | "EUID" if self.dialect == Dialect::Bash => Some("0".to_owned()),
            "UID" | "EUID" if self.is_bash() => Some("1000".to_owned()),
            _ => None,
        }
    }

    /// What stands between the arguments in `"$*"`: the first character of `IFS`.
    pub(super) fn separator(&self) -> String {
        match self.variables.get("IFS") {
            Some(ifs) => ifs.value.chars().take(1).collect(),
            None => " ".to_owned(),
        }
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
            Dialect::Bash => format!("{}: line {}: ", self.name, self.line.max(1)),
            Dialect::Dash => format!("{}: {}: ", self.name, self.line.max(1)),
            Dialect::Ash => format!("{}: ", self.name),
        }
    }

    pub(super) fn is_bash(&self) -> bool {
        self.dialect.is_bash()
    }

    /// What stands before an error of a builtin.
    pub(super) fn builtin_prefix(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Ash if !self.interactive => {
                let line = self.line.saturating_sub(1);
                format!("{}{name}: line {line}: ", self.prefix())
            }
            _ => format!("{}{name}: ", self.prefix()),
        }
    }
}

impl Variables for State {
    fn value(&self, name: &str) -> String {
        self.parameter(name).unwrap_or_default()
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn is_named(&self, name: &str) -> bool {
        let array = self.variables.get(name).and_then(|v| v.array.as_ref());
        matches!(array, Some(super::variables::Array::Named(_)))
    }

    fn element(&self, name: &str, key: &str) -> String {
        let array = self.variables.get(name).and_then(|v| v.array.as_ref());
        array
            .and_then(|array| array.get(key))
            .cloned()
            .unwrap_or_default()
    }

    fn assign(&mut self, name: &str, value: i64) {
        // What cannot be set keeps its value.
        let _ = self.set(name, value.to_string());
    }
}
