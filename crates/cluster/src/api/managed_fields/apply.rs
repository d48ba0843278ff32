//! Server-side apply: a manifest says what its manager wants, and takes back what it no longer says.
//!
//! Upstream: `sigs.k8s.io/structured-merge-diff/v6/merge`, `apimachinery/pkg/util/managedfields/internal/{conflict,lastappliedmanager}.go`.

use super::field_set::{self, Path, Shape, shown};
use super::{APPLY, Tracking, components, entry, paths_of};
use crate::api::schema;
use crate::api::{
    Body, Cause, FieldValidation, Reason, Reply, Request, Server, Status, Verb, decode, registry,
};
use crate::object::{Key, Object};
use crate::sort;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use serde_json::Value;
use std::collections::BTreeSet;

/// Whose annotation says what a manifest asked for before it was applied by the server.
const KUBECTL: &str = "kubectl";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Applies a manifest to the object of its name, or makes that.
pub(in crate::api) fn apply(
    server: &mut Server,
    mut request: Request,
    manifest: Value,
    warnings: &mut Vec<String>,
) -> Result<Reply, Status> {
    let manager = manager_of(&request)?;
    let id = request.kind.info().kind;
    check_type(&request, &manifest)?;
    if manifest.pointer("/metadata/managedFields").is_some() {
        return Err(Status::bad_request("metadata.managedFields must be nil"));
    }
    let duplicates = &request.options.duplicates;
    match request.options.field_validation {
        FieldValidation::Strict if !duplicates.is_empty() => {
            let why = decode::joined(duplicates);
            return Err(Status::bad_request(format!(
                "error strict decoding YAML: {why}"
            )));
        }
        FieldValidation::Warn => warnings.extend(duplicates.iter().cloned()),
        FieldValidation::Strict | FieldValidation::Ignore => {}
    }
    let asked = last_applied(&manifest);
    let mut wanted = decode::manifest(request.kind, manifest)?;
    let named = wanted.pointer("/metadata/name").and_then(Value::as_str);
    if let Some(name) = named.filter(|name| *name != request.name) {
        return Err(Status::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            request.name
        )));
    }
    let fields = field_set::of(id, &wanted);
    let own = sort::set(fields.keys().cloned());
    let now = server.calendar.time(server.now);
    let key = Key::new(&request.namespace, &request.name);
    let Some(old) = server.store.get(request.kind, &key).cloned() else {
        if request.subresource.is_some() {
            return Err(Status::not_found(request.kind, &request.name));
        }
        wanted["metadata"]["name"] = request.name.as_str().into();
        let (object, _) = decode::read(request.kind, wanted.clone());
        let object = object.map_err(Status::bad_request)?;
        let noted = entry(&object, &manager, APPLY, &own, &now);
        request.options.tracking = Tracking::Given(vec![noted]);
        request.verb = Verb::Create;
        request.body = Body::Json(wanted);
        return registry::create(server, request, warnings);
    };
    let live = old.to_json();
    let entries = written_out(&old);
    let (mine, mut others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| {
        entry.manager.as_deref() == Some(&manager) && entry.operation.as_deref() == Some(APPLY)
    });
    let mut merged = live.clone();
    merge(&Shape::Struct(id), &mut merged, &wanted);
    let before = field_set::of(id, &live);
    let after = field_set::of(id, &merged);
    let changed = |path: &Path| before.get(path) != after.get(path);
    let mut conflicts: Vec<(usize, Path)> = Vec::new();
    for (at, other) in others.iter().enumerate() {
        let shared = paths_of(other)
            .into_iter()
            .filter(|path| own.contains(path));
        conflicts.extend(shared.filter(changed).map(|path| (at, path)));
    }
    if !request.options.force {
        let excused = excused(&live, id, &manager);
        let left = conflicts.iter().filter(|(_, path)| !excused.contains(path));
        let left: Vec<_> = left.map(|(at, path)| (&others[*at], path)).collect();
        if !left.is_empty() {
            return Err(conflict(&left));
        }
    }
    for (at, path) in &conflicts {
        let mut paths = paths_of(&others[*at]);
        paths.remove(path);
        others[*at].fields_v1 = Some(to_fields(&paths));
    }
    let given_up = sort::set(mine.iter().flat_map(paths_of));
    prune(&mut merged, &given_up, &own, &others);
    let annotations = merged.pointer_mut("/metadata/annotations");
    if let Some(annotation) = annotations.and_then(|all| all.get_mut(LAST_APPLIED))
        && manager == KUBECTL
    {
        *annotation = asked.into();
    }
    others.retain(|entry| !paths_of(entry).is_empty());
    let (object, _) = decode::read(request.kind, merged);
    let object = object.map_err(Status::bad_request)?;
    let mut noted = entry(&object, &manager, APPLY, &own, &now);
    noted.subresource = request
        .subresource
        .map(|part| super::name_of(part).to_owned());
    if let Some(earlier) = mine.iter().find(|entry| entry.fields_v1 == noted.fields_v1) {
        noted.time.clone_from(&earlier.time);
    }
    others.push(noted);
    components::shorten(&mut others, old.meta().managed_fields.as_deref());
    request.options.tracking = Tracking::Given(others);
    registry::write(server, object, &old, &request, warnings)
}

/// All entries of an object with their fields.
pub(super) fn written_out(object: &Object) -> Vec<ManagedFieldsEntry> {
    let mut value = object.to_json();
    components::expand(&mut value);
    let entries = value.pointer_mut("/metadata/managedFields");
    let entries = entries.map(Value::take).unwrap_or_default();
    serde_json::from_value(entries).unwrap_or_default()
}

/// A manifest says of what kind it is.
fn check_type(request: &Request, manifest: &Value) -> Result<(), Status> {
    let word = |name: &str| manifest.get(name).and_then(Value::as_str).unwrap_or("");
    let info = request.kind.info();
    let (version, kind) = (word("apiVersion"), word("kind"));
    if version == info.api_version() && kind == info.kind {
        return Ok(());
    }
    let qualified = match version.contains('/') {
        true => version.to_owned(),
        false => format!("/{version}"),
    };
    Err(Status::bad_request(format!(
        "invalid object type: {qualified}, Kind={kind}"
    )))
}

/// Who applies; a client has to say so.
pub(super) fn manager_of(request: &Request) -> Result<String, Status> {
    let manager = request.options.field_manager.clone();
    manager.ok_or_else(|| Status {
        reason: Some(Reason::Invalid),
        ..Status::bad_request(
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
        )
    })
}

/// A manifest as kubectl's annotation keeps it, which the server keeps up to date for it.
fn last_applied(manifest: &Value) -> String {
    let mut manifest = manifest.clone();
    if let Some(Value::Object(meta)) = manifest.get_mut("metadata")
        && let Some(Value::Object(annotations)) = meta.get_mut("annotations")
    {
        annotations.remove(LAST_APPLIED);
        if annotations.is_empty() {
            meta.remove("annotations");
        }
    }
    // As Go writes JSON.
    let mut text = manifest.to_string();
    for (letter, escape) in [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026")] {
        text = text.replace(letter, escape);
    }
    text + "\n"
}

fn to_fields(paths: &BTreeSet<Path>) -> k8s_openapi::apimachinery::pkg::apis::meta::v1::FieldsV1 {
    k8s_openapi::apimachinery::pkg::apis::meta::v1::FieldsV1(field_set::to_json(paths))
}

/// What kubectl's own annotation says it asked for, where that is still so: no reason for a conflict with itself.
fn excused(live: &Value, id: &'static str, manager: &str) -> BTreeSet<Path> {
    let annotation = live
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(LAST_APPLIED))
        .and_then(Value::as_str)
        .filter(|_| manager == KUBECTL);
    let asked: Option<Value> = annotation.and_then(|text| serde_json::from_str(text).ok());
    let Some(asked) = asked else {
        return BTreeSet::new();
    };
    let present = field_set::of(id, live);
    let asked = field_set::of(id, &asked).into_iter();
    asked
        .filter(|(path, value)| present.get(path) == Some(value))
        .map(|(path, _)| path)
        .collect()
}

pub(super) fn conflict(conflicts: &[(&ManagedFieldsEntry, &Path)]) -> Status {
    let mut causes = Vec::new();
    let mut by_manager: Vec<(String, Vec<String>)> = Vec::new();
    for (entry, path) in conflicts {
        let (manager, path) = (named(entry), shown(path));
        causes.push(Cause {
            reason: "FieldManagerConflict",
            field: path.clone(),
            message: format!("conflict with {manager}"),
        });
        match by_manager.iter_mut().find(|(known, _)| *known == manager) {
            Some((_, paths)) => paths.push(path),
            None => by_manager.push((manager, vec![path])),
        }
    }
    sort::by(&mut by_manager, Ord::cmp);
    let message = match by_manager.as_slice() {
        [(manager, paths)] if paths.len() == 1 => {
            format!(
                "Apply failed with 1 conflict: conflict with {manager}: {}",
                paths[0]
            )
        }
        several => {
            let texts = several.iter().map(|(manager, paths)| {
                let paths: Vec<String> = paths.iter().map(|path| format!("\n- {path}")).collect();
                format!("conflicts with {manager}:{}", paths.concat())
            });
            let texts: Vec<String> = texts.collect();
            format!(
                "Apply failed with {} conflicts: {}",
                causes.len(),
                texts.join("\n")
            )
        }
    };
    Status {
        reason: Some(Reason::Conflict),
        causes,
        ..Status::bad_request(message)
    }
}

fn named(entry: &ManagedFieldsEntry) -> String {
    let mut text = format!("{:?}", entry.manager.as_deref().unwrap_or(""));
    if let Some(part) = entry.subresource.as_deref().filter(|part| !part.is_empty()) {
        text.push_str(&format!(" with subresource {part:?}"));
    }
    if entry.operation.as_deref() != Some(APPLY) {
        let version = entry.api_version.as_deref().unwrap_or("");
        text.push_str(&format!(" using {version}"));
    }
    text
}

/// Puts `wanted` over `live`.
fn merge(shape: &Shape, live: &mut Value, wanted: &Value) {
    match (shape, live, wanted) {
        (Shape::Struct(id), Value::Object(live), Value::Object(wanted)) => {
            for (name, wanted) in wanted {
                let field = schema::fields(id).and_then(|fields| fields.get(name.as_str()));
                let shape = field.map_or(Shape::Atomic, |field| field_set::shape(id, name, field));
                merge(
                    &shape,
                    live.entry(name.clone()).or_insert(Value::Null),
                    wanted,
                );
            }
        }
        (Shape::Map(element), Value::Object(live), Value::Object(wanted)) => {
            let shape = field_set::element_shape(element);
            for (name, wanted) in wanted {
                merge(
                    &shape,
                    live.entry(name.clone()).or_insert(Value::Null),
                    wanted,
                );
            }
        }
        (Shape::Keyed(keys, id), Value::Array(live), Value::Array(wanted)) => {
            let shape = Shape::Struct(id);
            *live = interleave(std::mem::take(live), wanted, &|item| {
                field_set::key_of(item, keys)
            })
            .into_iter()
            .map(|(mut item, wanted)| {
                if let Some(wanted) = wanted {
                    merge(&shape, &mut item, wanted);
                }
                item
            })
            .collect();
        }
        (Shape::Set, Value::Array(live), Value::Array(wanted)) => {
            let items = interleave(std::mem::take(live), wanted, &Value::to_string);
            *live = items.into_iter().map(|(item, _)| item).collect();
        }
        (_, live, wanted) => *live = wanted.clone(),
    }
}

/// The elements of both lists, each once, in the order of `wanted`, with those that only `live` has where they stood. Beside each is what is wanted of it.
fn interleave<'a>(
    live: Vec<Value>,
    wanted: &'a [Value],
    key: &dyn Fn(&Value) -> String,
) -> Vec<(Value, Option<&'a Value>)> {
    let keys: Vec<String> = wanted.iter().map(key).collect();
    let mut found: Vec<(String, Value)> = Vec::new();
    let mut result = Vec::new();
    let mut next = 0;
    for item in &live {
        found.push((key(item), item.clone()));
    }
    let of = |at: usize| {
        let present = found.iter().find(|(known, _)| *known == keys[at]);
        let item = present.map_or_else(|| wanted[at].clone(), |(_, item)| item.clone());
        (item, Some(&wanted[at]))
    };
    for item in live {
        match keys.iter().position(|known| *known == key(&item)) {
            None => result.push((item, None)),
            Some(at) => {
                result.extend((next..=at).map(&of));
                next = next.max(at + 1);
            }
        }
    }
    result.extend((next..wanted.len()).map(of));
    result
}

/// Takes out what the manager no longer says and nobody else does.
fn prune(
    object: &mut Value,
    before: &BTreeSet<Path>,
    own: &BTreeSet<Path>,
    others: &[ManagedFieldsEntry],
) {
    let theirs = sort::set(others.iter().flat_map(paths_of));
    let held = |path: &Path| {
        let mut holders = theirs.iter().chain(own);
        holders.any(|held| held.starts_with(path))
    };
    // What lies deeper comes first.
    for path in before.iter().rev().filter(|path| !held(path)) {
        remove(object, path);
    }
}

fn remove(object: &mut Value, path: &[String]) {
    let [element, rest @ ..] = path else {
        return;
    };
    if let Some(name) = element.strip_prefix("f:") {
        let Value::Object(map) = object else { return };
        if rest.is_empty() {
            map.remove(name);
        } else if let Some(inner) = map.get_mut(name) {
            remove(inner, rest);
        }
        return;
    }
    let Value::Array(items) = object else { return };
    let wanted = element
        .get(2..)
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let Some(wanted) = wanted else { return };
    let is_meant = |item: &Value| match &wanted {
        Value::Object(key) if element.starts_with("k:") => {
            let names: Vec<&str> = key.keys().map(String::as_str).collect();
            field_set::key_of(item, &names) == *element
        }
        value => item == value,
    };
    if rest.is_empty() {
        items.retain(|item| !is_meant(item));
    } else if let Some(inner) = items.iter_mut().find(|item| is_meant(item)) {
        remove(inner, rest);
    }
}
