//! `if`, loops, `case`, functions, `[[`.

use super::{Parser, expected, is_name, unexpected, word_text};
use crate::shell::ast::{ArmEnd, Body, Command, List, Part, Word};
use crate::shell::lexer::{NESTING_LIMIT, SyntaxError, Token, Unexpected};
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
        if self.is_operator("(") && self.lexer.starts_with("(") && self.lexer.dialect.is_bash() {
            return self.for_arithmetic();
        }
        let (name, words) = self.loop_head()?;
        let body = self.do_group()?;
        Ok(Body::For { name, words, body })
    }

    pub(super) fn select_command(&mut self) -> Result<Body, SyntaxError> {
        self.advance()?;
        let (name, words) = self.loop_head()?;
        let body = self.do_group()?;
        Ok(Body::Select { name, words, body })
    }

    /// The variable and the values of a loop, up to `do`.
    fn loop_head(&mut self) -> Result<(String, Option<Vec<Word>>), SyntaxError> {
        let Token::Word(word) = self.token.clone() else {
            return Err(match (&self.token, self.lexer.dialect.is_bash()) {
                (Token::End, _) | (_, true) => unexpected(&self.token),
                _ => SyntaxError::LoopVariable(String::new()),
            });
        };
        let name = match word.literal() {
            Some(name) if is_name(name) => name.to_owned(),
            _ => return Err(SyntaxError::LoopVariable(word_text(&word))),
        };
        self.advance()?;
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
        Ok((name, words))
    }

    pub(super) fn for_arithmetic(&mut self) -> Result<Body, SyntaxError> {
        let Some(word) = self.lexer.arithmetic_after_parenthesis()? else {
            let what = Unexpected::Token("(".to_owned());
            return Err(SyntaxError::Unexpected(what, None));
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
                    let what = Unexpected::Token(";".to_owned());
                    return Err(SyntaxError::Unexpected(what, None));
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
                    other => return Err(expected(&other, Some(")"))),
                }
                if !self.is_operator("|") {
                    break;
                }
                self.advance()?;
            }
            self.expect_operator(")")?;
            let list = Arc::new(self.list()?);
            let end = match self.token {
                Token::Operator(";&") => ArmEnd::Fall,
                Token::Operator(";;&") => ArmEnd::Try,
                _ => ArmEnd::Leave,
            };
            arms.push((patterns, list, end));
            if end != ArmEnd::Leave || self.is_operator(";;") {
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
            let what = Unexpected::Token("(".to_owned());
            return Err(SyntaxError::Unexpected(what, None));
        }
        let line = self.line;
        let body = Arc::new(self.command()?);
        self.lexer.depth -= 1;
        Ok(Command {
            body: Body::Function { name, body },
            redirects: Vec::new(),
            line,
        })
    }

    /// `[[ … ]]`: operators inside are words of the condition.
    pub(super) fn condition(&mut self) -> Result<Command, SyntaxError> {
        let line = self.line;
        let mut words = Vec::new();
        loop {
            if self.is_keyword("=~") {
                words.push(Word {
                    parts: vec![Part::Literal("=~".to_owned())],
                });
                self.token = self.lexer.regex_word()?;
            }
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
        if let [_, left, operator, _] = words.as_slice()
            && !left
                .literal()
                .is_some_and(|l| l.starts_with('-') || l == "!")
            && operator.literal().is_some_and(is_name)
        {
            let words = "conditional binary operator expected".to_owned();
            return Err(SyntaxError::Condition(words));
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
            line,
        })
    }
}
