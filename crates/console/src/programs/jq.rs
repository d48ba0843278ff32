//! `jq`, as far as tutorials use it: paths, pipes, constructions, conditions and the common functions.

mod eval;
mod functions;
mod parse;
#[cfg(test)]
mod tests;
mod value;

use super::Program;
use super::lines::{LineFilter, Lines};
use parse::Filter;
use std::collections::BTreeMap;
use value::Json;

/// How long the input may be, in bytes.
const INPUT_LIMIT: usize = 4 << 20;

/// A running `jq`: it collects its input and answers at its end.
#[derive(Clone)]
struct Jq {
    filter: Filter,
    options: Options,
    input: String,
}

#[derive(Clone, Default)]
struct Options {
    raw: bool,
    joined: bool,
    compact: bool,
    by_status: bool,
    no_input: bool,
    slurp: bool,
    variables: BTreeMap<String, Json>,
}

/// Reads the command line; the words and the exit code when it is not understood.
pub(super) fn jq(arguments: &[String]) -> Result<Box<dyn Program>, (String, i32)> {
    let mut options = Options::default();
    let mut operands = Vec::new();
    let mut words = arguments.iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--arg" | "--argjson" => {
                let (Some(name), Some(value)) = (words.next(), words.next()) else {
                    let words =
                        format!("jq: {word} takes two parameters (e.g. {word} varname value)");
                    return Err((words, 2));
                };
                let value = match word.as_str() {
                    "--arg" => Some(Json::Text(value.clone())),
                    _ => serde_json::from_str::<serde_json::Value>(value)
                        .ok()
                        .map(Json::from),
                };
                let Some(value) = value else {
                    return Err((
                        format!("jq: Invalid JSON text passed to --{}", &word[2..]),
                        2,
                    ));
                };
                options.variables.insert(name.clone(), value);
            }
            "--raw-output" => options.raw = true,
            "--compact-output" => options.compact = true,
            "--null-input" => options.no_input = true,
            "--slurp" => options.slurp = true,
            "--exit-status" => options.by_status = true,
            "--join-output" => options.joined = true,
            "--monochrome-output" | "--color-output" | "--sort-keys" => {}
            letters if letters.starts_with('-') && letters.len() > 1 => {
                for letter in letters.chars().skip(1) {
                    match letter {
                        'r' => options.raw = true,
                        'j' => options.joined = true,
                        'c' => options.compact = true,
                        'e' => options.by_status = true,
                        'n' => options.no_input = true,
                        's' => options.slurp = true,
                        'M' | 'C' | 'S' => {}
                        _ => return Err((format!("jq: not simulated here: {letters}"), 2)),
                    }
                }
            }
            _ => operands.push(word.clone()),
        }
    }
    let mut operands = operands.into_iter();
    let text = operands.next().unwrap_or_else(|| ".".to_owned());
    let Some(filter) = parse::parse(&text) else {
        return Err((format!("jq: not simulated here: the filter '{text}'"), 3));
    };
    let jq = Jq {
        filter,
        options,
        input: String::new(),
    };
    Ok(Lines::boxed("jq", jq, operands.collect()))
}

impl LineFilter for Jq {
    fn line(&mut self, _file: &str, line: &str, out: &mut String) -> Option<i32> {
        if self.input.len() + line.len() > INPUT_LIMIT {
            out.push_str("jq: not simulated here: more than 4 MiB of input\n");
            return Some(2);
        }
        self.input.push_str(line);
        self.input.push('\n');
        None
    }

    fn end(&mut self, out: &mut String) -> i32 {
        let (inputs, broken) = self.inputs();
        let mut last = None;
        let mut status = 0;
        for input in inputs {
            match eval::run(&self.filter, &input, &self.options.variables) {
                Ok(values) => {
                    for value in values {
                        self.print(&value, out);
                        last = Some(value);
                    }
                }
                Err(words) => {
                    out.push_str(&format!("jq: error (at <stdin>:0): {words}\n"));
                    status = 5;
                }
            }
        }
        if let Some(words) = broken {
            out.push_str(&format!("jq: parse error: {words}\n"));
            return 2;
        }
        match last {
            _ if status != 0 || !self.options.by_status => status,
            None => 4,
            Some(Json::Null | Json::Bool(false)) => 1,
            Some(_) => 0,
        }
    }
}

impl Jq {
    /// The values of the input, and what is wrong behind them.
    fn inputs(&self) -> (Vec<Json>, Option<String>) {
        if self.options.no_input {
            return (vec![Json::Null], None);
        }
        let (mut inputs, mut broken) = (Vec::new(), None);
        let stream = serde_json::Deserializer::from_str(&self.input);
        for value in stream.into_iter::<serde_json::Value>() {
            match value {
                Ok(value) => inputs.push(Json::from(value)),
                Err(error) => {
                    broken = Some(format!(
                        "Invalid literal at line {}, column {}",
                        error.line(),
                        error.column()
                    ));
                    break;
                }
            }
        }
        match self.options.slurp {
            true => (vec![Json::List(inputs)], broken),
            false => (inputs, broken),
        }
    }

    fn print(&self, value: &Json, out: &mut String) {
        match value {
            Json::Text(text) if self.options.raw || self.options.joined => out.push_str(text),
            value => value.write((!self.options.compact).then_some(0), out),
        }
        if !self.options.joined {
            out.push('\n');
        }
    }
}
