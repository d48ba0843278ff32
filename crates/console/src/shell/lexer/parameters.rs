//! The inside of `${…}`.

use super::{Lexer, SyntaxError};
use crate::shell::ast::{Anchor, Index, ParameterOperator, Part, Word};
use crate::shell::state::Dialect;

impl Lexer {
    /// Reads `${…}` after its brace. What no shell knows is an error when the command runs, not before.
    pub(super) fn braced(&mut self, quoted: bool) -> Result<Part, SyntaxError> {
        let start = self.at;
        self.deeper()?;
        self.depth += 1;
        let part = self.parameter_inside(quoted)?;
        self.depth -= 1;
        if let Some(part) = part
            && self.peek() == Some('}')
        {
            self.at += 1;
            return Ok(part);
        }
        let Some(end) = (start.max(self.at)..self.chars.len()).find(|&i| self.chars[i] == '}')
        else {
            return Err(SyntaxError::Unclosed('}'));
        };
        let text: String = self.chars[start..end].iter().collect();
        self.at = end + 1;
        Ok(Part::Bad(format!("${{{text}}}")))
    }

    fn parameter_inside(&mut self, quoted: bool) -> Result<Option<Part>, SyntaxError> {
        let length = self.peek() == Some('#')
            && self
                .peek_at(1)
                .is_some_and(|c| c.is_ascii_alphanumeric() || "_@*?#$!-".contains(c))
            && !(self.peek_at(1) == Some('-') && self.peek_at(2) != Some('}'))
            && !(self.peek_at(1) == Some('#') && self.peek_at(2) != Some('}'));
        let indirect = self.dialect.is_bash()
            && self.peek() == Some('!')
            && self
                .peek_at(1)
                .is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        self.at += usize::from(length || indirect);
        let name = match self.peek() {
            Some(c) if "?#@*$!-".contains(c) => {
                self.at += 1;
                c.to_string()
            }
            _ => self.name(),
        };
        if name.is_empty() {
            return Ok(None);
        }
        let index = self.index()?;
        let operator = if length {
            ParameterOperator::Length
        } else if indirect && matches!(index, Index::All(_)) {
            ParameterOperator::Keys
        } else if indirect {
            ParameterOperator::Indirect
        } else {
            match self.operator(quoted)? {
                Some(operator) => operator,
                None => return Ok(None),
            }
        };
        Ok(Some(Part::Parameter {
            name,
            index,
            operator,
            quoted,
        }))
    }

    /// `[…]` after the name of an array.
    fn index(&mut self) -> Result<Index, SyntaxError> {
        if self.peek() != Some('[') || !self.dialect.is_bash() {
            return Ok(Index::None);
        }
        if let Some(c @ ('@' | '*')) = self.peek_at(1)
            && self.peek_at(2) == Some(']')
        {
            self.at += 3;
            return Ok(Index::All(c));
        }
        self.at += 1;
        let word = self.operand(false, |c| c == ']')?;
        if self.peek() != Some(']') {
            return Err(SyntaxError::Unclosed('}'));
        }
        self.at += 1;
        Ok(Index::At(Box::new(word)))
    }

    /// The operator; `None` when this shell has none of that kind.
    fn operator(&mut self, quoted: bool) -> Result<Option<ParameterOperator>, SyntaxError> {
        let colon = self.peek() == Some(':');
        let symbol = self.peek_at(usize::from(colon));
        if let Some(symbol @ ('-' | '=' | '?' | '+')) = symbol {
            self.at += 1 + usize::from(colon);
            let word = self.operand(quoted, |c| c == '}')?;
            return Ok(Some(ParameterOperator::Default {
                symbol,
                empty_too: colon,
                word,
            }));
        }
        let dialect = self.dialect;
        if colon {
            return match dialect {
                Dialect::Dash => Ok(None),
                _ => self.slice().map(Some),
            };
        }
        Ok(Some(match symbol {
            Some(c @ ('#' | '%')) => {
                let longest = self.peek_at(1) == Some(c);
                self.at += 1 + usize::from(longest);
                ParameterOperator::Trim {
                    suffix: c == '%',
                    longest,
                    pattern: self.operand(false, |c| c == '}')?,
                }
            }
            Some('/') if dialect != Dialect::Dash => self.replace()?,
            Some(c @ ('^' | ',')) if dialect.is_bash() => {
                let all = self.peek_at(1) == Some(c);
                self.at += 1 + usize::from(all);
                ParameterOperator::Case {
                    upper: c == '^',
                    all,
                    pattern: self.operand(false, |c| c == '}')?,
                }
            }
            Some('@') if dialect.is_bash() => {
                let letter = self.peek_at(1).filter(|c| "QULu".contains(*c));
                let Some(letter) = letter else {
                    return Ok(None);
                };
                self.at += 2;
                ParameterOperator::Transform(letter)
            }
            _ => ParameterOperator::Value,
        }))
    }

    fn slice(&mut self) -> Result<ParameterOperator, SyntaxError> {
        self.at += 1;
        let offset = self.operand(false, |c| c == '}' || c == ':')?;
        let length = if self.peek() == Some(':') {
            self.at += 1;
            Some(self.operand(false, |c| c == '}')?)
        } else {
            None
        };
        Ok(ParameterOperator::Slice { offset, length })
    }

    fn replace(&mut self) -> Result<ParameterOperator, SyntaxError> {
        let all = self.peek_at(1) == Some('/');
        self.at += 1 + usize::from(all);
        let anchor = match self.peek() {
            Some('#') if !all && self.dialect.is_bash() => Anchor::Start,
            Some('%') if !all && self.dialect.is_bash() => Anchor::End,
            _ => Anchor::None,
        };
        self.at += usize::from(anchor != Anchor::None);
        let pattern = self.operand(false, |c| c == '}' || c == '/')?;
        let replacement = if self.peek() == Some('/') {
            self.at += 1;
            self.operand(false, |c| c == '}')?
        } else {
            Word::default()
        };
        Ok(ParameterOperator::Replace {
            all,
            anchor,
            pattern,
            replacement,
        })
    }

    fn operand(
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
