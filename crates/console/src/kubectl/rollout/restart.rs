//! `kubectl rollout restart`, and `pause` and `resume`, which sets do not know.
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

/// Restarts sets; refuses to pause or resume them.
pub(super) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let mut change = Change::new(parsed, "kubectl-rollout")?;
    let selection = super::select(parsed, io)?;
    let (objects, mut errors) = builder::fetch(&selection, io);
    if objects.is_empty() && errors.is_empty() {
        super::nothing_found(io);
    }
    for object in objects {
        let what = match parsed.command {
            "rollout pause" => "pausing",
            "rollout resume" => "resuming",
            _ => "restarting",
        };
        let supported = what == "restarting" && super::is_stateful_set(&object);
        let done = if supported {
            restart(&object, &mut change, io)
        } else {
            Err(Error::plain(format!(
                "{} \"{}\" {what} is not supported",
                object.kind().info().qualified_plural(),
                object.name()
            )))
        };
        errors.extend(done.err());
    }
    Error::of(errors)
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
