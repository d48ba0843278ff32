//! What awk counts and compares: numbers, texts, and texts that look like numbers.

use super::super::echo;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Never set.
    Nothing,
    Number(f64),
    Text(String),
    /// From input, and it looks like a number.
    Both(String, f64),
}

impl Value {
    pub(super) fn truth(holds: bool) -> Value {
        Value::Number(f64::from(u8::from(holds)))
    }

    /// A text from input: a number, if it looks like one.
    pub(super) fn input(text: &str) -> Value {
        let trimmed = text.trim();
        let plain = trimmed
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        match trimmed.parse() {
            Ok(number) if plain => Value::Both(text.to_owned(), number),
            _ => Value::Text(text.to_owned()),
        }
    }

    pub(super) fn number(&self) -> f64 {
        match self {
            Value::Nothing => 0.0,
            Value::Number(number) | Value::Both(_, number) => *number,
            Value::Text(text) => leading_number(text),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Value::Nothing => String::new(),
            Value::Number(number) => number_text(*number),
            Value::Text(text) | Value::Both(text, _) => text.clone(),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Value::Nothing => false,
            Value::Number(number) | Value::Both(_, number) => *number != 0.0,
            Value::Text(text) => !text.is_empty(),
        }
    }
}

/// The number that a text begins with.
fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let mut best = 0.0;
    for (at, c) in text.char_indices().take(40) {
        if !(c.is_ascii_digit() || "+-.eE".contains(c)) {
            break;
        }
        end = at + 1;
        if let Ok(number) = text[..end].parse() {
            best = number;
        }
    }
    match text[..end].parse() {
        Ok(number) => number,
        Err(_) => best,
    }
}

fn number_text(number: f64) -> String {
    match number.fract() == 0.0 && number.abs() < 1e18 {
        true => format!("{}", number as i64),
        false => echo::float('g', number, Some(6), false),
    }
}

pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Text(_), _) | (_, Value::Text(_)) => left.text().cmp(&right.text()),
        _ => left
            .number()
            .partial_cmp(&right.number())
            .unwrap_or(Ordering::Less),
    }
}

/// What a format makes of values; `None` when there are too few.
pub(super) fn format(text: &str, values: &[Value]) -> Option<String> {
    let mut values = values.iter();
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flags = String::new();
        while let Some(c) = chars.next_if(|c| "-+ 0#".contains(*c)) {
            flags.push(c);
        }
        let mut sizes = [None, None];
        for (at, size) in sizes.iter_mut().enumerate() {
            if at == 1 && chars.next_if_eq(&'.').is_none() {
                break;
            }
            if chars.next_if_eq(&'*').is_some() {
                *size = Some(values.next()?.number().clamp(0.0, 1000.0) as usize);
                continue;
            }
            let mut digits = String::new();
            while let Some(c) = chars.next_if(char::is_ascii_digit) {
                digits.push(c);
            }
            if at == 1 || !digits.is_empty() {
                *size = Some(digits.parse::<usize>().unwrap_or(0).min(1000));
            }
        }
        let [width, precision] = sizes;
        let Some(kind) = chars.next() else {
            out.push('%');
            break;
        };
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = match kind {
            's' | 'c' | 'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                values.next()?
            }
            other => {
                out.push('%');
                out.push(other);
                continue;
            }
        };
        let shown = match kind {
            's' => {
                let text = value.text();
                match precision {
                    Some(count) => text.chars().take(count).collect(),
                    None => text,
                }
            }
            'c' => match value {
                Value::Number(code) => char::from_u32(*code as u32)
                    .map(String::from)
                    .unwrap_or_default(),
                other => other.text().chars().take(1).collect(),
            },
            'x' => format!("{:x}", value.number() as i64),
            'X' => format!("{:X}", value.number() as i64),
            'o' => format!("{:o}", value.number() as i64),
            'd' | 'i' | 'u' => {
                let number = value.number() as i64;
                match flags.contains('+') && number >= 0 {
                    true => format!("+{number}"),
                    false => number.to_string(),
                }
            }
            _ => echo::float(kind, value.number(), precision, flags.contains('+')),
        };
        out.push_str(&echo::pad(&shown, width.unwrap_or(0), &flags, kind));
    }
    Some(out)
}
