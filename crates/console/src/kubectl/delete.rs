//! `kubectl delete`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/delete/delete.go`, `pkg/cmd/wait/delete.go`.

use super::builder::{self, MISSING, Query, Selection};
use super::errors::Error;
use super::files;
use super::flags::{DryRun, Parsed, parse_duration};
use super::raw;
use super::session::{Io, Next, Step, stored};
use crate::command::Until;
use petset_cluster::api::{Body, Propagation, Request, Verb};
use petset_cluster::{Duration, Instant, Key, Kind};
use std::collections::VecDeque;

/// One object to delete.
#[derive(Clone, Debug)]
pub(crate) struct Doomed {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
    /// The file it was read from; empty if none.
    pub(crate) source: String,
    /// Its uid once it is known.
    pub(crate) uid: String,
}

/// How objects are deleted.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    /// Seconds of grace; below 0 for the object's own.
    pub(crate) grace: i64,
    /// What happens to dependents.
    pub(crate) propagation: Propagation,
    /// Tried or for good.
    pub(crate) dry_run: DryRun,
    /// `-o name`.
    pub(crate) name_only: bool,
    /// Whether to wait for the end.
    pub(crate) wait: bool,
    /// How long to wait.
    pub(crate) timeout: Duration,
}

/// A week: how long kubectl waits if nothing is said.
const WEEK: Duration = Duration::secs(168 * 3600);

impl Default for Manner {
    fn default() -> Manner {
        Manner {
            grace: -1,
            propagation: Propagation::Background,
            dry_run: DryRun::None,
            name_only: false,
            wait: true,
            timeout: WEEK,
        }
    }
}

/// A running `kubectl delete`.
#[derive(Clone)]
pub(crate) struct Delete {
    parsed: Parsed,
    manner: Manner,
    stage: Stage,
    queue: VecDeque<Doomed>,
    deleted: Vec<Doomed>,
    errors: Vec<Error>,
    warned: bool,
}

#[derive(Clone, PartialEq)]
enum Stage {
    Fresh,
    Confirming,
    Deleting,
    Waiting(Instant),
}

/// Begins `kubectl delete`.
pub(crate) fn start(parsed: Parsed) -> Delete {
    Delete {
        parsed,
        manner: Manner::default(),
        stage: Stage::Fresh,
        queue: VecDeque::new(),
        deleted: Vec::new(),
        errors: Vec::new(),
        warned: false,
    }
}

impl Step for Delete {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        match self.stage {
            Stage::Fresh => self.begin(io),
            Stage::Confirming => self.confirm(io),
            Stage::Deleting => self.delete(io),
            Stage::Waiting(end) => wait(&self.deleted, end, io),
        }
    }
}

/// Whether it is no error that an object is gone already: where many are meant, this is so unless the flag says otherwise.
fn ignores_not_found(parsed: &Parsed) -> bool {
    let many = ["selector", "field-selector"].iter();
    let many = parsed.is("all") || many.into_iter().any(|flag| !parsed.text(flag).is_empty());
    parsed.is("ignore-not-found") || (many && !parsed.changed("ignore-not-found"))
}

impl Delete {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if files::waits_for_input(&self.parsed, io) {
            return Ok(Next::Wait(Until::Input));
        }
        if self.parsed.changed("raw") {
            let text = raw::ask(Verb::Delete, self.parsed.text("raw"), Body::None, io)?;
            io.out(&text);
            return Ok(Next::Done(0));
        }
        self.manner = manner(&self.parsed)?;
        self.find(io)?;
        let (parsed, output) = (&self.parsed, self.parsed.text("output"));
        if !output.is_empty() && output != "name" {
            return Err(Error::plain(format!(
                "unexpected -o output mode: {output}. We only support '-o name'"
            )));
        }
        if self.manner.grace == 0 && parsed.is("force") {
            io.complain("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.");
        } else if self.manner.grace > 0 && parsed.is("force") {
            return Err(Error::plain(
                "--force and --grace-period greater than 0 cannot be specified together",
            ));
        }
        if ignores_not_found(parsed) {
            self.errors.retain(|error| !error.is_not_found());
        }
        if parsed.is("interactive") && !self.queue.is_empty() {
            return Ok(self.ask(io));
        }
        self.stage = Stage::Deleting;
        self.delete(io)
    }

    fn find(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        if self.parsed.changed("filename") || self.parsed.changed("kustomize") {
            if !self.parsed.args.is_empty() {
                return Err(Error::plain(builder::FILES_AND_WORDS));
            }
            let (manifests, errors) = files::read(&self.parsed, io)?;
            self.errors = errors;
            self.queue = manifests
                .into_iter()
                .map(|manifest| Doomed {
                    kind: manifest.kind,
                    namespace: manifest.namespace,
                    name: manifest.name,
                    source: manifest.source,
                    uid: String::new(),
                })
                .collect();
            return Ok(());
        }
        let selection = Query::new(&self.parsed, io.session).select()?;
        let doomed = |kind: Kind, namespace: &str, name: &str| Doomed {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            source: String::new(),
            uid: String::new(),
        };
        match &selection {
            Selection::Nothing => return Err(Error::plain(MISSING)),
            Selection::Named { targets, .. } => {
                self.queue = targets
                    .iter()
                    .map(|target| doomed(target.kind, &target.namespace, &target.name))
                    .collect();
            }
            Selection::Listed { .. } => {
                let (objects, errors) = builder::fetch(&selection, io);
                self.errors = errors;
                self.queue = objects
                    .iter()
                    .map(|object| doomed(object.kind(), object.namespace(), object.name()))
                    .collect();
            }
        }
        Ok(())
    }

    fn ask(&mut self, io: &mut Io<'_, '_>) -> Next {
        io.line(&format!(
            "You are about to delete the following {} resource(s):",
            self.queue.len()
        ));
        for doomed in &self.queue {
            let line = format!(
                "{}/{}",
                doomed.kind.info().qualified_singular(),
                doomed.name
            );
            io.line(&line);
        }
        io.out("Do you want to continue? (y/N): ");
        self.stage = Stage::Confirming;
        Next::Wait(Until::Input)
    }

    fn confirm(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let stdin = &mut io.context.stdin;
        let answer = match stdin.text.split_once('\n') {
            Some((line, rest)) => {
                let line = line.to_owned();
                stdin.text = rest.to_owned();
                line
            }
            None if stdin.closed => std::mem::take(&mut stdin.text),
            None => return Ok(Next::Wait(Until::Input)),
        };
        if !matches!(answer.trim(), "y" | "Y") {
            io.line("deletion is cancelled");
            return Ok(Next::Done(0));
        }
        self.stage = Stage::Deleting;
        self.delete(io)
    }

    fn delete(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        let Some(mut doomed) = self.queue.pop_front() else {
            return self.after(io);
        };
        let cluster_wide = !doomed.kind.info().namespaced;
        let warns = io.session.namespace_given && !self.parsed.is("all-namespaces");
        if cluster_wide && warns && !self.warned {
            io.complain(
                "Warning: deleting cluster-scoped resources, not scoped to the provided namespace",
            );
            self.warned = true;
        }
        match one(&mut doomed, &self.manner, io) {
            Ok(()) => {
                say(&doomed, &self.manner, io);
                self.deleted.push(doomed);
            }
            Err(error) if error.is_not_found() && ignores_not_found(&self.parsed) => {
                self.deleted.push(doomed);
            }
            Err(error) => {
                let error = if doomed.source.is_empty() {
                    error
                } else {
                    error.with_source("deleting", &doomed.source)
                };
                self.errors.push(error);
            }
        }
        Ok(Next::Request)
    }

    fn after(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        Error::of(std::mem::take(&mut self.errors))?;
        if self.deleted.is_empty() {
            io.line("No resources found");
            return Ok(Next::Done(0));
        }
        if !self.manner.wait || self.manner.dry_run != DryRun::None {
            return Ok(Next::Done(0));
        }
        let end = io.deadline(self.manner.timeout);
        self.stage = Stage::Waiting(end);
        wait(&self.deleted, end, io)
    }
}

fn manner(parsed: &Parsed) -> Result<Manner, Error> {
    let mut grace = parsed.number("grace-period");
    if !parsed.changed("grace-period") {
        grace = -1;
    }
    let mut wait = !parsed.changed("wait") || parsed.is("wait");
    let propagation = match parsed.text("cascade") {
        "background" | "true" | "" => Propagation::Background,
        "foreground" => Propagation::Foreground,
        "orphan" | "false" => Propagation::Orphan,
        other => {
            return Err(Error::plain(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    };
    let force = parsed.is("force");
    if parsed.is("now") {
        if grace != -1 {
            return Err(Error::plain(
                "--now and --grace-period cannot be specified together",
            ));
        }
        grace = 1;
    }
    if grace == 0 && !force {
        // Without --force a grace of nothing still waits for the kubelet.
        wait = true;
        grace = 1;
    }
    if force && grace < 0 {
        grace = 0;
    }
    let timeout = match parse_duration(parsed.text("timeout")) {
        Ok(micros) if micros > 0 => parsed.duration("timeout"),
        _ => WEEK,
    };
    Ok(Manner {
        grace,
        propagation,
        dry_run: parsed.dry_run()?,
        name_only: parsed.text("output") == "name",
        wait,
        timeout,
    })
}

/// Deletes one object and remembers its uid.
///
/// # Errors
/// What the API answers.
pub(crate) fn one(doomed: &mut Doomed, manner: &Manner, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if manner.dry_run == DryRun::Client {
        return Ok(());
    }
    let mut request = Request::new(Verb::Delete, doomed.kind, &doomed.namespace, &doomed.name);
    request.options.dry_run = manner.dry_run == DryRun::Server;
    request.options.grace_period_seconds = (manner.grace >= 0).then_some(manner.grace);
    request.options.propagation = Some(manner.propagation);
    if let Ok(object) = stored(io.request(request)?) {
        doomed.uid = object.uid().to_owned();
    }
    Ok(())
}

/// The line for a deleted object.
pub(crate) fn say(doomed: &Doomed, manner: &Manner, io: &mut Io<'_, '_>) {
    let info = doomed.kind.info();
    if manner.name_only {
        let line = format!("{}/{}", info.qualified_singular(), doomed.name);
        io.line(&line);
        return;
    }
    let did = if manner.grace == 0 {
        "force deleted"
    } else {
        "deleted"
    };
    let from = if info.namespaced {
        format!(" from {} namespace", doomed.namespace)
    } else {
        String::new()
    };
    let line = format!(
        "{} \"{}\" {did}{from}{}",
        info.qualified_singular(),
        doomed.name,
        manner.dry_run.suffix()
    );
    io.line(&line);
}

/// Waits until every object is gone; one of the same name with another uid counts as gone.
///
/// # Errors
/// The time is over.
pub(crate) fn wait(deleted: &[Doomed], end: Instant, io: &mut Io<'_, '_>) -> Result<Next, Error> {
    let store = io.cluster().store();
    let left: Vec<&Doomed> = deleted
        .iter()
        .filter(|doomed| {
            store
                .get(doomed.kind, &Key::new(&doomed.namespace, &doomed.name))
                .is_some_and(|object| doomed.uid.is_empty() || object.uid() == doomed.uid)
        })
        .collect();
    if left.is_empty() {
        return Ok(Next::Done(0));
    }
    if io.now() < end {
        return Ok(Next::Wait(Until::Change(Some(end))));
    }
    Error::of(
        left.iter()
            .map(|doomed| {
                Error::plain(format!(
                    "timed out waiting for the condition on {}/{}",
                    doomed.kind.info().plural,
                    doomed.name
                ))
            })
            .collect(),
    )?;
    Ok(Next::Done(0))
}
