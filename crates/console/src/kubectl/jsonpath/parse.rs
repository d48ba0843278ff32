//! From a template's text to its parts.

use super::{Node, Slice};
use serde_json::Value;

/// Reads a whole template.
pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    let mut nodes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        if at > 0 {
            nodes.push(Node::Text(rest[..at].to_owned()));
        }
        let mut parser = Parser {
            rest: &rest[at + 1..],
        };
        let mut list = Vec::new();
        parser.action(&mut list, true)?;
        nodes.push(Node::List(list));
        rest = parser.rest;
    }
    if !rest.is_empty() {
        nodes.push(Node::Text(rest.to_owned()));
    }
    Ok(nodes)
}

fn inside(text: &str) -> Result<Vec<Node>, String> {
    let mut list = Vec::new();
    Parser { rest: text }.action(&mut list, false)?;
    Ok(list)
}

struct Parser<'t> {
    rest: &'t str,
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

impl<'t> Parser<'t> {
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    /// The parts up to the closing brace, or up to the end of the text if none is expected.
    fn action(&mut self, list: &mut Vec<Node>, braced: bool) -> Result<(), String> {
        loop {
            let Some(c) = self.rest.chars().next() else {
                return if braced {
                    Err("unclosed action".to_owned())
                } else {
                    Ok(())
                };
            };
            match c {
                '\n' | '\r' => return Err("unclosed action".to_owned()),
                '}' => {
                    self.skip(1);
                    return Ok(());
                }
                ' ' | '@' | '$' => self.skip(1),
                '[' if self.rest.starts_with("[?(") => list.push(self.filter()?),
                '[' => self.array(list)?,
                '"' | '\'' => list.push(Node::Text(self.quoted(c)?)),
                '.' => self.field(list)?,
                '+' | '-' | '0'..='9' => list.push(self.number()?),
                c if c.is_alphanumeric() || c == '_' => list.push(self.word()),
                c => {
                    return Err(format!(
                        "unrecognized character in action: U+{:04X} '{c}'",
                        u32::from(c)
                    ));
                }
            }
        }
    }

    fn word(&mut self) -> Node {
        let end = self.rest.find(ends_word).unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        self.skip(end);
        match word {
            "true" => Node::Literal(Value::Bool(true)),
            "false" => Node::Literal(Value::Bool(false)),
            other => Node::Identifier(other.to_owned()),
        }
    }

    fn number(&mut self) -> Result<Node, String> {
        let mut end = 1;
        while let Some(c) = self.rest[end..].chars().next() {
            if !c.is_ascii_digit() && c != '.' {
                break;
            }
            end += 1;
        }
        let word = &self.rest[..end];
        self.skip(end);
        if let Ok(whole) = word.parse::<i64>() {
            return Ok(Node::Literal(whole.into()));
        }
        match word.parse::<f64>() {
            Ok(float) => Ok(Node::Literal(float.into())),
            Err(_) => Err(format!("cannot parse number {word}")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some(c) => text.push(c),
                    None => break,
                },
                c if c == quote => {
                    self.skip(at + 2);
                    return Ok(text);
                }
                c => text.push(c),
            }
        }
        Err("unterminated quoted string".to_owned())
    }

    fn field(&mut self, list: &mut Vec<Node>) -> Result<(), String> {
        if self.rest.starts_with("..") {
            if list.last() == Some(&Node::Recursive) {
                return Err("invalid multiple recursive descent".to_owned());
            }
            self.skip(1);
            list.push(Node::Recursive);
            if self.rest[1..].starts_with('[') {
                self.skip(1);
                return Ok(());
            }
        }
        let mut name = String::new();
        let mut end = 1;
        let mut chars = self.rest[1..].chars();
        while let Some(c) = chars.next() {
            end += c.len_utf8();
            if c == '\\' {
                if let Some(next) = chars.next() {
                    end += next.len_utf8();
                    name.push(next);
                }
            } else if ends_word(c) {
                end -= c.len_utf8();
                break;
            } else {
                name.push(c);
            }
        }
        self.skip(end);
        if name == "*" {
            list.push(Node::Wildcard);
        } else if !name.is_empty() {
            list.push(Node::Field(name));
        }
        Ok(())
    }

    fn array(&mut self, list: &mut Vec<Node>) -> Result<(), String> {
        let unterminated = || "unterminated array".to_owned();
        let end = self.rest.find([']', '\n']).ok_or_else(unterminated)?;
        if self.rest[end..].starts_with('\n') {
            return Err(unterminated());
        }
        let text = &self.rest[1..end];
        self.skip(end + 1);
        if text.contains(',') {
            let parts = text
                .split(',')
                .map(|part| inside(&format!("[{}]", part.trim_matches(' '))))
                .collect::<Result<Vec<_>, _>>()?;
            list.push(Node::Union(parts));
            return Ok(());
        }
        let key = text
            .strip_prefix('\'')
            .and_then(|text| text.strip_suffix('\''))
            .filter(|key| !key.contains('\''));
        if let Some(key) = key {
            list.extend(inside(&format!(".{key}"))?);
            return Ok(());
        }
        list.push(Node::Array(slice(if text == "*" { ":" } else { text })?));
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        let body = &self.rest[3..];
        let mut quote: Option<char> = None;
        let mut end = None;
        for (at, c) in body.char_indices() {
            match (c, quote) {
                ('\n', _) => break,
                ('"' | '\'', None) => quote = Some(c),
                (c, Some(open)) if c == open && !body[..at].ends_with('\\') => quote = None,
                (')', None) => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let end = end.ok_or_else(|| "unterminated filter".to_owned())?;
        if !body[end + 1..].starts_with(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let text = &body[..end];
        self.rest = &body[end + 2..];
        for operator in ["==", "!=", "<=", ">=", "<", ">"] {
            if let Some((left, right)) = text.split_once(operator) {
                return Ok(Node::Filter {
                    left: inside(left.trim())?,
                    right: inside(right.trim())?,
                    operator: operator.to_owned(),
                });
            }
        }
        Ok(Node::Filter {
            left: inside(text.trim())?,
            right: Vec::new(),
            operator: "exists".to_owned(),
        })
    }
}

fn slice(text: &str) -> Result<Slice, String> {
    let invalid = || format!("invalid array index {text}");
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 || text.is_empty() {
        return Err(invalid());
    }
    let number = |part: Option<&&str>| -> Result<Option<i64>, String> {
        match part {
            None | Some(&"") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| invalid()),
        }
    };
    let start = number(parts.first())?;
    if parts.len() == 1 {
        return Ok(Slice {
            start,
            end: start.map(|at| at.saturating_add(1)),
            derived: true,
            step: None,
        });
    }
    Ok(Slice {
        start,
        end: number(parts.get(1))?,
        derived: false,
        step: number(parts.get(2))?,
    })
}
