//! `NAME=value` in its forms.

use super::{Parser, is_name, unexpected};
use crate::shell::ast::{Assign, AssignValue, Part, Word};
use crate::shell::lexer::{SyntaxError, Token};

impl Parser {
    /// `NAME=(…)`, when the token is `NAME=` and a parenthesis follows.
    pub(super) fn array_assignment(&mut self) -> Result<Option<Assign>, SyntaxError> {
        let Token::Word(word) = &self.token else {
            return Ok(None);
        };
        let text = word.literal().unwrap_or_default();
        let Some(name) = text.strip_suffix('=') else {
            return Ok(None);
        };
        let (name, append) = match name.strip_suffix('+') {
            Some(name) => (name, true),
            None => (name, false),
        };
        if !is_name(name) || !self.lexer.eat_parenthesis() {
            return Ok(None);
        }
        let name = name.to_owned();
        let mut elements = Vec::new();
        self.advance()?;
        loop {
            self.skip_newlines()?;
            if self.is_operator(")") {
                break;
            }
            match self.advance()? {
                Token::Word(word) => elements.push(element(word)),
                Token::End => return Err(SyntaxError::Unclosed(')')),
                other => return Err(unexpected(&other)),
            }
        }
        self.advance()?;
        Ok(Some(Assign {
            name,
            index: None,
            append,
            value: AssignValue::Array(elements),
        }))
    }
}

/// Whether these words are a builtin that takes assignments as its arguments.
pub(super) fn declares(words: &[Word]) -> bool {
    let name = words.first().and_then(Word::literal).unwrap_or_default();
    matches!(
        name,
        "declare" | "typeset" | "local" | "export" | "readonly"
    )
}

/// An element of `(…)`: its value, and its key if it is `[key]=value`.
pub(super) fn element(word: Word) -> (Option<Word>, Word) {
    match bracketed(&word, 0) {
        Some((key, false, value)) => (Some(key), value),
        _ => (None, word),
    }
}

/// The parts of `[index]=value` or `[index]+=value`, whose bracket stands at a place of the first part.
pub(super) fn bracketed(word: &Word, open: usize) -> Option<(Word, bool, Word)> {
    let Some(Part::Literal(first)) = word.parts.first() else {
        return None;
    };
    if !first.get(open..)?.starts_with('[') {
        return None;
    }
    for (at, part) in word.parts.iter().enumerate() {
        let Part::Literal(text) = part else { continue };
        let from = if at == 0 { open + 1 } else { 0 };
        let close = match (text.get(from..)?.find("]="), text.get(from..)?.find("]+=")) {
            (Some(a), Some(b)) => a.min(b),
            (a, b) => match a.or(b) {
                Some(close) => close,
                None => continue,
            },
        } + from;
        let append = text[close..].starts_with("]+=");
        let mut key: Vec<Part> = word.parts[..at].to_vec();
        if let Some(Part::Literal(text)) = key.first_mut() {
            *text = text[open + 1..].to_owned();
        }
        key.push(Part::Literal(text[from..close].to_owned()));
        let rest = close + if append { 3 } else { 2 };
        let mut value = vec![Part::Literal(text[rest..].to_owned())];
        value.extend(word.parts[at + 1..].iter().cloned());
        return Some((Word { parts: key }, append, Word { parts: value }));
    }
    None
}

pub(super) fn assignment(word: &Word, bash: bool) -> Option<Assign> {
    let Some(Part::Literal(text)) = word.parts.first() else {
        return None;
    };
    let length = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(length);
    if !is_name(name) {
        return None;
    }
    if bash && rest.starts_with('[') {
        let (index, append, value) = bracketed(word, length)?;
        return Some(Assign {
            name: name.to_owned(),
            index: Some(index),
            append,
            value: AssignValue::Text(value),
        });
    }
    let append = bash && rest.starts_with("+=");
    let rest = rest.strip_prefix(if append { "+=" } else { "=" })?;
    let mut value = word.clone();
    value.parts[0] = Part::Literal(rest.to_owned());
    Some(Assign {
        name: name.to_owned(),
        index: None,
        append,
        value: AssignValue::Text(value),
    })
}
