//! Runs awk programs over records.

use super::super::filters::regex;
use super::parse::{Expr, Pattern, Program, Statement};
use super::value::{Value, compare, format};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many steps a program may take for one record.
const STEP_LIMIT: u32 = 200_000;

/// How deep functions may call functions.
const CALL_LIMIT: usize = 60;

/// How long a text may become, in bytes.
const TEXT_LIMIT: usize = 1 << 20;

/// Why a statement did not end as usual.
pub(super) enum Leave {
    Next,
    Exit,
    Break,
    Continue,
    Return(Value),
    /// What is wrong; the program ends with 2.
    Error(String),
}

type Done<T> = Result<T, Leave>;

/// A parameter of a function: its value, and the array that it stands for.
#[derive(Clone)]
struct Local {
    value: Value,
    array: String,
}

/// What a program knows.
#[derive(Clone)]
pub(super) struct Machine {
    program: Arc<Program>,
    variables: BTreeMap<String, Value>,
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    calls: Vec<BTreeMap<String, Local>>,
    made: usize,
    ranges: Vec<bool>,
    record: String,
    fields: Vec<String>,
    steps: u32,
    seed: u64,
    pub(super) out: String,
    /// What goes into files: name, text, whether the file was written to before.
    pub(super) files: Vec<(String, String)>,
    pub(super) opened: BTreeMap<String, bool>,
    pub(super) status: i32,
}

fn error<T>(words: String) -> Done<T> {
    Err(Leave::Error(words))
}

impl Machine {
    pub(super) fn new(program: Program) -> Machine {
        let ranges = vec![false; program.ranges];
        let texts = [
            ("FS", " "),
            ("OFS", " "),
            ("ORS", "\n"),
            ("RS", "\n"),
            ("SUBSEP", "\u{1c}"),
            ("FILENAME", ""),
        ];
        let numbers = ["NR", "FNR", "NF", "RSTART", "RLENGTH"];
        let texts = texts.map(|(name, text)| (name.to_owned(), Value::Text(text.to_owned())));
        let mut variables = BTreeMap::from(texts);
        for name in numbers {
            variables.insert(name.to_owned(), Value::Number(0.0));
        }
        Machine {
            program: Arc::new(program),
            variables,
            arrays: BTreeMap::new(),
            calls: Vec::new(),
            made: 0,
            ranges,
            record: String::new(),
            fields: Vec::new(),
            steps: 0,
            seed: 1,
            out: String::new(),
            files: Vec::new(),
            opened: BTreeMap::new(),
            status: 0,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.variables.insert(name.to_owned(), value);
    }

    pub(super) fn text_of(&self, name: &str) -> String {
        self.variables
            .get(name)
            .map(Value::text)
            .unwrap_or_default()
    }

    /// Fills `ENVIRON`.
    pub(super) fn environment(&mut self, variables: &BTreeMap<String, String>) {
        let array = self.arrays.entry("ENVIRON".to_owned()).or_default();
        for (name, value) in variables {
            array.insert(name.clone(), Value::input(value));
        }
    }

    pub(super) fn reads_records(&self) -> bool {
        !self.program.rules.is_empty() || !self.program.end.is_empty()
    }

    pub(super) fn begin(&mut self) -> Done<()> {
        let program = self.program.clone();
        self.all(&program.begin)
    }

    pub(super) fn end(&mut self) -> Done<()> {
        let program = self.program.clone();
        self.all(&program.end)
    }

    fn all(&mut self, statements: &[Statement]) -> Done<()> {
        self.steps = 0;
        for statement in statements {
            self.run(statement)?;
        }
        Ok(())
    }

    /// Works on one record.
    pub(super) fn record(&mut self, text: &str) -> Done<()> {
        self.steps = 0;
        for name in ["NR", "FNR"] {
            let count = self.variables.get(name).map_or(0.0, Value::number) + 1.0;
            self.set(name, Value::Number(count));
        }
        self.set_record(text.to_owned())?;
        let program = self.program.clone();
        for (pattern, action) in &program.rules {
            let applies = match pattern {
                Pattern::Always => true,
                Pattern::When(condition) => self.value(condition)?.is_true(),
                Pattern::Range(from, to, at) => {
                    let inside = self.ranges.get(*at).copied().unwrap_or(false);
                    let hit = inside || self.value(from)?.is_true();
                    if hit {
                        let last = self.value(to)?.is_true();
                        if let Some(state) = self.ranges.get_mut(*at) {
                            *state = !last;
                        }
                    }
                    hit
                }
            };
            if !applies {
                continue;
            }
            let done = match action {
                Some(action) => self.run(action),
                None => {
                    let end = self.text_of("ORS");
                    self.out.push_str(&self.record);
                    self.out.push_str(&end);
                    Ok(())
                }
            };
            match done {
                Err(Leave::Next) => return Ok(()),
                other => other?,
            }
        }
        Ok(())
    }

    fn set_record(&mut self, text: String) -> Done<()> {
        self.fields = self.split(&text, &self.text_of("FS"))?;
        self.record = text;
        self.set("NF", Value::Number(self.fields.len() as f64));
        Ok(())
    }

    fn split(&self, text: &str, separator: &str) -> Done<Vec<String>> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        if separator == " " {
            return Ok(text.split_whitespace().map(str::to_owned).collect());
        }
        let mut chars = separator.chars();
        if let (Some(c), None) = (chars.next(), chars.next())
            && c != '\\'
        {
            return Ok(text.split(c).map(str::to_owned).collect());
        }
        if separator.is_empty() {
            return Ok(text.chars().map(String::from).collect());
        }
        match regex(separator, true, false) {
            Ok(regex) => Ok(regex.split(text).map(str::to_owned).collect()),
            Err(_) => error(format!("regular expression compile failed\n{separator}")),
        }
    }

    fn rebuild(&mut self) -> Done<()> {
        let record = self.fields.join(&self.text_of("OFS"));
        self.record = self.checked(record)?;
        self.variables
            .insert("NF".to_owned(), Value::Number(self.fields.len() as f64));
        Ok(())
    }

    /// A text that was made: it must not be too long, and costs steps.
    fn checked(&mut self, text: String) -> Done<String> {
        self.charge(text.len());
        match text.len() > TEXT_LIMIT {
            true => error("not simulated here: a text of more than 1 MiB".to_owned()),
            false => Ok(text),
        }
    }

    /// Counts the steps of going through a text.
    fn charge(&mut self, bytes: usize) {
        let steps = u32::try_from(bytes / 128).unwrap_or(u32::MAX);
        self.steps = self.steps.saturating_add(steps);
    }

    fn step(&mut self) -> Done<()> {
        self.steps = self.steps.saturating_add(1);
        match self.steps > STEP_LIMIT {
            true => error(format!(
                "not simulated here: more than {STEP_LIMIT} steps for one record"
            )),
            false => Ok(()),
        }
    }

    fn run(&mut self, statement: &Statement) -> Done<()> {
        self.step()?;
        match statement {
            Statement::Print {
                format,
                values,
                target,
            } => self.print(*format, values, target.as_ref())?,
            Statement::Expr(value) => {
                self.value(value)?;
            }
            Statement::If(condition, yes, no) => {
                if self.value(condition)?.is_true() {
                    self.run(yes)?;
                } else if let Some(no) = no {
                    self.run(no)?;
                }
            }
            Statement::While(condition, body) => {
                while self.value(condition)?.is_true() {
                    if self.turn(body)? {
                        break;
                    }
                }
            }
            Statement::DoWhile(body, condition) => loop {
                if self.turn(body)? || !self.value(condition)?.is_true() {
                    break;
                }
            },
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.run(first)?;
                }
                loop {
                    if let Some(condition) = condition
                        && !self.value(condition)?.is_true()
                    {
                        break;
                    }
                    if self.turn(body)? {
                        break;
                    }
                    if let Some(step) = step {
                        self.run(step)?;
                    }
                }
            }
            Statement::ForIn(name, array, body) => {
                for key in self.keys(array) {
                    self.assign_name(name, Value::input(&key))?;
                    if self.turn(body)? {
                        break;
                    }
                }
            }
            Statement::Block(statements) => {
                for statement in statements {
                    self.run(statement)?;
                }
            }
            Statement::Delete(name, index) => {
                let name = self.array_name(name);
                match index {
                    None => {
                        self.arrays.remove(&name);
                    }
                    Some(index) => {
                        let key = self.key(index)?;
                        if let Some(array) = self.arrays.get_mut(&name) {
                            array.remove(&key);
                        }
                    }
                }
            }
            Statement::Next => return Err(Leave::Next),
            Statement::Break => return Err(Leave::Break),
            Statement::Continue => return Err(Leave::Continue),
            Statement::Exit(status) => {
                if let Some(status) = status {
                    self.status = self.value(status)?.number() as i32 & 255;
                }
                return Err(Leave::Exit);
            }
            Statement::Return(value) => {
                let value = match value {
                    Some(value) => self.value(value)?,
                    None => Value::Nothing,
                };
                return Err(Leave::Return(value));
            }
        }
        Ok(())
    }

    /// One turn of a loop. Whether the loop ends.
    fn turn(&mut self, body: &Statement) -> Done<bool> {
        self.step()?;
        match self.run(body) {
            Err(Leave::Break) => Ok(true),
            Err(Leave::Continue) => Ok(false),
            other => other.map(|()| false),
        }
    }

    /// The keys of an array; numbers in their order.
    fn keys(&mut self, array: &str) -> Vec<String> {
        let name = self.array_name(array);
        let mut keys: Vec<String> = self
            .arrays
            .get(&name)
            .map_or(Vec::new(), |a| a.keys().cloned().collect());
        petset_cluster::sort::by_key(&mut keys, |key| key.parse::<i64>().unwrap_or(i64::MAX));
        keys
    }

    fn print(
        &mut self,
        is_format: bool,
        values: &[Expr],
        target: Option<&(Expr, bool)>,
    ) -> Done<()> {
        let mut texts = Vec::new();
        for value in values {
            texts.push(self.value(value)?);
        }
        let text = match (is_format, texts.split_first()) {
            (true, Some((first, rest))) => self.formatted(&first.text(), rest, "printf")?,
            (true, None) => return error("printf: no format".to_owned()),
            (false, None) => self.record.clone() + &self.text_of("ORS"),
            (false, Some(_)) => {
                let texts: Vec<String> = texts.iter().map(Value::text).collect();
                texts.join(&self.text_of("OFS")) + &self.text_of("ORS")
            }
        };
        let text = self.checked(text)?;
        match target {
            None => self.out.push_str(&text),
            Some((name, append)) => {
                let name = self.value(name)?.text();
                self.opened.entry(name.clone()).or_insert(*append);
                self.files.push((name, text));
            }
        }
        if self.out.len() > TEXT_LIMIT {
            return error(
                "not simulated here: more than 1 MiB of output for one record".to_owned(),
            );
        }
        Ok(())
    }

    fn formatted(&mut self, text: &str, values: &[Value], name: &str) -> Done<String> {
        match format(text, values) {
            Some(text) => self.checked(text),
            None => error(format!(
                "run time error: not enough arguments passed to {name}(\"{text}\")\n\tFILENAME=\"{}\" FNR={} NR={}",
                self.text_of("FILENAME"),
                self.text_of("FNR"),
                self.text_of("NR")
            )),
        }
    }

    /// The array that a name means: a parameter stands for its caller's.
    fn array_name(&self, name: &str) -> String {
        match self.calls.last().and_then(|locals| locals.get(name)) {
            Some(local) => local.array.clone(),
            None => name.to_owned(),
        }
    }

    fn key(&mut self, index: &[Expr]) -> Done<String> {
        let mut parts = Vec::new();
        for part in index {
            parts.push(self.value(part)?.text());
        }
        Ok(parts.join(&self.text_of("SUBSEP")))
    }

    fn assign_name(&mut self, name: &str, value: Value) -> Done<()> {
        if let Some(local) = self
            .calls
            .last_mut()
            .and_then(|locals| locals.get_mut(name))
        {
            local.value = value;
            return Ok(());
        }
        if name == "NF" {
            let count = value.number().clamp(0.0, 10_000.0) as usize;
            self.fields.resize(count, String::new());
            return self.rebuild();
        }
        self.set(name, value);
        Ok(())
    }

    fn assign(&mut self, place: &Expr, value: Value) -> Done<()> {
        match place {
            Expr::Variable(name) => self.assign_name(name, value),
            Expr::Index(name, index) => {
                let key = self.key(index)?;
                let name = self.array_name(name);
                self.arrays.entry(name).or_default().insert(key, value);
                Ok(())
            }
            Expr::Field(index) => {
                let index = self.value(index)?.number();
                if index < 1.0 {
                    return self.set_record(value.text());
                }
                let index = index.min(10_000.0) as usize;
                if self.fields.len() < index {
                    self.fields.resize(index, String::new());
                }
                self.fields[index - 1] = value.text();
                self.rebuild()
            }
            _ => error("syntax error".to_owned()),
        }
    }

    fn value(&mut self, expression: &Expr) -> Done<Value> {
        self.step()?;
        let value = self.value_inside(expression)?;
        if let Value::Text(text) | Value::Both(text, _) = &value {
            self.charge(text.len());
        }
        Ok(value)
    }

    fn value_inside(&mut self, expression: &Expr) -> Done<Value> {
        Ok(match expression {
            Expr::Number(value) => Value::Number(*value),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(regex) => Value::truth(regex.is_match(&self.record)),
            Expr::Variable(name) => match self.calls.last().and_then(|locals| locals.get(name)) {
                Some(local) => local.value.clone(),
                None => self.variables.get(name).cloned().unwrap_or(Value::Nothing),
            },
            Expr::Field(index) => {
                let index = self.value(index)?.number();
                match index {
                    index if index < 0.0 || index.is_nan() => {
                        return error(format!("run time error: negative field index ${index}"));
                    }
                    index if index < 1.0 => Value::input(&self.record),
                    index => match self.fields.get(index as usize - 1) {
                        Some(text) => Value::input(text),
                        None => Value::Nothing,
                    },
                }
            }
            Expr::Index(name, index) => {
                let key = self.key(index)?;
                let name = self.array_name(name);
                let array = self.arrays.entry(name).or_default();
                array.entry(key).or_insert(Value::Nothing).clone()
            }
            Expr::Assign(operator, place, right) => {
                let right = self.value(right)?;
                let value = match operator {
                    None => right,
                    Some(operator) => {
                        let left = self.value(place)?.number();
                        let text = operator.to_string();
                        Value::Number(arithmetic(&text, left, right.number())?)
                    }
                };
                self.assign(place, value.clone())?;
                value
            }
            Expr::Choice(condition, yes, no) => match self.value(condition)?.is_true() {
                true => self.value(yes)?,
                false => self.value(no)?,
            },
            Expr::And(left, right) => {
                Value::truth(self.value(left)?.is_true() && self.value(right)?.is_true())
            }
            Expr::Or(left, right) => {
                Value::truth(self.value(left)?.is_true() || self.value(right)?.is_true())
            }
            Expr::Not(inner) => Value::truth(!self.value(inner)?.is_true()),
            Expr::Negative(inner) => Value::Number(-self.value(inner)?.number()),
            Expr::Binary(operator, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                match *operator {
                    " " => Value::Text(self.checked(left.text() + &right.text())?),
                    "==" | "!=" | "<" | ">" | "<=" | ">=" => {
                        let order = compare(&left, &right);
                        Value::truth(match *operator {
                            "==" => order.is_eq(),
                            "!=" => order.is_ne(),
                            "<" => order.is_lt(),
                            ">" => order.is_gt(),
                            "<=" => order.is_le(),
                            _ => order.is_ge(),
                        })
                    }
                    operator => Value::Number(arithmetic(operator, left.number(), right.number())?),
                }
            }
            Expr::Match(negated, left, right) => {
                let text = self.value(left)?.text();
                Value::truth(self.pattern(right)?.is_match(&text) != *negated)
            }
            Expr::In(index, array) => {
                let key = self.key(index)?;
                let name = self.array_name(array);
                Value::truth(
                    self.arrays
                        .get(&name)
                        .is_some_and(|array| array.contains_key(&key)),
                )
            }
            Expr::Step(place, step, before) => {
                let old = self.value(place)?.number();
                self.assign(place, Value::Number(old + step))?;
                Value::Number(if *before { old } else { old + step })
            }
            Expr::Call(name, arguments) => self.call(name, arguments)?,
            Expr::Group(values) => {
                let key = self.key(values)?;
                Value::Text(key)
            }
        })
    }

    /// An expression as a pattern.
    fn pattern(&mut self, expression: &Expr) -> Done<regex_lite::Regex> {
        if let Expr::Regex(regex) = expression {
            return Ok(regex.clone());
        }
        let text = self.value(expression)?.text();
        match regex(&text, true, false) {
            Ok(regex) => Ok(regex),
            Err(_) => error(format!("regular expression compile failed\n{text}")),
        }
    }

    fn call(&mut self, name: &str, arguments: &[Expr]) -> Done<Value> {
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

    fn call_text(&mut self, name: &str, values: &[Value]) -> Done<Value> {
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
                let Ok(regex) = regex(&text(1), true, false) else {
                    return error(format!("regular expression compile failed\n{}", text(1)));
                };
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

    fn call_own(
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

    fn call_split(&mut self, arguments: &[Expr]) -> Done<Value> {
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
        let entries = parts
            .iter()
            .enumerate()
            .map(|(at, part)| ((at + 1).to_string(), Value::input(part)));
        self.arrays.insert(name, entries.collect());
        Ok(Value::Number(count as f64))
    }

    fn substitute(&mut self, all: bool, arguments: &[Expr]) -> Done<Value> {
        let (Some(pattern), Some(replacement)) = (arguments.first(), arguments.get(1)) else {
            return error("syntax error".to_owned());
        };
        let regex = self.pattern(pattern)?;
        let replacement = self.value(replacement)?.text();
        let whole = Expr::Field(Box::new(Expr::Number(0.0)));
        let place = arguments.get(2).unwrap_or(&whole);
        let text = self.value(place)?.text();
        let mut count = 0;
        let limit = if all { 0 } else { 1 };
        let new = regex.replacen(&text, limit, |found: &regex_lite::Captures<'_>| {
            count += 1;
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
            out
        });
        let new = new.into_owned();
        let new = self.checked(new)?;
        if count > 0 {
            self.assign(place, Value::Text(new))?;
        }
        Ok(Value::Number(f64::from(count)))
    }
}

fn arithmetic(operator: &str, left: f64, right: f64) -> Done<f64> {
    Ok(match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" | "%" if right == 0.0 => return error("division by zero".to_owned()),
        "/" => left / right,
        "%" => left % right,
        _ => left.powf(right),
    })
}
