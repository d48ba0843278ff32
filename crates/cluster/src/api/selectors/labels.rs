//! `app=web,tier in (a, b),!old`.

use crate::api::field::quote;
use crate::api::validation::names;
use crate::sort;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use std::collections::{BTreeMap, BTreeSet};

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The value is this one: `=` and `==`.
    Equals,
    /// The value is not this one, or there is none.
    NotEquals,
    /// The value is one of the list.
    In,
    /// The value is none of the list, or there is none.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
    /// The value is a greater number.
    GreaterThan,
    /// The value is a smaller number.
    LessThan,
}

/// One condition on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label.
    pub key: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub values: BTreeSet<String>,
}

impl Requirement {
    /// Whether labels fulfil the condition.
    pub fn matches(&self, labels: Option<&BTreeMap<String, String>>) -> bool {
        let value = labels.and_then(|labels| labels.get(&self.key));
        let number = |text: &str| text.parse::<i64>().ok();
        let bound = self.values.iter().next().and_then(|text| number(text));
        match self.operator {
            Operator::Equals | Operator::In => {
                value.is_some_and(|value| self.values.contains(value))
            }
            Operator::NotEquals | Operator::NotIn => {
                value.is_none_or(|value| !self.values.contains(value))
            }
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => value
                .and_then(|v| number(v))
                .is_some_and(|v| Some(v) > bound),
            Operator::LessThan => value
                .and_then(|v| number(v))
                .is_some_and(|v| bound.is_some_and(|bound| v < bound)),
        }
    }
}

/// All conditions must hold; without conditions everything fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// The conditions.
    pub requirements: Vec<Requirement>,
    /// Nothing fits: a selector that was left out where one is needed.
    pub nothing: bool,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// The API server's words for a text that is none.
    pub fn parse(text: &str) -> Result<Selector, String> {
        let mut parser = Parser {
            tokens: lex(text),
            at: 0,
        };
        Ok(Selector {
            requirements: parser.selector()?,
            nothing: false,
        })
    }

    /// The selector of an object's spec. Requirements with unknown operators fit nothing.
    pub fn from_spec(selector: Option<&LabelSelector>) -> Selector {
        let Some(selector) = selector else {
            return Selector {
                requirements: Vec::new(),
                nothing: true,
            };
        };
        let mut built = Selector::default();
        for (key, value) in selector.match_labels.iter().flatten() {
            built.requirements.push(Requirement {
                key: key.clone(),
                operator: Operator::Equals,
                values: [value.clone()].into(),
            });
        }
        for expression in selector.match_expressions.iter().flatten() {
            let operator = match expression.operator.as_str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                _ => {
                    built.nothing = true;
                    continue;
                }
            };
            built.requirements.push(Requirement {
                key: expression.key.clone(),
                operator,
                values: expression.values.iter().flatten().cloned().collect(),
            });
        }
        built
    }

    /// Whether labels fit.
    pub fn matches(&self, labels: Option<&BTreeMap<String, String>>) -> bool {
        !self.nothing && self.requirements.iter().all(|one| one.matches(labels))
    }

    /// `key=value` of one condition that names a single value, for the store's index.
    pub fn indexed(&self) -> Option<String> {
        let one = self.requirements.iter().find(|one| {
            matches!(one.operator, Operator::Equals | Operator::In) && one.values.len() == 1
        })?;
        let value = one.values.iter().next()?;
        Some(format!("{}={value}", one.key))
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut requirements: Vec<&Requirement> = self.requirements.iter().collect();
        sort::by(&mut requirements, |a, b| a.key.cmp(&b.key));
        for (at, one) in requirements.into_iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            let values: Vec<&str> = one.values.iter().map(String::as_str).collect();
            let key = &one.key;
            match (one.operator, values.as_slice()) {
                (Operator::Equals, [value]) => write!(f, "{key}={value}")?,
                (Operator::NotEquals, [value]) => write!(f, "{key}!={value}")?,
                (Operator::Equals | Operator::In, _) => {
                    write!(f, "{key} in ({})", values.join(","))?
                }
                (Operator::NotEquals | Operator::NotIn, _) => {
                    write!(f, "{key} notin ({})", values.join(","))?
                }
                (Operator::Exists, _) => f.write_str(key)?,
                (Operator::DoesNotExist, _) => write!(f, "!{key}")?,
                (Operator::GreaterThan, _) => write!(f, "{key}>{}", values.join(","))?,
                (Operator::LessThan, _) => write!(f, "{key}<{}", values.join(","))?,
            }
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    text: String,
    kind: TokenKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind {
    Word,
    Symbol,
    End,
}

fn is_symbol(letter: char) -> bool {
    matches!(letter, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        if matches!(letter, ' ' | '\t' | '\r' | '\n') {
            continue;
        }
        let mut token = String::from(letter);
        if is_symbol(letter) {
            while rest.peek().is_some_and(|next| is_symbol(*next)) {
                let longer = format!("{token}{}", rest.peek().copied().unwrap_or(' '));
                if !matches!(longer.as_str(), "==" | "!=") {
                    break;
                }
                token = longer;
                rest.next();
            }
            tokens.push(Token {
                text: token,
                kind: TokenKind::Symbol,
            });
            continue;
        }
        while let Some(next) = rest.peek().copied() {
            if is_symbol(next) || matches!(next, ' ' | '\t' | '\r' | '\n') {
                break;
            }
            token.push(next);
            rest.next();
        }
        tokens.push(Token {
            text: token,
            kind: TokenKind::Word,
        });
    }
    tokens.push(Token {
        text: String::new(),
        kind: TokenKind::End,
    });
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn at_symbol(&self, symbol: &str) -> bool {
        self.peek().kind == TokenKind::Symbol && self.peek().text == symbol
    }

    fn selector(&mut self) -> Result<Vec<Requirement>, String> {
        let mut found = Vec::new();
        loop {
            match self.peek().kind {
                TokenKind::End => return Ok(found),
                TokenKind::Symbol if !self.at_symbol("!") => {
                    return Err(format!(
                        "found '{}', expected: !, identifier, or 'end of string'",
                        self.peek().text
                    ));
                }
                TokenKind::Word | TokenKind::Symbol => {}
            }
            let one = self
                .requirement()
                .map_err(|why| format!("unable to parse requirement: {why}"))?;
            found.push(one);
            let after = self.next();
            match (after.kind, after.text.as_str()) {
                (TokenKind::End, _) => return Ok(found),
                (TokenKind::Symbol, ",") => {
                    if self.peek().kind != TokenKind::Word && !self.at_symbol("!") {
                        return Err(format!(
                            "found '{}', expected: identifier after ','",
                            self.peek().text
                        ));
                    }
                }
                (_, text) => {
                    return Err(format!("found '{text}', expected: ',' or 'end of string'"));
                }
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.at_symbol("!");
        if negated {
            self.next();
        }
        let key = self.next();
        if key.kind != TokenKind::Word {
            return Err(format!("found '{}', expected: identifier", key.text));
        }
        let wrong = names::qualified_name(&key.text);
        if !wrong.is_empty() {
            return Err(format!(
                "<nil>: Invalid value: {}: {}",
                quote(&key.text),
                wrong.join("; ")
            ));
        }
        let key = key.text;
        if negated || self.peek().kind == TokenKind::End || self.at_symbol(",") {
            let operator = if negated {
                Operator::DoesNotExist
            } else {
                Operator::Exists
            };
            return Ok(Requirement {
                key,
                operator,
                values: BTreeSet::new(),
            });
        }
        let word = self.next();
        let (operator, set) = match word.text.as_str() {
            "=" | "==" => (Operator::Equals, false),
            "!=" => (Operator::NotEquals, false),
            ">" => (Operator::GreaterThan, false),
            "<" => (Operator::LessThan, false),
            "in" => (Operator::In, true),
            "notin" => (Operator::NotIn, true),
            other => {
                return Err(format!(
                    "found '{other}', expected: in, notin, =, ==, !=, gt, lt"
                ));
            }
        };
        let values = if set {
            self.values()?
        } else {
            self.exact_value()?
        };
        check_values(&key, operator, &values)?;
        Ok(Requirement {
            key,
            operator,
            values,
        })
    }

    fn exact_value(&mut self) -> Result<BTreeSet<String>, String> {
        if self.peek().kind == TokenKind::End || self.at_symbol(",") {
            return Ok([String::new()].into());
        }
        let value = self.next();
        if value.kind == TokenKind::Word {
            return Ok([value.text].into());
        }
        Err(format!("found '{}', expected: identifier", value.text))
    }

    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        let open = self.next();
        if open.kind != TokenKind::Symbol || open.text != "(" {
            return Err(format!("found '{}' expected: '('", open.text));
        }
        let mut values = BTreeSet::new();
        let mut expects_value = true;
        loop {
            let token = self.next();
            match (token.kind, token.text.as_str()) {
                (TokenKind::Word, _) if expects_value => {
                    values.insert(token.text);
                    expects_value = false;
                }
                (TokenKind::Symbol, ",") => {
                    if expects_value {
                        values.insert(String::new());
                    }
                    expects_value = true;
                }
                (TokenKind::Symbol, ")") => {
                    if expects_value {
                        values.insert(String::new());
                    }
                    return Ok(values);
                }
                (_, text) if expects_value => {
                    return Err(format!("found '{text}', expected: ',', ')' or identifier"));
                }
                (_, text) => return Err(format!("found '{text}', expected: ',' or ')'")),
            }
        }
    }
}

fn check_values(key: &str, operator: Operator, values: &BTreeSet<String>) -> Result<(), String> {
    for (at, value) in values.iter().enumerate() {
        if matches!(operator, Operator::GreaterThan | Operator::LessThan)
            && value.parse::<i64>().is_err()
        {
            return Err(format!(
                "values[{at}]: Invalid value: {}: for 'Gt', 'Lt' operators, the value must be an integer",
                quote(value)
            ));
        }
        let wrong = names::label_value(value);
        if !wrong.is_empty() {
            return Err(format!(
                "values[{at}][{key}]: Invalid value: {}: {}",
                quote(value),
                wrong.join("; ")
            ));
        }
    }
    Ok(())
}
