//! Reads scripts: recursive descent over the lexer's tokens.

mod assignments;
mod compound;

use super::ast::{
    AndOr, Body, Command, Connector, Item, List, Part, Pipeline, Redirect, RedirectKind, Word,
};
use super::lexer::{Lexer, NESTING_LIMIT, SyntaxError, Token, Unexpected};
use super::state::Dialect;
use assignments::{assignment, declares};
use std::sync::Arc;

/// The longest script that is read, in bytes.
pub const SCRIPT_LIMIT: usize = 1 << 18;

/// Reads a whole script.
///
/// # Errors
/// When it is no script, or stops before its end.
pub fn parse(text: &str, dialect: Dialect) -> Result<List, SyntaxError> {
    if text.len() > SCRIPT_LIMIT {
        return Err(SyntaxError::NotSimulated(
            "a script of more than 256 KiB".to_owned(),
        ));
    }
    parse_inside(Lexer::new(text, 0, dialect))
}

pub(super) fn parse_inside(lexer: Lexer) -> Result<List, SyntaxError> {
    let mut parser = Parser::new(lexer)?;
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
    /// The line that the token ends in.
    line: u32,
}

fn unexpected(token: &Token) -> SyntaxError {
    expected(token, None)
}

/// The error for a token where only one other could stand.
fn expected(token: &Token, wanted: Option<&'static str>) -> SyntaxError {
    let what = match token {
        Token::Word(word) => {
            let text = word_text(word);
            match word.literal() {
                Some(literal) if CLOSERS.contains(&literal) || literal == "{" => {
                    Unexpected::Token(text)
                }
                _ => Unexpected::Word(text),
            }
        }
        Token::Operator(text) if is_redirect(text) => Unexpected::Redirection((*text).to_owned()),
        Token::Operator(text) => Unexpected::Token((*text).to_owned()),
        Token::Descriptor(n) => Unexpected::Word(n.to_string()),
        Token::Newline => Unexpected::Newline,
        Token::End => return SyntaxError::Incomplete(wanted),
    };
    SyntaxError::Unexpected(what, wanted)
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
            Part::Bad(bad) => text.push_str(bad),
        }
    }
    text
}

/// Words that end a list when they stand where a command could.
const CLOSERS: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

impl Parser {
    fn new(mut lexer: Lexer) -> Result<Parser, SyntaxError> {
        let token = lexer.next()?;
        let line = lexer.line();
        Ok(Parser { lexer, token, line })
    }

    fn advance(&mut self) -> Result<Token, SyntaxError> {
        let next = self.lexer.next()?;
        self.line = match next {
            // Its line is the one that it ends.
            Token::Newline => self.line,
            _ => self.lexer.line(),
        };
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

    fn expect_keyword(&mut self, text: &'static str) -> Result<(), SyntaxError> {
        if !self.is_keyword(text) {
            return Err(expected(&self.token, Some(text)));
        }
        self.advance().map(|_| ())
    }

    fn expect_operator(&mut self, text: &'static str) -> Result<(), SyntaxError> {
        if !self.is_operator(text) {
            return Err(expected(&self.token, Some(text)));
        }
        self.advance().map(|_| ())
    }

    fn at_list_end(&self) -> bool {
        match &self.token {
            Token::End | Token::Operator(")" | ";;" | ";&" | ";;&") => true,
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
        let timed = self.lexer.dialect.is_bash() && self.is_keyword("time");
        if timed {
            self.advance()?;
            if self.at_list_end() || matches!(self.token, Token::Newline | Token::Operator(_)) {
                return Err(unexpected(&self.token));
            }
        }
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
            timed,
            commands: commands.into_iter().map(Arc::new).collect(),
        })
    }

    fn command(&mut self) -> Result<Command, SyntaxError> {
        let line = self.line;
        let bash = self.lexer.dialect.is_bash();
        let body = match &self.token {
            Token::Operator("(") if bash && self.lexer.starts_with("(") => {
                self.arithmetic_command()?
            }
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
                Some("select") if bash => self.select_command()?,
                Some("case") => self.case_command()?,
                Some("function") if self.lexer.dialect != Dialect::Dash => {
                    self.advance()?;
                    return self.function_named();
                }
                Some("[[") if bash => return self.condition(),
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
        Ok(Command {
            body,
            redirects,
            line,
        })
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
        let line = self.line;
        let bash = self.lexer.dialect.is_bash();
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
            if bash
                && (words.is_empty() || declares(&words))
                && let Some(assign) = self.array_assignment()?
            {
                assigns.push(assign);
                continue;
            }
            let Token::Word(word) = self.advance()? else {
                break;
            };
            match assignment(&word, bash) {
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
            line,
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
            if self.token == Token::Operator("(")
                && matches!(operator, "<" | ">")
                && self.lexer.dialect != Dialect::Dash
            {
                let what = format!("process substitution, {operator}(…)");
                return Err(SyntaxError::NotSimulated(what));
            }
            // bash takes the end of the script for the end of a line.
            return Err(match (&self.token, self.lexer.dialect.is_bash()) {
                (Token::End, true) => SyntaxError::Unexpected(Unexpected::Newline, None),
                (token, _) => unexpected(token),
            });
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
