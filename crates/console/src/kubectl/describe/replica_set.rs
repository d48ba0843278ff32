//! ReplicaSets.

use super::controlled_pods::describe_pods;
use super::pod::{controller, describe_template};
use super::selector::selector_text;
use super::writer::PrefixWriter;
use super::{View, text_of, text_or};
use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetSpec, ReplicaSetStatus};
use k8s_openapi::api::core::v1::PodTemplateSpec;

/// A ReplicaSet.
///
/// Upstream: `describeReplicaSet`.
pub(super) fn describe(view: View<'_>, set: &ReplicaSet, w: &mut PrefixWriter) {
    let (no_spec, no_status) = (ReplicaSetSpec::default(), ReplicaSetStatus::default());
    let spec = set.spec.as_ref().unwrap_or(&no_spec);
    let status = set.status.as_ref().unwrap_or(&no_status);
    let meta = &set.metadata;
    w.field(0, "Name", text_of(&meta.name));
    w.field(0, "Namespace", text_of(&meta.namespace));
    let selector = selector_text(&spec.selector);
    w.field(0, "Selector", text_or(&selector, "<none>"));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    if let Some(controller) = controller(meta) {
        w.field(0, "Controlled By", controller);
    }
    let (current, desired) = (status.replicas, spec.replicas.unwrap_or(0));
    w.field(
        0,
        "Replicas",
        format_args!("{current} current / {desired} desired"),
    );
    describe_pods(view, meta, &spec.selector, w);
    let no_template = PodTemplateSpec::default();
    describe_template(spec.template.as_ref().unwrap_or(&no_template), w);
    let conditions = status.conditions.iter().flatten();
    describe_conditions(
        conditions.map(|c| (c.type_.as_str(), c.status.as_str(), text_of(&c.reason))),
        w,
    );
}

/// Conditions with their reasons; nothing at all without any.
pub(super) fn describe_conditions<'c>(
    conditions: impl Iterator<Item = (&'c str, &'c str, &'c str)>,
    w: &mut PrefixWriter,
) {
    for (at, (kind, status, reason)) in conditions.enumerate() {
        if at == 0 {
            w.write(0, "Conditions:\n  Type\tStatus\tReason\n");
            w.write(1, "----\t------\t------\n");
        }
        w.write(1, format_args!("{kind} \t{status}\t{reason}\n"));
    }
}
