//! Pods.

use super::container::{Containers, describe_containers, describe_resources};
use super::selector::selector_text;
use super::time::date;
use super::volume::describe_volumes;
use super::writer::PrefixWriter;
use super::{View, resource, text_of};
use k8s_openapi::api::core::v1::{
    Container, Pod, PodSchedulingGroup, PodSpec, PodStatus, PodTemplateSpec, SeccompProfile,
    TopologySpreadConstraint,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use petset_cluster::sort;
use petset_cluster::typed;

/// A pod.
///
/// Upstream: `describePod`.
pub(super) fn describe(view: View<'_>, pod: &Pod, w: &mut PrefixWriter) {
    let (no_spec, no_status) = (PodSpec::default(), PodStatus::default());
    let spec = pod.spec.as_ref().unwrap_or(&no_spec);
    let status = pod.status.as_ref().unwrap_or(&no_status);
    describe_head(pod, spec, status, w);
    describe_phase(view, pod, status, w);
    if let Some(profile) = spec
        .security_context
        .as_ref()
        .and_then(|context| context.seccomp_profile.as_ref())
    {
        describe_seccomp(profile, 0, 0, w);
    }
    w.field(0, "IP", text_of(&status.pod_ip));
    describe_ips(status, w);
    if let Some(controller) = controller(&pod.metadata) {
        w.field(0, "Controlled By", controller);
    }
    if let Some(name) = status
        .nominated_node_name
        .as_deref()
        .filter(|name| !name.is_empty())
    {
        w.field(0, "NominatedNodeName", name);
    }
    if let Some(resources) = &spec.resources {
        w.line(0, "Resources:");
        describe_resources(resources, 1, w);
    }
    describe_all_containers(pod, spec, status, w);
    describe_conditions(spec, status, w);
    describe_volumes(spec.volumes.as_deref().unwrap_or_default(), "", w);
    w.field(0, "QoS Class", resource::qos_class(spec, status));
    w.labels("Node-Selectors", spec.node_selector.as_ref());
    w.tolerations(
        "Tolerations",
        spec.tolerations.as_deref().unwrap_or_default(),
    );
    describe_topology(spec.topology_spread_constraints.as_deref(), "", w);
    if let Some(group) = &spec.scheduling_group {
        describe_scheduling_group(group, "", w);
    }
}

fn describe_head(pod: &Pod, spec: &PodSpec, status: &PodStatus, w: &mut PrefixWriter) {
    w.field(0, "Name", text_of(&pod.metadata.name));
    w.field(0, "Namespace", text_of(&pod.metadata.namespace));
    if let Some(priority) = spec.priority {
        w.field(0, "Priority", priority);
    }
    let optional = [
        ("Priority Class Name", &spec.priority_class_name),
        ("Runtime Class Name", &spec.runtime_class_name),
        ("Service Account", &spec.service_account_name),
    ];
    for (key, value) in optional {
        if !text_of(value).is_empty() {
            w.field(0, key, text_of(value));
        }
    }
    match text_of(&spec.node_name) {
        "" => w.field(0, "Node", "<none>"),
        node => w.field(
            0,
            "Node",
            format_args!("{node}/{}", text_of(&status.host_ip)),
        ),
    }
    if status.start_time.is_some() {
        w.field(0, "Start Time", date(status.start_time.as_ref()));
    }
    w.labels("Labels", pod.metadata.labels.as_ref());
    w.annotations("Annotations", pod.metadata.annotations.as_ref());
}

fn describe_phase(view: View<'_>, pod: &Pod, status: &PodStatus, w: &mut PrefixWriter) {
    let phase = text_of(&status.phase);
    let deleted = pod.metadata.deletion_timestamp.as_ref();
    if deleted.is_some() && !matches!(phase, "Failed" | "Succeeded") {
        let age = view.clock.age(deleted);
        w.field(0, "Status", format_args!("Terminating (lasts {age})"));
        let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
        w.field(0, "Termination Grace Period", format_args!("{grace}s"));
    } else {
        w.field(0, "Status", phase);
    }
    for (key, value) in [("Reason", &status.reason), ("Message", &status.message)] {
        if !text_of(value).is_empty() {
            w.field(0, key, text_of(value));
        }
    }
}

/// A seccomp profile; the local file's name may be indented more.
pub(super) fn describe_seccomp(
    profile: &SeccompProfile,
    level: usize,
    inner: usize,
    w: &mut PrefixWriter,
) {
    w.field(level, "SeccompProfile", &profile.type_);
    if profile.type_ == "Localhost" {
        w.field(
            inner,
            "LocalhostProfile",
            text_of(&profile.localhost_profile),
        );
    }
}

fn describe_ips(status: &PodStatus, w: &mut PrefixWriter) {
    let ips = status.pod_ips.as_deref().unwrap_or_default();
    if ips.is_empty() {
        w.field(0, "IPs", "<none>");
        return;
    }
    w.line(0, "IPs:");
    for address in ips {
        w.field(1, "IP", &address.ip);
    }
}

/// `Kind/name` of the owner that controls an object.
pub(super) fn controller(meta: &ObjectMeta) -> Option<String> {
    let mut owners = meta.owner_references.iter().flatten();
    let owner = owners.find(|owner| owner.controller == Some(true))?;
    Some(format!("{}/{}", owner.kind, owner.name))
}

fn describe_all_containers(pod: &Pod, spec: &PodSpec, status: &PodStatus, w: &mut PrefixWriter) {
    let list = |label, containers, statuses| Containers {
        label,
        containers,
        statuses,
        pod: Some(pod),
        space: "",
    };
    let init = spec.init_containers.as_deref().unwrap_or_default();
    if !init.is_empty() {
        let statuses = status
            .init_container_statuses
            .as_deref()
            .unwrap_or_default();
        describe_containers(list("Init Containers", init, statuses), w);
    }
    let statuses = status.container_statuses.as_deref().unwrap_or_default();
    describe_containers(list("Containers", &spec.containers, statuses), w);
    // The fields that both have are all that is shown.
    let ephemeral: Vec<Container> = spec
        .ephemeral_containers
        .iter()
        .flatten()
        .filter_map(|container| typed::from_value(&typed::to_value(container)).ok())
        .collect();
    if !ephemeral.is_empty() {
        let statuses = status
            .ephemeral_container_statuses
            .as_deref()
            .unwrap_or_default();
        describe_containers(list("Ephemeral Containers", &ephemeral, statuses), w);
    }
}

fn describe_conditions(spec: &PodSpec, status: &PodStatus, w: &mut PrefixWriter) {
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let gates = spec.readiness_gates.as_deref().unwrap_or_default();
    if !gates.is_empty() {
        w.line(0, "Readiness Gates:\n  Type\tStatus");
        for gate in gates {
            let condition = conditions
                .iter()
                .find(|one| one.type_ == gate.condition_type);
            let status = condition.map_or("<none>", |one| one.status.as_str());
            w.line(1, format_args!("{} \t{status} ", gate.condition_type));
        }
    }
    if !conditions.is_empty() {
        w.line(0, "Conditions:\n  Type\tStatus");
        for condition in conditions {
            w.line(
                1,
                format_args!("{} \t{} ", condition.type_, condition.status),
            );
        }
    }
}

fn describe_topology(
    constraints: Option<&[TopologySpreadConstraint]>,
    space: &str,
    w: &mut PrefixWriter,
) {
    let mut sorted: Vec<&TopologySpreadConstraint> =
        constraints.unwrap_or_default().iter().collect();
    sort::by_key(&mut sorted, |constraint| &constraint.topology_key);
    let lines = sorted.into_iter().map(|constraint| {
        let selector = match constraint.label_selector.as_ref().map(selector_text) {
            None => String::new(),
            Some(text) if text.is_empty() => " for selector <none>".to_owned(),
            Some(text) => format!(" for selector {text}"),
        };
        format!(
            "{}:{} when max skew {} is exceeded{selector}",
            constraint.topology_key, constraint.when_unsatisfiable, constraint.max_skew
        )
    });
    if lines.len() > 0 {
        w.indented_list(space, "Topology Spread Constraints", lines);
    }
}

fn describe_scheduling_group(group: &PodSchedulingGroup, space: &str, w: &mut PrefixWriter) {
    w.line(0, format_args!("{space}SchedulingGroup:"));
    w.field(1, "PodGroupName", text_of(&group.pod_group_name));
}

/// The template from which a controller makes pods.
///
/// Upstream: `DescribePodTemplate`.
pub(super) fn describe_template(template: &PodTemplateSpec, w: &mut PrefixWriter) {
    w.line(0, "Pod Template:");
    let (no_meta, no_spec) = (ObjectMeta::default(), PodSpec::default());
    let meta = template.metadata.as_ref().unwrap_or(&no_meta);
    let spec = template.spec.as_ref().unwrap_or(&no_spec);
    w.labels("  Labels", meta.labels.as_ref());
    if meta
        .annotations
        .as_ref()
        .is_some_and(|annotations| !annotations.is_empty())
    {
        w.annotations("  Annotations", meta.annotations.as_ref());
    }
    if !text_of(&spec.service_account_name).is_empty() {
        w.field(1, "Service Account", text_of(&spec.service_account_name));
    }
    let list = |label, containers| Containers {
        label,
        containers,
        statuses: &[],
        pod: None,
        space: "  ",
    };
    let init = spec.init_containers.as_deref().unwrap_or_default();
    if !init.is_empty() {
        describe_containers(list("Init Containers", init), w);
    }
    describe_containers(list("Containers", &spec.containers), w);
    describe_volumes(spec.volumes.as_deref().unwrap_or_default(), "  ", w);
    describe_topology(spec.topology_spread_constraints.as_deref(), "  ", w);
    if !text_of(&spec.priority_class_name).is_empty() {
        w.field(1, "Priority Class Name", text_of(&spec.priority_class_name));
    }
    w.labels("  Node-Selectors", spec.node_selector.as_ref());
    w.tolerations(
        "  Tolerations",
        spec.tolerations.as_deref().unwrap_or_default(),
    );
    if let Some(group) = &spec.scheduling_group {
        describe_scheduling_group(group, "  ", w);
    }
}
