//! Namespaces.

use super::text_of;
use super::time::date;
use super::writer::PrefixWriter;
use k8s_openapi::api::core::v1::Namespace;

/// A namespace. There are neither quotas nor limit ranges.
///
/// Upstream: `describeNamespace`.
pub(super) fn describe(namespace: &Namespace, w: &mut PrefixWriter) {
    let meta = &namespace.metadata;
    let status = namespace.status.as_ref();
    w.field(0, "Name", text_of(&meta.name));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    w.field(
        0,
        "Status",
        status.map_or("", |status| text_of(&status.phase)),
    );
    let conditions = status
        .and_then(|status| status.conditions.as_deref())
        .unwrap_or_default();
    if !conditions.is_empty() {
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        w.line(1, "----\t------\t------------------\t------\t-------");
    }
    for condition in conditions {
        let changed = date(condition.last_transition_time.as_ref());
        let (reason, message) = (text_of(&condition.reason), text_of(&condition.message));
        let (kind, state) = (&condition.type_, &condition.status);
        w.line(
            1,
            format_args!("{kind}\t{state}\t{changed}\t{reason}\t{message}"),
        );
    }
    w.line(0, "\nNo resource quota.");
    w.line(0, "\nNo LimitRange resource.");
}
