//! Nodes, namespaces and revisions.
//!
//! Upstream: `pkg/apis/core/validation/validation.go`, `pkg/apis/apps/validation/validation.go`.

use super::workload::Verbatim;
use super::{names, not_negative};
use crate::api::field::{Errors, Path};
use k8s_openapi::api::apps::v1::ControllerRevision;
use k8s_openapi::api::core::v1::{Namespace, Node, Taint};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const EFFECTS: &[&str] = &["NoExecute", "NoSchedule", "PreferNoSchedule"];
const CIDRS: &str = "node updates may not change podCIDR except from \"\" to valid";
const PROVIDER: &str = "node updates may not change providerID except from \"\" to valid";

pub(super) fn node(node: &Node, errors: &mut Errors) {
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_deref());
    node_taints(taints.unwrap_or_default(), errors);
}

/// A written node. Its taints are looked at twice, as upstream does.
pub(super) fn node_update(new: &Node, old: &Node, errors: &mut Errors) {
    node(new, errors);
    let (new_spec, old_spec) = (new.spec.as_ref(), old.spec.as_ref());
    let path = Path::new("spec");
    let cidrs = |spec: Option<&k8s_openapi::api::core::v1::NodeSpec>| {
        spec.and_then(|spec| spec.pod_cidrs.clone())
            .unwrap_or_default()
    };
    let (now, before) = (cidrs(new_spec), cidrs(old_spec));
    if !before.is_empty() {
        let wrong = match now.len() == before.len() {
            true => now
                .iter()
                .zip(&before)
                .filter(|(now, before)| now != before)
                .count(),
            false => 1,
        };
        for _ in 0..wrong {
            errors.forbidden(&path.child("podCIDRs"), CIDRS);
        }
    }
    let provider = |spec: Option<&k8s_openapi::api::core::v1::NodeSpec>| {
        spec.and_then(|spec| spec.provider_id.clone())
            .unwrap_or_default()
    };
    let before = provider(old_spec);
    if !before.is_empty() && before != provider(new_spec) {
        errors.forbidden(&path.child("providerID"), PROVIDER);
    }
    node(new, errors);
}

fn node_taints(taints: &[Taint], errors: &mut Errors) {
    let metadata = Path::new("metadata");
    let list = metadata.child("taints");
    let mut known = BTreeSet::new();
    for (at, taint) in taints.iter().enumerate() {
        let path = list.index(at);
        for why in names::qualified_name(&taint.key) {
            errors.invalid(&path.child("key"), &taint.key, &why);
        }
        let value = taint.value.as_deref().unwrap_or("");
        let wrong = names::label_value(value);
        if !wrong.is_empty() {
            errors.invalid(&path.child("value"), value, &wrong.join(";"));
        }
        super::one_of(&taint.effect, EFFECTS, &path.child("effect"), errors);
        if !known.insert((&taint.effect, &taint.key)) {
            let shown = format!(
                "{{\"Key\":{},\"Value\":{},\"Effect\":{},\"TimeAdded\":{}}}: taints must be unique by key and effect pair",
                json!(taint.key),
                json!(value),
                json!(taint.effect),
                json!(taint.time_added),
            );
            errors.duplicate(&path, &Verbatim(shown));
        }
    }
}

pub(super) fn namespace_status(namespace: &Namespace, errors: &mut Errors) {
    let status = namespace.status.as_ref();
    let phase = status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("");
    let (wanted, why) = match namespace.metadata.deletion_timestamp {
        None => (
            "Active",
            "may only be 'Active' if `deletionTimestamp` is empty",
        ),
        Some(_) => (
            "Terminating",
            "may only be 'Terminating' if `deletionTimestamp` is not empty",
        ),
    };
    if phase != wanted {
        errors.invalid(&Path::new("status").child("Phase"), phase, why);
    }
}

pub(super) fn namespace_finalizers(namespace: &Namespace, errors: &mut Errors) {
    let spec = Path::new("spec");
    let list = spec.child("finalizers");
    let finalizers = namespace
        .spec
        .as_ref()
        .and_then(|spec| spec.finalizers.as_deref());
    for (at, finalizer) in finalizers.unwrap_or_default().iter().enumerate() {
        let field = list.index(at);
        for why in names::qualified_name(finalizer) {
            errors.invalid(&field, finalizer, &why);
        }
        let standard = matches!(
            finalizer.as_str(),
            "orphan" | "foregroundDeletion" | "kubernetes"
        );
        if !finalizer.contains('/') && !standard {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&field, finalizer, why);
        }
    }
}

pub(super) fn revision(revision: &ControllerRevision, errors: &mut Errors) {
    not_negative(&revision.revision, &Path::new("revision"), errors);
}

pub(super) fn revision_create(new: &ControllerRevision, errors: &mut Errors) {
    revision(new, errors);
    let why = match new.data.as_ref().map(|data| &data.0) {
        None | Some(Value::Null) => "data is mandatory",
        Some(Value::Object(_)) => return,
        Some(_) => "data must be a valid JSON object",
    };
    errors.required(&Path::new("data"), why);
}

pub(super) fn revision_update(
    new: &ControllerRevision,
    old: &ControllerRevision,
    errors: &mut Errors,
) {
    revision(new, errors);
    if new.data != old.data {
        let shown = new
            .data
            .as_ref()
            .map(|data| data.0.clone())
            .unwrap_or_default();
        errors.invalid(&Path::new("data"), &shown, "field is immutable");
    }
}
