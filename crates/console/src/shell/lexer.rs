//! Cuts a script into words and operators.

mod parameters;
mod quotes;

use super::ast::{Index, ParameterOperator, Part, Word};
use super::parser;
use super::state::Dialect;
use quotes::flush;
use std::sync::Arc;

/// How deep constructs may stand in each other.
pub(super) const NESTING_LIMIT: usize = 40;

/// Why a script cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxError {
    /// A quote, given here, is never closed.
    Unclosed(char),
    /// The script ends too early; more lines could complete it. What should come, if one thing can.
    Incomplete(Option<&'static str>),
    /// A here-document's end was not seen; it is delimited by this word.
    HereDocument(String),
    /// This token cannot stand here; what should, if one thing can.
    Unexpected(Unexpected, Option<&'static str>),
    /// A loop's variable has no name.
    LoopVariable(String),
    /// `[[ … ]]` that is none; the complaint.
    Condition(String),
    /// Something that is understood but not run here.
    NotSimulated(String),
}

/// What cannot stand somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unexpected {
    /// An operator or a keyword.
    Token(String),
    /// A word.
    Word(String),
    /// A redirection.
    Redirection(String),
    /// The end of a line.
    Newline,
}

/// A word or an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    Operator(&'static str),
    /// A number directly before `<` or `>`.
    Descriptor(u32),
    Newline,
    End,
}

const OPERATORS: [&str; 22] = [
    ";;&", ";&", "&>>", "<<<", "<<-", ";;", "&&", "||", ">>", "<<", ">&", "<&", "&>", ">|", "|&",
    ";", "&", "|", "(", ")", "<", ">",
];

pub(super) struct Lexer {
    chars: Arc<[char]>,
    at: usize,
    /// Where here-documents were read ahead: from this line end, to where the script goes on.
    read_ahead: Option<(usize, usize)>,
    /// How many constructs the present place stands in.
    pub(super) depth: usize,
    pub(super) dialect: Dialect,
    /// The line of a place that was passed.
    line: u32,
    counted: usize,
}

impl Lexer {
    pub(super) fn new(text: &str, depth: usize, dialect: Dialect) -> Lexer {
        Lexer {
            chars: text.chars().collect(),
            at: 0,
            read_ahead: None,
            depth,
            dialect,
            line: 1,
            counted: 0,
        }
    }

    /// A lexer that goes on at this place of the same text.
    fn inner(&mut self) -> Result<Lexer, SyntaxError> {
        Ok(Lexer {
            chars: self.chars.clone(),
            at: self.at,
            read_ahead: None,
            depth: self.deeper()?,
            dialect: self.dialect,
            line: self.line(),
            counted: self.at,
        })
    }

    /// A lexer for a text out of this one.
    fn inside(&mut self, text: &str) -> Result<Lexer, SyntaxError> {
        let line = self.line();
        let mut lexer = Lexer::new(text, self.deeper()?, self.dialect);
        lexer.line = line;
        Ok(lexer)
    }

    /// The line of the present place, from 1.
    pub(super) fn line(&mut self) -> u32 {
        let passed = self.chars.get(self.counted..self.at).unwrap_or_default();
        let lines = passed.iter().filter(|c| **c == '\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.counted = self.counted.max(self.at);
        self.line
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(i, c)| self.peek_at(i) == Some(c))
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<Token, SyntaxError> {
        self.skip_blanks();
        let Some(c) = self.peek() else {
            return Ok(Token::End);
        };
        if c == '\n' {
            self.at = match self.read_ahead.take() {
                Some((_, resume)) => resume,
                None => self.at + 1,
            };
            return Ok(Token::Newline);
        }
        if c.is_ascii_digit() {
            let digits = (0..).take_while(|&i| self.peek_at(i).is_some_and(|c| c.is_ascii_digit()));
            let length = digits.count();
            if length <= 2 && matches!(self.peek_at(length), Some('<' | '>')) {
                let text: String = self.chars[self.at..self.at + length].iter().collect();
                self.at += length;
                return Ok(Token::Descriptor(text.parse().unwrap_or(0)));
            }
        }
        let has = |operator: &str| match operator {
            ";;&" | ";&" | "|&" | "<<<" => !matches!(self.dialect, Dialect::Dash | Dialect::Ash),
            "&>" | "&>>" => self.dialect != Dialect::Dash,
            _ => true,
        };
        if let Some(operator) = OPERATORS.iter().find(|o| self.starts_with(o) && has(o)) {
            self.at += operator.len();
            return Ok(Token::Operator(operator));
        }
        Ok(Token::Word(self.word(|c| " \t\r\n;&|()<>".contains(c))?))
    }

    /// The body of the here-document that `delimiter` ends. It stands after the current line and is read ahead.
    pub(super) fn here_document(
        &mut self,
        delimiter: &Word,
        strip_tabs: bool,
    ) -> Result<Word, SyntaxError> {
        let mut end_text = String::new();
        let mut quoted = false;
        for part in &delimiter.parts {
            match part {
                Part::Literal(s) => end_text.push_str(s),
                Part::Quoted(s) => {
                    quoted = true;
                    end_text.push_str(s);
                }
                _ => {}
            }
        }
        let line_end = |from: usize| {
            (from..self.chars.len())
                .find(|&i| self.chars[i] == '\n')
                .unwrap_or(self.chars.len())
        };
        let (newline, mut at) = match self.read_ahead {
            Some((newline, resume)) => (newline, resume),
            None => {
                let newline = line_end(self.at);
                (newline, newline + 1)
            }
        };
        let mut body = String::new();
        loop {
            if at >= self.chars.len() {
                return Err(SyntaxError::HereDocument(end_text));
            }
            let end = line_end(at);
            let line: String = self.chars[at..end].iter().collect();
            at = end + 1;
            let line = if strip_tabs {
                line.trim_start_matches('\t')
            } else {
                &line
            };
            if line == end_text {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        self.read_ahead = Some((newline, at.min(self.chars.len())));
        if quoted {
            return Ok(Word::quoted(&body));
        }
        let mut parts = Vec::new();
        self.inside(&body)?.double_quoted(&mut parts, None)?;
        Ok(Word { parts })
    }

    fn deeper(&self) -> Result<usize, SyntaxError> {
        if self.depth >= NESTING_LIMIT {
            return Err(SyntaxError::NotSimulated(format!(
                "more than {NESTING_LIMIT} constructs in each other"
            )));
        }
        Ok(self.depth + 1)
    }

    /// Reads a word up to a character that ends it.
    fn word(&mut self, ends: impl Fn(char) -> bool + Copy) -> Result<Word, SyntaxError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        while let Some(c) = self.peek() {
            if ends(c) {
                break;
            }
            self.at += 1;
            match c {
                '\\' => match self.peek() {
                    Some('\n') => self.at += 1,
                    Some(next) => {
                        self.at += 1;
                        flush(&mut literal, &mut parts);
                        parts.push(Part::Quoted(next.to_string()));
                    }
                    // At the very end it stands for itself; at a prompt one more line is read before.
                    None => {
                        flush(&mut literal, &mut parts);
                        parts.push(Part::Quoted("\\".to_owned()));
                    }
                },
                '\'' => {
                    flush(&mut literal, &mut parts);
                    parts.push(Part::Quoted(self.until('\'')?));
                }
                '"' => {
                    flush(&mut literal, &mut parts);
                    parts.push(Part::Quoted(String::new()));
                    self.double_quoted(&mut parts, Some('"'))?;
                }
                '`' => {
                    flush(&mut literal, &mut parts);
                    parts.push(self.backquoted(false)?);
                }
                '$' if self.peek() == Some('\'') && self.dialect != Dialect::Dash => {
                    self.at += 1;
                    flush(&mut literal, &mut parts);
                    parts.push(Part::Quoted(self.ansi_quoted()?));
                }
                '$' => match self.dollar(false)? {
                    Some(part) => {
                        flush(&mut literal, &mut parts);
                        parts.push(part);
                    }
                    None => literal.push('$'),
                },
                _ => literal.push(c),
            }
        }
        flush(&mut literal, &mut parts);
        Ok(Word { parts })
    }

    /// What follows a `$` that was just read; `None` when the `$` stands for itself.
    fn dollar(&mut self, quoted: bool) -> Result<Option<Part>, SyntaxError> {
        if self.starts_with("((")
            && let Some(expression) = self.arithmetic_body()?
        {
            return Ok(Some(Part::Arithmetic { expression, quoted }));
        }
        match self.peek() {
            Some('(') => {
                self.at += 1;
                let inner = self.inner()?;
                let (list, end) = parser::parse_substitution(inner)?;
                self.at = end;
                Ok(Some(Part::Substitution {
                    list: Arc::new(list),
                    quoted,
                }))
            }
            Some('{') => {
                self.at += 1;
                self.braced(quoted).map(Some)
            }
            Some(c) if c.is_ascii_digit() || "?#@*$!-".contains(c) => {
                self.at += 1;
                Ok(Some(parameter(c.to_string(), quoted)))
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                Ok(Some(parameter(name, quoted)))
            }
            _ => Ok(None),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if !(c.is_ascii_alphanumeric() || c == '_') {
                break;
            }
            name.push(c);
            self.at += 1;
        }
        name
    }

    /// Reads `((…))` from its first parenthesis on. `None`, and nothing read, when it does not end in `))`.
    pub(super) fn arithmetic_body(&mut self) -> Result<Option<Word>, SyntaxError> {
        let mut open = 0usize;
        let mut at = self.at + 2;
        loop {
            match self.chars.get(at) {
                None => return Err(SyntaxError::Incomplete(Some("))"))),
                Some('(') => open += 1,
                Some(')') if open > 0 => open -= 1,
                Some(')') if self.chars.get(at + 1) == Some(&')') => break,
                Some(')') => return Ok(None),
                Some(_) => {}
            }
            at += 1;
        }
        let text: String = self.chars[self.at + 2..at].iter().collect();
        let mut inner = self.inside(&text)?;
        let mut parts = Vec::new();
        inner.double_quoted(&mut parts, None)?;
        self.at = at + 2;
        Ok(Some(Word { parts }))
    }

    /// Like [`Lexer::arithmetic_body`] when its first parenthesis has been read.
    pub(super) fn arithmetic_after_parenthesis(&mut self) -> Result<Option<Word>, SyntaxError> {
        self.at -= 1;
        let body = self.arithmetic_body();
        if !matches!(body, Ok(Some(_))) {
            self.at += 1;
        }
        body
    }

    /// Reads the regular expression after `=~`: parentheses and bars belong to it.
    pub(super) fn regex_word(&mut self) -> Result<Token, SyntaxError> {
        self.skip_blanks();
        Ok(Token::Word(self.word(|c| " \t\r\n".contains(c))?))
    }

    /// Whether `(` comes directly; it is taken then.
    pub(super) fn eat_parenthesis(&mut self) -> bool {
        let found = self.peek() == Some('(');
        self.at += usize::from(found);
        found
    }

    /// How many characters were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }
}

fn parameter(name: String, quoted: bool) -> Part {
    Part::Parameter {
        name,
        index: Index::None,
        operator: ParameterOperator::Value,
        quoted,
    }
}
