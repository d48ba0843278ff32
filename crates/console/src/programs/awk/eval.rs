//! Runs awk programs over records.

mod expressions;
mod functions;
mod records;

use super::ast::{Expr, Program, Statement};
use super::value::{Value, format};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many steps a program may take for one record.
const STEP_LIMIT: u32 = 200_000;

/// How deep functions may call functions.
const CALL_LIMIT: usize = 60;

/// How deep statements and expressions may stand in each other, those of called functions counted in.
const DEPTH_LIMIT: usize = 200;

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
    depth: usize,
    /// The pattern that was compiled last, and its text.
    compiled: Option<(String, regex_lite::Regex)>,
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

fn too_long<T>() -> Done<T> {
    error("not simulated here: a text of more than 1 MiB".to_owned())
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
            depth: 0,
            compiled: None,
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

    /// A text that was made: it must not be too long, and costs steps.
    fn checked(&mut self, text: String) -> Done<String> {
        self.charge(text.len());
        match text.len() > TEXT_LIMIT {
            true => too_long(),
            false => Ok(text),
        }
    }

    /// Counts the steps of going through a text.
    fn charge(&mut self, bytes: usize) {
        let steps = u32::try_from(bytes / 128).unwrap_or(u32::MAX);
        self.steps = self.steps.saturating_add(steps);
    }

    /// Counts steps: of parting a text, or of what costs as many.
    fn charge_parts(&mut self, parts: usize) {
        self.charge(parts.saturating_mul(128));
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

    /// Counts a step, and how deep it stands.
    fn deeper(&mut self) -> Done<()> {
        self.step()?;
        if self.depth >= DEPTH_LIMIT {
            return error("not simulated here: functions that call functions this deep".to_owned());
        }
        self.depth += 1;
        Ok(())
    }

    fn run(&mut self, statement: &Statement) -> Done<()> {
        self.deeper()?;
        let done = self.run_inside(statement);
        self.depth -= 1;
        done
    }

    fn run_inside(&mut self, statement: &Statement) -> Done<()> {
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
}
