//! `kubectl replace`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/replace/replace.go`.

use super::change::{Change, LAST_APPLIED, with_last_applied};
use super::create::unexpected;
use super::delete::{self, Doomed, Manner};
use super::errors::Error;
use super::files::{self, Manifest};
use super::flags::{DryRun, Parsed};
use super::session::{Io, Next, Step};
use crate::command::Until;
use petset_cluster::Instant;
use std::collections::VecDeque;

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
        match replace(&manifest, self.parsed.is("force"), change, io) {
            Ok(()) => self.count += 1,
            Err(error) => self.errors.push(error),
        }
        Ok(Next::Request)
    }
}

impl Replace {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let parsed = &self.parsed;
        if parsed.changed("raw") {
            return Err(Error::not_simulated("replace --raw"));
        }
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
    force: bool,
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
        let sent = if force {
            change.create(manifest.kind, &manifest.namespace, object, io)
        } else {
            change.update(manifest.kind, &manifest.namespace, object, io)
        };
        object = sent
            .map_err(|error| error.with_source("replacing", &manifest.source))?
            .to_json();
    }
    change.tell(&object, "replaced", io)
}
