//! Metadata of every object.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go`.

use super::names;
use crate::api::field::{BadValue, Errors, Path};
use crate::object::{Kind, Object};
use crate::typed;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use serde_json::json;
use std::collections::BTreeMap;

/// All annotations of an object together, in bytes.
const MAX_ANNOTATIONS: usize = 256 * 1024;
const IMMUTABLE: &str = "field is immutable";

/// What is wrong with a name of an object of `kind`; for a prefix the end is not yet there.
fn name_rule(kind: Kind, name: &str, prefix: bool) -> Vec<String> {
    let masked;
    let name = if prefix && name.ends_with('-') {
        masked = format!("{}a", &name[..name.len() - 1]);
        masked.as_str()
    } else {
        name
    };
    match kind {
        Kind::StatefulSet | Kind::Namespace | Kind::Service => names::dns1123_label(name),
        _ => names::dns1123_subdomain(name),
    }
}

/// What is wrong with the metadata of a new object.
pub(super) fn create(object: &Object, errors: &mut Errors) {
    let meta = object.meta();
    let path = Path::new("metadata");
    let kind = object.kind();
    if let Some(base) = meta
        .generate_name
        .as_deref()
        .filter(|base| !base.is_empty())
    {
        for why in name_rule(kind, base, true) {
            errors.invalid(&path.child("generateName"), base, &why);
        }
    }
    let name = object.name();
    if name.is_empty() {
        errors.required(&path.child("name"), "name or generateName is required");
    } else {
        for why in name_rule(kind, name, false) {
            errors.invalid(&path.child("name"), name, &why);
        }
    }
    if meta.generation.is_some_and(|generation| generation < 0) {
        errors.invalid(
            &path.child("generation"),
            &meta.generation.unwrap_or(0),
            "must be greater than or equal to 0",
        );
    }
    common(meta, &path, errors);
}

/// Labels, annotations, owners and finalizers.
fn common(meta: &ObjectMeta, path: &Path<'_>, errors: &mut Errors) {
    labels(meta.labels.as_ref(), &path.child("labels"), errors);
    annotations(meta, path, errors);
    owners(meta, path, errors);
    for finalizer in meta.finalizers.iter().flatten() {
        let field = path.child("finalizers");
        for why in names::qualified_name(finalizer) {
            errors.invalid(&field, finalizer, &why);
        }
        let bare = !finalizer.contains('/');
        let known = matches!(
            finalizer.as_str(),
            "orphan" | "foregroundDeletion" | "kubernetes"
        );
        if bare && !known {
            errors.invalid(
                &field,
                finalizer,
                "name is neither a standard finalizer name nor is it fully qualified",
            );
        }
    }
}

/// What is wrong with labels.
pub(super) fn labels(
    labels: Option<&BTreeMap<String, String>>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    for (key, value) in labels.into_iter().flatten() {
        for why in names::qualified_name(key) {
            errors.invalid(path, key, &why);
        }
        for why in names::label_value(value) {
            errors.invalid(path, value, &why);
        }
    }
}

/// What is wrong with annotations.
pub(super) fn annotations(meta: &ObjectMeta, path: &Path<'_>, errors: &mut Errors) {
    let field = path.child("annotations");
    let mut size = 0;
    for (key, value) in meta.annotations.iter().flatten() {
        size += key.len() + value.len();
        for why in names::qualified_name(&key.to_lowercase()) {
            errors.invalid(&field, key, &why);
        }
    }
    if size > MAX_ANNOTATIONS {
        errors.too_long(&field, MAX_ANNOTATIONS);
    }
}

fn owners(meta: &ObjectMeta, path: &Path<'_>, errors: &mut Errors) {
    let field = path.child("ownerReferences");
    let mut controller: Option<String> = None;
    for owner in meta.owner_references.iter().flatten() {
        let needed = [
            (
                "apiVersion",
                &owner.api_version,
                "version must not be empty",
            ),
            ("kind", &owner.kind, "must not be empty"),
            ("name", &owner.name, "must not be empty"),
            ("uid", &owner.uid, "must not be empty"),
        ];
        for (name, value, why) in needed {
            if value.is_empty() {
                errors.invalid(&field.child(name), value, why);
            }
        }
        if owner.api_version == "v1" && owner.kind == "Event" {
            errors.invalid(
                &field,
                &show(owner),
                "/v1, Kind=Event is disallowed from being an owner",
            );
        }
        if owner.controller == Some(true) {
            let me = format!("{}/{}", owner.kind, owner.name);
            if let Some(first) = &controller {
                let all: Vec<_> = meta.owner_references.iter().flatten().map(show).collect();
                errors.invalid(&field, &json!(all), &format!("Only one reference can have Controller set to true. Found \"true\" in references for {first} and {me}"));
            } else {
                controller = Some(me);
            }
        }
    }
}

fn show(owner: &OwnerReference) -> serde_json::Value {
    typed::to_value(owner)
}

impl BadValue for Option<Time> {
    fn show(&self) -> String {
        match self {
            Some(time) => format!("\"{}\"", time.0),
            None => "null".to_owned(),
        }
    }
}

impl BadValue for Option<i64> {
    fn show(&self) -> String {
        self.map_or_else(|| "null".to_owned(), |number| number.to_string())
    }
}

/// What is wrong with the metadata of a written object.
pub(super) fn update(object: &Object, old: &Object, errors: &mut Errors) {
    let path = Path::new("metadata");
    let (new, old) = (object.meta(), old.meta());
    if old.deletion_timestamp.is_some() {
        let before: Vec<&String> = old.finalizers.iter().flatten().collect();
        let mut added: Vec<&String> = new.finalizers.iter().flatten().collect();
        added.retain(|name| !before.contains(name));
        if !added.is_empty() {
            let shown = format!("{added:?}").replace(", ", ", ");
            errors.forbidden(&path.child("finalizers"), &format!("no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}", &shown[1..shown.len() - 1]));
        }
    }
    if new.creation_timestamp != old.creation_timestamp {
        errors.invalid(
            &path.child("creationTimestamp"),
            &new.creation_timestamp,
            IMMUTABLE,
        );
    }
    if new.deletion_timestamp != old.deletion_timestamp {
        errors.invalid(
            &path.child("deletionTimestamp"),
            &new.deletion_timestamp,
            IMMUTABLE,
        );
    }
    if new.deletion_grace_period_seconds != old.deletion_grace_period_seconds {
        errors.invalid(
            &path.child("deletionGracePeriodSeconds"),
            &new.deletion_grace_period_seconds,
            IMMUTABLE,
        );
    }
    common(new, &path, errors);
}
