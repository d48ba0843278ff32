//! `kubectl replace`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/replace/replace.go`.

use super::change::{Change, LAST_APPLIED, with_last_applied};
use super::create::unexpected;
use super::delete::{self, Doomed, Manner};
use super::errors::{Error, not_simulated_part};
use super::files::{self, Manifest};
use super::flags::{DryRun, Parsed};
use super::raw;
use super::session::{Io, Next, Step, as_json};
use crate::command::Until;
use petset_cluster::api::{Body, Request, Subresource, Verb};
use petset_cluster::{Instant, Object};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;

/// A running `kubectl replace`.
#[derive(Clone)]
pub(crate) struct Replace {
    parsed: Parsed,
    change: Option<Change>,
    queue: VecDeque<Manifest>,
    errors: Vec<Error>,
    count: usize,
    waiting: Option<(Vec<Doomed>, Instant)>,
}

/// Begins `kubectl replace`.
pub(crate) fn start(parsed: Parsed) -> Replace {
    Replace {
        parsed,
        change: None,
        queue: VecDeque::new(),
        errors: Vec::new(),
        count: 0,
        waiting: None,
    }
}

impl Step for Replace {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if self.change.is_none() {
            if files::waits_for_input(&self.parsed, io) {
                return Ok(Next::Wait(Until::Input));
            }
            if self.parsed.changed("raw") {
                let body = raw::body(&self.parsed, io)?;
                let text = raw::ask(Verb::Update, self.parsed.text("raw"), body, io)?;
                io.out(&text);
                return Ok(Next::Done(0));
            }
            self.begin(io)?;
            if self.parsed.is("force") {
                return self.delete_all(io);
            }
        }
        if let Some((doomed, end)) = &self.waiting {
            match delete::wait(doomed, *end, io)? {
                Next::Done(_) => self.waiting = None,
                wait => return Ok(wait),
            }
        }
        let (Some(change), Some(manifest)) = (self.change.as_mut(), self.queue.pop_front()) else {
            Error::of(std::mem::take(&mut self.errors))?;
            if self.count == 0 {
                return Err(Error::plain("no objects passed to replace"));
            }
            return Ok(Next::Done(0));
        };
        match replace(&manifest, &self.parsed, change, io) {
            Ok(()) => self.count += 1,
            Err(error) => self.errors.push(error),
        }
        Ok(Next::Request)
    }
}

impl Replace {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let parsed = &self.parsed;
        let force = parsed.is("force");
        if force && parsed.dry_run()? != DryRun::None {
            return Err(Error::plain(
                "--dry-run can not be used when --force is set",
            ));
        }
        if parsed.changed("grace-period") && parsed.number("grace-period") >= 0 && !force {
            return Err(Error::plain("--grace-period must have --force specified"));
        }
        if parsed.changed("timeout") && parsed.micros("timeout") != 0 && !force {
            return Err(Error::plain("--timeout must have --force specified"));
        }
        if !parsed.args.is_empty() {
            return Err(unexpected("replace", &parsed.args));
        }
        if !parsed.changed("filename") && !parsed.changed("kustomize") {
            return Err(Error::plain("must specify one of -f and -k"));
        }
        self.change = Some(Change::new(parsed, "kubectl-replace")?);
        let (manifests, errors) = files::read(parsed, io)?;
        self.queue = manifests.into();
        self.errors = errors;
        Ok(())
    }

    /// `--force`: everything is deleted first.
    fn delete_all(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let grace = if self.parsed.changed("grace-period") {
            self.parsed.number("grace-period")
        } else {
            0
        };
        let manner = Manner {
            grace,
            dry_run: self.parsed.dry_run()?,
            ..Manner::default()
        };
        let mut doomed = Vec::new();
        for manifest in &self.queue {
            let mut one = Doomed {
                kind: manifest.kind,
                namespace: manifest.namespace.clone(),
                name: manifest.name.clone(),
                source: manifest.source.clone(),
                uid: String::new(),
            };
            match delete::one(&mut one, &manner, io) {
                Ok(()) => {
                    delete::say(
                        &one,
                        &Manner {
                            grace: -1,
                            ..manner.clone()
                        },
                        io,
                    );
                    doomed.push(one);
                }
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error.with_source("deleting", &one.source)),
            }
        }
        self.waiting = Some((doomed, io.deadline(manner.timeout)));
        Ok(Next::Request)
    }
}

fn replace(
    manifest: &Manifest,
    parsed: &Parsed,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let annotated = manifest
        .object
        .pointer("/metadata/annotations")
        .is_some_and(|annotations| annotations.get(LAST_APPLIED).is_some());
    let mut object = if annotated {
        with_last_applied(&manifest.object)
    } else {
        manifest.object.clone()
    };
    if change.dry_run != DryRun::Client {
        let (kind, namespace) = (manifest.kind, &manifest.namespace);
        let part = parsed.text("subresource");
        let sent = if parsed.is("force") {
            change.create(kind, namespace, object, io).map(as_value)
        } else if part.is_empty() {
            change.update(kind, namespace, object, io).map(as_value)
        } else {
            replace_part(manifest, part, object, change, io)
        };
        object = sent.map_err(|error| error.with_source("replacing", &manifest.source))?;
    }
    change.tell(&object, "replaced", io)
}

fn as_value(object: Arc<Object>) -> Value {
    object.to_json()
}

/// `--subresource`.
fn replace_part(
    manifest: &Manifest,
    part: &str,
    object: Value,
    change: &Change,
    io: &mut Io<'_, '_>,
) -> Result<Value, Error> {
    let part = match part {
        "status" => Subresource::Status,
        "scale" => Subresource::Scale,
        other => return Err(not_simulated_part(manifest.kind, other)),
    };
    let (namespace, name) = (&manifest.namespace, &manifest.name);
    let mut request = Request::new(Verb::Update, manifest.kind, namespace, name)
        .with_subresource(part)
        .with_body(Body::Json(object));
    request.options = change.options();
    Ok(as_json(&io.request(request)?))
}
