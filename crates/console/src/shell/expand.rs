//! From words to arguments: braces, parameters, substitutions, splitting, patterns.

use super::arith;
use super::ast::{List, ParameterOperator, Part, Word};
use super::braces::braces;
use super::pattern;
use super::state::State;
use super::trim::{replace, slice, trim};
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
            Part::Parameter { operator, .. } => match operator {
                ParameterOperator::Default { word, .. } => collect(word, found),
                ParameterOperator::Trim { pattern, .. } => collect(pattern, found),
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
                ParameterOperator::Value | ParameterOperator::Length => {}
            },
            Part::Literal(_) | Part::Quoted(_) => {}
        }
    }
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
    /// How deep words stand in words.
    pub depth: u32,
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
        let mut pattern = String::new();
        for (i, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let text = self.tilde(text, i == 0);
                    pattern.push_str(&text.replace('\\', "\\\\"));
                }
                Part::Quoted(text) => pattern.push_str(&pattern::escape(text)),
                Part::Parameter { name, operator, .. } => {
                    let value = self.parameter(name, operator)?.unwrap_or_default();
                    pattern.push_str(&quote_if(part, &value));
                }
                Part::Substitution { .. } => {
                    let value = self.results.pop_front().unwrap_or_default();
                    pattern.push_str(&quote_if(part, &value));
                }
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
        match arith::evaluate(&text, self.state) {
            Ok(value) => Ok(value.to_string()),
            Err(error) => Err(format!("{}: {error}", text.trim())),
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
                    operator: ParameterOperator::Value,
                    quoted: true,
                } if name == "@" => {
                    for (n, argument) in self.state.arguments.iter().enumerate() {
                        if n > 0 {
                            fields.extend(current.take());
                        }
                        let field = current.get_or_insert_default();
                        field.quoted = true;
                        field.pattern.push_str(&pattern::escape(argument));
                    }
                    // `"$@"` without arguments is no word at all.
                    if self.state.arguments.is_empty()
                        && let Some(field) = &mut current
                        && field.pattern.is_empty()
                    {
                        field.quoted = false;
                    }
                }
                Part::Parameter {
                    name,
                    operator,
                    quoted,
                } => {
                    let value = self.parameter(name, operator)?.unwrap_or_default();
                    self.append(&value, *quoted, &mut current, &mut fields);
                }
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

    fn parameter(
        &mut self,
        name: &str,
        operator: &ParameterOperator,
    ) -> Result<Option<String>, String> {
        self.depth += 1;
        let value = self.state.parameter(name);
        let unset_is_error = self.state.options.nounset
            && value.is_none()
            && !matches!(name, "@" | "*" | "!")
            && !matches!(operator, ParameterOperator::Default { .. });
        if unset_is_error {
            return Err(match self.state.is_bash() {
                true => format!("{name}: unbound variable"),
                false => format!("{name}: parameter not set"),
            });
        }
        let result = match operator {
            ParameterOperator::Value => Ok(value),
            ParameterOperator::Length => Ok(Some(match name {
                "@" | "*" => self.state.arguments.len().to_string(),
                _ => value.unwrap_or_default().chars().count().to_string(),
            })),
            ParameterOperator::Default {
                symbol,
                empty_too,
                word,
            } => self.default(name, value, *symbol, *empty_too, word),
            ParameterOperator::Trim {
                suffix,
                longest,
                pattern,
            } => {
                let pattern = self.pattern(pattern)?;
                trim(&value.unwrap_or_default(), &pattern, *suffix, *longest).map(Some)
            }
            ParameterOperator::Replace {
                all,
                pattern,
                replacement,
            } => {
                let pattern = self.pattern(pattern)?;
                let replacement = self.text(replacement)?;
                replace(&value.unwrap_or_default(), &pattern, &replacement, *all).map(Some)
            }
            ParameterOperator::Slice { offset, length } => {
                let offset = self.arithmetic(offset)?;
                let length = match length {
                    Some(length) => Some(self.arithmetic(length)?),
                    None => None,
                };
                slice(&value.unwrap_or_default(), &offset, length.as_deref()).map(Some)
            }
        };
        self.depth -= 1;
        result
    }

    fn default(
        &mut self,
        name: &str,
        value: Option<String>,
        symbol: char,
        empty_too: bool,
        word: &Word,
    ) -> Result<Option<String>, String> {
        let missing = match &value {
            None => true,
            Some(text) => empty_too && text.is_empty(),
        };
        // The word is expanded in any case: its substitutions have run.
        let word = self.text(word)?;
        match (symbol, missing) {
            ('+', true) => Ok(None),
            ('+', false) => Ok(Some(word)),
            (_, false) => Ok(value),
            ('=', true) => {
                self.state.set(name, word.clone())?;
                Ok(Some(word))
            }
            ('?', true) => Err(match word.as_str() {
                "" if empty_too => format!("{name}: parameter null or not set"),
                "" => format!("{name}: parameter not set"),
                _ => format!("{name}: {word}"),
            }),
            (_, true) => Ok(Some(word)),
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
        if found.is_empty() {
            found.push(pattern::unescape(&field.pattern));
        }
        arguments.extend(found);
        Ok(())
    }
}

fn quote_if(part: &Part, value: &str) -> String {
    match part {
        Part::Parameter { quoted: true, .. } | Part::Substitution { quoted: true, .. } => {
            pattern::escape(value)
        }
        // An assignment keeps the text; as a pattern its stars count.
        _ => value.replace('\\', "\\\\"),
    }
}
