//! Who set which field, and server-side apply, which asks.
//!
//! Writes of clients ([`Tracking::Tracked`]) are noted in `managedFields` with their fields; of those of the cluster's own components only who and
//! when: their fields are found when somebody asks ([`components`]).
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/util/managedfields`, `sigs.k8s.io/structured-merge-diff`.

mod apply;
pub mod components;
mod field_set;
mod scale;
mod unowned;

pub(super) use apply::apply;
pub(super) use scale::{applied_scale, updated_scale};

use super::{Subresource, strategy};
use crate::object::Object;
use components::is_note;
use field_set::{Fields, Path};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry, Time};
use std::collections::BTreeSet;

/// Whether a write is noted in `managedFields`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Tracking {
    /// It is not; what is noted stays.
    #[default]
    Untracked,
    /// Its fields are noted for the request's field manager.
    Tracked,
    /// These entries replace what is noted.
    Given(Vec<ManagedFieldsEntry>),
}

const APPLY: &str = "Apply";
const UPDATE: &str = "Update";

/// Notes who wrote the fields of `object` that `old` has not, or has with other values.
pub(super) fn note(
    object: &mut Object,
    old: Option<&Object>,
    tracking: Tracking,
    manager: Option<&str>,
    part: Option<Subresource>,
    now: &Time,
) {
    match tracking {
        Tracking::Untracked => {}
        Tracking::Given(entries) => {
            object.meta_mut().managed_fields = (!entries.is_empty()).then_some(entries);
        }
        Tracking::Tracked => update(object, old, manager.unwrap_or("unknown"), part, now),
    }
}

fn update(
    object: &mut Object,
    old: Option<&Object>,
    manager: &str,
    part: Option<Subresource>,
    now: &Time,
) {
    let mut entries = object.meta_mut().managed_fields.take().unwrap_or_default();
    // One empty entry is how a client asks for everything to be forgotten.
    entries.retain(|entry| entry.manager.is_some());
    let id = object.kind().info().kind;
    let new = fields_of_part(object, part);
    let before = old.map_or_else(Fields::new, |old| {
        field_set::with_places(id, &old.to_json())
    });
    let written: BTreeSet<Path> = new
        .iter()
        .filter(|(path, value)| before.get(*path) != Some(*value))
        .map(|(path, _)| path.clone())
        .collect();
    let part = part.map(name_of);
    let own = |entry: &ManagedFieldsEntry| {
        entry.manager.as_deref() == Some(manager)
            && entry.operation.as_deref() == Some(UPDATE)
            && entry.subresource.as_deref() == part
    };
    let mut owned = written.clone();
    let all = field_set::with_places(id, &object.to_json());
    for entry in entries.iter_mut().filter(|entry| !is_note(entry)) {
        let mut paths = paths_of(entry);
        let had = paths.len();
        paths.retain(|path| all.contains_key(path));
        if own(entry) {
            owned.extend(paths);
            continue;
        }
        let changes = |path: &Path| written.contains(path) && before.contains_key(path);
        paths.retain(|path| !changes(path));
        if paths.len() != had {
            entry.fields_v1 = Some(FieldsV1(field_set::to_json(&paths)));
        }
    }
    if !written.is_empty() {
        entries.retain(|entry| is_note(entry) || !own(entry));
        let mut entry = entry(object, manager, UPDATE, &owned, now);
        entry.subresource = part.map(str::to_owned);
        entries.push(entry);
    }
    entries.retain(|entry| is_note(entry) || !paths_of(entry).is_empty());
    object.meta_mut().managed_fields = (!entries.is_empty()).then_some(entries);
}

/// What a write to a part of an object can set: a status is written by its own part alone.
fn fields_of_part(object: &Object, part: Option<Subresource>) -> Fields {
    let mut fields = field_set::with_places(object.kind().info().kind, &object.to_json());
    if strategy::has_status(object) {
        let of_status = part == Some(Subresource::Status);
        fields.retain(|path, _| path.first().is_some_and(|first| first == "f:status") == of_status);
    }
    fields
}

fn name_of(part: Subresource) -> &'static str {
    match part {
        Subresource::Status => "status",
        Subresource::Scale => "scale",
        Subresource::Binding => "binding",
        Subresource::Eviction => "eviction",
        Subresource::Finalize => "finalize",
    }
}

fn entry(
    object: &Object,
    manager: &str,
    operation: &str,
    paths: &BTreeSet<Path>,
    now: &Time,
) -> ManagedFieldsEntry {
    ManagedFieldsEntry {
        api_version: Some(object.kind().info().api_version()),
        fields_type: Some("FieldsV1".to_owned()),
        fields_v1: Some(FieldsV1(field_set::to_json(paths))),
        manager: Some(manager.to_owned()),
        operation: Some(operation.to_owned()),
        subresource: None,
        time: Some(now.clone()),
    }
}

fn paths_of(entry: &ManagedFieldsEntry) -> BTreeSet<Path> {
    let fields = entry.fields_v1.as_ref();
    fields.map_or_else(BTreeSet::new, |fields| field_set::from_json(&fields.0))
}
