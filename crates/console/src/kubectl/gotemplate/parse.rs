//! Reading of Go templates.

use super::functions::is_function;
use super::{Node, Operand, Pipeline};

/// Why a template cannot be read.
pub(super) enum Refusal {
    /// The line and Go's sentence.
    Syntax(usize, String),
    /// What is not simulated.
    NotSimulated(&'static str),
}

/// A piece of an action.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    /// `.a` directly after something, or on its own.
    Field(String),
    Dot,
    Variable(String),
    Text(String),
    Number(String),
    Symbol(&'static str),
    Space,
}

/// A token and where in the text it begins.
type Placed = (Token, usize);

/// Text, or the tokens of an action and its line.
enum Piece {
    Text(String),
    Action(Vec<Placed>, usize),
}

/// How a list of nodes ended.
#[derive(PartialEq)]
enum Stop {
    Template,
    End,
    Else(Vec<Placed>),
}

pub(super) fn template(text: &str) -> Result<Vec<Node>, Refusal> {
    let mut parser = Parser {
        pieces: pieces(text)?.into_iter(),
        line: 1,
        variables: vec!["$".to_owned()],
    };
    match parser.list()? {
        (nodes, Stop::Template) => Ok(nodes),
        (_, Stop::End) => Err(parser.error("unexpected {{end}}")),
        (_, Stop::Else(_)) => Err(parser.error("unexpected {{else}}")),
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, Refusal> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut line = 1;
    let mut trim = false;
    while let Some(at) = rest.find("{{") {
        let before = &rest[..at];
        let body = &rest[at + 2..];
        let first = line + before.matches('\n').count();
        let trims = body.starts_with("- ") || body.starts_with("-\n") || body.starts_with("-\t");
        push_text(&mut pieces, before, trim, trims);
        let body = if trims { &body[1..] } else { body };
        let inner = body.trim_start();
        let (tokens, after, ended_trim) = if trims_comment(inner) {
            comment(inner).ok_or_else(|| Refusal::Syntax(first, "unclosed comment".to_owned()))?
        } else {
            tokens(text, body, first)?
        };
        let consumed = &rest[at..rest.len() - after.len()];
        line = first + consumed.matches('\n').count();
        trim = ended_trim;
        if let Some(tokens) = tokens {
            pieces.push(Piece::Action(tokens, first));
        }
        rest = after;
    }
    push_text(&mut pieces, rest, trim, false);
    Ok(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str, trim_start: bool, trim_end: bool) {
    let text = if trim_start { text.trim_start() } else { text };
    let text = if trim_end { text.trim_end() } else { text };
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

fn trims_comment(inner: &str) -> bool {
    inner.starts_with("/*")
}

/// Tokens (none for a comment), what follows the action, and whether the text after it is trimmed.
type Action<'t> = (Option<Vec<Placed>>, &'t str, bool);

fn comment(inner: &str) -> Option<Action<'_>> {
    let (_, after) = inner.split_once("*/")?;
    if let Some(rest) = after.strip_prefix("}}") {
        return Some((None, rest, false));
    }
    let rest = after.trim_start().strip_prefix("-}}")?;
    Some((None, rest, true))
}

fn tokens<'t>(text: &str, body: &'t str, line: usize) -> Result<Action<'t>, Refusal> {
    let error = |why: &str| Refusal::Syntax(line, why.to_owned());
    let mut tokens = Vec::new();
    let mut rest = body;
    loop {
        if let Some(after) = rest.strip_prefix("}}") {
            return Ok((Some(tokens), after, false));
        }
        let spaces = rest.len() - rest.trim_start().len();
        if spaces > 0 {
            rest = &rest[spaces..];
            if let Some(after) = rest.strip_prefix("-}}") {
                return Ok((Some(tokens), after, true));
            }
            tokens.push((Token::Space, 0));
            continue;
        }
        let Some(first) = rest.chars().next() else {
            return Err(error("unclosed action"));
        };
        let (token, used) = match first {
            '"' => quoted(rest).ok_or_else(|| error("unterminated quoted string"))?,
            '`' => {
                let end = rest[1..].find('`');
                let end = end.ok_or_else(|| error("unterminated raw quoted string"))?;
                (Token::Text(rest[1..=end].to_owned()), end + 2)
            }
            '.' => match word(&rest[1..]) {
                "" => (Token::Dot, 1),
                name => (Token::Field(name.to_owned()), 1 + name.len()),
            },
            '$' => {
                let name = word(&rest[1..]);
                (Token::Variable(format!("${name}")), 1 + name.len())
            }
            ':' if rest.starts_with(":=") => (Token::Symbol(":="), 2),
            '|' => (Token::Symbol("|"), 1),
            '=' => (Token::Symbol("="), 1),
            ',' => (Token::Symbol(","), 1),
            '(' => (Token::Symbol("("), 1),
            ')' => (Token::Symbol(")"), 1),
            c if c.is_ascii_digit() || matches!(c, '-' | '+') => {
                let end = rest[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
                let end = end.map_or(rest.len(), |end| end + 1);
                (Token::Number(rest[..end].to_owned()), end)
            }
            c if c == '_' || c.is_alphabetic() => {
                let name = word(rest);
                (Token::Word(name.to_owned()), name.len())
            }
            c => {
                return Err(Refusal::Syntax(
                    line,
                    format!("unexpected {} in command", super::quote(&c.to_string())),
                ));
            }
        };
        tokens.push((token, text.len() - rest.len()));
        rest = &rest[used..];
    }
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

/// A string in double quotes and how long it is.
fn quoted(text: &str) -> Option<(Token, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Token::Text(out), at + 1)),
            '\\' => out.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
            '\n' => return None,
            c => out.push(c),
        }
    }
    None
}

struct Parser {
    pieces: std::vec::IntoIter<Piece>,
    line: usize,
    variables: Vec<String>,
}

impl Parser {
    fn error(&self, why: impl Into<String>) -> Refusal {
        Refusal::Syntax(self.line, why.into())
    }

    fn list(&mut self) -> Result<(Vec<Node>, Stop), Refusal> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let (tokens, line) = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text(text));
                    continue;
                }
                Piece::Action(tokens, line) => (trimmed(tokens), line),
            };
            self.line = line;
            let rest = || trimmed(tokens.iter().skip(1).cloned().collect());
            match tokens.first().map(|(token, _)| token) {
                Some(Token::Word(word)) => match word.as_str() {
                    "end" => return Ok((nodes, Stop::End)),
                    "else" => return Ok((nodes, Stop::Else(rest()))),
                    "if" | "with" | "range" => nodes.push(self.control(word, rest())?),
                    "define" | "template" | "block" => {
                        return Err(Refusal::NotSimulated("named Go templates"));
                    }
                    "break" | "continue" => {
                        return Err(Refusal::NotSimulated("{{break}} and {{continue}}"));
                    }
                    _ => nodes.push(Node::Action(self.pipeline(&tokens, "command")?)),
                },
                None => return Err(self.error("missing value for command")),
                Some(_) => nodes.push(Node::Action(self.pipeline(&tokens, "command")?)),
            }
        }
        Ok((nodes, Stop::Template))
    }

    fn control(&mut self, word: &str, tokens: Vec<Placed>) -> Result<Node, Refusal> {
        let known = self.variables.len();
        let pipeline = self.pipeline(&tokens, word)?;
        let (body, end) = self.list()?;
        let otherwise = match end {
            Stop::End => Vec::new(),
            Stop::Template => return Err(self.error("unexpected EOF")),
            Stop::Else(more) => match more.first().map(|(token, _)| token) {
                None => match self.list()? {
                    (nodes, Stop::End) => nodes,
                    (_, Stop::Template) => return Err(self.error("unexpected EOF")),
                    (_, Stop::Else(_)) => return Err(self.error("unexpected {{else}}")),
                },
                Some(Token::Word(next)) if next == word && word != "range" => {
                    let next = next.clone();
                    vec![self.control(&next, trimmed(more[1..].to_vec()))?]
                }
                Some(_) => {
                    return Err(self.error(format!("unexpected tokens in {{{{else}}}} of {word}")));
                }
            },
        };
        self.variables.truncate(known);
        Ok(match word {
            "if" => Node::If(pipeline, body, otherwise),
            "with" => Node::With(pipeline, body, otherwise),
            _ => Node::Range(pipeline, body, otherwise),
        })
    }

    fn pipeline(&mut self, tokens: &[Placed], context: &str) -> Result<Pipeline, Refusal> {
        let mut rest = tokens;
        let (mut variables, mut assigns) = (Vec::new(), false);
        let sign = |(token, _): &Placed| matches!(token, Token::Symbol(":=" | "="));
        if let Some(at) = tokens.iter().position(sign) {
            assigns = tokens[at].0 == Token::Symbol("=");
            for (token, _) in &tokens[..at] {
                match token {
                    Token::Variable(name) => variables.push(name.clone()),
                    Token::Space | Token::Symbol(",") => {}
                    _ => return Err(self.error(format!("unexpected {} in {context}", "\":=\""))),
                }
            }
            rest = &tokens[at + 1..];
        }
        let mut commands = Vec::new();
        let mut depth = 0;
        for part in rest.split(|(token, _)| {
            match token {
                Token::Symbol("(") => depth += 1,
                Token::Symbol(")") => depth -= 1,
                _ => {}
            }
            depth == 0 && *token == Token::Symbol("|")
        }) {
            let command = self.command(part)?;
            if command.is_empty() {
                return Err(self.error(format!("missing value for {context}")));
            }
            commands.push(command);
        }
        if !assigns {
            self.variables.extend(variables.iter().cloned());
        }
        Ok(Pipeline {
            variables,
            assigns,
            commands,
        })
    }

    fn command(&mut self, tokens: &[Placed]) -> Result<Vec<Operand>, Refusal> {
        let mut operands: Vec<Operand> = Vec::new();
        let mut at = 0;
        let (mut joined, mut chained) = (false, 0);
        while let Some((token, offset)) = tokens.get(at) {
            let offset = *offset;
            at += 1;
            let operand = match token {
                Token::Space => {
                    joined = false;
                    continue;
                }
                Token::Field(name) if joined => {
                    match operands.last_mut() {
                        Some(
                            Operand::Field(path, begin)
                            | Operand::Variable(_, path, begin)
                            | Operand::Group(_, path, begin),
                        ) => {
                            // Go takes the second word of a chain for the place of all of it.
                            if chained == 0 {
                                *begin = offset;
                            }
                            chained += 1;
                            path.push(name.clone());
                        }
                        _ => return Err(self.error(format!("unexpected <.{name}> in operand"))),
                    }
                    continue;
                }
                Token::Dot => Operand::Dot,
                Token::Field(name) => Operand::Field(vec![name.clone()], offset),
                Token::Variable(name) => {
                    if !self.variables.contains(name) {
                        return Err(
                            self.error(format!("undefined variable {}", super::quote(name)))
                        );
                    }
                    Operand::Variable(name.clone(), Vec::new(), offset)
                }
                Token::Text(text) => Operand::Text(text.clone()),
                Token::Number(text) => match (text.parse(), text.parse()) {
                    (Ok(whole), _) => Operand::Int(whole),
                    (_, Ok(number)) => Operand::Float(number),
                    _ => {
                        return Err(
                            self.error(format!("bad number syntax: {}", super::quote(text)))
                        );
                    }
                },
                Token::Word(word) => match word.as_str() {
                    "true" => Operand::Bool(true),
                    "false" => Operand::Bool(false),
                    "nil" => Operand::Nil,
                    name if is_function(name) => Operand::Function(name.to_owned(), offset),
                    name => {
                        return Err(
                            self.error(format!("function {} not defined", super::quote(name)))
                        );
                    }
                },
                Token::Symbol("(") => {
                    let end = closing(&tokens[at..]);
                    let end = end.ok_or_else(|| self.error("unclosed left paren"))?;
                    let inner = trimmed(tokens[at..at + end].to_vec());
                    at += end + 1;
                    Operand::Group(
                        Box::new(self.pipeline(&inner, "parenthesized pipeline")?),
                        Vec::new(),
                        offset,
                    )
                }
                Token::Symbol(")") => return Err(self.error("unexpected right paren")),
                Token::Symbol(symbol) => {
                    return Err(
                        self.error(format!("unexpected {} in operand", super::quote(symbol)))
                    );
                }
            };
            (joined, chained) = (true, 0);
            operands.push(operand);
        }
        Ok(operands)
    }
}

/// Where the bracket that is open closes.
fn closing(tokens: &[Placed]) -> Option<usize> {
    let mut depth = 1;
    tokens.iter().position(|(token, _)| {
        match token {
            Token::Symbol("(") => depth += 1,
            Token::Symbol(")") => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

fn trimmed(mut tokens: Vec<Placed>) -> Vec<Placed> {
    while tokens
        .last()
        .is_some_and(|(token, _)| *token == Token::Space)
    {
        tokens.pop();
    }
    let spaces = tokens
        .iter()
        .take_while(|(token, _)| *token == Token::Space)
        .count();
    tokens.drain(..spaces);
    tokens
}
