//! Reads scripts: recursive descent over the lexer's tokens.

mod compound;

use super::ast::{
    AndOr, Body, Command, Connector, Item, List, Part, Pipeline, Redirect, RedirectKind, Word,
};
use super::lexer::{Lexer, NESTING_LIMIT, SyntaxError, Token};
use std::sync::Arc;

/// The longest script that is read, in bytes.
pub const SCRIPT_LIMIT: usize = 1 << 18;

/// Reads a whole script.
///
/// # Errors
/// When it is no script, or stops before its end.
pub fn parse(text: &str) -> Result<List, SyntaxError> {
    if text.len() > SCRIPT_LIMIT {
        return Err(SyntaxError::NotSimulated(
            "a script of more than 256 KiB".to_owned(),
        ));
    }
    parse_at(text, 0)
}

pub(super) fn parse_at(text: &str, depth: usize) -> Result<List, SyntaxError> {
    let mut parser = Parser::new(Lexer::new(text, depth))?;
    let list = parser.list()?;
    match parser.token.clone() {
        Token::End => Ok(list),
        other => Err(unexpected(&other)),
    }
}

/// Reads the inside of `$(…)` and its closing parenthesis. Returns where that ends.
pub(super) fn parse_substitution(lexer: Lexer) -> Result<(List, usize), SyntaxError> {
    let mut parser = Parser::new(lexer)?;
    let list = parser.list()?;
    match parser.token.clone() {
        Token::Operator(")") => Ok((list, parser.lexer.position())),
        Token::End => Err(SyntaxError::Unclosed(')')),
        other => Err(unexpected(&other)),
    }
}

struct Parser {
    lexer: Lexer,
    token: Token,
}

fn unexpected(token: &Token) -> SyntaxError {
    match token {
        Token::Word(word) => SyntaxError::Unexpected(word_text(word)),
        Token::Operator(text) => SyntaxError::Unexpected((*text).to_owned()),
        Token::Descriptor(n) => SyntaxError::Unexpected(n.to_string()),
        Token::Newline => SyntaxError::Unexpected("newline".to_owned()),
        Token::End => SyntaxError::Incomplete,
    }
}

fn word_text(word: &Word) -> String {
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Literal(s) | Part::Quoted(s) => text.push_str(s),
            Part::Parameter { name, .. } => {
                text.push('$');
                text.push_str(name);
            }
            Part::Substitution { .. } | Part::Arithmetic { .. } => text.push_str("$("),
        }
    }
    text
}

/// Words that end a list when they stand where a command could.
const CLOSERS: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

impl Parser {
    fn new(mut lexer: Lexer) -> Result<Parser, SyntaxError> {
        let token = lexer.next()?;
        Ok(Parser { lexer, token })
    }

    fn advance(&mut self) -> Result<Token, SyntaxError> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn is_operator(&self, text: &str) -> bool {
        matches!(self.token, Token::Operator(t) if t == text)
    }

    fn is_keyword(&self, text: &str) -> bool {
        matches!(&self.token, Token::Word(word) if word.literal() == Some(text))
    }

    fn skip_newlines(&mut self) -> Result<(), SyntaxError> {
        while self.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    fn expect_keyword(&mut self, text: &str) -> Result<(), SyntaxError> {
        if !self.is_keyword(text) {
            return Err(unexpected(&self.token));
        }
        self.advance().map(|_| ())
    }

    fn expect_operator(&mut self, text: &str) -> Result<(), SyntaxError> {
        if !self.is_operator(text) {
            return Err(unexpected(&self.token));
        }
        self.advance().map(|_| ())
    }

    fn at_list_end(&self) -> bool {
        match &self.token {
            Token::End | Token::Operator(")" | ";;") => true,
            Token::Word(word) => word.literal().is_some_and(|text| CLOSERS.contains(&text)),
            _ => false,
        }
    }

    fn list(&mut self) -> Result<List, SyntaxError> {
        self.lexer.depth += 1;
        if self.lexer.depth > NESTING_LIMIT {
            return Err(SyntaxError::NotSimulated(format!(
                "more than {NESTING_LIMIT} constructs in each other"
            )));
        }
        let mut items = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.at_list_end() {
                break;
            }
            let and_or = Arc::new(self.and_or()?);
            let background = self.is_operator("&");
            items.push(Item { and_or, background });
            if background || self.is_operator(";") || self.token == Token::Newline {
                self.advance()?;
            } else {
                break;
            }
        }
        self.lexer.depth -= 1;
        Ok(List { items })
    }

    /// A list that must hold a command, as inside `if` and loops.
    fn body(&mut self) -> Result<Arc<List>, SyntaxError> {
        let list = self.list()?;
        if list.items.is_empty() {
            return Err(unexpected(&self.token));
        }
        Ok(Arc::new(list))
    }

    fn and_or(&mut self) -> Result<AndOr, SyntaxError> {
        let mut pipelines = vec![(Connector::First, Arc::new(self.pipeline()?))];
        loop {
            let connector = match self.token {
                Token::Operator("&&") => Connector::And,
                Token::Operator("||") => Connector::Or,
                _ => return Ok(AndOr { pipelines }),
            };
            self.advance()?;
            self.skip_newlines()?;
            pipelines.push((connector, Arc::new(self.pipeline()?)));
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline, SyntaxError> {
        let mut negated = false;
        while self.is_keyword("!") {
            negated = !negated;
            self.advance()?;
        }
        let mut commands = vec![self.command()?];
        loop {
            if self.is_operator("|&") {
                if let Some(command) = commands.last_mut() {
                    command.redirects.push(Redirect {
                        descriptor: Some(2),
                        kind: RedirectKind::Duplicate,
                        target: Word::quoted("1"),
                    });
                }
            } else if !self.is_operator("|") {
                break;
            }
            self.advance()?;
            self.skip_newlines()?;
            commands.push(self.command()?);
        }
        Ok(Pipeline {
            negated,
            commands: commands.into_iter().map(Arc::new).collect(),
        })
    }

    fn command(&mut self) -> Result<Command, SyntaxError> {
        let body = match &self.token {
            Token::Operator("(") if self.lexer.starts_with("(") => self.arithmetic_command()?,
            Token::Operator("(") => self.subshell()?,
            Token::Word(word) => match word.literal() {
                Some("{") => {
                    self.advance()?;
                    let list = self.body()?;
                    self.expect_keyword("}")?;
                    Body::Group(list)
                }
                Some("if") => self.if_command()?,
                Some("while" | "until") => self.while_command()?,
                Some("for") => self.for_command()?,
                Some("case") => self.case_command()?,
                Some("function") => {
                    self.advance()?;
                    return self.function_named();
                }
                Some("[[") => return self.condition(),
                Some(text) if CLOSERS.contains(&text) => return Err(unexpected(&self.token)),
                _ => return self.simple(),
            },
            Token::Descriptor(_) => return self.simple(),
            Token::Operator(text) if is_redirect(text) => return self.simple(),
            other => return Err(unexpected(other)),
        };
        let mut redirects = Vec::new();
        while let Some(redirect) = self.redirect()? {
            redirects.push(redirect);
        }
        Ok(Command { body, redirects })
    }

    fn subshell(&mut self) -> Result<Body, SyntaxError> {
        self.advance()?;
        let list = self.body()?;
        self.expect_operator(")")?;
        Ok(Body::Subshell(list))
    }

    /// `((…))`; the first parenthesis was read, the second one comes next.
    fn arithmetic_command(&mut self) -> Result<Body, SyntaxError> {
        match self.lexer.arithmetic_after_parenthesis()? {
            Some(expression) => {
                self.advance()?;
                Ok(Body::Arith(expression))
            }
            None => self.subshell(),
        }
    }

    fn simple(&mut self) -> Result<Command, SyntaxError> {
        let mut assigns = Vec::new();
        let mut words = Vec::new();
        let mut redirects = Vec::new();
        loop {
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if !matches!(self.token, Token::Word(_)) {
                break;
            }
            let Token::Word(word) = self.advance()? else {
                break;
            };
            match assignment(&word) {
                Some(assign) if words.is_empty() => assigns.push(assign),
                _ => words.push(word),
            }
            if words.len() == 1 && self.is_operator("(") && assigns.is_empty() {
                let name = words.first().and_then(Word::literal).map(str::to_owned);
                let Some(name) = name else {
                    return Err(unexpected(&self.token));
                };
                self.advance()?;
                self.expect_operator(")")?;
                return self.function(name);
            }
        }
        Ok(Command {
            body: Body::Simple { assigns, words },
            redirects,
        })
    }

    fn redirect(&mut self) -> Result<Option<Redirect>, SyntaxError> {
        let mut descriptor = None;
        if let Token::Descriptor(n) = self.token {
            descriptor = Some(n);
            self.advance()?;
        }
        let operator = match self.token {
            Token::Operator(text) if is_redirect(text) => text,
            _ => return Ok(None),
        };
        self.advance()?;
        let Token::Word(target) = self.token.clone() else {
            return Err(unexpected(&self.token));
        };
        let (kind, default) = match operator {
            "<" => (RedirectKind::Read, Some(0)),
            ">" | ">|" => (RedirectKind::Write, Some(1)),
            ">>" => (RedirectKind::Append, Some(1)),
            "&>" => (RedirectKind::Write, None),
            "&>>" => (RedirectKind::Append, None),
            ">&" => (RedirectKind::Duplicate, Some(1)),
            "<&" => (RedirectKind::Duplicate, Some(0)),
            _ => (RedirectKind::Text, Some(0)),
        };
        let target = match operator {
            "<<" | "<<-" => self.lexer.here_document(&target, operator == "<<-")?,
            "<<<" => {
                let mut word = target;
                word.parts.push(Part::Quoted("\n".to_owned()));
                word
            }
            _ => target,
        };
        self.advance()?;
        Ok(Some(Redirect {
            descriptor: descriptor.or(default),
            kind,
            target,
        }))
    }
}

fn is_redirect(text: &str) -> bool {
    matches!(
        text,
        "<" | ">" | ">>" | ">|" | "&>" | "&>>" | ">&" | "<&" | "<<" | "<<-" | "<<<"
    )
}

/// Whether `text` can name a variable.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Literal(text)) = word.parts.first() else {
        return None;
    };
    let (name, rest) = text.split_once('=')?;
    if !is_name(name) {
        return None;
    }
    let mut value = word.clone();
    value.parts[0] = Part::Literal(rest.to_owned());
    Some((name.to_owned(), value))
}
