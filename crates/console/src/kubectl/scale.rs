//! `kubectl scale`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/scale/scale.go`.

use super::builder::{self, MISSING, Query, Selection, Target};
use super::change::Change;
use super::errors::Error;
use super::flags::{DryRun, Parsed};
use super::session::{Io, Next, Step, as_json};
use crate::command::Until;
use petset_cluster::api::{Body, Options, PatchType, Request, Subresource, Verb};
use petset_cluster::{Instant, Key, Kind};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// A running `kubectl scale`.
#[derive(Clone)]
pub(crate) struct Scale {
    parsed: Parsed,
    change: Option<Change>,
    queue: VecDeque<Target>,
    errors: Vec<Error>,
    waiting: Option<(Target, Instant)>,
}

/// Begins `kubectl scale`.
pub(crate) fn start(parsed: Parsed) -> Scale {
    Scale {
        parsed,
        change: None,
        queue: VecDeque::new(),
        errors: Vec::new(),
        waiting: None,
    }
}

impl Step for Scale {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if self.change.is_none() {
            self.begin(io)?;
        }
        if let Some((target, end)) = self.waiting.clone() {
            if !synced(&target, self.parsed.number("replicas"), io) {
                if io.now() >= end {
                    return Err(Error::plain(format!(
                        "timed out waiting for \"{}\" to be synced",
                        target.name
                    )));
                }
                return Ok(Next::Wait(Until::Change(Some(end))));
            }
            self.waiting = None;
        }
        let (Some(change), Some(target)) = (self.change.as_mut(), self.queue.pop_front()) else {
            Error::of(std::mem::take(&mut self.errors))?;
            return Ok(Next::Done(0));
        };
        match scale(&self.parsed, &target, change, io) {
            Ok(()) if self.parsed.micros("timeout") > 0 && change.dry_run == DryRun::None => {
                let end = io.deadline(self.parsed.duration("timeout"));
                self.waiting = Some((target, end));
            }
            Ok(()) => {}
            Err(error) => {
                // The first refusal ends the command.
                self.queue.clear();
                self.errors.push(error);
            }
        }
        Ok(Next::Request)
    }
}

impl Scale {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let parsed = &self.parsed;
        if !parsed.changed("replicas") {
            return Err(Error::plain("required flag(s) \"replicas\" not set"));
        }
        self.change = Some(Change::new(parsed, "kubectl-scale")?);
        if parsed.number("replicas") < 0 {
            return Err(Error::plain(
                "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
            ));
        }
        let selection = if parsed.changed("filename") {
            super::get::select(parsed, io, false)?
        } else {
            Query::new(parsed, io.session).select()?
        };
        self.queue = match &selection {
            Selection::Nothing => return Err(Error::plain(MISSING)),
            Selection::Named { targets, .. } => targets.clone().into(),
            Selection::Listed { .. } => {
                let (objects, errors) = builder::fetch(&selection, io);
                self.errors = errors;
                objects
                    .iter()
                    .map(|object| Target {
                        kind: object.kind(),
                        namespace: object.namespace().to_owned(),
                        name: object.name().to_owned(),
                    })
                    .collect()
            }
        };
        if self.queue.is_empty() && self.errors.is_empty() {
            return Err(Error::plain("no objects passed to scale"));
        }
        Ok(())
    }
}

fn scale(
    parsed: &Parsed,
    target: &Target,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let object = io.get(target.kind, &target.namespace, &target.name);
    let part = |verb: Verb| {
        Request::new(verb, target.kind, &target.namespace, &target.name)
            .with_subresource(Subresource::Scale)
    };
    let has_preconditions =
        parsed.number("current-replicas") >= 0 && parsed.changed("current-replicas");
    if has_preconditions || parsed.changed("resource-version") {
        let now = as_json(&io.request(part(Verb::Get))?);
        let count = now.pointer("/spec/replicas").and_then(Value::as_i64);
        let expected = parsed.number("current-replicas");
        if has_preconditions && count.unwrap_or(0) != expected {
            return Err(Error::plain(format!(
                "Expected replicas to be {expected}, was {}",
                count.unwrap_or(0)
            )));
        }
        let version = now
            .pointer("/metadata/resourceVersion")
            .and_then(Value::as_str);
        let wanted = parsed.text("resource-version");
        if !wanted.is_empty() && version != Some(wanted) {
            return Err(Error::plain(format!(
                "Expected resource version to be {wanted}, was {}",
                version.unwrap_or("")
            )));
        }
    }
    if change.dry_run != DryRun::Client {
        let body = json!({"spec": {"replicas": parsed.number("replicas")}});
        let mut request = part(Verb::Patch).with_body(Body::Patch(PatchType::Merge, body));
        request.options = Options {
            dry_run: change.dry_run == DryRun::Server,
            field_manager: Some("kubectl".to_owned()),
            ..Options::default()
        };
        io.request(request)?;
        if change.dry_run == DryRun::None
            && let Ok(object) = &object
        {
            change.record_apart(object, io)?;
        }
    }
    let mut object = object?.to_json();
    if !change.printer.is_human() && !change.printer.is_name() {
        object["spec"]["replicas"] = json!(parsed.number("replicas"));
    }
    change.tell(&object, "scaled", io)
}

/// Whether what is observed has caught up with what was asked for.
fn synced(target: &Target, wanted: i64, io: &Io<'_, '_>) -> bool {
    let key = Key::new(&target.namespace, &target.name);
    let Some(object) = io.cluster().store().get(target.kind, &key) else {
        return true;
    };
    if !matches!(
        target.kind,
        Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet
    ) {
        return true;
    }
    let value = object.to_json();
    let number = |pointer: &str| value.pointer(pointer).and_then(Value::as_i64);
    number("/status/replicas").unwrap_or(0) == wanted
        && number("/status/observedGeneration") >= number("/metadata/generation")
}
