//! The inside of `${…}`.

use super::{Lexer, SyntaxError};
use crate::shell::ast::{ParameterOperator, Part, Word};

impl Lexer {
    pub(super) fn braced(&mut self, quoted: bool) -> Result<Part, SyntaxError> {
        let start = self.at;
        self.deeper()?;
        self.depth += 1;
        let length = self.peek() == Some('#') && self.peek_at(1) != Some('}');
        if length {
            self.at += 1;
        }
        let name = match self.peek() {
            Some(c) if "?#@*$!-".contains(c) => {
                self.at += 1;
                c.to_string()
            }
            _ => self.name(),
        };
        let operator = if length {
            ParameterOperator::Length
        } else {
            self.operator(quoted)?
        };
        self.depth -= 1;
        if self.peek() != Some('}') || name.is_empty() {
            if self.at >= self.chars.len() {
                return Err(SyntaxError::Unclosed('}'));
            }
            let end = (start..self.chars.len()).find(|&i| self.chars[i] == '}');
            let text: String = self.chars[start..end.unwrap_or(self.chars.len())]
                .iter()
                .collect();
            return Err(SyntaxError::BadSubstitution(format!("${{{text}}}")));
        }
        self.at += 1;
        Ok(Part::Parameter {
            name,
            operator,
            quoted,
        })
    }

    pub(super) fn operator(&mut self, quoted: bool) -> Result<ParameterOperator, SyntaxError> {
        let colon = self.peek() == Some(':');
        let symbol = self.peek_at(usize::from(colon));
        if let Some(symbol @ ('-' | '=' | '?' | '+')) = symbol {
            self.at += 1 + usize::from(colon);
            let word = self.operand(quoted, |c| c == '}')?;
            return Ok(ParameterOperator::Default {
                symbol,
                empty_too: colon,
                word,
            });
        }
        if colon {
            self.at += 1;
            let offset = self.operand(false, |c| c == '}' || c == ':')?;
            let length = if self.peek() == Some(':') {
                self.at += 1;
                Some(self.operand(false, |c| c == '}')?)
            } else {
                None
            };
            return Ok(ParameterOperator::Slice { offset, length });
        }
        match symbol {
            Some(c @ ('#' | '%')) => {
                let longest = self.peek_at(1) == Some(c);
                self.at += 1 + usize::from(longest);
                Ok(ParameterOperator::Trim {
                    suffix: c == '%',
                    longest,
                    pattern: self.operand(false, |c| c == '}')?,
                })
            }
            Some('/') => {
                let all = self.peek_at(1) == Some('/');
                self.at += 1 + usize::from(all);
                let pattern = self.operand(false, |c| c == '}' || c == '/')?;
                let replacement = if self.peek() == Some('/') {
                    self.at += 1;
                    self.operand(false, |c| c == '}')?
                } else {
                    Word::default()
                };
                Ok(ParameterOperator::Replace {
                    all,
                    pattern,
                    replacement,
                })
            }
            _ => Ok(ParameterOperator::Value),
        }
    }

    pub(super) fn operand(
        &mut self,
        quoted: bool,
        ends: impl Fn(char) -> bool + Copy,
    ) -> Result<Word, SyntaxError> {
        let mut word = self.word(ends)?;
        if quoted {
            for part in &mut word.parts {
                if let Part::Literal(text) = part {
                    *part = Part::Quoted(std::mem::take(text));
                }
            }
        }
        Ok(word)
    }
}
