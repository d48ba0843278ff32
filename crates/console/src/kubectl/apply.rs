//! `kubectl apply`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/apply/apply.go`, `patcher.go`.

mod last_applied;
mod patch;
mod prune;
mod server_side;
mod view;

use super::change::{Change, LAST_APPLIED, prune_nulls, with_last_applied};
use super::delete::{self, Doomed, Manner};
use super::errors::{Error, quote};
use super::files::{self, Manifest};
use super::flags::{DryRun, Parsed};
use super::printers::list_of;
use super::session::{Io, Next, Step};
use crate::command::Until;
pub(crate) use last_applied::set_last_applied;
pub(crate) use patch::{locally, three_way};
use petset_cluster::api::PatchType;
use petset_cluster::api::selectors::Selector;
use petset_cluster::{Instant, Kind, Object};
use serde_json::{Value, json};
pub(crate) use server_side::MANAGER as SERVER_SIDE_MANAGER;
use std::collections::{BTreeMap, VecDeque};
pub(crate) use view::view_last_applied;

/// How often a patch is tried again when the object was changed meanwhile.
const RETRIES: usize = 5;

/// A running `kubectl apply`.
#[derive(Clone)]
pub(crate) struct Apply {
    parsed: Parsed,
    change: Option<Change>,
    queue: VecDeque<Manifest>,
    errors: Vec<Error>,
    shown: Vec<Value>,
    visited: Vec<(Kind, String, String)>,
    replacing: Option<Replacing>,
}

/// `--force`: an object that could not be patched is deleted, and is made anew once it is gone.
#[derive(Clone)]
struct Replacing {
    manifest: Manifest,
    doomed: Vec<Doomed>,
    end: Instant,
}

/// Begins `kubectl apply`.
pub(crate) fn start(parsed: Parsed) -> Apply {
    Apply {
        parsed,
        change: None,
        queue: VecDeque::new(),
        errors: Vec::new(),
        shown: Vec::new(),
        visited: Vec::new(),
        replacing: None,
    }
}

impl Step for Apply {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if self.change.is_none() {
            if files::waits_for_input(&self.parsed, io) {
                return Ok(Next::Wait(Until::Input));
            }
            self.begin(io)?;
        }
        if let Some(replacing) = &self.replacing {
            match delete::wait(&replacing.doomed, replacing.end, io)? {
                Next::Done(_) => {}
                wait => return Ok(wait),
            }
        }
        let replacing = self.replacing.take();
        let again = replacing.is_some();
        let next = replacing.map(|replacing| replacing.manifest);
        let next = next.or_else(|| self.queue.pop_front());
        let (Some(change), Some(manifest)) = (self.change.as_mut(), next) else {
            self.finish(io)?;
            return Ok(Next::Done(0));
        };
        let mut manifest = manifest;
        change.record(&mut manifest.object);
        let done = if self.parsed.is("server-side") {
            let force = self.parsed.is("force-conflicts");
            server_side::apply(&manifest, change, force, io)
                .map(|object| (object, "serverside-applied"))
        } else {
            apply(&manifest, change, io)
        };
        let did_before = if again { Some("configured") } else { None };
        match done {
            Ok((object, did)) => {
                self.visited.push((
                    manifest.kind,
                    manifest.namespace.clone(),
                    manifest.name.clone(),
                ));
                if change.printer.is_human() || change.printer.is_name() {
                    change.tell(&object, did_before.unwrap_or(did), io)?;
                } else {
                    self.shown.push(object);
                }
            }
            Err(error) if !again && self.parsed.is("force") && error.calls_for_force() => {
                self.replace(manifest, io)?;
            }
            Err(error) => self.errors.push(error),
        }
        Ok(Next::Request)
    }
}

impl Apply {
    fn begin(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let parsed = &self.parsed;
        let dry_run = parsed.dry_run()?;
        refuse(parsed, dry_run)?;
        if !parsed.changed("filename") && !parsed.changed("kustomize") {
            return Err(Error::plain("must specify one of -f and -k"));
        }
        let manager = match parsed.is("server-side") {
            true => server_side::MANAGER,
            false => "kubectl-client-side-apply",
        };
        self.change = Some(Change::new(parsed, manager)?);
        prune::allowed(parsed)?;
        let (mut manifests, errors) = files::read(parsed, io)?;
        let selector = parsed.text("selector").trim();
        if !selector.is_empty() {
            let refused = |why| {
                let selector = quote(selector);
                Error::plain(format!(
                    "the provided selector {selector} is not valid: {why}"
                ))
            };
            let selector = Selector::parse(selector).map_err(refused)?;
            manifests.retain(|manifest| selector.matches(Some(&labels(&manifest.object))));
        }
        self.queue = manifests.into();
        self.errors = errors;
        if self.queue.is_empty() && self.errors.is_empty() {
            return Err(Error::plain("no objects passed to apply"));
        }
        Ok(())
    }

    fn replace(&mut self, manifest: Manifest, io: &mut Io<'_, '_>) -> Result<(), Error> {
        let mut manner = Manner::default();
        if self.parsed.changed("grace-period") {
            manner.grace = self.parsed.number("grace-period");
        }
        let mut doomed = Doomed {
            kind: manifest.kind,
            namespace: manifest.namespace.clone(),
            name: manifest.name.clone(),
            source: String::new(),
            uid: String::new(),
        };
        delete::one(&mut doomed, &manner, io)?;
        self.replacing = Some(Replacing {
            manifest,
            doomed: vec![doomed],
            end: io.deadline(manner.timeout),
        });
        Ok(())
    }

    fn finish(&mut self, io: &mut Io<'_, '_>) -> Result<(), Error> {
        if let (Some(change), false) = (self.change.as_mut(), self.shown.is_empty()) {
            let shown = match self.shown.as_slice() {
                [one] => one.clone(),
                several => list_of(several.to_vec()),
            };
            let text = change.printer.object(&shown)?;
            io.out(&text);
            self.shown.clear();
        }
        Error::of(std::mem::take(&mut self.errors))?;
        match self.change.as_mut() {
            Some(change) if self.parsed.is("prune") => {
                prune::prune(&self.parsed, &self.visited, change, io)
            }
            _ => Ok(()),
        }
    }
}

fn refuse(parsed: &Parsed, dry_run: DryRun) -> Result<(), Error> {
    let (server_side, force) = (parsed.is("server-side"), parsed.is("force"));
    if !parsed.args.is_empty() {
        return Err(super::create::unexpected("apply", &parsed.args));
    }
    if parsed.is("force-conflicts") && !server_side {
        return Err(Error::plain(
            "--force-conflicts only works with --server-side",
        ));
    }
    if dry_run == DryRun::Client && server_side {
        return Err(Error::plain(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        ));
    }
    if force && server_side {
        return Err(Error::plain("--force cannot be used with --server-side"));
    }
    if dry_run == DryRun::Server && force {
        return Err(Error::plain("--dry-run=server cannot be used with --force"));
    }
    if parsed.is("all") && !parsed.text("selector").is_empty() {
        return Err(Error::plain(
            "cannot set --all and --selector at the same time",
        ));
    }
    if parsed.is("prune") && !parsed.is("all") && parsed.text("selector").is_empty() {
        return Err(Error::plain(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ));
    }
    match parsed.text("subresource") {
        "" => Ok(()),
        other => Err(Error::not_simulated(format!("apply --subresource={other}"))),
    }
}

/// Applies one manifest: creates the object, or brings it to what the manifest says.
fn apply(
    manifest: &Manifest,
    change: &Change,
    io: &mut Io<'_, '_>,
) -> Result<(Value, &'static str), Error> {
    let generated = manifest.object.pointer("/metadata/generateName");
    if let (true, Some(prefix)) = (manifest.name.is_empty(), generated.and_then(Value::as_str)) {
        return Err(Error::plain(format!(
            "from {prefix}: cannot use generate name with apply"
        )));
    }
    match io.get(manifest.kind, &manifest.namespace, &manifest.name) {
        Ok(current) => update(manifest, &current, change, io),
        Err(error) if error.is_not_found() => create(manifest, change, io),
        Err(error) => Err(error.with_source(
            &format!(
                "retrieving current configuration of:\n{}\nfrom server for:",
                describe(manifest)
            ),
            &manifest.source,
        )),
    }
}

fn create(
    manifest: &Manifest,
    change: &Change,
    io: &mut Io<'_, '_>,
) -> Result<(Value, &'static str), Error> {
    let mut object = with_last_applied(&manifest.object);
    prune_nulls(&mut object);
    if change.dry_run != DryRun::Client {
        object = change
            .create(manifest.kind, &manifest.namespace, object, io)
            .map_err(|error| error.with_source("creating", &manifest.source))?
            .to_json();
    }
    Ok((object, "created"))
}

fn update(
    manifest: &Manifest,
    found: &Object,
    change: &Change,
    io: &mut Io<'_, '_>,
) -> Result<(Value, &'static str), Error> {
    let info = manifest.kind.info();
    let mut current = found.to_json();
    let annotations = found.meta().annotations.as_ref();
    if !annotations.is_some_and(|map| map.contains_key(LAST_APPLIED)) {
        io.complain(&format!(
            "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
            info.plural, manifest.name
        ));
    }
    let modified = with_last_applied(&manifest.object);
    for attempt in 0.. {
        let patch = patch::three_way(manifest.kind, &current, &modified)?;
        if patch == json!({}) {
            warn_if_deleting(&current, io);
            return Ok((current, "unchanged"));
        }
        if change.dry_run == DryRun::Client {
            let patched = patch::locally(manifest.kind, &current, &patch)?;
            warn_if_deleting(&patched, io);
            return Ok((patched, "configured"));
        }
        match change.patch(found, (PatchType::Strategic, patch.clone()), None, io) {
            Ok(object) => {
                let object = object.to_json();
                warn_if_deleting(&object, io);
                return Ok((object, "configured"));
            }
            Err(error) if error.is_conflict() && attempt < RETRIES => {
                current = io
                    .get(manifest.kind, &manifest.namespace, &manifest.name)?
                    .to_json();
            }
            Err(error) => {
                let verb = format!(
                    "applying patch:\n{}\nto:\n{}\nfor:",
                    petset_manifest::to_json_compact_go(&patch),
                    describe(manifest)
                );
                return Err(error
                    .with_source("patching", &manifest.source)
                    .with_source(&verb, &manifest.source));
            }
        }
    }
    Ok((current, "unchanged"))
}

fn warn_if_deleting(object: &Value, io: &mut Io<'_, '_>) {
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        let name = object.pointer("/metadata/name").and_then(Value::as_str);
        io.complain(&format!(
            "Warning: Detected changes to resource {} which is currently being deleted.",
            name.unwrap_or("")
        ));
    }
}

/// A manifest as error texts show it (upstream: `resource.Info.String`).
fn describe(manifest: &Manifest) -> String {
    let info = manifest.kind.info();
    let version = if info.group.is_empty() {
        format!("/{}", info.version)
    } else {
        info.api_version()
    };
    format!(
        "Resource: \"{version}, Resource={}\", GroupVersionKind: \"{version}, Kind={}\"\nName: \"{}\", Namespace: \"{}\"",
        info.plural, info.kind, manifest.name, manifest.namespace
    )
}

fn labels(object: &Value) -> BTreeMap<String, String> {
    let labels = object
        .pointer("/metadata/labels")
        .and_then(Value::as_object);
    labels
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.as_str().unwrap_or("").to_owned()))
        .collect()
}
