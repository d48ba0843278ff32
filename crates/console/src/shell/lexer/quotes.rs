//! Quotes of every kind, and backquotes.

use super::{Lexer, SyntaxError};
use crate::shell::ast::Part;
use crate::shell::parser;
use std::sync::Arc;

impl Lexer {
    pub(super) fn until(&mut self, end: char) -> Result<String, SyntaxError> {
        let mut text = String::new();
        loop {
            match self.peek() {
                Some(c) if c == end => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(c) => {
                    self.at += 1;
                    text.push(c);
                }
                None => return Err(SyntaxError::Unclosed(end)),
            }
        }
    }

    pub(super) fn ansi_quoted(&mut self) -> Result<String, SyntaxError> {
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err(SyntaxError::Unclosed('\'')),
                Some('\'') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some('\\') => {
                    self.at += 2;
                    match self.chars.get(self.at - 1) {
                        Some('n') => text.push('\n'),
                        Some('t') => text.push('\t'),
                        Some('r') => text.push('\r'),
                        Some('e') => text.push('\u{1b}'),
                        Some('a') => text.push('\u{7}'),
                        Some('b') => text.push('\u{8}'),
                        Some('x') => text.push(self.code(16, 2, 0)),
                        Some('u') => text.push(self.code(16, 4, 0)),
                        Some(&c @ '0'..='7') => {
                            let first = c.to_digit(8).unwrap_or(0);
                            text.push(self.code(8, 2, first));
                        }
                        Some(&c) => text.push(c),
                        None => return Err(SyntaxError::Unclosed('\'')),
                    }
                }
                Some(c) => {
                    self.at += 1;
                    text.push(c);
                }
            }
        }
    }

    /// The character that the next digits are the number of.
    fn code(&mut self, radix: u32, digits: usize, first: u32) -> char {
        let mut value = first;
        for _ in 0..digits {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(radix)) else {
                break;
            };
            value = value * radix + digit;
            self.at += 1;
        }
        char::from_u32(value).unwrap_or('?')
    }

    /// Reads what stands in double quotes, up to `end` or the end of the text.
    pub(super) fn double_quoted(
        &mut self,
        parts: &mut Vec<Part>,
        end: Option<char>,
    ) -> Result<(), SyntaxError> {
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                if let Some(end) = end {
                    return Err(SyntaxError::Unclosed(end));
                }
                break;
            };
            self.at += 1;
            match c {
                _ if Some(c) == end => break,
                '\\' => match self.peek() {
                    Some('\n') => self.at += 1,
                    Some(next @ ('$' | '`' | '\\')) => {
                        self.at += 1;
                        text.push(next);
                    }
                    Some('"') if end.is_some() => {
                        self.at += 1;
                        text.push('"');
                    }
                    _ => text.push('\\'),
                },
                '`' => {
                    flush_quoted(&mut text, parts);
                    parts.push(self.backquoted(true)?);
                }
                '$' => match self.dollar(true)? {
                    Some(part) => {
                        flush_quoted(&mut text, parts);
                        parts.push(part);
                    }
                    None => text.push('$'),
                },
                _ => text.push(c),
            }
        }
        flush_quoted(&mut text, parts);
        Ok(())
    }

    pub(super) fn backquoted(&mut self, quoted: bool) -> Result<Part, SyntaxError> {
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err(SyntaxError::Unclosed('`')),
                Some('`') => break,
                Some('\\') if matches!(self.peek_at(1), Some('`' | '\\' | '$')) => {
                    text.extend(self.peek_at(1));
                    self.at += 2;
                }
                Some(c) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        let inner = self.inside(&text)?;
        let list = parser::parse_inside(inner)?;
        Ok(Part::Substitution {
            list: Arc::new(list),
            quoted,
        })
    }
}

pub(super) fn flush(literal: &mut String, parts: &mut Vec<Part>) {
    if !literal.is_empty() {
        parts.push(Part::Literal(std::mem::take(literal)));
    }
}

pub(super) fn flush_quoted(text: &mut String, parts: &mut Vec<Part>) {
    if !text.is_empty() {
        parts.push(Part::Quoted(std::mem::take(text)));
    }
}
