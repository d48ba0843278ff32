//! What functions do: awk's and the program's own.

use super::super::ast::{Expr, Statement};
use super::super::value::Value;
use super::{CALL_LIMIT, Done, Leave, Local, Machine, TEXT_LIMIT, error, too_long};
use std::collections::BTreeMap;

impl Machine {
    pub(super) fn call(&mut self, name: &str, arguments: &[Expr]) -> Done<Value> {
        let program = self.program.clone();
        if let Some((parameters, body)) = program.functions.get(name) {
            return self.call_own(parameters, body, arguments);
        }
        let number = |machine: &mut Machine| -> Done<f64> {
            match arguments.first() {
                Some(argument) => Ok(machine.value(argument)?.number()),
                None => Ok(0.0),
            }
        };
        Ok(match name {
            "length" => match arguments.first() {
                None => Value::Number(self.record.chars().count() as f64),
                Some(Expr::Variable(name)) if self.arrays.contains_key(&self.array_name(name)) => {
                    let name = self.array_name(name);
                    Value::Number(
                        self.arrays
                            .get(&name)
                            .map_or(0.0, |array| array.len() as f64),
                    )
                }
                Some(argument) => {
                    Value::Number(self.value(argument)?.text().chars().count() as f64)
                }
            },
            "int" => Value::Number(number(self)?.trunc()),
            "sqrt" => Value::Number(number(self)?.sqrt()),
            "exp" => Value::Number(number(self)?.exp()),
            "log" => Value::Number(number(self)?.ln()),
            "sin" => Value::Number(number(self)?.sin()),
            "cos" => Value::Number(number(self)?.cos()),
            "rand" => {
                self.seed = self
                    .seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                Value::Number((self.seed >> 11) as f64 / (1u64 << 53) as f64)
            }
            "srand" => {
                let before = self.seed as f64;
                self.seed = number(self)? as u64;
                Value::Number(before)
            }
            "close" | "fflush" => Value::Number(0.0),
            "split" => self.call_split(arguments)?,
            "sub" | "gsub" => self.substitute(name == "gsub", arguments)?,
            _ => {
                let mut values = Vec::new();
                for argument in arguments.iter().take(20) {
                    // A pattern is the second argument of `match`.
                    values.push(match argument {
                        Expr::Regex(regex) => Value::Text(regex.as_str().to_owned()),
                        other => self.value(other)?,
                    });
                }
                self.call_text(name, &values)?
            }
        })
    }

    pub(super) fn call_text(&mut self, name: &str, values: &[Value]) -> Done<Value> {
        let text = |at: usize| values.get(at).map(Value::text).unwrap_or_default();
        Ok(match name {
            "tolower" => Value::Text(text(0).to_lowercase()),
            "toupper" => Value::Text(text(0).to_uppercase()),
            "index" => {
                let (whole, part) = (text(0), text(1));
                let at = whole
                    .find(&part)
                    .map_or(0, |at| whole[..at].chars().count() + 1);
                Value::Number(at as f64)
            }
            "substr" => {
                let whole = text(0);
                let from = values.get(1).map_or(1.0, Value::number).round();
                let to = values
                    .get(2)
                    .map_or(f64::INFINITY, |length| from + length.number().round());
                let part = whole.chars().enumerate().filter(|(at, _)| {
                    let at = *at as f64 + 1.0;
                    at >= from && at < to
                });
                Value::Text(part.map(|(_, c)| c).collect())
            }
            "match" => {
                let whole = text(0);
                let regex = self.compiled(&text(1))?;
                let (start, length) = match regex.find(&whole) {
                    Some(found) => (
                        whole[..found.start()].chars().count() as f64 + 1.0,
                        found.as_str().chars().count() as f64,
                    ),
                    None => (0.0, -1.0),
                };
                self.set("RSTART", Value::Number(start));
                self.set("RLENGTH", Value::Number(length));
                Value::Number(start)
            }
            "sprintf" => Value::Text(self.formatted(
                &text(0),
                values.get(1..).unwrap_or_default(),
                "sprintf",
            )?),
            "atan2" => {
                let number = |at: usize| values.get(at).map_or(0.0, Value::number);
                Value::Number(number(0).atan2(number(1)))
            }
            _ => return error(format!("function {name} never defined")),
        })
    }

    pub(super) fn call_own(
        &mut self,
        parameters: &[String],
        body: &Statement,
        arguments: &[Expr],
    ) -> Done<Value> {
        if self.calls.len() >= CALL_LIMIT {
            return error("not simulated here: functions that call functions this deep".to_owned());
        }
        let mut locals = BTreeMap::new();
        let mut fresh = Vec::new();
        for (at, parameter) in parameters.iter().enumerate() {
            let array = match arguments.get(at) {
                Some(Expr::Variable(name)) => self.array_name(name),
                _ => {
                    self.made += 1;
                    let name = format!("\u{1}{}", self.made);
                    fresh.push(name.clone());
                    name
                }
            };
            let value = match arguments.get(at) {
                Some(argument) => self.value(argument)?,
                None => Value::Nothing,
            };
            locals.insert(parameter.clone(), Local { value, array });
        }
        self.calls.push(locals);
        let result = self.run(body);
        self.calls.pop();
        for name in fresh {
            self.arrays.remove(&name);
        }
        match result {
            Ok(()) => Ok(Value::Nothing),
            Err(Leave::Return(value)) => Ok(value),
            Err(other) => Err(other),
        }
    }

    pub(super) fn call_split(&mut self, arguments: &[Expr]) -> Done<Value> {
        let (Some(text), Some(Expr::Variable(name))) = (arguments.first(), arguments.get(1)) else {
            return error("syntax error".to_owned());
        };
        let text = self.value(text)?.text();
        let parts = match arguments.get(2) {
            None => self.split(&text, &self.text_of("FS"))?,
            Some(Expr::Regex(regex)) if !text.is_empty() => {
                regex.split(&text).map(str::to_owned).collect()
            }
            Some(separator) => {
                let separator = self.value(separator)?.text();
                self.split(&text, &separator)?
            }
        };
        let name = self.array_name(name);
        let count = parts.len();
        self.charge_parts(count);
        let entries = parts
            .iter()
            .enumerate()
            .map(|(at, part)| ((at + 1).to_string(), Value::input(part)));
        self.arrays.insert(name, entries.collect());
        Ok(Value::Number(count as f64))
    }

    pub(super) fn substitute(&mut self, all: bool, arguments: &[Expr]) -> Done<Value> {
        let (Some(pattern), Some(replacement)) = (arguments.first(), arguments.get(1)) else {
            return error("syntax error".to_owned());
        };
        let regex = self.pattern(pattern)?;
        let replacement = self.value(replacement)?.text();
        let whole = Expr::Field(Box::new(Expr::Number(0.0)));
        let place = arguments.get(2).unwrap_or(&whole);
        let text = self.value(place)?.text();
        let mut count = 0;
        // What the replacements come to, in bytes: no more are made than may be.
        let mut made = 0;
        let limit = if all { 0 } else { 1 };
        let new = regex.replacen(&text, limit, |found: &regex_lite::Captures<'_>| {
            count += 1;
            if made > TEXT_LIMIT {
                return String::new();
            }
            let found = found.get(0).map_or("", |found| found.as_str());
            let mut out = String::new();
            let mut chars = replacement.chars().peekable();
            while let Some(c) = chars.next() {
                match c {
                    '&' => out.push_str(found),
                    '\\' if chars.peek() == Some(&'&') => {
                        chars.next();
                        out.push('&');
                    }
                    _ => out.push(c),
                }
            }
            made += out.len();
            out
        });
        if made > TEXT_LIMIT {
            return too_long();
        }
        let new = new.into_owned();
        let new = self.checked(new)?;
        if count > 0 {
            self.assign(place, Value::Text(new))?;
        }
        Ok(Value::Number(f64::from(count)))
    }
}
