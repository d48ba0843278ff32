//! `test`, `[` and `[[`.

use super::system::{FileType, System, absolute};
use crate::shell::{Dialect, pattern_matches};
use petset_cluster::Instant;

/// How deep parentheses may stand in each other.
const DEPTH_LIMIT: usize = 40;

/// What `[[` asks the shell.
pub trait Names {
    /// Whether a variable is set.
    fn is_set(&self, name: &str) -> bool;
    /// The value of an arithmetic expression.
    ///
    /// # Errors
    /// What is wrong with it.
    fn number(&mut self, text: &str) -> Result<i64, String>;
    /// What `=~` found: all of it, and its groups.
    fn matched(&mut self, groups: Vec<String>);
}

/// Whether a condition holds. `double`: the words of `[[`.
///
/// # Errors
/// The complaint, without the name.
pub fn evaluate(
    words: &[String],
    double: bool,
    dialect: Dialect,
    cwd: &str,
    system: &mut dyn System,
    names: Option<&mut (dyn Names + 'static)>,
) -> Result<bool, String> {
    if words.is_empty() {
        return Ok(false);
    }
    let mut test = Test {
        words,
        at: 0,
        depth: 0,
        double,
        dialect,
        cwd,
        system,
        names,
    };
    let holds = test.or()?;
    match test.words.get(test.at) {
        None => Ok(holds),
        Some(_) if dialect == Dialect::Dash => Err(format!("{}: unexpected operator", words[0])),
        Some(_) if dialect == Dialect::Ash => {
            let word = words.get(1).unwrap_or(&words[0]);
            Err(format!("{word}: unknown operand"))
        }
        Some(_) if words.len() == 2 => Err(format!("{}: unary operator expected", words[0])),
        Some(_) if words.len() == 3 => Err(format!("{}: binary operator expected", words[1])),
        Some(_) => Err("too many arguments".to_owned()),
    }
}

struct Test<'a> {
    words: &'a [String],
    at: usize,
    depth: usize,
    double: bool,
    dialect: Dialect,
    cwd: &'a str,
    system: &'a mut dyn System,
    names: Option<&'a mut (dyn Names + 'static)>,
}

const BINARY: [&str; 16] = [
    "=", "==", "!=", "<", ">", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef",
    "\\<",
];

impl Test<'_> {
    fn word(&self, ahead: usize) -> Option<&str> {
        self.words.get(self.at + ahead).map(String::as_str)
    }

    fn or(&mut self) -> Result<bool, String> {
        let mut holds = self.and()?;
        while matches!(
            (self.word(0), self.double),
            (Some("-o"), false) | (Some("||"), true)
        ) {
            self.at += 1;
            let right = self.and()?;
            holds |= right;
        }
        Ok(holds)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut holds = self.not()?;
        while matches!(
            (self.word(0), self.double),
            (Some("-a"), false) | (Some("&&"), true)
        ) {
            self.at += 1;
            let right = self.not()?;
            holds &= right;
        }
        Ok(holds)
    }

    fn not(&mut self) -> Result<bool, String> {
        let mut negated = false;
        while self.word(0) == Some("!") && self.word(1).is_some() {
            negated = !negated;
            self.at += 1;
        }
        Ok(self.primary()? != negated)
    }

    fn primary(&mut self) -> Result<bool, String> {
        let Some(first) = self.words.get(self.at).cloned() else {
            return Err("argument expected".to_owned());
        };
        if let (Some(operator), Some(right)) = (self.word(1), self.word(2))
            && BINARY.contains(&operator)
            && !(self.dialect == Dialect::Dash && operator == "==")
        {
            let (operator, right) = (operator.to_owned(), right.to_owned());
            self.at += 3;
            return self.binary(&first, &operator, &right);
        }
        if first == "(" && self.word(1).is_some() {
            self.depth += 1;
            if self.depth > DEPTH_LIMIT {
                return Err("too many arguments".to_owned());
            }
            self.at += 1;
            let holds = self.or()?;
            if self.word(0) != Some(")") {
                return Err("`)' expected".to_owned());
            }
            self.at += 1;
            self.depth -= 1;
            return Ok(holds);
        }
        if self.words.len() == 2
            && self.at == 0
            && self.dialect != Dialect::Bash
            && self.dialect != Dialect::BashPrompt
            && let Some(operator) = self.word(1).filter(|o| BINARY.contains(o) && *o != "=")
        {
            return Err(format!("{operator}: argument expected"));
        }
        let unary = first.len() == 2 && first.starts_with('-');
        if unary && let Some(operand) = self.word(1).map(str::to_owned) {
            let kind = first.chars().nth(1).unwrap_or(' ');
            if "nzefdrwxsLhptugkv".contains(kind) {
                self.at += 2;
                return Ok(self.unary(kind, &operand));
            }
        }
        self.at += 1;
        Ok(!first.is_empty())
    }

    fn unary(&mut self, kind: char, operand: &str) -> bool {
        match kind {
            'n' => return !operand.is_empty(),
            'z' => return operand.is_empty(),
            'v' => {
                return self
                    .names
                    .as_ref()
                    .is_some_and(|names| names.is_set(operand));
            }
            't' | 'p' | 'u' | 'g' | 'k' => return false,
            _ => {}
        }
        let path = absolute(self.cwd, operand);
        if matches!(kind, 'L' | 'h') {
            return self.system.container().is_some_and(|container| {
                container
                    .stat_link(&path)
                    .is_ok_and(|m| matches!(m.file_type, FileType::Symlink(_)))
            });
        }
        let Ok(metadata) = self.system.stat(&path) else {
            return false;
        };
        match kind {
            'f' => metadata.file_type == FileType::File,
            'd' => metadata.file_type == FileType::Directory,
            's' => metadata.size > 0,
            'x' => metadata.mode & 0o111 != 0,
            _ => true,
        }
    }

    fn modified(&mut self, path: &str) -> Option<Instant> {
        let path = absolute(self.cwd, path);
        self.system.stat(&path).ok().map(|m| m.mtime)
    }

    fn binary(&mut self, left: &str, operator: &str, right: &str) -> Result<bool, String> {
        Ok(match operator {
            "=" | "==" if self.double => pattern_matches(right, left),
            "!=" if self.double => !pattern_matches(right, left),
            "=" | "==" => left == right,
            "!=" => left != right,
            "<" | "\\<" => left < right,
            ">" => left > right,
            "=~" => {
                let regex = regex_lite::Regex::new(right)
                    .map_err(|_| format!("invalid regular expression `{right}'"))?;
                let found = regex.captures(left);
                let groups = found.iter().flat_map(|found| found.iter());
                let groups =
                    groups.map(|group| group.map_or("", |group| group.as_str()).to_owned());
                let groups: Vec<String> = groups.collect();
                let holds = found.is_some();
                if let Some(names) = &mut self.names {
                    names.matched(groups);
                }
                holds
            }
            "-nt" => self.modified(left) > self.modified(right),
            "-ot" => self.modified(left) < self.modified(right),
            "-ef" => absolute(self.cwd, left) == absolute(self.cwd, right),
            _ => {
                let (left, right) = match (&mut self.names, self.double) {
                    (Some(names), true) => (names.number(left)?, names.number(right)?),
                    _ => (integer(left, self.dialect)?, integer(right, self.dialect)?),
                };
                match operator {
                    "-eq" => left == right,
                    "-ne" => left != right,
                    "-lt" => left < right,
                    "-le" => left <= right,
                    "-gt" => left > right,
                    _ => left >= right,
                }
            }
        })
    }
}

fn integer(text: &str, dialect: Dialect) -> Result<i64, String> {
    text.trim().parse().map_err(|_| match dialect {
        Dialect::Dash => format!("Illegal number: {text}"),
        Dialect::Ash => format!("{text}: bad number"),
        _ => format!("{text}: integer expression expected"),
    })
}
