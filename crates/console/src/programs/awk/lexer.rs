//! Cuts awk programs into tokens.

use super::parse::Trouble;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    Name(String),
    /// A name with `(` directly after it.
    Function(String),
    Operator(&'static str),
    Newline,
    End,
}

const OPERATORS: [&str; 43] = [
    "**=", "&&", "||", "==", "!=", "<=", ">=", ">>", "+=", "-=", "*=", "/=", "%=", "^=", "**",
    "++", "--", "!~", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!",
    "<", ">", "=", "~", "?", ":", "$", "|", "&", "@",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Trouble> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match c {
            ' ' | '\t' | '\r' => at += 1,
            '\n' => {
                tokens.push(Token::Newline);
                at += 1;
            }
            '\\' if chars.get(at + 1) == Some(&'\n') => at += 2,
            '#' => at += chars[at..].iter().take_while(|c| **c != '\n').count(),
            '"' => {
                let (text, end) = quoted(&chars, at + 1, '"')?;
                tokens.push(Token::Text(unescaped(&text)));
                at = end;
            }
            '/' if regex_may_stand(tokens.last()) => {
                let (text, end) = quoted(&chars, at + 1, '/')?;
                tokens.push(Token::Regex(text.replace("\\/", "/")));
                at = end;
            }
            _ if c.is_ascii_digit()
                || c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit) =>
            {
                let (value, end) = number(&chars, at);
                tokens.push(Token::Number(value));
                at = end;
            }
            _ if c.is_ascii_alphabetic() || c == '_' => {
                let is_part = |c: &&char| c.is_ascii_alphanumeric() || **c == '_';
                let length = chars[at..].iter().take_while(is_part).count();
                let name: String = chars[at..at + length].iter().collect();
                at += length;
                tokens.push(match chars.get(at) {
                    Some('(') => Token::Function(name),
                    _ => Token::Name(name),
                });
            }
            _ => {
                let rest: String = chars[at..].iter().take(3).collect();
                let Some(operator) = OPERATORS.iter().find(|o| rest.starts_with(**o)) else {
                    return Err(Trouble::Syntax(c.to_string()));
                };
                tokens.push(Token::Operator(operator));
                at += operator.len();
            }
        }
    }
    tokens.push(Token::End);
    Ok(tokens)
}

/// Whether a `/` after this token begins a pattern rather than dividing.
fn regex_may_stand(before: Option<&Token>) -> bool {
    match before {
        Some(Token::Number(_) | Token::Text(_) | Token::Regex(_)) => false,
        Some(Token::Name(name)) => matches!(name.as_str(), "print" | "printf" | "return" | "in"),
        Some(Token::Operator(operator)) => !matches!(*operator, ")" | "]" | "$" | "++" | "--"),
        _ => true,
    }
}

fn quoted(chars: &[char], from: usize, end: char) -> Result<(String, usize), Trouble> {
    let mut text = String::new();
    let mut at = from;
    let mut bracket = false;
    while let Some(&c) = chars.get(at) {
        match c {
            '\n' => break,
            '\\' => {
                text.push(c);
                text.extend(chars.get(at + 1));
                at += 1;
            }
            '[' if end == '/' => {
                bracket = true;
                text.push(c);
            }
            ']' if end == '/' => {
                bracket = false;
                text.push(c);
            }
            _ if c == end && !bracket => return Ok((text, at + 1)),
            _ => text.push(c),
        }
        at += 1;
    }
    Err(Trouble::Syntax(match end {
        '/' => format!("/{text}"),
        _ => format!("\"{text}"),
    }))
}

pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(c @ ('"' | '\\' | '/')) => out.push(c),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
    out
}

fn number(chars: &[char], from: usize) -> (f64, usize) {
    let digits = |at: usize| {
        chars[at..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count()
    };
    let mut at = from + digits(from);
    if chars.get(at) == Some(&'.') {
        at += 1;
        at += digits(at);
    }
    if matches!(chars.get(at), Some('e' | 'E')) {
        let sign = usize::from(matches!(chars.get(at + 1), Some('+' | '-')));
        let count = match chars.get(at + 1 + sign) {
            Some(_) => digits(at + 1 + sign),
            None => 0,
        };
        if count > 0 {
            at += 1 + sign + count;
        }
    }
    let text: String = chars[from..at].iter().collect();
    (text.parse().unwrap_or(0.0), at)
}
