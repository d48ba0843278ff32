//! Why a node does not do its part, and why a namespace is still there.

use super::{Asked, condition};
use crate::present::reference;
use crate::view::Reason;
use k8s_openapi::api::core::v1::{Namespace, Node, Taint};
use petset_cluster::{Cluster, Kind};

/// The command that brings a silent node back, where something on request keeps it away.
pub(super) fn back(cluster: &Cluster, node: &str) -> Option<String> {
    let word = match (cluster.is_node_off(node), cluster.is_node_cut_off(node)) {
        (true, _) => "power-on",
        (_, true) => "reconnect",
        _ => return None,
    };
    Some(format!("fault {word} {node}"))
}

/// Answers for a node.
pub(super) fn answer_node(asked: &mut Asked<'_>, node: &Node) {
    let name = asked.object.name().to_owned();
    let conditions = node.status.as_ref().and_then(|s| s.conditions.as_ref());
    let ready = condition!(conditions, "Ready");
    let cut_off = asked.cluster.is_node_cut_off(&name);
    if cut_off || ready.is_some_and(|ready| ready.status != "True") {
        let command = back(asked.cluster, &name);
        asked.say(Reason::NodeSilent, [name.clone()]).command = command;
    }
    let Some(spec) = &node.spec else { return };
    if spec.unschedulable == Some(true) {
        asked.say(Reason::NodeCordoned, []).command = Some(format!("kubectl uncordon {name}"));
    }
    let own = |taint: &&Taint| !taint.key.starts_with("node.kubernetes.io/");
    let taints: Vec<String> = spec
        .taints
        .iter()
        .flatten()
        .filter(own)
        .map(|taint| match taint.value.as_deref().unwrap_or("") {
            "" => format!("{}:{}", taint.key, taint.effect),
            value => format!("{}={value}:{}", taint.key, taint.effect),
        })
        .collect();
    if let Some(first) = taints.first() {
        let command = format!("kubectl taint node {name} {first}-");
        asked.say(Reason::NodeTainted, [taints.join(", ")]).command = Some(command);
    }
}

/// Answers for a namespace.
pub(super) fn answer_namespace(asked: &mut Asked<'_>, namespace: &Namespace) {
    if namespace.metadata.deletion_timestamp.is_none() {
        return;
    }
    let name = asked.object.name();
    let kinds = Kind::ALL.iter().filter(|kind| kind.info().namespaced);
    let (mut count, mut first) = (0_usize, None);
    for kind in kinds.filter(|kind| **kind != Kind::Event) {
        for key in asked.store.keys(*kind, name) {
            count += 1;
            first = first.or_else(|| asked.store.get(*kind, key));
        }
    }
    if count > 0 {
        let next = first.map(|object| reference(object));
        asked
            .say(Reason::NamespaceEmptied, [count.to_string()])
            .next = next;
    }
}
