//! `kubectl rollout undo`.
//!
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/rollback.go`, `pkg/cmd/rollout/rollout_undo.go`.

use super::history;
use crate::kubectl::apply::locally;
use crate::kubectl::builder;
use crate::kubectl::change::{Change, LAST_APPLIED};
use crate::kubectl::describe;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{DryRun, Parsed};
use crate::kubectl::rollout::replica_sets::{ReplicaSets, equal_ignore_hash, without_hash};
use crate::kubectl::session::Io;
use k8s_openapi::api::apps::v1::{ControllerRevision, Deployment};
use petset_cluster::Object;
use petset_cluster::api::PatchType;
use petset_cluster::sort;
use petset_cluster::typed;
use serde_json::{Value, json};

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
    if !super::is_rolled_out(object) {
        return Err(super::unsupported(object, "rollbacker", "rollbacker"));
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
    if let Object::Deployment(deployment) = object {
        return undo_deployment(object, deployment, to, change, io);
    }
    let history = history::revisions(object, io);
    let target = find(&history, to)?;
    let current = object.to_json();
    let data = target.data.as_ref().map(|data| data.0.clone());
    let data = data.unwrap_or(Value::Null);
    let restored = locally(object.kind(), &current, &data)?;
    if change.dry_run == DryRun::Client {
        let template = restored.pointer("/spec/template");
        let template = template.and_then(|template| typed::from_value(template).ok());
        let text = describe::template_text(&template.unwrap_or_default());
        return change.tell(&current, &text, io);
    }
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

/// Annotations that stay when a Deployment goes back.
const KEPT: [&str; 6] = [
    LAST_APPLIED,
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// Gives a Deployment the template and the annotations of one of its ReplicaSets.
fn undo_deployment(
    object: &Object,
    deployment: &Deployment,
    to: i64,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let sets = ReplicaSets::of(io.cluster().store(), deployment).revisions();
    let found = match to {
        0 => sets.len().checked_sub(2).and_then(|at| sets.get(at)),
        _ => sets.iter().find(|(revision, _)| *revision == to),
    };
    let Some((_, set)) = found else {
        return Err(Error::plain(if to == 0 {
            format!(
                "no rollout history found for deployment \"{}\"",
                object.name()
            )
        } else {
            format!("unable to find specified revision {to} in history")
        }));
    };
    let spec = set.spec.as_ref();
    let stored = spec
        .and_then(|spec| spec.template.clone())
        .unwrap_or_default();
    let current = object.to_json();
    if change.dry_run == DryRun::Client {
        let text = describe::template_text(&stored);
        return change.tell(&current, &text, io);
    }
    let own = deployment.spec.as_ref();
    if own.and_then(|spec| spec.paused) == Some(true) {
        return Err(Error::plain(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        ));
    }
    if own.is_some_and(|spec| equal_ignore_hash(&spec.template, &stored)) {
        return change.tell(
            &current,
            &format!("skipped rollback (current template already matches revision {to})"),
            io,
        );
    }
    let is_kept = |key: &str| KEPT.contains(&key);
    let own = object.meta().annotations.iter().flatten();
    let kept = own.filter(|(key, _)| is_kept(key));
    let theirs = set.metadata.annotations.iter().flatten();
    let theirs = theirs.filter(|(key, _)| !is_kept(key));
    let annotations = sort::map(kept.chain(theirs));
    let template = typed::to_value(&without_hash(&stored));
    let patch = json!([
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]);
    let patched = change
        .patch(object, (PatchType::Json, patch), None, io)
        .map_err(|error| {
            let why = error.message();
            Error::plain(format!("failed restoring revision {to}: {why}"))
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
