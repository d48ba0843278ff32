//! What `${…}` stands for: one value, or the elements of an array.

use super::{Expander, WORD_LIMIT};
use crate::shell::ast::{Index, ParameterOperator, Word};
use crate::shell::trim::{changed_case, replace, slice, trim};

impl Expander<'_> {
    /// The values of `$@`, `$*` and `${name[@]}`, and whether they are one word in quotes. `None` for a single value.
    pub(super) fn list(
        &mut self,
        name: &str,
        index: &Index,
        operator: &ParameterOperator,
    ) -> Result<Option<(Vec<String>, bool)>, String> {
        let (mut values, joined) = match (name, index) {
            ("@" | "*", _) => (self.state.arguments.clone(), name == "*"),
            (_, Index::All(c)) => {
                let elements = self.state.elements(name);
                let keys = matches!(operator, ParameterOperator::Keys);
                let values = elements
                    .into_iter()
                    .map(|(key, value)| if keys { key } else { value });
                (values.collect(), *c == '*')
            }
            _ => return Ok(None),
        };
        match operator {
            ParameterOperator::Value | ParameterOperator::Keys => {}
            ParameterOperator::Length => values = vec![values.len().to_string()],
            ParameterOperator::Slice { offset, length } => {
                let offset = self.number(offset)?;
                let length = match length {
                    Some(length) => Some(self.number(length)?),
                    None => None,
                };
                // `$0` stands before the arguments.
                if matches!(name, "@" | "*") {
                    values.insert(0, self.state.name.clone());
                }
                let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
                let from = if offset < 0 {
                    count.saturating_add(offset)
                } else {
                    offset
                };
                let take = length.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(0));
                values = match usize::try_from(from) {
                    Ok(from) => values.into_iter().skip(from).take(take).collect(),
                    Err(_) => Vec::new(),
                };
            }
            ParameterOperator::Default { .. } => return Ok(None),
            operator => {
                let results = self.results.clone();
                let mut changed = Vec::new();
                for value in values.into_iter().take(WORD_LIMIT) {
                    // Each element is worked on with the same substitutions.
                    self.results = results.clone();
                    changed.extend(self.changed(name, Some(value), operator)?);
                }
                values = changed;
            }
        }
        Ok(Some((values, joined)))
    }

    fn number(&mut self, word: &Word) -> Result<i64, String> {
        Ok(self.arithmetic(word)?.parse().unwrap_or(0))
    }

    /// The one value of a parameter.
    pub(super) fn parameter(
        &mut self,
        name: &str,
        index: &Index,
        operator: &ParameterOperator,
    ) -> Result<Option<String>, String> {
        if let Some((values, joined)) = self.list(name, index, operator)? {
            let separator = if joined {
                self.state.separator()
            } else {
                " ".to_owned()
            };
            return Ok((!values.is_empty()).then(|| values.join(&separator)));
        }
        let value = match index {
            Index::At(key) => {
                let key = self.text(key)?;
                let key = self.state.element_key(name, &key)?;
                match self.state.variables.get(name) {
                    Some(variable) => match &variable.array {
                        Some(array) => array.get(&key).cloned(),
                        None => (key == "0").then(|| variable.value.clone()),
                    },
                    None => None,
                }
            }
            Index::All(_) => {
                let values = self
                    .state
                    .elements(name)
                    .into_iter()
                    .map(|(_, value)| value);
                let values: Vec<String> = values.collect();
                (!values.is_empty()).then(|| values.join(" "))
            }
            Index::None => self.state.parameter(name),
        };
        let unset_is_error = self.state.options.nounset
            && value.is_none()
            && !matches!(name, "@" | "*" | "!")
            && !matches!(operator, ParameterOperator::Default { .. });
        if unset_is_error {
            self.unset = true;
            let dollar = if name.starts_with(|c: char| c.is_ascii_digit()) {
                "$"
            } else {
                ""
            };
            return Err(match self.state.is_bash() {
                true => format!("{dollar}{name}: unbound variable"),
                false => format!("{name}: parameter not set"),
            });
        }
        self.changed(name, value, operator)
    }

    /// A value after its operator.
    fn changed(
        &mut self,
        name: &str,
        value: Option<String>,
        operator: &ParameterOperator,
    ) -> Result<Option<String>, String> {
        match operator {
            ParameterOperator::Value | ParameterOperator::Keys => Ok(value),
            ParameterOperator::Length => {
                let length = value.unwrap_or_default().chars().count();
                Ok(Some(length.to_string()))
            }
            ParameterOperator::Indirect => match value {
                Some(other) => Ok(self.state.parameter(&other)),
                None => {
                    let words = format!("{name}: invalid indirect expansion");
                    Err(words)
                }
            },
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
                anchor,
                pattern,
                replacement,
            } => {
                let pattern = self.pattern(pattern)?;
                let replacement = self.text(replacement)?;
                let value = value.unwrap_or_default();
                replace(&value, &pattern, &replacement, *all, *anchor).map(Some)
            }
            ParameterOperator::Case {
                upper,
                all,
                pattern,
            } => {
                let pattern = self.pattern(pattern)?;
                let value = value.unwrap_or_default();
                Ok(Some(changed_case(&value, *upper, *all, &pattern)))
            }
            ParameterOperator::Transform(letter) => Ok(value.map(|value| match letter {
                'Q' => format!("'{}'", value.replace('\'', "'\\''")),
                'L' => value.to_lowercase(),
                'u' => changed_case(&value, true, false, ""),
                _ => value.to_uppercase(),
            })),
            ParameterOperator::Slice { offset, length } => {
                let offset = self.arithmetic(offset)?;
                let length = match length {
                    Some(length) => Some(self.arithmetic(length)?),
                    None => None,
                };
                slice(&value.unwrap_or_default(), &offset, length.as_deref()).map(Some)
            }
        }
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
            ('?', true) => {
                self.unset = true;
                Err(match word.as_str() {
                    "" if empty_too && self.state.is_bash() => {
                        format!("{name}: parameter null or not set")
                    }
                    "" if empty_too => format!("{name}: parameter not set or null"),
                    "" => format!("{name}: parameter not set"),
                    _ => format!("{name}: {word}"),
                })
            }
            (_, true) => Ok(Some(word)),
        }
    }

    /// The values of an assignment, as pairs of a key and a value; `None` for the next key.
    ///
    /// # Errors
    /// The words for standard error, without the shell's name.
    pub(in crate::shell) fn elements(
        &mut self,
        elements: &[(Option<Word>, Word)],
    ) -> Result<Vec<(Option<String>, String)>, String> {
        let mut found = Vec::new();
        for (key, word) in elements {
            match key {
                Some(key) => {
                    let key = self.text(key)?;
                    found.push((Some(key), self.text(word)?));
                }
                None => {
                    let values = self.arguments(std::slice::from_ref(word))?;
                    found.extend(values.into_iter().map(|value| (None, value)));
                }
            }
        }
        Ok(found)
    }
}
