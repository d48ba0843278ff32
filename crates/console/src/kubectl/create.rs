//! `kubectl create`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create.go`.

mod deployment;
mod generate;
mod ingress;
mod job;
mod limits;
mod pod_disruption_budget;
mod rbac;
mod secret;
mod service;
mod sources;

use super::change::{Change, with_last_applied};
use super::errors::Error;
use super::files::{self, Manifest};
use super::flags::{DryRun, Parsed};
use super::raw;
use super::session::{Io, Next, Step};
use crate::command::Until;
pub(crate) use generate::{base64, generator};
use petset_cluster::api::Verb;
pub(crate) use sources::check_variable;
use std::collections::VecDeque;

/// A running `kubectl create -f`.
#[derive(Clone)]
pub(crate) struct Create {
    parsed: Parsed,
    change: Option<Change>,
    queue: VecDeque<Manifest>,
    errors: Vec<Error>,
    count: usize,
}

/// Begins `kubectl create -f`.
pub(crate) fn start(parsed: Parsed) -> Create {
    Create {
        parsed,
        change: None,
        queue: VecDeque::new(),
        errors: Vec::new(),
        count: 0,
    }
}

impl Step for Create {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if self.change.is_none() {
            if files::waits_for_input(&self.parsed, io) {
                return Ok(Next::Wait(Until::Input));
            }
            if self.parsed.changed("raw") {
                let body = raw::body(&self.parsed, io)?;
                let text = raw::ask(Verb::Create, self.parsed.text("raw"), body, io)?;
                io.out(&text);
                return Ok(Next::Done(0));
            }
            self.begin(io)?;
        }
        let (Some(change), Some(manifest)) = (self.change.as_mut(), self.queue.pop_front()) else {
            Error::of(std::mem::take(&mut self.errors))?;
            if self.count == 0 {
                return Err(Error::plain("no objects passed to create"));
            }
            return Ok(Next::Done(0));
        };
        match create(&manifest, self.parsed.is("save-config"), change, io) {
            Ok(()) => self.count += 1,
            Err(error) => self.errors.push(error),
        }
        Ok(Next::Request)
    }
}

impl Create {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let parsed = &self.parsed;
        if parsed.changed("edit") {
            return Err(Error::not_simulated("create --edit"));
        }
        if !parsed.changed("filename") && !parsed.changed("kustomize") {
            if !parsed.args.is_empty() {
                return Err(unexpected("create", &parsed.args));
            }
            return Err(Error::plain("must specify one of -f and -k"));
        }
        if !parsed.args.is_empty() {
            return Err(unexpected("create", &parsed.args));
        }
        self.change = Some(Change::new(parsed, "kubectl-create")?);
        let (manifests, errors) = files::read(parsed, io)?;
        self.queue = manifests.into();
        self.errors = errors;
        Ok(())
    }
}

/// Words that a command does not take.
pub(crate) fn unexpected(command: &str, args: &[String]) -> Error {
    Error::usage(command, &format!("Unexpected args: [{}]", args.join(" ")))
}

fn create(
    manifest: &Manifest,
    save: bool,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let mut object = if save {
        with_last_applied(&manifest.object)
    } else {
        manifest.object.clone()
    };
    if change.dry_run != DryRun::Client {
        object = change
            .create(manifest.kind, &manifest.namespace, object, io)
            .map_err(|error| error.with_source("creating", &manifest.source))?
            .to_json();
    }
    change.tell(&object, "created", io)
}
