//! From words to arguments: braces, parameters, substitutions, splitting, patterns.

mod parameters;

use super::arith;
use super::ast::{Assign, AssignValue, Index, List, ParameterOperator, Part, Word};
use super::braces::braces;
use super::pattern;
use super::state::{Dialect, State};
use crate::programs::{System, system};
use std::sync::Arc;

/// How many words one expansion may give.
pub(super) const WORD_LIMIT: usize = 10_000;

/// How long a text may be for a pattern to be searched in it, in characters.
pub(super) const SEARCH_LIMIT: usize = 2_000;

/// The substitutions of `words`, in the order in which they run.
pub(super) fn substitutions<'w>(words: impl IntoIterator<Item = &'w Word>) -> Vec<Arc<List>> {
    let mut found = Vec::new();
    for word in words {
        collect(word, &mut found);
    }
    found
}

fn collect(word: &Word, found: &mut Vec<Arc<List>>) {
    for part in &word.parts {
        match part {
            Part::Substitution { list, .. } => found.push(list.clone()),
            Part::Arithmetic { expression, .. } => collect(expression, found),
            Part::Parameter {
                operator, index, ..
            } => {
                if let Index::At(key) = index {
                    collect(key, found);
                }
                match operator {
                    ParameterOperator::Default { word, .. } => collect(word, found),
                    ParameterOperator::Trim { pattern, .. }
                    | ParameterOperator::Case { pattern, .. } => collect(pattern, found),
                    ParameterOperator::Replace {
                        pattern,
                        replacement,
                        ..
                    } => {
                        collect(pattern, found);
                        collect(replacement, found);
                    }
                    ParameterOperator::Slice { offset, length } => {
                        collect(offset, found);
                        if let Some(length) = length {
                            collect(length, found);
                        }
                    }
                    _ => {}
                }
            }
            Part::Literal(_) | Part::Quoted(_) | Part::Bad(_) => {}
        }
    }
}

/// The substitutions of assignments, in the order in which they run.
pub(super) fn substitutions_of(assigns: &[Assign]) -> Vec<&Word> {
    let mut words = Vec::new();
    for assign in assigns {
        words.extend(&assign.index);
        match &assign.value {
            AssignValue::Text(word) => words.push(word),
            AssignValue::Array(elements) => {
                for (key, word) in elements {
                    words.extend(key);
                    words.push(word);
                }
            }
        }
    }
    words
}

/// A word on its way: its text as a pattern in which quoted characters are escaped.
#[derive(Clone, Default)]
struct Field {
    pattern: String,
    /// Whether it counts even when it is empty.
    quoted: bool,
}

/// Expands words, given what their substitutions printed.
pub(super) struct Expander<'a> {
    pub state: &'a mut State,
    pub system: &'a mut dyn System,
    /// What the substitutions printed, next one first.
    pub results: std::collections::VecDeque<String>,
    /// Whether what went wrong is a parameter that is not set.
    pub unset: bool,
}

impl Expander<'_> {
    /// All arguments that `words` become.
    ///
    /// # Errors
    /// The words for standard error, without the shell's name.
    pub(super) fn arguments(&mut self, words: &[Word]) -> Result<Vec<String>, String> {
        let mut arguments = Vec::new();
        for word in words {
            let braced = if self.state.is_bash() {
                braces(word)?
            } else {
                vec![word.clone()]
            };
            for word in braced {
                for field in self.fields(&word)? {
                    self.glob(field, &mut arguments)?;
                }
                if arguments.len() > WORD_LIMIT {
                    return Err(format!(
                        "not simulated here: more than {WORD_LIMIT} words in one command"
                    ));
                }
            }
        }
        Ok(arguments)
    }

    /// A word without splitting and patterns, as in assignments.
    ///
    /// # Errors
    /// The words for standard error, without the shell's name.
    pub(super) fn text(&mut self, word: &Word) -> Result<String, String> {
        Ok(pattern::unescape(&self.pattern(word)?))
    }

    /// A word as a pattern.
    ///
    /// # Errors
    /// The words for standard error, without the shell's name.
    pub(super) fn pattern(&mut self, word: &Word) -> Result<String, String> {
        self.quoting(word, &pattern::escape, true)
    }

    /// A word as the regular expression after `=~`: what is quoted stands for itself.
    ///
    /// # Errors
    /// The words for standard error, without the shell's name.
    pub(super) fn regex(&mut self, word: &Word) -> Result<String, String> {
        self.quoting(word, &|text| regex_lite::escape(text), false)
    }

    /// A word in which what is quoted is escaped; `double`: what is not has its backslashes doubled.
    fn quoting(
        &mut self,
        word: &Word,
        escape: &dyn Fn(&str) -> String,
        double: bool,
    ) -> Result<String, String> {
        let plain = |text: &str| match double {
            true => text.replace('\\', "\\\\"),
            false => text.to_owned(),
        };
        let mut pattern = String::new();
        for (i, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let text = self.tilde(text, i == 0);
                    pattern.push_str(&plain(&text));
                }
                Part::Quoted(text) => pattern.push_str(&escape(text)),
                Part::Parameter {
                    name,
                    index,
                    operator,
                    quoted,
                } => {
                    let value = self.parameter(name, index, operator)?.unwrap_or_default();
                    pattern.push_str(&if *quoted {
                        escape(&value)
                    } else {
                        plain(&value)
                    });
                }
                Part::Substitution { quoted, .. } => {
                    let value = self.results.pop_front().unwrap_or_default();
                    pattern.push_str(&if *quoted {
                        escape(&value)
                    } else {
                        plain(&value)
                    });
                }
                Part::Bad(text) => return Err(self.bad_substitution(text)),
                Part::Arithmetic { expression, .. } => {
                    pattern.push_str(&self.arithmetic(expression)?);
                }
            }
        }
        Ok(pattern)
    }

    /// The value of an arithmetic expression.
    ///
    /// # Errors
    /// The words for standard error, without the shell's name.
    pub(super) fn arithmetic(&mut self, expression: &Word) -> Result<String, String> {
        let text = self.text(expression)?;
        arith::evaluate(&text, self.state).map(|value| value.to_string())
    }

    fn bad_substitution(&self, text: &str) -> String {
        match self.state.dialect {
            Dialect::Dash => "Bad substitution".to_owned(),
            Dialect::Ash => "syntax error: bad substitution".to_owned(),
            _ => format!("{text}: bad substitution"),
        }
    }

    fn tilde(&self, text: &str, first: bool) -> String {
        if first && (text == "~" || text.starts_with("~/")) {
            let home = self.state.parameter("HOME").unwrap_or_default();
            return format!("{home}{}", &text[1..]);
        }
        text.to_owned()
    }

    fn fields(&mut self, word: &Word) -> Result<Vec<Field>, String> {
        let mut fields: Vec<Field> = Vec::new();
        let mut current: Option<Field> = None;
        for (i, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let text = self.tilde(text, i == 0);
                    let field = current.get_or_insert_default();
                    field.pattern.push_str(&text);
                }
                Part::Quoted(text) => {
                    let field = current.get_or_insert_default();
                    field.quoted = true;
                    field.pattern.push_str(&pattern::escape(text));
                }
                Part::Parameter {
                    name,
                    index,
                    operator,
                    quoted,
                } => match self.list(name, index, operator)? {
                    None if !quoted && self.takes_word(name, index, operator) => {
                        // The word's own quotes keep what they hold together.
                        if let ParameterOperator::Default { word, .. } = operator {
                            for (n, field) in self.fields(word)?.into_iter().enumerate() {
                                if n > 0 {
                                    fields.extend(current.take());
                                }
                                let own = current.get_or_insert_default();
                                own.quoted |= field.quoted;
                                own.pattern.push_str(&field.pattern);
                            }
                        }
                    }
                    Some((values, joined)) => {
                        self.append_list(&values, joined, *quoted, &mut current, &mut fields);
                    }
                    None => {
                        let value = self.parameter(name, index, operator)?.unwrap_or_default();
                        self.append(&value, *quoted, &mut current, &mut fields);
                    }
                },
                Part::Bad(text) => return Err(self.bad_substitution(text)),
                Part::Substitution { quoted, .. } => {
                    let value = self.results.pop_front().unwrap_or_default();
                    self.append(&value, *quoted, &mut current, &mut fields);
                }
                Part::Arithmetic { expression, quoted } => {
                    let value = self.arithmetic(expression)?;
                    self.append(&value, *quoted, &mut current, &mut fields);
                }
            }
        }
        fields.extend(current.take());
        fields.retain(|f| f.quoted || !f.pattern.is_empty());
        Ok(fields)
    }

    /// Whether `${name:-word}` or `${name:+word}` stands for its word.
    fn takes_word(&self, name: &str, index: &Index, operator: &ParameterOperator) -> bool {
        let ParameterOperator::Default {
            symbol, empty_too, ..
        } = operator
        else {
            return false;
        };
        let missing = match self.state.parameter(name) {
            None => true,
            Some(value) => *empty_too && value.is_empty(),
        };
        *index == Index::None
            && match symbol {
                '-' => missing,
                '+' => !missing,
                _ => false,
            }
    }

    /// Adds the values of `$@` and its like: in quotes each is a word of its own.
    fn append_list(
        &self,
        values: &[String],
        joined: bool,
        quoted: bool,
        current: &mut Option<Field>,
        fields: &mut Vec<Field>,
    ) {
        if joined && quoted {
            let text = values.join(&self.state.separator());
            return self.append(&text, true, current, fields);
        }
        for (n, value) in values.iter().enumerate() {
            if n > 0 {
                fields.extend(current.take());
            }
            self.append(value, quoted, current, fields);
        }
        // `"$@"` without arguments is no word at all.
        if values.is_empty()
            && let Some(field) = current
            && field.pattern.is_empty()
        {
            field.quoted = false;
        }
    }

    /// Adds a value to the current word; outside of quotes it is split at blanks.
    fn append(
        &self,
        value: &str,
        quoted: bool,
        current: &mut Option<Field>,
        fields: &mut Vec<Field>,
    ) {
        if quoted {
            let field = current.get_or_insert_default();
            field.quoted = true;
            field.pattern.push_str(&pattern::escape(value));
            return;
        }
        let separators = match self.state.variables.get("IFS") {
            Some(ifs) => ifs.value.clone(),
            None => " \t\n".to_owned(),
        };
        let is_blank = |c: char| c.is_whitespace() && separators.contains(c);
        let mut rest = value;
        while let Some(c) = rest.chars().next() {
            if is_blank(c) {
                fields.extend(current.take());
                rest = rest.trim_start_matches(is_blank);
                continue;
            }
            if separators.contains(c) {
                let mut field = current.take().unwrap_or_default();
                field.quoted = true;
                fields.push(field);
                rest = &rest[c.len_utf8()..];
                continue;
            }
            let end = rest.find(|c| separators.contains(c)).unwrap_or(rest.len());
            let field = current.get_or_insert_default();
            field.pattern.push_str(&rest[..end].replace('\\', "\\\\"));
            rest = &rest[end..];
        }
    }

    fn glob(&mut self, field: Field, arguments: &mut Vec<String>) -> Result<(), String> {
        if self.state.options.noglob || !pattern::is_pattern(&field.pattern) {
            arguments.push(pattern::unescape(&field.pattern));
            return Ok(());
        }
        let mut found = vec![String::new()];
        let absolute = field.pattern.starts_with('/');
        for (i, component) in field.pattern.split('/').enumerate() {
            let mut next = Vec::new();
            for base in found {
                let prefix = match (i, absolute) {
                    (0, _) => String::new(),
                    _ => format!("{base}/"),
                };
                if component.is_empty() || !pattern::is_pattern(component) {
                    let path = format!("{prefix}{}", pattern::unescape(component));
                    let full = system::absolute(&self.state.cwd, &path);
                    if self.system.stat(&full).is_ok() || path.is_empty() {
                        next.push(path);
                    }
                    continue;
                }
                let directory = system::absolute(&self.state.cwd, &prefix);
                for entry in self.system.list(&directory).unwrap_or_default() {
                    let name = entry.name;
                    if name.starts_with('.') && !component.starts_with('.') {
                        continue;
                    }
                    if pattern::matches(component, &name) {
                        next.push(format!("{prefix}{name}"));
                    }
                }
                if next.len() > WORD_LIMIT {
                    return Err(format!(
                        "not simulated here: more than {WORD_LIMIT} words in one command"
                    ));
                }
            }
            found = next;
        }
        if found.is_empty() && !self.state.options.nullglob {
            found.push(pattern::unescape(&field.pattern));
        }
        arguments.extend(found);
        Ok(())
    }
}
