//! `kubectl apply --server-side`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/apply/apply.go`, `k8s.io/client-go/util/csaupgrade`.

use crate::kubectl::change::{Change, LAST_APPLIED};
use crate::kubectl::errors::Error;
use crate::kubectl::files::Manifest;
use crate::kubectl::session::{Io, stored};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldsV1, ManagedFieldsEntry};
use petset_cluster::Object;
use petset_cluster::api::{Body, PatchType, Request, Tracking, Verb};
use serde_json::{Value, json};
use std::sync::Arc;

/// The field manager of server-side apply, if no other is named.
pub(crate) const MANAGER: &str = "kubectl";
/// Who owns the annotation of the client-side apply once the server applies.
const ANNOTATION_MANAGER: &str = "kubectl-last-applied";

const WAYS_OUT: &str = "\nPlease review the fields above--they currently have other managers. Here\nare the ways you can resolve this warning:\n* If you intend to manage all of these fields, please re-run the apply\n  command with the `--force-conflicts` flag.\n* If you do not intend to manage all of the fields, please edit your\n  manifest to remove references to the fields that should keep their\n  current managers.\n* You may co-own fields by updating your manifest to match the existing\n  value; in this case, you'll become the manager if the other manager(s)\n  stop managing the field (remove it from their configuration).\nSee https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// Applies a manifest by the server and takes over what earlier client-side applies owned.
///
/// # Errors
/// What the API answers; to conflicts, the ways out of them.
pub(super) fn apply(
    manifest: &Manifest,
    change: &Change,
    force: bool,
    io: &mut Io<'_, '_>,
) -> Result<Value, Error> {
    let object = send(manifest, manifest.object.clone(), change, None, force, io);
    let mut object = object.map_err(|error| match error {
        Error::Status(status) if status.is_conflict() => {
            Error::plain(format!("{}{WAYS_OUT}", status.message))
        }
        other => other,
    })?;
    if change.manager() == MANAGER
        && let Some(annotation) = unowned_annotation(&object)
    {
        let info = manifest.kind.info();
        let mut alone = json!({
            "apiVersion": info.api_version(),
            "kind": info.kind,
            "metadata": {"name": manifest.name, "annotations": {LAST_APPLIED: annotation}},
        });
        if info.namespaced {
            alone["metadata"]["namespace"] = json!(manifest.namespace);
        }
        object = send(manifest, alone, change, Some(ANNOTATION_MANAGER), false, io)?;
    }
    if let Some(entries) = upgraded(&object, change.manager()) {
        let mut request = request(manifest, change);
        // Nothing but who set the fields changes.
        request.verb = Verb::Update;
        request.body = Body::Json(object.to_json());
        request.options.tracking = Tracking::Given(entries);
        stored(io.request(request)?)?;
        object = send(manifest, manifest.object.clone(), change, None, force, io)?;
    }
    Ok(object.to_json())
}

fn request(manifest: &Manifest, change: &Change) -> Request {
    let mut request = Request::new(
        Verb::Patch,
        manifest.kind,
        &manifest.namespace,
        &manifest.name,
    );
    request.options = change.options();
    request
}

fn send(
    manifest: &Manifest,
    body: Value,
    change: &Change,
    manager: Option<&str>,
    force: bool,
    io: &mut Io<'_, '_>,
) -> Result<Arc<Object>, Error> {
    let mut request = request(manifest, change);
    request.body = Body::Patch(PatchType::Apply, body);
    request.options.force = force;
    if let Some(manager) = manager {
        request.options.field_manager = Some(manager.to_owned());
    }
    stored(io.request(request)?)
}

/// Who set what, as the object says.
fn entries(object: &Object) -> Vec<ManagedFieldsEntry> {
    object.meta().managed_fields.clone().unwrap_or_default()
}

fn fields(entry: &ManagedFieldsEntry) -> Value {
    entry
        .fields_v1
        .as_ref()
        .map_or_else(|| json!({}), |fields| fields.0.clone())
}

fn is_apply(entry: &ManagedFieldsEntry) -> bool {
    entry.operation.as_deref() == Some("Apply")
}

/// Whether an entry owns the annotation of the client-side apply.
fn owns_annotation(entry: &ManagedFieldsEntry) -> bool {
    let fields = fields(entry);
    let annotations = fields.pointer("/f:metadata/f:annotations");
    annotations.is_some_and(|map| map.get(format!("f:{LAST_APPLIED}")).is_some())
}

/// The annotation of the client-side apply, if no apply of the server's owns it yet.
fn unowned_annotation(object: &Object) -> Option<String> {
    let annotations = object.meta().annotations.as_ref()?;
    let text = annotations.get(LAST_APPLIED)?;
    let entries = entries(object);
    let owned = entries
        .iter()
        .any(|one| is_apply(one) && owns_annotation(one));
    (!owned).then(|| text.clone())
}

/// The entries with those of client-side applies made part of `manager`'s; none if there are none.
fn upgraded(object: &Object, manager: &str) -> Option<Vec<ManagedFieldsEntry>> {
    let before = entries(object);
    let client_side: Vec<&Option<String>> = before
        .iter()
        .filter(|entry| !is_apply(entry) && owns_annotation(entry))
        .map(|entry| &entry.manager)
        .collect();
    let is_old = |entry: &ManagedFieldsEntry| {
        !is_apply(entry) && entry.subresource.is_none() && client_side.contains(&&entry.manager)
    };
    let first = before.iter().find(|entry| is_old(entry))?;
    let mut united = json!({});
    for entry in before.iter().filter(|entry| is_old(entry)) {
        unite(&mut united, &fields(entry));
    }
    let rest = before.iter().filter(|entry| !is_old(entry));
    let mut after: Vec<ManagedFieldsEntry> = rest.cloned().collect();
    let own = after.iter_mut().find(|entry| {
        entry.manager.as_deref() == Some(manager) && is_apply(entry) && entry.subresource.is_none()
    });
    if let Some(own) = own {
        let mut all = fields(own);
        unite(&mut all, &united);
        own.fields_v1 = Some(FieldsV1(all));
    } else {
        after.push(ManagedFieldsEntry {
            manager: Some(manager.to_owned()),
            operation: Some("Apply".to_owned()),
            fields_v1: Some(FieldsV1(united)),
            ..first.clone()
        });
    }
    Some(after)
}

/// Adds the fields of one set to another.
fn unite(to: &mut Value, from: &Value) {
    let (Some(to), Some(from)) = (to.as_object_mut(), from.as_object()) else {
        return;
    };
    for (name, inner) in from {
        unite(to.entry(name.clone()).or_insert_with(|| json!({})), inner);
    }
}
