//! DaemonSets.

use super::controlled_pods::describe_pods;
use super::pod::describe_template;
use super::selector::{labels_text, selector_text};
use super::writer::PrefixWriter;
use super::{View, text_of};
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};

/// A DaemonSet.
///
/// Upstream: `describeDaemonSet`.
pub(super) fn describe(view: View<'_>, set: &DaemonSet, w: &mut PrefixWriter) {
    let no_spec = DaemonSetSpec::default();
    let spec = set.spec.as_ref().unwrap_or(&no_spec);
    let status = set.status.clone().unwrap_or_default();
    let meta = &set.metadata;
    w.field(0, "Name", text_of(&meta.name));
    w.field(0, "Namespace", text_of(&meta.namespace));
    w.field(0, "Selector", selector_text(&spec.selector));
    let pod = spec.template.spec.as_ref();
    let nodes = pod.and_then(|pod| pod.node_selector.as_ref());
    w.field(0, "Node-Selector", labels_text(nodes));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    let counts = [
        (
            "Desired Number of Nodes Scheduled",
            status.desired_number_scheduled,
        ),
        (
            "Current Number of Nodes Scheduled",
            status.current_number_scheduled,
        ),
        (
            "Number of Nodes Scheduled with Up-to-date Pods",
            status.updated_number_scheduled.unwrap_or(0),
        ),
        (
            "Number of Nodes Scheduled with Available Pods",
            status.number_available.unwrap_or(0),
        ),
        ("Number of Nodes Misscheduled", status.number_misscheduled),
    ];
    for (what, count) in counts {
        w.line(0, format_args!("{what}: {count}"));
    }
    describe_pods(view, meta, &spec.selector, w);
    describe_template(&spec.template, w);
}
