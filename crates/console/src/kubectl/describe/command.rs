//! `kubectl describe` as a command: what is described, and in which order.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/describe/describe.go`.

use super::text;
use crate::kubectl::builder::{self, Query, Selection};
use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::get;
use crate::kubectl::session::{Io, Once};
use petset_cluster::Object;
use std::sync::Arc;

/// Begins `kubectl describe`.
pub(crate) fn start(parsed: Parsed) -> Once<Parsed> {
    Once::new(parsed, run)
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let by_file = parsed.changed("filename");
    if parsed.args.is_empty() && !by_file && !parsed.changed("kustomize") {
        return Err(Error::Verbatim("error: You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.\n".to_owned()));
    }
    let selection = if by_file {
        get::select(parsed, io, false)?
    } else {
        let mut query = Query::new(parsed, io.session);
        query.kind_alone = true;
        query.select()?
    };
    let (objects, errors) = builder::fetch(&selection, io);
    let missing = errors.iter().any(Error::is_not_found);
    if missing && parsed.args.len() == 2 && errors.len() == 1 {
        return by_prefix(parsed, &selection, errors, io);
    }
    let events = show_events(parsed, objects.len() == 1);
    for (at, object) in objects.iter().enumerate() {
        let text = text(io.cluster().server(), object, events);
        if at > 0 {
            io.out("\n\n");
        }
        io.out(&text);
    }
    if objects.is_empty() && errors.is_empty() {
        let namespace = io.session.namespace.clone();
        if parsed.is("all-namespaces") {
            io.complain("No resources found");
        } else {
            io.complain(&format!("No resources found in {namespace} namespace."));
        }
    }
    Error::of(errors)
}

fn show_events(parsed: &Parsed, single: bool) -> bool {
    if parsed.changed("show-events") {
        parsed.is("show-events")
    } else {
        single
    }
}

/// A name that no object has may be the beginning of names.
fn by_prefix(
    parsed: &Parsed,
    selection: &Selection,
    errors: Vec<Error>,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let Selection::Named { targets, .. } = selection else {
        return Error::of(errors);
    };
    let Some(target) = targets.first() else {
        return Error::of(errors);
    };
    let (all, _) = io.list(target.kind, &target.namespace, "", "")?;
    let found: Vec<&Arc<Object>> = all
        .iter()
        .filter(|object| object.name().starts_with(&target.name))
        .collect();
    if found.is_empty() {
        return Error::of(errors);
    }
    for object in found {
        let text = text(io.cluster().server(), object, show_events(parsed, false));
        io.out(&text);
        io.line("");
    }
    Ok(())
}
