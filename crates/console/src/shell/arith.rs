//! `$((…))`: integers of 64 bits that wrap, with C's operators.

use std::collections::BTreeMap;

/// How deep parentheses may stand in each other.
const DEPTH_LIMIT: usize = 40;

/// Evaluates an expression. `variables` reads and takes assignments.
///
/// # Errors
/// The words that bash puts after the expression.
pub(super) fn evaluate(text: &str, variables: &mut dyn Variables) -> Result<i64, String> {
    let mut evaluator = Evaluator {
        text: text.as_bytes(),
        at: 0,
        depth: 0,
        live: true,
        variables,
    };
    evaluator.blanks();
    if evaluator.at == evaluator.text.len() {
        return Ok(0);
    }
    let value = evaluator.comma()?;
    if evaluator.at < evaluator.text.len() {
        return Err(evaluator.syntax_error());
    }
    Ok(value)
}

/// The variables that an expression can name.
pub(super) trait Variables {
    /// The value; empty when unset.
    fn value(&self, name: &str) -> String;
    /// Assigns.
    fn assign(&mut self, name: &str, value: i64);
}

impl Variables for BTreeMap<String, String> {
    fn value(&self, name: &str) -> String {
        self.get(name).cloned().unwrap_or_default()
    }
    fn assign(&mut self, name: &str, value: i64) {
        self.insert(name.to_owned(), value.to_string());
    }
}

struct Evaluator<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    /// Whether assignments count: not in the half of `?:`, `&&`, `||` that is not taken.
    live: bool,
    variables: &'a mut dyn Variables,
}

/// Binary operators, loosest first. Longer ones stand before their beginnings.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Evaluator<'_> {
    fn blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn rest(&self) -> &str {
        std::str::from_utf8(&self.text[self.at..]).unwrap_or("")
    }

    fn syntax_error(&self) -> String {
        let rest = self.rest();
        if rest.is_empty() {
            "syntax error: operand expected (error token is \"\")".to_owned()
        } else {
            format!("syntax error in expression (error token is \"{rest}\")")
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        self.blanks();
        let found = self.text[self.at..].starts_with(text.as_bytes());
        if found {
            self.at += text.len();
            self.blanks();
        }
        found
    }

    fn comma(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err("expression recursion level exceeded".to_owned());
        }
        let mut value = self.ternary()?;
        while self.eat(",") {
            value = self.ternary()?;
        }
        self.depth -= 1;
        Ok(value)
    }

    fn ternary(&mut self) -> Result<i64, String> {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let live = self.live;
        self.live = live && condition != 0;
        let yes = self.comma()?;
        if !self.eat(":") {
            return Err("`:' expected for conditional expression".to_owned());
        }
        self.live = live && condition == 0;
        let no = self.comma()?;
        self.live = live;
        Ok(if condition != 0 { yes } else { no })
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        self.blanks();
        let rest = &self.text[self.at..];
        let found = LEVELS[level]
            .iter()
            .find(|o| rest.starts_with(o.as_bytes()))?;
        let next = rest.get(found.len()).copied();
        // `a = b`, `a += 1`, `a && b` and `a << b` are other operators.
        let longer = match *found {
            "|" | "&" => next == Some(found.as_bytes()[0]),
            "<" | ">" => next == Some(found.as_bytes()[0]),
            "+" | "-" | "*" | "/" | "%" | "^" => false,
            _ => false,
        };
        if longer
            || (next == Some(b'=') && !matches!(*found, "==" | "!=" | "<=" | ">=" | "||" | "&&"))
        {
            return None;
        }
        self.at += found.len();
        Some(found)
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            let live = self.live;
            self.live = match operator {
                "&&" => live && left != 0,
                "||" => live && left == 0,
                _ => live,
            };
            let right = self.binary(level + 1)?;
            let taken = self.live;
            self.live = live;
            left = if taken {
                apply(operator, left, right)?
            } else {
                i64::from(left != 0)
            };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err("expression recursion level exceeded".to_owned());
        }
        self.blanks();
        let step = if self.rest().starts_with("++") {
            1
        } else if self.rest().starts_with("--") {
            -1
        } else {
            0
        };
        let value = if step != 0
            && self
                .text
                .get(self.at + 2)
                .is_some_and(u8::is_ascii_alphabetic)
        {
            self.at += 2;
            let name = self.name();
            let value = self.lookup(&name)?.wrapping_add(step);
            self.assign(&name, value);
            value
        } else if self.eat("!") {
            i64::from(self.unary()? == 0)
        } else if self.eat("~") {
            !self.unary()?
        } else if self.eat("-") {
            self.unary()?.wrapping_neg()
        } else if self.eat("+") {
            self.unary()?
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn name(&mut self) -> String {
        let start = self.at;
        while self
            .text
            .get(self.at)
            .is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_')
        {
            self.at += 1;
        }
        String::from_utf8_lossy(&self.text[start..self.at]).into_owned()
    }

    fn assign(&mut self, name: &str, value: i64) {
        if self.live {
            self.variables.assign(name, value);
        }
    }

    fn lookup(&self, name: &str) -> Result<i64, String> {
        let mut text = self.variables.value(name);
        for _ in 0..8 {
            let trimmed = text.trim();
            if trimmed.is_empty() {
                return Ok(0);
            }
            if let Some(value) = number(trimmed) {
                return Ok(value);
            }
            if !super::parser::is_name(trimmed) {
                return Err(format!(
                    "{trimmed}: syntax error: operand expected (error token is \"{trimmed}\")"
                ));
            }
            text = self.variables.value(trimmed);
        }
        Err("expression recursion level exceeded".to_owned())
    }

    fn primary(&mut self) -> Result<i64, String> {
        if self.eat("(") {
            let value = self.comma()?;
            if !self.eat(")") {
                return Err(format!("missing `)' (error token is \"{}\")", self.rest()));
            }
            return Ok(value);
        }
        self.blanks();
        let name = self.name();
        if name.is_empty() {
            return Err(format!(
                "syntax error: operand expected (error token is \"{}\")",
                self.rest()
            ));
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return number(&name)
                .ok_or_else(|| format!("value too great for base (error token is \"{name}\")"));
        }
        self.blanks();
        for operator in ["+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", ""] {
            let text = format!("{operator}=");
            let rest = self.rest();
            if rest.starts_with(&text) && !rest.starts_with("==") {
                self.at += text.len();
                let right = self.ternary()?;
                let value = if operator.is_empty() {
                    right
                } else {
                    apply(operator, self.lookup(&name)?, right)?
                };
                self.assign(&name, value);
                return Ok(value);
            }
        }
        let value = self.lookup(&name)?;
        for (text, step) in [("++", 1), ("--", -1)] {
            if self.rest().starts_with(text) {
                self.at += 2;
                self.assign(&name, value.wrapping_add(step));
            }
        }
        Ok(value)
    }
}

fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let value = if let Some(hex) = digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else if digits.bytes().all(|c| c.is_ascii_digit()) && !digits.is_empty() {
        digits.parse().unwrap_or(i64::MAX)
    } else {
        return None;
    };
    Some(i64::wrapping_mul(sign, value))
}

fn apply(operator: &str, left: i64, right: i64) -> Result<i64, String> {
    let shift = u32::try_from(right & 63).unwrap_or(0);
    Ok(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.wrapping_shl(shift),
        ">>" => left.wrapping_shr(shift),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" | "%" if right == 0 => {
            return Err(format!("division by 0 (error token is \"{right}\")"));
        }
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    })
}
