//! `if`, loops, `case`, functions, `[[`.

use super::{Parser, is_name, unexpected, word_text};
use crate::shell::ast::{Body, Command, List, Part, Word};
use crate::shell::lexer::{NESTING_LIMIT, SyntaxError, Token};
use std::sync::Arc;

impl Parser {
    pub(super) fn if_command(&mut self) -> Result<Body, SyntaxError> {
        let mut clauses = Vec::new();
        loop {
            self.advance()?;
            let condition = self.body()?;
            self.expect_keyword("then")?;
            clauses.push((condition, self.body()?));
            if !self.is_keyword("elif") {
                break;
            }
        }
        let otherwise = if self.is_keyword("else") {
            self.advance()?;
            Some(self.body()?)
        } else {
            None
        };
        self.expect_keyword("fi")?;
        Ok(Body::If { clauses, otherwise })
    }

    pub(super) fn while_command(&mut self) -> Result<Body, SyntaxError> {
        let until = self.is_keyword("until");
        self.advance()?;
        let condition = self.body()?;
        let body = self.do_group()?;
        Ok(Body::While {
            until,
            condition,
            body,
        })
    }

    pub(super) fn do_group(&mut self) -> Result<Arc<List>, SyntaxError> {
        self.expect_keyword("do")?;
        let body = self.body()?;
        self.expect_keyword("done")?;
        Ok(body)
    }

    pub(super) fn for_command(&mut self) -> Result<Body, SyntaxError> {
        self.advance()?;
        if self.is_operator("(") && self.lexer.starts_with("(") {
            return self.for_arithmetic();
        }
        let Token::Word(word) = self.advance()? else {
            return Err(unexpected(&self.token));
        };
        let name = match word.literal() {
            Some(name) if is_name(name) => name.to_owned(),
            _ => return Err(SyntaxError::Unexpected(word_text(&word))),
        };
        if self.is_operator(";") {
            self.advance()?;
        }
        self.skip_newlines()?;
        let words = if self.is_keyword("in") {
            self.advance()?;
            let mut words = Vec::new();
            while matches!(self.token, Token::Word(_)) {
                if let Token::Word(word) = self.advance()? {
                    words.push(word);
                }
            }
            match self.token {
                Token::Operator(";") | Token::Newline => self.advance()?,
                _ => return Err(unexpected(&self.token)),
            };
            self.skip_newlines()?;
            Some(words)
        } else {
            None
        };
        let body = self.do_group()?;
        Ok(Body::For { name, words, body })
    }

    pub(super) fn for_arithmetic(&mut self) -> Result<Body, SyntaxError> {
        let Some(word) = self.lexer.arithmetic_after_parenthesis()? else {
            return Err(SyntaxError::Unexpected("(".to_owned()));
        };
        self.advance()?;
        let mut parts = [Word::default(), Word::default(), Word::default()];
        let mut index = 0;
        for part in word.parts {
            let Part::Quoted(text) = part else {
                parts[index].parts.push(part);
                continue;
            };
            for (i, piece) in text.split(';').enumerate() {
                index += usize::from(i > 0);
                if index > 2 {
                    return Err(SyntaxError::Unexpected(";".to_owned()));
                }
                parts[index].parts.push(Part::Quoted(piece.to_owned()));
            }
        }
        if self.is_operator(";") {
            self.advance()?;
        }
        self.skip_newlines()?;
        let body = self.do_group()?;
        Ok(Body::ForArith { parts, body })
    }

    pub(super) fn case_command(&mut self) -> Result<Body, SyntaxError> {
        self.advance()?;
        let Token::Word(word) = self.advance()? else {
            return Err(unexpected(&self.token));
        };
        self.skip_newlines()?;
        self.expect_keyword("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.is_keyword("esac") {
                self.advance()?;
                return Ok(Body::Case { word, arms });
            }
            if self.is_operator("(") {
                self.advance()?;
            }
            let mut patterns = Vec::new();
            loop {
                match self.advance()? {
                    Token::Word(pattern) => patterns.push(pattern),
                    other => return Err(unexpected(&other)),
                }
                if !self.is_operator("|") {
                    break;
                }
                self.advance()?;
            }
            self.expect_operator(")")?;
            let list = Arc::new(self.list()?);
            arms.push((patterns, list));
            if self.is_operator(";;") {
                self.advance()?;
            } else if !self.is_keyword("esac") {
                return Err(unexpected(&self.token));
            }
        }
    }

    pub(super) fn function_named(&mut self) -> Result<Command, SyntaxError> {
        let Token::Word(word) = self.advance()? else {
            return Err(unexpected(&self.token));
        };
        let name = word_text(&word);
        if self.is_operator("(") {
            self.advance()?;
            self.expect_operator(")")?;
        }
        self.function(name)
    }

    pub(super) fn function(&mut self, name: String) -> Result<Command, SyntaxError> {
        self.skip_newlines()?;
        self.lexer.depth += 1;
        if self.lexer.depth > NESTING_LIMIT {
            return Err(SyntaxError::Unexpected("(".to_owned()));
        }
        let body = Arc::new(self.command()?);
        self.lexer.depth -= 1;
        Ok(Command {
            body: Body::Function { name, body },
            redirects: Vec::new(),
        })
    }

    /// `[[ … ]]`: operators inside are words of the condition.
    pub(super) fn condition(&mut self) -> Result<Command, SyntaxError> {
        let mut words = Vec::new();
        loop {
            match self.advance()? {
                Token::Word(word) => {
                    let end = word.literal() == Some("]]");
                    words.push(word);
                    if end {
                        break;
                    }
                }
                Token::Operator(text @ ("&&" | "||" | "<" | ">" | "(" | ")")) => {
                    words.push(Word {
                        parts: vec![Part::Literal(text.to_owned())],
                    });
                }
                Token::Newline => {}
                other => return Err(unexpected(&other)),
            }
        }
        let mut redirects = Vec::new();
        while let Some(redirect) = self.redirect()? {
            redirects.push(redirect);
        }
        Ok(Command {
            body: Body::Simple {
                assigns: Vec::new(),
                words,
            },
            redirects,
        })
    }
}
