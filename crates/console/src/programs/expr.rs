//! `expr`.

use super::Io;
use super::filters::regex;
use crate::command::Poll;

/// How deep parentheses may stand in each other.
const DEPTH_LIMIT: usize = 40;

/// Binary operators, loosest first.
const LEVELS: [&[&str]; 6] = [
    &["|"],
    &["&"],
    &["<", "<=", "=", "==", "!=", ">=", ">"],
    &["+", "-"],
    &["*", "/", "%"],
    &[":"],
];

struct Expression<'a> {
    words: &'a [String],
    at: usize,
    depth: usize,
}

/// `expr`
pub(super) fn expr(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let words = &arguments[1..];
    if words.is_empty() {
        let text = match io.is_busybox() {
            true => "expr: too few arguments",
            false => "expr: missing operand\nTry 'expr --help' for more information.",
        };
        return io.fail(text, 2);
    }
    let mut expression = Expression {
        words,
        at: 0,
        depth: 0,
    };
    let result = expression
        .level(0)
        .and_then(|value| match words.get(expression.at) {
            None => Ok(value),
            Some(word) => Err(format!("syntax error: unexpected argument '{word}'")),
        });
    match result {
        Ok(value) => {
            io.stdout.push_str(&value);
            io.stdout.push('\n');
            Poll::Done(i32::from(value.is_empty() || value == "0"))
        }
        Err(_) if io.is_busybox() => io.fail("expr: syntax error", 2),
        Err(words) => io.fail(&format!("expr: {words}"), 2),
    }
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "non-integer argument".to_owned())
}

impl Expression<'_> {
    fn level(&mut self, level: usize) -> Result<String, String> {
        if level == LEVELS.len() {
            return self.primary();
        }
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.words.get(self.at).cloned() {
            if !LEVELS[level].contains(&operator.as_str()) {
                break;
            }
            self.at += 1;
            let right = self.level(level + 1)?;
            left = apply(&left, &operator, &right)?;
        }
        Ok(left)
    }

    fn word(&mut self) -> Result<String, String> {
        let Some(word) = self.words.get(self.at) else {
            let last = self.words.last().map_or("", String::as_str);
            return Err(format!("syntax error: missing argument after '{last}'"));
        };
        self.at += 1;
        Ok(word.clone())
    }

    fn primary(&mut self) -> Result<String, String> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err("not simulated here: parentheses this deep".to_owned());
        }
        let word = self.word()?;
        let value = match word.as_str() {
            "(" => {
                let value = self.level(0)?;
                match self.word()?.as_str() {
                    ")" => value,
                    other => {
                        return Err(format!("syntax error: expecting ')' instead of '{other}'"));
                    }
                }
            }
            "length" if self.at < self.words.len() => self.word()?.chars().count().to_string(),
            "index" if self.at + 1 < self.words.len() => {
                let (text, set) = (self.word()?, self.word()?);
                let at = text.chars().position(|c| set.contains(c));
                at.map_or(0, |at| at + 1).to_string()
            }
            "substr" if self.at + 2 < self.words.len() => {
                let (text, from, length) = (self.word()?, self.word()?, self.word()?);
                let from = from.parse::<usize>().unwrap_or(0);
                let length = length.parse::<usize>().unwrap_or(0);
                match from {
                    0 => String::new(),
                    from => text.chars().skip(from - 1).take(length).collect(),
                }
            }
            _ => word,
        };
        self.depth -= 1;
        Ok(value)
    }
}

fn apply(left: &str, operator: &str, right: &str) -> Result<String, String> {
    let is_null = |text: &str| text.is_empty() || text == "0";
    Ok(match operator {
        "|" => if is_null(left) { right } else { left }.to_owned(),
        "&" => if is_null(left) || is_null(right) {
            "0"
        } else {
            left
        }
        .to_owned(),
        ":" => {
            let pattern = format!("^{}", right.trim_start_matches('^'));
            let regex = regex(&pattern, false, false)?;
            let found = regex.captures(left);
            match (found, regex.captures_len() > 1) {
                (Some(found), true) => found.get(1).map_or("", |m| m.as_str()).to_owned(),
                (Some(found), false) => {
                    let all = found.get(0).map_or("", |m| m.as_str());
                    all.chars().count().to_string()
                }
                (None, true) => String::new(),
                (None, false) => "0".to_owned(),
            }
        }
        "+" | "-" | "*" | "/" | "%" => {
            let (a, b) = (number(left)?, number(right)?);
            let value = match operator {
                "+" => a.checked_add(b),
                "-" => a.checked_sub(b),
                "*" => a.checked_mul(b),
                _ if b == 0 => return Err("division by zero".to_owned()),
                "/" => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            let value = value.ok_or("not simulated here: numbers of more than 64 bits")?;
            value.to_string()
        }
        _ => {
            let order = match (left.parse::<i64>(), right.parse::<i64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                _ => left.cmp(right),
            };
            let holds = match operator {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                "!=" => order.is_ne(),
                ">=" => order.is_ge(),
                ">" => order.is_gt(),
                _ => order.is_eq(),
            };
            u8::from(holds).to_string()
        }
    })
}
