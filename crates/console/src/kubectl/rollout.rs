//! `kubectl rollout`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/rollout`, `pkg/polymorphichelpers`.

mod history;
pub(super) mod replica_sets;
mod restart;
mod status;
mod undo;

use super::builder::{Query, Selection};
use super::errors::Error;
use super::flags::Parsed;
use super::session::{Io, Once, Task};
use petset_cluster::{Kind, Object};

/// Begins a sub-command of `kubectl rollout`.
pub(crate) fn start(parsed: Parsed) -> Box<dyn Task> {
    match parsed.command {
        "rollout status" => Box::new(status::start(parsed)),
        "rollout history" => Box::new(Once::new(parsed, history::run)),
        "rollout undo" => Box::new(Once::new(parsed, undo::run)),
        _ => Box::new(Once::new(parsed, restart::run)),
    }
}

/// What the arguments select.
fn select(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<Selection, Error> {
    if parsed.changed("filename") {
        return super::get::select(parsed, io, false);
    }
    if parsed.args.is_empty() {
        return Err(Error::plain("required resource not specified"));
    }
    let mut query = Query::new(parsed, io.session);
    query.kind_alone = true;
    query.select()
}

/// Says that nothing was found.
fn nothing_found(io: &mut Io<'_, '_>) {
    let namespace = io.session.namespace.clone();
    io.complain(&format!("No resources found in {namespace} namespace."));
}

/// The error for kinds that are not rolled out.
///
/// Upstream: `pkg/apps/kind_visitor.go` knows some kinds and nothing of the others.
fn unsupported(object: &Object, what: &str, retrieving: &str) -> Error {
    let kind = object.kind().info();
    let name = if kind.group.is_empty() {
        kind.kind.to_owned()
    } else {
        format!("{}.{}", kind.kind, kind.group)
    };
    let visited = matches!(
        kind.kind,
        "Job" | "Pod" | "ReplicaSet" | "CronJob" | "StatefulSet" | "DaemonSet" | "Deployment"
    );
    if retrieving.is_empty() {
        Error::plain(format!("no {what} has been implemented for {name}"))
    } else if visited {
        Error::plain(format!("no {what} has been implemented for \"{name}\""))
    } else {
        Error::plain(format!(
            "error retrieving {retrieving} for \"{name}\", no visitor method exists for {{{} {}}}",
            kind.group, kind.kind
        ))
    }
}

/// Whether the object can be rolled out.
fn is_rolled_out(object: &Object) -> bool {
    let kind = object.kind();
    matches!(kind, Kind::StatefulSet | Kind::DaemonSet | Kind::Deployment)
}
