//! StatefulSets.

use super::controlled_pods::describe_pods;
use super::persistent_volume_claim::class_name;
use super::pod::describe_template;
use super::resource::amount_text;
use super::selector::selector_text;
use super::time::date;
use super::writer::PrefixWriter;
use super::{View, text_of};
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// A StatefulSet.
///
/// Upstream: `describeStatefulSet`.
pub(super) fn describe(view: View<'_>, set: &StatefulSet, w: &mut PrefixWriter) {
    let no_spec = StatefulSetSpec::default();
    let spec = set.spec.as_ref().unwrap_or(&no_spec);
    let meta = &set.metadata;
    w.field(0, "Name", text_of(&meta.name));
    w.field(0, "Namespace", text_of(&meta.namespace));
    w.field(
        0,
        "CreationTimestamp",
        date(meta.creation_timestamp.as_ref()),
    );
    w.field(0, "Selector", selector_text(&spec.selector));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    let total = set.status.as_ref().map_or(0, |status| status.replicas);
    let desired = spec.replicas.unwrap_or(0);
    w.field(
        0,
        "Replicas",
        format_args!("{desired} desired | {total} total"),
    );
    describe_strategy(spec, w);
    describe_pods(view, meta, &spec.selector, w);
    describe_template(&spec.template, w);
    describe_claims(
        spec.volume_claim_templates.as_deref().unwrap_or_default(),
        w,
    );
}

fn describe_strategy(spec: &StatefulSetSpec, w: &mut PrefixWriter) {
    let strategy = spec.update_strategy.as_ref();
    let kind = strategy.and_then(|strategy| strategy.type_.as_deref());
    w.field(0, "Update Strategy", kind.unwrap_or(""));
    let Some(rolling) = strategy.and_then(|strategy| strategy.rolling_update.as_ref()) else {
        return;
    };
    let Some(partition) = rolling.partition else {
        return;
    };
    w.field(1, "Partition", partition);
    match &rolling.max_unavailable {
        Some(IntOrString::Int(number)) => w.field(1, "MaxUnavailable", number),
        Some(IntOrString::String(share)) => w.field(1, "MaxUnavailable", share),
        None => {}
    }
}

fn describe_claims(claims: &[PersistentVolumeClaim], w: &mut PrefixWriter) {
    if claims.is_empty() {
        w.field(0, "Volume Claims", "<none>");
        return;
    }
    w.line(0, "Volume Claims:");
    for claim in claims {
        let (meta, no_spec) = (&claim.metadata, PersistentVolumeClaimSpec::default());
        let spec = claim.spec.as_ref().unwrap_or(&no_spec);
        w.field(1, "Name", text_of(&meta.name));
        w.field(
            1,
            "StorageClass",
            class_name(meta, &spec.storage_class_name),
        );
        w.indented_labels("  ", "Labels", meta.labels.as_ref());
        w.indented_labels("  ", "Annotations", meta.annotations.as_ref());
        let requests = spec
            .resources
            .as_ref()
            .and_then(|resources| resources.requests.as_ref());
        let capacity = requests
            .and_then(|requests| requests.get("storage"))
            .map(amount_text);
        w.field(1, "Capacity", capacity.as_deref().unwrap_or("<default>"));
        let modes = spec.access_modes.as_deref().unwrap_or_default();
        w.field(1, "Access Modes", format_args!("[{}]", modes.join(" ")));
    }
}
