//! Persistent volumes.

use super::persistent_volume_claim::{access_modes, class_name, describe_status, finalizers};
use super::resource::{amount_of, amounts};
use super::volume::describe_persistent_source;
use super::writer::PrefixWriter;
use super::{View, text_of};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity};

/// A persistent volume.
///
/// Upstream: `describePersistentVolume`.
pub(super) fn describe(view: View<'_>, volume: &PersistentVolume, w: &mut PrefixWriter) {
    let no_spec = PersistentVolumeSpec::default();
    let spec = volume.spec.as_ref().unwrap_or(&no_spec);
    let status = volume.status.as_ref();
    let meta = &volume.metadata;
    w.field(0, "Name", text_of(&meta.name));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    w.field(0, "Finalizers", finalizers(meta));
    w.field(
        0,
        "StorageClass",
        class_name(meta, &spec.storage_class_name),
    );
    let phase = status.map_or("", |status| text_of(&status.phase));
    describe_status(view, meta, phase, w);
    let claim = spec.claim_ref.as_ref().map(|claim| {
        let (namespace, name) = (text_of(&claim.namespace), text_of(&claim.name));
        format!("{namespace}/{name}")
    });
    w.field(0, "Claim", claim.unwrap_or_default());
    w.field(
        0,
        "Reclaim Policy",
        text_of(&spec.persistent_volume_reclaim_policy),
    );
    w.field(
        0,
        "Access Modes",
        access_modes(spec.access_modes.as_deref()),
    );
    if let Some(mode) = &spec.volume_mode {
        w.field(0, "VolumeMode", mode);
    }
    let capacity = amount_of(&amounts(spec.capacity.as_ref()), "storage");
    w.field(0, "Capacity", capacity.canonical());
    describe_node_affinity(spec.node_affinity.as_ref(), w);
    w.field(
        0,
        "Message",
        status.map_or("", |status| text_of(&status.message)),
    );
    w.line(0, "Source:");
    describe_persistent_source(spec, w);
}

fn describe_node_affinity(affinity: Option<&VolumeNodeAffinity>, w: &mut PrefixWriter) {
    let Some(required) = affinity.and_then(|affinity| affinity.required.as_ref()) else {
        w.field(0, "Node Affinity", "<none>");
        return;
    };
    w.field(0, "Node Affinity", "");
    let none = if required.node_selector_terms.is_empty() {
        "<none>"
    } else {
        ""
    };
    w.field(1, "Required Terms", none);
    for (at, term) in required.node_selector_terms.iter().enumerate() {
        let requirements = term.match_expressions.iter().flatten();
        let lines = requirements.map(|requirement| {
            let values = requirement.values.as_deref().unwrap_or_default();
            (
                requirement.key.as_str(),
                requirement.operator.to_lowercase(),
                values,
            )
        });
        describe_term(2, at, lines, w);
    }
}

/// The requirements of one term, each a key, an operator and values.
pub(super) fn describe_term<'a>(
    level: usize,
    number: usize,
    requirements: impl Iterator<Item = (&'a str, String, &'a [String])>,
    w: &mut PrefixWriter,
) {
    w.write(level, format_args!("Term {number}:\t"));
    let mut first = true;
    for (key, operator, values) in requirements {
        if !first {
            w.write(level, "\t");
        }
        first = false;
        match values {
            [] => w.line(0, format_args!("{key} {operator}")),
            _ => w.line(0, format_args!("{key} {operator} [{}]", values.join(", "))),
        }
    }
    if first {
        w.line(0, "<none>");
    }
}
