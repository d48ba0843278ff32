//! The nodes and what runs on them.

use super::pod::pod_meaning;
use super::{Since, reference};
use crate::view::{Meaning, NodePodView, NodeView, NodesView};
use k8s_openapi::api::core::v1::{Node, Pod, Taint};
use petset_cluster::api::table;
use petset_cluster::store::{Index, Store};
use petset_cluster::{Kind, Object};

/// All nodes, each with its first `max_pods` pods.
pub(crate) fn nodes_view(store: &Store, since: Since, max_pods: u32) -> NodesView {
    let (unplaced, unplaced_count) = pods_on(store, "", since, max_pods);
    let nodes = store.list(Kind::Node, None);
    NodesView {
        nodes: nodes
            .filter_map(|object| node_view(store, object, since, max_pods))
            .collect(),
        unplaced,
        unplaced_count,
    }
}

fn node_view(store: &Store, object: &Object, since: Since, max_pods: u32) -> Option<NodeView> {
    let Object::Node(node) = object else {
        return None;
    };
    let (pods, pod_count) = pods_on(store, object.name(), since, max_pods);
    let status = table::node_status(node);
    Some(NodeView {
        object: reference(object),
        meaning: match status.as_str() {
            "Ready" => Meaning::Ready,
            "Ready,SchedulingDisabled" => Meaning::Waiting,
            _ => Meaning::Failed,
        },
        status,
        address: address(node),
        taints: taints(node),
        pods,
        pod_count,
        pod_capacity: capacity(node),
        changed: since.touched(object),
    })
}

fn address(node: &Node) -> String {
    let addresses = node.status.as_ref().and_then(|s| s.addresses.as_ref());
    let internal = addresses
        .into_iter()
        .flatten()
        .find(|address| address.type_ == "InternalIP");
    internal
        .map(|found| found.address.clone())
        .unwrap_or_default()
}

fn taints(node: &Node) -> Vec<String> {
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_ref());
    let written = |taint: &Taint| match taint.value.as_deref().unwrap_or("") {
        "" => format!("{}:{}", taint.key, taint.effect),
        value => format!("{}={value}:{}", taint.key, taint.effect),
    };
    taints.into_iter().flatten().map(written).collect()
}

fn capacity(node: &Node) -> u32 {
    let allocatable = node.status.as_ref().and_then(|s| s.allocatable.as_ref());
    allocatable
        .and_then(|all| all.get("pods"))
        .and_then(|pods| pods.0.parse().ok())
        .unwrap_or(0)
}

/// The first pods on a node, and how many there are. The name of no node finds those that wait for one.
fn pods_on(store: &Store, node: &str, since: Since, max: u32) -> (Vec<NodePodView>, u32) {
    let mut shown = Vec::new();
    let mut count = 0;
    for object in store.by_index(Kind::Pod, Index::Node, node) {
        let Object::Pod(pod) = &**object else {
            continue;
        };
        count += 1;
        if count <= max {
            shown.push(pod_on_node(object, pod, since));
        }
    }
    (shown, count)
}

fn pod_on_node(object: &Object, pod: &Pod, since: Since) -> NodePodView {
    let columns = table::pod_columns(pod);
    let terminating = object.is_terminating();
    let owners = pod.metadata.owner_references.iter().flatten();
    NodePodView {
        object: reference(object),
        owner: owners
            .filter(|owner| owner.controller == Some(true))
            .map(|owner| owner.name.clone())
            .next(),
        meaning: pod_meaning(&columns.status, terminating, columns.ready, columns.total),
        status: columns.status,
        terminating,
        changed: since.touched(object),
    }
}
