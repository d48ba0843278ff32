//! `kubectl diff`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/diff`. The texts are compared as `diff -u -N` does.

mod unified;

use super::apply::three_way;
use super::change::unannotated;
use super::errors::Error;
use super::files::{self, Manifest};
use super::flags::Parsed;
use super::session::{Io, Next, Step, stored};
use crate::command::Until;
use petset_cluster::Instant;
use petset_cluster::api::{Body, FieldValidation, Options, PatchType, Request, Tracking, Verb};
use petset_manifest::to_yaml;
use serde_json::{Value, json};

/// How many times longer it takes than other commands, as recorded: it asks for schemas, tries every change and starts `diff`.
const SLOWNESS: u64 = 7;

/// A running `kubectl diff`.
#[derive(Clone)]
pub(crate) struct Diff {
    parsed: Parsed,
    /// When it will have asked and tried everything.
    ready: Option<Instant>,
}

/// Begins `kubectl diff`.
pub(crate) fn start(parsed: Parsed) -> Diff {
    Diff {
        parsed,
        ready: None,
    }
}

impl Step for Diff {
    fn step(&mut self, io: &mut Io<'_, '_>) -> Result<Next, Error> {
        if files::waits_for_input(&self.parsed, io) {
            return Ok(Next::Wait(Until::Input));
        }
        let span = io.cluster().latency().kubectl.times(SLOWNESS);
        let ready = *self.ready.get_or_insert(io.now() + span);
        if io.now() < ready {
            return Ok(Next::Wait(Until::Time(ready)));
        }
        match run(&self.parsed, io) {
            Ok(different) => Ok(Next::Done(i32::from(different))),
            Err(error) => {
                // 1 means that there are differences.
                io.context.stderr.push_str(&error.text());
                Ok(Next::Done(2))
            }
        }
    }
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<bool, Error> {
    if parsed.is("force-conflicts") && !parsed.is("server-side") {
        return Err(Error::plain(
            "--force-conflicts only works with --server-side",
        ));
    }
    if parsed.is("prune") {
        return Err(Error::not_simulated("diff --prune"));
    }
    if !parsed.changed("filename") && !parsed.changed("kustomize") {
        return Err(Error::plain("must specify one of -f and -k"));
    }
    let (manifests, errors) = files::read(parsed, io)?;
    Error::of(errors)?;
    let calendar = io.cluster().server().calendar();
    let date = calendar
        .timestamp(io.now())
        .strftime("%Y-%m-%d %H:%M:%S.%N +0000")
        .to_string();
    let number = 1_000_000_000 + io.now().0 % 3_000_000_000;
    let mut different = false;
    for manifest in &manifests {
        let (live, merged) = both(manifest, parsed, io)?;
        let name = file_name(manifest);
        let (from, to) = (
            format!("/tmp/LIVE-{number}/{name}"),
            format!("/tmp/MERGED-{}/{name}", number + 82_981_614),
        );
        let Some(hunks) = unified::diff(&live, &merged) else {
            continue;
        };
        different = true;
        io.out(&format!(
            "diff -u -N {from} {to}\n--- {from}\t{date}\n+++ {to}\t{date}\n{hunks}"
        ));
    }
    Ok(different)
}

/// The object as it is and as it would be, in YAML.
fn both(
    manifest: &Manifest,
    parsed: &Parsed,
    io: &mut Io<'_, '_>,
) -> Result<(String, String), Error> {
    let by_server = parsed.is("server-side");
    let manager = match parsed.text("field-manager") {
        own if parsed.changed("field-manager") => own,
        _ if by_server => super::apply::SERVER_SIDE_MANAGER,
        _ => "kubectl-client-side-apply",
    };
    let options = Options {
        dry_run: true,
        field_validation: FieldValidation::Strict,
        field_manager: Some(manager.to_owned()),
        tracking: Tracking::Tracked,
        force: by_server && parsed.is("force-conflicts"),
        ..Options::default()
    };
    let mut send = |verb: Verb, body: Body| {
        let mut request = Request::new(verb, manifest.kind, &manifest.namespace, &manifest.name);
        request.options = options.clone();
        stored(io.request(request.with_body(body))?)
    };
    let found = send(Verb::Get, Body::None);
    if by_server {
        let live = match found {
            Ok(found) => shown(found.to_json()),
            Err(error) if error.is_not_found() => String::new(),
            Err(error) => return Err(error),
        };
        let applied = Body::Patch(PatchType::Apply, manifest.object.clone());
        return Ok((live, shown(send(Verb::Patch, applied)?.to_json())));
    }
    match found {
        Ok(found) => {
            let live = found.to_json();
            let patch = three_way(manifest.kind, &live, &unannotated(&manifest.object))?;
            let merged = if patch == json!({}) {
                live.clone()
            } else {
                send(Verb::Patch, Body::Patch(PatchType::Strategic, patch))?.to_json()
            };
            Ok((shown(live), shown(merged)))
        }
        Err(error) if error.is_not_found() => {
            let created = send(Verb::Create, Body::Json(manifest.object.clone()))?.to_json();
            Ok((String::new(), shown(created)))
        }
        Err(error) => Err(error),
    }
}

fn shown(mut object: Value) -> String {
    if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    to_yaml(&object)
}

fn file_name(manifest: &Manifest) -> String {
    let info = manifest.kind.info();
    let group = if info.group.is_empty() {
        String::new()
    } else {
        format!("{}.", info.group)
    };
    format!(
        "{group}{}.{}.{}.{}",
        info.version, info.kind, manifest.namespace, manifest.name
    )
}
