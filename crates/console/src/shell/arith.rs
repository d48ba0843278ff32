//! `$((…))`: integers of 64 bits that wrap, with C's operators.

use super::state::Dialect;

/// How deep parentheses may stand in each other.
const DEPTH_LIMIT: usize = 40;

/// Evaluates an expression. `variables` reads and takes assignments.
///
/// # Errors
/// What the shell says, without its name.
pub(super) fn evaluate(text: &str, variables: &mut dyn Variables) -> Result<i64, String> {
    let dialect = variables.dialect();
    evaluate_at(text, 0, variables).map_err(|fault| fault.words(text.trim(), dialect))
}

/// What is wrong with an expression.
enum Fault {
    /// In bash's words; where a value should stand.
    Primary(String),
    /// In bash's words; where it should end.
    End(String),
    /// The divisor.
    Division(String),
    /// A value that is no number, for dash.
    Number(String),
}

impl Fault {
    fn words(self, text: &str, dialect: Dialect) -> String {
        let kind = match (&self, dialect) {
            (Fault::Number(value), _) => return format!("Illegal number: {value}"),
            (Fault::Division(_), Dialect::Ash) => return "divide by zero".to_owned(),
            (_, Dialect::Ash) => return "arithmetic syntax error".to_owned(),
            (Fault::Primary(words) | Fault::End(words), Dialect::Bash | Dialect::BashPrompt) => {
                return format!("{text}: {words}");
            }
            (Fault::Division(token), Dialect::Bash | Dialect::BashPrompt) => {
                return format!("{text}: division by 0 (error token is \"{token}\")");
            }
            (Fault::Primary(_), _) => "expecting primary",
            (Fault::End(_), _) => "expecting EOF",
            (Fault::Division(_), _) => "division by zero",
        };
        format!("arithmetic expression: {kind}: \"{text}\"")
    }
}

/// How deep values of variables may be expressions themselves.
const VALUE_DEPTH: usize = 8;

fn evaluate_at(text: &str, nested: usize, variables: &mut dyn Variables) -> Result<i64, Fault> {
    if nested > VALUE_DEPTH {
        let words = "expression recursion level exceeded";
        return Err(Fault::Primary(words.to_owned()));
    }
    let mut evaluator = Evaluator {
        text: text.as_bytes(),
        at: 0,
        last: 0,
        // Values in values use up the same depth.
        depth: nested * 4,
        nested,
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
    /// Whether the keys of this array are names.
    fn is_named(&self, name: &str) -> bool;
    /// An element of an array; empty when unset.
    fn element(&self, name: &str, key: &str) -> String;
    /// Whose arithmetic it is.
    fn dialect(&self) -> Dialect;
}

struct Evaluator<'a> {
    text: &'a [u8],
    at: usize,
    /// Where the last operator begins.
    last: usize,
    depth: usize,
    nested: usize,
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

    fn syntax_error(&self) -> Fault {
        let rest = self.rest();
        Fault::End(format!(
            "syntax error in expression (error token is \"{rest}\")"
        ))
    }

    /// A value is missing here.
    fn operand_expected(&self) -> Fault {
        let token = match self.rest() {
            "" => std::str::from_utf8(&self.text[self.last..]).unwrap_or(""),
            rest => rest,
        };
        Fault::Primary(format!(
            "syntax error: operand expected (error token is \"{token}\")"
        ))
    }

    fn is_bash(&self) -> bool {
        self.variables.dialect().is_bash()
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

    fn comma(&mut self) -> Result<i64, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(Fault::Primary(
                "expression recursion level exceeded".to_owned(),
            ));
        }
        let mut value = self.ternary()?;
        while self.eat(",") {
            value = self.ternary()?;
        }
        self.depth -= 1;
        Ok(value)
    }

    fn ternary(&mut self) -> Result<i64, Fault> {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let live = self.live;
        self.live = live && condition != 0;
        let yes = self.comma()?;
        if !self.eat(":") {
            let words = "`:' expected for conditional expression";
            return Err(Fault::Primary(words.to_owned()));
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
        // `**` is another operator, except in dash.
        if *found == "*" && next == Some(b'*') && self.variables.dialect() != Dialect::Dash {
            return None;
        }
        self.last = self.at;
        self.at += found.len();
        Some(found)
    }

    fn binary(&mut self, level: usize) -> Result<i64, Fault> {
        if level == LEVELS.len() {
            return self.power();
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

    fn power(&mut self) -> Result<i64, Fault> {
        let base = self.unary()?;
        self.blanks();
        if !self.rest().starts_with("**")
            || self.rest().starts_with("**=")
            || self.variables.dialect() == Dialect::Dash
        {
            return Ok(base);
        }
        self.last = self.at;
        self.at += 2;
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(Fault::Primary(
                "expression recursion level exceeded".to_owned(),
            ));
        }
        let exponent = self.power()?;
        self.depth -= 1;
        match u64::try_from(exponent) {
            Ok(exponent) => Ok(wrapping_power(base, exponent)),
            Err(_) => Err(Fault::End(
                "exponent less than 0 (error token is \"\")".to_owned(),
            )),
        }
    }

    fn unary(&mut self) -> Result<i64, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(Fault::Primary(
                "expression recursion level exceeded".to_owned(),
            ));
        }
        self.blanks();
        let counts = self.variables.dialect() != Dialect::Dash;
        let step = if !counts {
            0
        } else if self.rest().starts_with("++") {
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

    fn lookup(&mut self, name: &str) -> Result<i64, Fault> {
        let text = self.variables.value(name);
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(0);
        }
        match number(trimmed) {
            Some(value) => Ok(value),
            None if self.variables.dialect() == Dialect::Dash => {
                Err(Fault::Number(trimmed.to_owned()))
            }
            None => evaluate_at(trimmed, self.nested + 1, self.variables),
        }
    }

    fn primary(&mut self) -> Result<i64, Fault> {
        if self.eat("(") {
            let value = self.comma()?;
            if !self.eat(")") {
                let words = format!("missing `)' (error token is \"{}\")", self.rest());
                return Err(Fault::End(words));
            }
            return Ok(value);
        }
        self.blanks();
        let name = self.name();
        if name.is_empty() {
            return Err(self.operand_expected());
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            if self.text.get(self.at) == Some(&b'#') && self.variables.dialect() != Dialect::Dash {
                self.at += 1;
                let digits = self.name();
                let base = name.parse().unwrap_or(0);
                let value = match base {
                    2..=36 => i64::from_str_radix(&digits, base).ok(),
                    _ => None,
                };
                let words = format!("{name}#{digits}: value too great for base");
                return value.ok_or(Fault::End(words));
            }
            let words = format!("value too great for base (error token is \"{name}\")");
            return number(&name).ok_or(Fault::End(words));
        }
        // An element of an array.
        if self.is_bash() && self.text.get(self.at) == Some(&b'[') {
            let end = self.rest().find(']').unwrap_or(0);
            if end > 0 {
                let key = self.rest()[1..end].to_owned();
                self.at += end + 1;
                let key = match self.variables.is_named(&name) {
                    true => key,
                    false => evaluate_at(&key, self.nested + 1, self.variables)?.to_string(),
                };
                let text = self.variables.element(&name, &key);
                return match text.trim() {
                    "" => Ok(0),
                    text => evaluate_at(text, self.nested + 1, self.variables),
                };
            }
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
        if self.variables.dialect() == Dialect::Dash {
            // dash takes these for a plus and a sign, and then misses a value.
            if self.rest().starts_with("++") || self.rest().starts_with("--") {
                return Err(self.operand_expected());
            }
            return Ok(value);
        }
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

fn apply(operator: &str, left: i64, right: i64) -> Result<i64, Fault> {
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
            return Err(Fault::Division(right.to_string()));
        }
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    })
}

fn wrapping_power(base: i64, mut exponent: u64) -> i64 {
    let (mut result, mut square) = (1i64, base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        exponent >>= 1;
    }
    result
}
