//! `kubectl wait`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/wait`.

use super::builder::{self, Query, Selection, Target};
use super::errors::{Error, quote};
use super::flags::Parsed;
use super::jsonpath::{self, JsonPath};
use super::printers::{Printer, format};
use super::session::{Io, Next, Step};
use crate::command::Until;
use petset_cluster::api::Status;
use petset_cluster::{Duration, Instant, Key, Object};
use serde_json::Value;
use std::sync::Arc;

const WEEK: Duration = Duration::secs(168 * 3600);

/// What is waited for.
#[derive(Clone, Debug)]
enum Condition {
    Created,
    Deleted,
    Status { name: String, value: String },
    Path { path: JsonPath, value: String },
}

/// An object that is waited for, as it was at first.
type Waited = (Target, Option<Arc<Object>>);

/// A running `kubectl wait`.
#[derive(Clone)]
pub(crate) struct Wait {
    parsed: Parsed,
    printer: Option<Printer>,
    conditions: Vec<Condition>,
    targets: Vec<Waited>,
    at: (usize, usize),
    end: Instant,
    errors: Vec<Error>,
}

/// Begins `kubectl wait`.
pub(crate) fn start(parsed: Parsed) -> Wait {
    Wait {
        parsed,
        printer: None,
        conditions: Vec::new(),
        targets: Vec::new(),
        at: (0, 0),
        end: Instant::ZERO,
        errors: Vec::new(),
    }
}

impl Step for Wait {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if self.printer.is_none()
            && let Some(next) = self.begin(io)?
        {
            return Ok(next);
        }
        while let Some(condition) = self.conditions.get(self.at.0).cloned() {
            let Some((target, first)) = self.targets.get(self.at.1).cloned() else {
                self.at = (self.at.0 + 1, 0);
                Error::of(std::mem::take(&mut self.errors))?;
                continue;
            };
            match self.check(&condition, &target, first.as_deref(), io) {
                Ok(Some(object)) => {
                    self.say(object.or(first), io)?;
                    self.at.1 += 1;
                }
                Ok(None) => {
                    let end = Some(self.end);
                    return Ok(Next::Wait(Until::Change(end)));
                }
                Err(error) => {
                    self.errors.push(error);
                    self.at.1 += 1;
                }
            }
        }
        Ok(Next::Done(0))
    }
}

impl Wait {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<Option<Next>, Error> {
        let parsed = &self.parsed;
        let printer = Printer::new(format(parsed, false)?, parsed);
        self.conditions = parsed
            .list("for")
            .iter()
            .map(|text| condition(text))
            .collect::<Result<_, _>>()?;
        if self.conditions.is_empty() {
            return Err(Error::plain("unrecognized condition: []"));
        }
        let selection = if parsed.changed("filename") {
            super::get::select(parsed, io, false)?
        } else {
            Query::new(parsed, io.session).select()?
        };
        let timeout = match parsed.micros("timeout") {
            micros if micros < 0 => WEEK,
            _ => parsed.duration("timeout"),
        };
        if self.end == Instant::ZERO {
            self.end = io.deadline(timeout);
        }
        self.targets = match &selection {
            Selection::Nothing => return Err(Error::plain(builder::MISSING)),
            Selection::Named { targets, .. } => self.named(targets, io)?,
            Selection::Listed { .. } => {
                let (objects, errors) = builder::fetch(&selection, io);
                Error::of(errors)?;
                objects
                    .into_iter()
                    .map(|object| (target_of(&object), Some(object)))
                    .collect()
            }
        };
        if self.targets.is_empty() {
            let created = self
                .conditions
                .iter()
                .any(|c| matches!(c, Condition::Created));
            if created && io.now() < self.end {
                return Ok(Some(Next::Wait(Until::Change(Some(self.end)))));
            }
            if created {
                return Err(Error::plain("timed out waiting for the condition"));
            }
            let deletes = self
                .conditions
                .iter()
                .all(|c| matches!(c, Condition::Deleted));
            let named = matches!(selection, Selection::Named { .. });
            if deletes && named {
                return Ok(Some(Next::Done(0)));
            }
            return Err(Error::plain("no matching resources found"));
        }
        self.printer = Some(printer);
        Ok(None)
    }

    fn named(&self, targets: &[Target], io: &mut Io<'_, '_>) -> Result<Vec<Waited>, Error> {
        let forgiving = self
            .conditions
            .iter()
            .any(|c| matches!(c, Condition::Deleted | Condition::Created));
        let mut found = Vec::new();
        for target in targets {
            match io.get(target.kind, &target.namespace, &target.name) {
                Ok(object) => found.push((target.clone(), Some(object))),
                Err(error) if error.is_not_found() && forgiving => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// `Some` when the condition is met, with the object as it is then.
    fn check(
        &self,
        condition: &Condition,
        target: &Target,
        first: Option<&Object>,
        io: &Io<'_, '_>,
    ) -> Result<Option<Option<Arc<Object>>>, Error> {
        let key = Key::new(&target.namespace, &target.name);
        let object = io.cluster().store().get(target.kind, &key).cloned();
        let met = match (condition, &object) {
            (Condition::Deleted, None) => true,
            (Condition::Deleted, Some(object)) => {
                first.is_some_and(|first| first.uid() != object.uid())
            }
            (Condition::Created, object) => object.is_some(),
            (_, None) => {
                return Err(Error::Status(Status::not_found(target.kind, &target.name)));
            }
            (Condition::Status { name, value }, Some(object)) => {
                has_condition(&object.to_json(), name, value)
            }
            (Condition::Path { path, value }, Some(object)) => {
                path_matches(path, value, &object.to_json())?
            }
        };
        if met {
            return Ok(Some(object));
        }
        if io.now() < self.end {
            return Ok(None);
        }
        let what = format!("{}/{}", target.kind.info().plural, target.name);
        Err(Error::plain(if self.parsed.micros("timeout") == 0 {
            format!("condition not met for {what}")
        } else {
            format!("timed out waiting for the condition on {what}")
        }))
    }

    fn say(&mut self, object: Option<Arc<Object>>, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let (Some(printer), Some(object)) = (self.printer.as_mut(), object) else {
            return Ok(());
        };
        let text = printer.result(&object.to_json(), "condition met")?;
        io.out(&text);
        Ok(())
    }
}

fn target_of(object: &Object) -> Target {
    Target {
        kind: object.kind(),
        namespace: object.namespace().to_owned(),
        name: object.name().to_owned(),
    }
}

fn condition(text: &str) -> Result<Condition, Error> {
    match text.to_lowercase().as_str() {
        "delete" => return Ok(Condition::Deleted),
        "create" => return Ok(Condition::Created),
        _ => {}
    }
    if let Some(rest) = text.strip_prefix("condition=") {
        let (name, value) = rest.split_once('=').unwrap_or((rest, "true"));
        return Ok(Condition::Status {
            name: name.to_owned(),
            value: value.to_owned(),
        });
    }
    let Some(rest) = text.strip_prefix("jsonpath=") else {
        return Err(Error::plain(format!(
            "unrecognized condition: {}",
            quote(text)
        )));
    };
    let parts = split_at_single_equals(rest);
    let (path, value) = match parts.as_slice() {
        [path] => (path, String::new()),
        [path, value] => {
            let value = value.trim_matches(['\'', '"']);
            if value.is_empty() {
                return Err(Error::plain(
                    "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
                ));
            }
            (path, value.to_owned())
        }
        _ => {
            return Err(Error::plain(
                "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
            ));
        }
    };
    let path = jsonpath::relaxed(path)?;
    if path.is_empty() {
        return Err(Error::plain("jsonpath expression cannot be empty"));
    }
    Ok(Condition::Path {
        path: JsonPath::parse(&path).map_err(Error::plain)?,
        value,
    })
}

/// Splits at `=` but not at `==`.
fn split_at_single_equals(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let single = c == '=' && chars.peek() != Some(&'=');
        if single {
            parts.push(String::new());
            continue;
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
            if c == '=' {
                part.extend(chars.next());
            }
        }
    }
    parts
}

fn has_condition(object: &Value, name: &str, value: &str) -> bool {
    let conditions = object
        .pointer("/status/conditions")
        .and_then(Value::as_array);
    let text = |condition: &Value, key: &str| {
        condition
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_lowercase()
    };
    for condition in conditions.into_iter().flatten() {
        if text(condition, "type") != name.to_lowercase() {
            continue;
        }
        let generation = object
            .pointer("/metadata/generation")
            .and_then(Value::as_i64);
        let observed = condition
            .get("observedGeneration")
            .or_else(|| object.pointer("/status/observedGeneration"))
            .and_then(Value::as_i64);
        if let (Some(generation), Some(observed)) = (generation, observed)
            && observed < generation
        {
            return false;
        }
        return text(condition, "status") == value.to_lowercase();
    }
    false
}

fn path_matches(path: &JsonPath, value: &str, object: &Value) -> Result<bool, Error> {
    let found = path.find(object, false).map_err(Error::plain)?;
    let Some(first) = found.first() else {
        return Ok(false);
    };
    match first.as_slice() {
        [] => Ok(false),
        _ if value.is_empty() => Ok(true),
        [one] if one.is_array() || one.is_object() => Err(Error::plain(
            "jsonpath leads to a nested object or list which is not supported",
        )),
        [one] => Ok(jsonpath::plain(one) == value.trim()),
        _ => Err(Error::plain(
            "given jsonpath expression matches more than one value",
        )),
    }
}
