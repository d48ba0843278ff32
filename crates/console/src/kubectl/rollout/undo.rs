//! `kubectl rollout undo`.
//!
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/rollback.go`, `pkg/cmd/rollout/rollout_undo.go`.

use super::history;
use crate::kubectl::apply::locally;
use crate::kubectl::builder;
use crate::kubectl::change::{Change, LAST_APPLIED};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{DryRun, Parsed};
use crate::kubectl::session::Io;
use k8s_openapi::api::apps::v1::ControllerRevision;
use petset_cluster::Object;
use petset_cluster::api::PatchType;
use serde_json::Value;

/// Brings sets back to an earlier template.
pub(super) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let mut change = Change::new(parsed, "kubectl-rollout")?;
    let selection = super::select(parsed, io)?;
    let (objects, mut errors) = builder::fetch(&selection, io);
    for object in objects {
        errors.extend(undo(&object, parsed.number("to-revision"), &mut change, io).err());
    }
    Error::of(errors)
}

fn undo(object: &Object, to: i64, change: &mut Change, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if !super::is_stateful_set(object) {
        return Err(super::unsupported(object, "rollbacker", true));
    }
    let annotations = object.meta().annotations.as_ref();
    if annotations.is_some_and(|map| map.contains_key(LAST_APPLIED)) {
        let info = object.kind().info();
        io.complain(&format!(
            "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
            info.plural,
            object.name()
        ));
    }
    let history = history::revisions(object, io);
    let target = find(&history, to)?;
    if change.dry_run == DryRun::Client {
        return Err(Error::not_simulated("rollout undo --dry-run=client"));
    }
    let current = object.to_json();
    let data = target.data.as_ref().map(|data| data.0.clone());
    let data = data.unwrap_or(Value::Null);
    let restored = locally(object.kind(), &current, &data)?;
    if restored.pointer("/spec/template") == current.pointer("/spec/template") {
        return change.tell(
            &current,
            &format!("skipped rollback (current template already matches revision {to})"),
            io,
        );
    }
    let patched = change
        .patch(object, (PatchType::Strategic, data), None, io)
        .map_err(|error| {
            Error::plain(format!(
                "failed restoring revision {to}: {}",
                error.message()
            ))
        })?;
    change.tell(&patched.to_json(), "rolled back", io)
}

/// The revision to go back to: the one asked for, or the last but one.
fn find(history: &[ControllerRevision], to: i64) -> Result<&ControllerRevision, Error> {
    if to == 0 {
        return match history {
            [.., previous, _] => Ok(previous),
            _ => Err(Error::plain("no last revision to roll back to")),
        };
    }
    history
        .iter()
        .find(|entry| entry.revision == to)
        .ok_or_else(|| Error::plain(format!("unable to find specified revision {to} in history")))
}
