//! Nodes.

use super::resource::{
    Amounts, Part, add, amount_of, amount_text, amounts, is_huge_page, pod_amounts,
};
use super::time::date;
use super::writer::PrefixWriter;
use super::{View, text_of};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Node, NodeSpec, NodeStatus, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use petset_cluster::Key;
use petset_cluster::api::quantity::Amount;
use petset_cluster::store::Index;
use std::collections::BTreeSet;

/// A node with the pods on it.
///
/// Upstream: `describeNode`.
pub(super) fn describe(view: View<'_>, node: &Node, w: &mut PrefixWriter) {
    let (no_spec, no_status) = (NodeSpec::default(), NodeStatus::default());
    let spec = node.spec.as_ref().unwrap_or(&no_spec);
    let status = node.status.as_ref().unwrap_or(&no_status);
    let meta = &node.metadata;
    w.field(0, "Name", text_of(&meta.name));
    w.field(0, "Roles", roles(node));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    w.field(
        0,
        "CreationTimestamp",
        date(meta.creation_timestamp.as_ref()),
    );
    w.taints(spec.taints.as_deref().unwrap_or_default());
    w.field(0, "Unschedulable", spec.unschedulable.unwrap_or(false));
    describe_lease(view, node, w);
    describe_status(status, w);
    describe_system(status, w);
    if !text_of(&spec.pod_cidr).is_empty() {
        w.field(0, "PodCIDR", text_of(&spec.pod_cidr));
    }
    let ranges = spec.pod_cidrs.as_deref().unwrap_or_default();
    if !ranges.is_empty() {
        w.field(0, "PodCIDRs", ranges.join(","));
    }
    if !text_of(&spec.provider_id).is_empty() {
        w.field(0, "ProviderID", text_of(&spec.provider_id));
    }
    describe_pods(view, node, status, w);
}

/// The node's signs of life.
///
/// Upstream: `describeNodeLease`.
fn describe_lease(view: View<'_>, node: &Node, w: &mut PrefixWriter) {
    let name = text_of(&node.metadata.name);
    let key = Key::new("kube-node-lease", name);
    let Some(lease) = view.store.get_as::<Lease>(&key) else {
        let why = format!("leases.coordination.k8s.io {name:?} not found");
        w.field(0, "Lease", format!("Failed to get lease: {why}"));
        return;
    };
    let spec = lease.spec.as_ref();
    let date = |time: Option<&MicroTime>| match time {
        Some(MicroTime(time)) => date(Some(&Time(*time))),
        None => "<unset>".to_owned(),
    };
    let holder = spec.and_then(|spec| spec.holder_identity.as_deref());
    let acquired = spec.and_then(|spec| spec.acquire_time.as_ref());
    let renewed = spec.and_then(|spec| spec.renew_time.as_ref());
    w.line(0, "Lease:");
    w.field(1, "HolderIdentity", holder.unwrap_or("<unset>"));
    w.field(1, "AcquireTime", date(acquired));
    w.field(1, "RenewTime", date(renewed));
}

/// Upstream: `findNodeRoles`.
fn roles(node: &Node) -> String {
    let mut roles = BTreeSet::new();
    for (key, value) in node.metadata.labels.iter().flatten() {
        let role = match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => role,
            None if key == "kubernetes.io/role" => value,
            None => "",
        };
        if !role.is_empty() {
            roles.insert(role);
        }
    }
    match roles.is_empty() {
        true => "<none>".to_owned(),
        false => roles.into_iter().collect::<Vec<&str>>().join(","),
    }
}

fn describe_status(status: &NodeStatus, w: &mut PrefixWriter) {
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if !conditions.is_empty() {
        w.line(
            0,
            "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage",
        );
        w.line(
            1,
            "----\t------\t-----------------\t------------------\t------\t-------",
        );
    }
    for condition in conditions {
        let seen = date(condition.last_heartbeat_time.as_ref());
        let changed = date(condition.last_transition_time.as_ref());
        let (reason, message) = (text_of(&condition.reason), text_of(&condition.message));
        let (kind, state) = (&condition.type_, &condition.status);
        w.line(
            1,
            format_args!("{kind} \t{state} \t{seen} \t{changed} \t{reason} \t{message}"),
        );
    }
    w.line(0, "Addresses:");
    for address in status.addresses.iter().flatten() {
        w.field(1, &address.type_, &address.address);
    }
    for (key, list) in [
        ("Capacity", &status.capacity),
        ("Allocatable", &status.allocatable),
    ] {
        for (at, (name, quantity)) in list.iter().flatten().enumerate() {
            if at == 0 {
                w.line(0, format_args!("{key}:"));
            }
            w.field(1, name, amount_text(quantity));
        }
    }
}

fn describe_system(status: &NodeStatus, w: &mut PrefixWriter) {
    let unknown = Default::default();
    let info = status.node_info.as_ref().unwrap_or(&unknown);
    w.line(0, "System Info:");
    let lines = [
        ("Machine ID", &info.machine_id),
        ("System UUID", &info.system_uuid),
        ("Boot ID", &info.boot_id),
        ("Kernel Version", &info.kernel_version),
        ("OS Image", &info.os_image),
        ("Operating System", &info.operating_system),
        ("Architecture", &info.architecture),
        ("Container Runtime Version", &info.container_runtime_version),
        ("Kubelet Version", &info.kubelet_version),
    ];
    for (key, value) in lines {
        w.field(1, key, value);
    }
}

/// Upstream: `describeNodeResource`.
fn describe_pods(view: View<'_>, node: &Node, status: &NodeStatus, w: &mut PrefixWriter) {
    let name = text_of(&node.metadata.name);
    let ended = |pod: &&Pod| {
        let phase = pod
            .status
            .as_ref()
            .map_or("", |status| text_of(&status.phase));
        matches!(phase, "Succeeded" | "Failed")
    };
    let pods: Vec<&Pod> = view
        .store
        .by_index_as::<Pod>(Index::Node, name)
        .filter(|pod| !ended(pod))
        .collect();
    let given = status.allocatable.as_ref().filter(|list| !list.is_empty());
    let allocatable = amounts(given.or(status.capacity.as_ref()));
    w.field(
        0,
        "Non-terminated Pods",
        format_args!("({} in total)", pods.len()),
    );
    w.line(
        1,
        "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge",
    );
    w.line(
        1,
        "---------\t----\t\t------------\t----------\t---------------\t-------------\t---",
    );
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for pod in pods {
        let used = [Part::Requests, Part::Limits].map(|part| pod_amounts(pod, part, true));
        let share = |part: usize, name: &str| share_text(&used[part], &allocatable, name, f64::NAN);
        let cells = [
            share(0, "cpu"),
            share(1, "cpu"),
            share(0, "memory"),
            share(1, "memory"),
        ];
        let (namespace, name) = (
            text_of(&pod.metadata.namespace),
            text_of(&pod.metadata.name),
        );
        let age = view.clock.age(pod.metadata.creation_timestamp.as_ref());
        w.line(
            1,
            format_args!("{namespace}\t{name}\t\t{}\t{age}", cells.join("\t")),
        );
        add(&mut requests, &pod_amounts(pod, Part::Requests, false));
        add(&mut limits, &pod_amounts(pod, Part::Limits, false));
    }
    describe_allocated(&requests, &limits, &allocatable, w);
}

fn describe_allocated(
    requests: &Amounts,
    limits: &Amounts,
    allocatable: &Amounts,
    w: &mut PrefixWriter,
) {
    w.line(
        0,
        "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)",
    );
    w.line(1, "Resource\tRequests\tLimits");
    w.line(1, "--------\t--------\t------");
    let standard = ["cpu", "memory", "ephemeral-storage"];
    let huge = allocatable
        .keys()
        .map(String::as_str)
        .filter(|name| is_huge_page(name));
    for name in standard.into_iter().chain(huge) {
        let share = |used: &Amounts| share_text(used, allocatable, name, 0.0);
        w.line(
            1,
            format_args!("{name}\t{}\t{}", share(requests), share(limits)),
        );
    }
    for name in allocatable.keys() {
        if !standard.contains(&name.as_str()) && !is_huge_page(name) && name != "pods" {
            let amount = |used: &Amounts| amount_of(used, name).canonical();
            w.line(
                1,
                format_args!("{name}\t{}\t{}", amount(requests), amount(limits)),
            );
        }
    }
}

/// An amount and how much of the node it is in whole percent; `of_nothing` when the node has none of it.
fn share_text(used: &Amounts, allocatable: &Amounts, name: &str, of_nothing: f64) -> String {
    let unit = |amount: Amount| {
        if name == "cpu" {
            amount.milli()
        } else {
            amount.value()
        }
    };
    let amount = amount_of(used, name);
    let whole = unit(amount_of(allocatable, name));
    let percent = match whole {
        0 => of_nothing,
        _ => unit(amount) as f64 / whole as f64 * 100.0,
    };
    // What upstream's language makes of a number that is none.
    let percent = if percent.is_nan() {
        i64::MIN
    } else {
        percent as i64
    };
    format!("{} ({percent}%)", amount.canonical())
}
