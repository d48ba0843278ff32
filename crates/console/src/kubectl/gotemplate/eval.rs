//! Filling in of Go templates.

use super::functions::call;
use super::{GoTemplate, Node, Operand, Pipeline};
use crate::kubectl::printers::go_printed;
use petset_cluster::sort;
use serde_json::Value as Json;

/// A value inside of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A key that is not there.
    Missing,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Json>),
    Map(serde_json::Map<String, Json>),
}

impl Value {
    pub(super) fn of(json: &Json) -> Value {
        match json {
            Json::Null => Value::Nil,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Value::Int(whole),
                None => Value::Float(number.as_f64().unwrap_or(0.0)),
            },
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.clone()),
            Json::Object(map) => Value::Map(map.clone()),
        }
    }

    /// As Go's `fmt.Print` writes it.
    pub(super) fn printed(&self) -> String {
        match self {
            Value::Missing => "<no value>".to_owned(),
            Value::Nil => "<nil>".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => go_float(*number),
            Value::Text(text) => text.clone(),
            Value::List(items) => go_printed(&Json::Array(items.clone())),
            Value::Map(map) => go_printed(&Json::Object(map.clone())),
        }
    }

    /// Whether `if` takes it for true.
    pub(super) fn truth(&self) -> bool {
        match self {
            Value::Missing | Value::Nil => false,
            Value::Bool(value) => *value,
            Value::Int(number) => *number != 0,
            Value::Float(number) => *number != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Map(map) => !map.is_empty(),
        }
    }

    /// The name of its Go type.
    pub(super) fn go_type(&self) -> &'static str {
        match self {
            Value::Missing | Value::Nil => "<nil>",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float64",
            Value::Text(_) => "string",
            Value::List(_) => "[]interface {}",
            Value::Map(_) => "map[string]interface {}",
        }
    }
}

/// A number as Go's `%v` writes it: from 1e+21 on with an exponent.
fn go_float(number: f64) -> String {
    let magnitude = number.abs();
    if number == 0.0 || (1e-4..1e21).contains(&magnitude) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, power)) => {
            let (sign, power) = match power.strip_prefix('-') {
                Some(power) => ('-', power),
                None => ('+', power),
            };
            format!("{digits}e{sign}{power:0>2}")
        }
        None => text,
    }
}

pub(super) fn run(template: &GoTemplate, object: &Json) -> Result<String, String> {
    let dot = Value::of(object);
    let mut state = State {
        variables: vec![("$".to_owned(), dot.clone())],
        out: String::new(),
        template,
    };
    state.walk(&template.nodes, &dot)?;
    Ok(state.out)
}

struct State<'t> {
    variables: Vec<(String, Value)>,
    out: String,
    template: &'t GoTemplate,
}

impl State<'_> {
    fn error(&self, at: usize, place: &str, why: impl std::fmt::Display) -> String {
        let before = self.template.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = at - before.rfind('\n').map_or(0, |end| end + 1);
        format!("{line}:{column}: executing \"output\" at <{place}>: {why}")
    }

    fn walk(&mut self, nodes: &[Node], dot: &Value) -> Result<(), String> {
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Action(pipeline) => {
                    let value = self.pipeline(pipeline, dot)?;
                    if pipeline.variables.is_empty() {
                        self.out.push_str(&value.printed());
                    }
                }
                Node::If(pipeline, body, otherwise) => {
                    let known = self.variables.len();
                    let truth = self.pipeline(pipeline, dot)?.truth();
                    self.walk(if truth { body } else { otherwise }, dot)?;
                    self.variables.truncate(known);
                }
                Node::With(pipeline, body, otherwise) => {
                    let known = self.variables.len();
                    let value = self.pipeline(pipeline, dot)?;
                    if value.truth() {
                        self.walk(body, &value)?;
                    } else {
                        self.walk(otherwise, dot)?;
                    }
                    self.variables.truncate(known);
                }
                Node::Range(pipeline, body, otherwise) => {
                    self.range(pipeline, body, otherwise, dot)?;
                }
            }
        }
        Ok(())
    }

    fn range(
        &mut self,
        pipeline: &Pipeline,
        body: &[Node],
        otherwise: &[Node],
        dot: &Value,
    ) -> Result<(), String> {
        let known = self.variables.len();
        let plain = Pipeline {
            variables: Vec::new(),
            ..pipeline.clone()
        };
        let entries: Vec<(Value, Value)> = match self.pipeline(&plain, dot)? {
            Value::List(items) => {
                let numbered = (0..).zip(&items);
                numbered
                    .map(|(at, item)| (Value::Int(at), Value::of(item)))
                    .collect()
            }
            Value::Map(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                sort::by(&mut entries, |a, b| a.0.cmp(b.0));
                let entries = entries.into_iter();
                entries
                    .map(|(key, value)| (Value::Text(key.clone()), Value::of(value)))
                    .collect()
            }
            Value::Int(count) => (0..count)
                .map(|at| (Value::Int(at), Value::Int(at)))
                .collect(),
            Value::Missing | Value::Nil => Vec::new(),
            other => {
                return Err(self.error(
                    place_of_pipeline(&plain),
                    &shown_pipeline(&plain),
                    format!("range can't iterate over {}", other.printed()),
                ));
            }
        };
        if entries.is_empty() {
            return self.walk(otherwise, dot);
        }
        for (key, value) in entries {
            let given = match pipeline.variables.as_slice() {
                [] => Vec::new(),
                [one] => vec![(one, value.clone())],
                [first, second, ..] => vec![(first, key), (second, value.clone())],
            };
            for (name, value) in given {
                self.set(name, value, pipeline.assigns);
            }
            self.walk(body, &value)?;
            self.variables.truncate(known);
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: Value, assigns: bool) {
        if assigns
            && let Some(known) = self
                .variables
                .iter_mut()
                .rev()
                .find(|(known, _)| known == name)
        {
            known.1 = value;
        } else {
            self.variables.push((name.to_owned(), value));
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, String> {
        let mut last: Option<Value> = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, dot, last)?);
        }
        let value = last.unwrap_or(Value::Missing);
        for name in &pipeline.variables {
            self.set(name, value.clone(), pipeline.assigns);
        }
        Ok(value)
    }

    fn command(
        &mut self,
        command: &[Operand],
        dot: &Value,
        last: Option<Value>,
    ) -> Result<Value, String> {
        let Some((first, rest)) = command.split_first() else {
            return Ok(Value::Missing);
        };
        let Operand::Function(name, begin) = first else {
            if !rest.is_empty() || last.is_some() {
                let why = match first {
                    Operand::Field(path, _) => {
                        let name = path.last().map_or("", String::as_str);
                        format!("{name} is not a method but has arguments")
                    }
                    other => format!("can't give argument to non-function {}", shown(other)),
                };
                return Err(self.error(place_of(first), &shown(first), why));
            }
            return self.operand(first, dot);
        };
        // `and` and `or` look at no more than they need.
        if matches!(name.as_str(), "and" | "or") {
            let mut value = Value::Missing;
            for operand in rest {
                value = self.operand(operand, dot)?;
                if value.truth() == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut arguments = Vec::new();
        for operand in rest {
            arguments.push(self.operand(operand, dot)?);
        }
        arguments.extend(last);
        call(name, &arguments).map_err(|why| self.error(*begin, &shown_command(command), why))
    }

    fn operand(&mut self, operand: &Operand, dot: &Value) -> Result<Value, String> {
        match operand {
            Operand::Dot => Ok(dot.clone()),
            Operand::Nil => Err(self.error(0, "nil", "nil is not a command")),
            Operand::Field(path, _) => self.fields(dot.clone(), path, operand),
            Operand::Variable(name, path, _) => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name);
                let value = found.map_or(Value::Missing, |(_, value)| value.clone());
                self.fields(value, path, operand)
            }
            Operand::Function(..) => self.command(std::slice::from_ref(operand), dot, None),
            Operand::Text(text) => Ok(Value::Text(text.clone())),
            Operand::Int(number) => Ok(Value::Int(*number)),
            Operand::Float(number) => Ok(Value::Float(*number)),
            Operand::Bool(value) => Ok(Value::Bool(*value)),
            Operand::Group(pipeline, path, _) => {
                let value = self.pipeline(pipeline, dot)?;
                self.fields(value, path, operand)
            }
        }
    }

    fn fields(&self, start: Value, path: &[String], operand: &Operand) -> Result<Value, String> {
        let mut value = start;
        for (at, name) in path.iter().enumerate() {
            let place = || match operand {
                Operand::Field(path, _) => format!(".{}", path[..=at].join(".")),
                Operand::Variable(variable, path, _) => {
                    format!("{variable}.{}", path[..=at].join("."))
                }
                other => shown(other),
            };
            value = match value {
                Value::Map(map) => match map.get(name) {
                    Some(found) => Value::of(found),
                    None if self.template.missing_keys_are_errors => {
                        return Err(self.error(
                            place_of(operand),
                            &place(),
                            format!("map has no entry for key {}", super::quote(name)),
                        ));
                    }
                    None => Value::Missing,
                },
                Value::Missing if self.template.missing_keys_are_errors => {
                    let name = super::quote(name);
                    return Err(self.error(
                        place_of(operand),
                        &place(),
                        format!("nil data; no entry for key {name}"),
                    ));
                }
                Value::Missing => Value::Missing,
                Value::Nil => {
                    return Err(self.error(
                        place_of(operand),
                        &place(),
                        format!("nil pointer evaluating interface {{}}.{name}"),
                    ));
                }
                _ => {
                    return Err(self.error(
                        place_of(operand),
                        &place(),
                        format!("can't evaluate field {name} in type interface {{}}"),
                    ));
                }
            };
        }
        Ok(value)
    }
}

/// Where an operand stands.
fn place_of(operand: &Operand) -> usize {
    match operand {
        Operand::Field(_, at)
        | Operand::Variable(_, _, at)
        | Operand::Function(_, at)
        | Operand::Group(_, _, at) => *at,
        _ => 0,
    }
}

fn place_of_pipeline(pipeline: &Pipeline) -> usize {
    let first = pipeline
        .commands
        .first()
        .and_then(|command| command.first());
    first.map_or(0, place_of)
}

/// An operand as Go writes it in messages.
fn shown(operand: &Operand) -> String {
    match operand {
        Operand::Dot => ".".to_owned(),
        Operand::Nil => "nil".to_owned(),
        Operand::Field(path, _) => format!(".{}", path.join(".")),
        Operand::Variable(name, path, _) => {
            let path: Vec<&str> = std::iter::once(name)
                .chain(path)
                .map(String::as_str)
                .collect();
            path.join(".")
        }
        Operand::Function(name, _) => name.clone(),
        Operand::Text(text) => super::quote(text),
        Operand::Int(number) => number.to_string(),
        Operand::Float(number) => number.to_string(),
        Operand::Bool(value) => value.to_string(),
        Operand::Group(pipeline, path, _) => {
            let path: String = path.iter().map(|name| format!(".{name}")).collect();
            format!("({}){path}", shown_pipeline(pipeline))
        }
    }
}

fn shown_command(command: &[Operand]) -> String {
    command.iter().map(shown).collect::<Vec<_>>().join(" ")
}

fn shown_pipeline(pipeline: &Pipeline) -> String {
    let commands: Vec<String> = pipeline
        .commands
        .iter()
        .map(|command| shown_command(command))
        .collect();
    commands.join(" | ")
}
