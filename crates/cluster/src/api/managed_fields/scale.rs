//! Who set the number of replicas through the part `scale`.
//!
//! A `Scale` has one field of its own; whoever writes it has taken that field of the object behind.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/util/managedfields/scalehandler.go`.

use super::apply::{conflict, manager_of, written_out};
use super::field_set::{self, Path};
use super::{APPLY, Tracking, UPDATE, components, entry, name_of, paths_of};
use crate::api::{Request, Status, Subresource};
use crate::object::Object;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry, Time};
use std::collections::BTreeSet;

/// The version in which conflicts are told.
const SCALE_VERSION: &str = "autoscaling/v1";

fn replicas() -> Path {
    vec!["f:spec".to_owned(), "f:replicas".to_owned()]
}

/// The notes after an apply to the scale of `old`; `changes` tells whether it sets another number than there is.
///
/// # Errors
/// The conflict with those who set the number, unless the apply is forced.
pub(in crate::api) fn applied_scale(
    old: &Object,
    request: &Request,
    changes: bool,
) -> Result<Tracking, Status> {
    let manager = manager_of(request)?;
    let entries = written_out(old);
    let others = entries.iter().filter(|entry| {
        let own = entry.manager.as_ref() == Some(&manager)
            && entry.operation.as_deref() == Some(APPLY)
            && entry.subresource.as_deref() == Some(name_of(Subresource::Scale));
        !own && paths_of(entry).contains(&replicas())
    });
    let told: Vec<ManagedFieldsEntry> = others
        .map(|entry| ManagedFieldsEntry {
            api_version: Some(SCALE_VERSION.to_owned()),
            ..entry.clone()
        })
        .collect();
    if changes && !told.is_empty() && !request.options.force {
        let path = replicas();
        let conflicts: Vec<_> = told.iter().map(|entry| (entry, &path)).collect();
        return Err(conflict(&conflicts));
    }
    Ok(noted(old, &manager, APPLY, entries, changes))
}

/// The notes after a write to the scale of `old`.
pub(in crate::api) fn updated_scale(old: &Object, request: &Request, changes: bool) -> Tracking {
    let manager = request.options.field_manager.as_deref();
    if request.options.tracking == Tracking::Untracked || !changes {
        return Tracking::Untracked;
    }
    let entries = written_out(old);
    noted(old, manager.unwrap_or("unknown"), UPDATE, entries, true)
}

fn noted(
    old: &Object,
    manager: &str,
    operation: &str,
    mut entries: Vec<ManagedFieldsEntry>,
    takes: bool,
) -> Tracking {
    let part = name_of(Subresource::Scale);
    if takes {
        for entry in &mut entries {
            let mut paths = paths_of(entry);
            if paths.remove(&replicas()) {
                entry.fields_v1 = Some(FieldsV1(field_set::to_json(&paths)));
            }
        }
    }
    entries.retain(|entry| {
        let own = entry.manager.as_deref() == Some(manager)
            && entry.operation.as_deref() == Some(operation)
            && entry.subresource.as_deref() == Some(part);
        !own && !paths_of(entry).is_empty()
    });
    // Upstream leaves these without a date.
    let no_time = Time(k8s_openapi::jiff::Timestamp::UNIX_EPOCH);
    let mut own = entry(
        old,
        manager,
        operation,
        &BTreeSet::from([replicas()]),
        &no_time,
    );
    own.time = None;
    own.subresource = Some(part.to_owned());
    entries.insert(0, own);
    components::shorten(&mut entries, old.meta().managed_fields.as_deref());
    Tracking::Given(entries)
}
