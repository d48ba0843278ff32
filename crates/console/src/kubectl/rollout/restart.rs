//! `kubectl rollout restart`, and `pause` and `resume`, which only Deployments know.
//!
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/objectrestarter.go`, `objectpauser.go`.

use crate::kubectl::builder;
use crate::kubectl::change::Change;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{DryRun, Parsed};
use crate::kubectl::session::Io;
use petset_cluster::Object;
use petset_cluster::api::PatchType;
use serde_json::json;

const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// Restarts, pauses or resumes what can be.
pub(super) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let mut change = Change::new(parsed, "kubectl-rollout")?;
    let selection = super::select(parsed, io)?;
    let (objects, mut errors) = builder::fetch(&selection, io);
    if objects.is_empty() && errors.is_empty() {
        super::nothing_found(io);
    }
    for object in objects {
        let refused = refusal(parsed.command, &object);
        let done = match (refused, parsed.command) {
            (Some(why), _) => Err(Error::plain(format!(
                "error: {} \"{}\" {why}",
                object.kind().info().qualified_plural(),
                object.name()
            ))),
            (None, "rollout pause") => set_paused(&object, true, &mut change, io),
            (None, "rollout resume") => set_paused(&object, false, &mut change, io),
            (None, _) => restart(&object, &mut change, io),
        };
        errors.extend(done.err());
    }
    Error::of(errors)
}

/// Why the command cannot be done to the object.
fn refusal(command: &str, object: &Object) -> Option<&'static str> {
    let paused = match object {
        Object::Deployment(one) => {
            Some(one.spec.as_ref().and_then(|spec| spec.paused) == Some(true))
        }
        _ => None,
    };
    match (command, paused) {
        ("rollout pause", None) => Some("pausing is not supported"),
        ("rollout pause", Some(true)) => Some("is already paused"),
        ("rollout resume", None) => Some("resuming is not supported"),
        ("rollout resume", Some(false)) => Some("is not paused"),
        ("rollout pause" | "rollout resume", _) => None,
        (_, Some(true)) => Some("can't restart paused deployment (run rollout resume first)"),
        _ if super::is_rolled_out(object) => None,
        _ => Some("restarting is not supported"),
    }
}

fn set_paused(
    object: &Object,
    paused: bool,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let value = if paused { json!(true) } else { json!(null) };
    let patch = json!({"spec": {"paused": value}});
    let patched = change
        .patch(object, (PatchType::Strategic, patch), None, io)
        .map_err(|error| Error::plain(format!("failed to patch: {}", error.message())))?;
    let deed = if paused { "paused" } else { "resumed" };
    change.tell(&patched.to_json(), deed, io)
}

fn restart(object: &Object, change: &mut Change, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let calendar = io.cluster().server().calendar();
    let date = calendar.time(io.now()).0.to_string();
    let mut current = object.to_json();
    let stored = current
        .pointer("/spec/template/metadata/annotations")
        .and_then(|annotations| annotations.get(RESTARTED_AT));
    if stored.and_then(|value| value.as_str()) == Some(date.as_str()) {
        return Err(Error::plain(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
            object.name()
        )));
    }
    let patch = json!({"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: date}}}}});
    if change.dry_run == DryRun::Client {
        current["spec"]["template"]["metadata"]["annotations"][RESTARTED_AT] = json!(date);
    } else {
        current = change
            .patch(object, (PatchType::Strategic, patch), None, io)
            .map_err(|error| Error::plain(format!("failed to patch: {}", error.message())))?
            .to_json();
    }
    change.tell(&current, "restarted", io)
}
