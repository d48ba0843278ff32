//! What a kubelet checks of a pod that nobody has scheduled: one whose `nodeName` was given.
//!
//! Upstream: `pkg/scheduler/eventhandlers.go` (`AdmissionCheck`), `pkg/kubelet/lifecycle/predicate.go`.

use super::filter::{matches_affinity, tolerates};
use super::node_info::{NodeInfo, PodInfo};
use crate::object::{Key, Kind, Object};
use crate::store::{Index, Store};
use k8s_openapi::api::core::v1::{Node, Pod};
use std::sync::Arc;

/// Why the node named `node` does not take the pod: the reason and the message; none when it does.
pub(crate) fn admission_check(
    object: &Arc<Object>,
    node: &str,
    store: &Store,
) -> Option<(String, String)> {
    let mut info = NodeInfo::default();
    info.update(store.get_as::<Node>(&Key::new("", node))?);
    for other in store.by_index(Kind::Pod, Index::Node, node) {
        let pod = other.as_kind::<Pod>()?;
        let phase = pod
            .status
            .as_ref()
            .and_then(|status| status.phase.as_deref());
        if other.uid() != object.uid() && !matches!(phase, Some("Succeeded" | "Failed")) {
            info.add(&other.key(), &Arc::new(PodInfo::of(other)));
        }
    }
    let pod = PodInfo::of(object);
    let spec = pod.spec()?;
    let failed =
        |name: &str, why: &str| Some((name.to_owned(), format!("Predicate {name} failed: {why}")));
    let all = |name: &str| info.allocatable.get(name).copied().unwrap_or(0);
    let lacking = |name: &str, requested: i128, used: i128| {
        let message = format!(
            "Node didn't have enough resource: {name}, requested: {requested}, used: {used}, capacity: {}",
            all(name)
        );
        Some((format!("OutOf{name}"), message))
    };
    let pods = info.pods.size() as i128;
    if pods + 1 > all("pods") {
        return lacking("pods", 1, pods);
    }
    for (name, wanted) in pod.requests.iter().filter(|(_, wanted)| **wanted > 0) {
        let used = info.requested.get(name).copied().unwrap_or(0);
        if used + wanted > all(name) {
            return lacking(name, *wanted, used);
        }
    }
    if !matches_affinity(&info, spec) {
        return failed(
            "NodeAffinity",
            "node(s) didn't match Pod's node affinity/selector",
        );
    }
    if pod.conflicts(&info.host_ports) {
        return failed(
            "NodePorts",
            "node(s) didn't have free ports for the requested pod ports",
        );
    }
    let untolerated = |taint: &k8s_openapi::api::core::v1::Taint| {
        taint.effect == "NoExecute" && !tolerates(spec, taint)
    };
    match info.taints.iter().any(untolerated) {
        true => failed("TaintToleration", "node(s) had untolerated taint(s)"),
        false => None,
    }
}
