//! Taints that follow from a node's conditions.
//!
//! Upstream: `doNoScheduleTaintingPass`, `SwapNodeControllerTaint`, `pkg/util/taints`.

use crate::client::Client;
use crate::object::Key;
use k8s_openapi::api::core::v1::{Node, Taint};

pub(super) const NOT_READY: &str = "node.kubernetes.io/not-ready";
pub(super) const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Which state of which condition leads to which taint.
const BY_CONDITION: [(&str, &str, &str); 6] = [
    ("Ready", "False", NOT_READY),
    ("Ready", "Unknown", UNREACHABLE),
    (
        "MemoryPressure",
        "True",
        "node.kubernetes.io/memory-pressure",
    ),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    (
        "NetworkUnavailable",
        "True",
        "node.kubernetes.io/network-unavailable",
    ),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
];

fn taint(key: &str, effect: &str) -> Taint {
    Taint {
        key: key.to_owned(),
        effect: effect.to_owned(),
        ..Taint::default()
    }
}

fn taints_of(node: &Node) -> &[Taint] {
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_deref());
    taints.unwrap_or_default()
}

/// Whether the node has this taint.
pub(super) fn has(node: &Node, key: &str, effect: &str) -> bool {
    let mut taints = taints_of(node).iter();
    taints.any(|taint| taint.key == key && taint.effect == effect)
}

/// Gives a node the taints against new pods that its conditions ask for, and takes away those that they do not.
pub(super) fn no_schedule_pass(node: &Node, client: &mut Client<'_>) {
    const EFFECT: &str = "NoSchedule";
    let conditions = node.status.as_ref().and_then(|s| s.conditions.as_deref());
    let mut wanted: Vec<&str> = Vec::new();
    for condition in conditions.unwrap_or_default() {
        let found = BY_CONDITION
            .iter()
            .find(|(kind, status, _)| *kind == condition.type_ && *status == condition.status);
        wanted.extend(found.map(|(_, _, key)| *key));
    }
    let spec = node.spec.as_ref();
    if spec.is_some_and(|spec| spec.unschedulable == Some(true)) {
        wanted.push(UNSCHEDULABLE);
    }
    let ours = |key: &str| {
        key == UNSCHEDULABLE
            || BY_CONDITION
                .iter()
                .any(|(_, _, of_condition)| *of_condition == key)
    };
    let missing = wanted.iter().filter(|key| !has(node, key, EFFECT));
    let add: Vec<Taint> = missing.map(|key| taint(key, EFFECT)).collect();
    let present = taints_of(node).iter();
    let remove: Vec<Taint> = present
        .filter(|taint| {
            taint.effect == EFFECT && ours(&taint.key) && !wanted.contains(&taint.key.as_str())
        })
        .cloned()
        .collect();
    let name = node.metadata.name.as_deref().unwrap_or("");
    swap(name, &add, &remove, client);
}

/// The taint that drives pods away from a node in the place of its opposite.
pub(super) fn swap_no_execute(
    node: &str,
    add: Option<&str>,
    remove: &[&str],
    client: &mut Client<'_>,
) {
    let taints =
        |keys: &[&str]| -> Vec<Taint> { keys.iter().map(|key| taint(key, "NoExecute")).collect() };
    swap(node, &taints(add.as_slice()), &taints(remove), client);
}

/// Adds some taints and then removes some, in a write each.
fn swap(node: &str, add: &[Taint], remove: &[Taint], client: &mut Client<'_>) {
    let key = Key::new("", node);
    let same = |a: &Taint, b: &Taint| a.key == b.key && a.effect == b.effect;
    let now = client.calendar().time(client.now());
    let write = |change: &dyn Fn(&mut Vec<Taint>) -> bool, client: &mut Client<'_>| {
        let Some(mut node) = client.get::<Node>(&key).cloned() else {
            return;
        };
        let spec = node.spec.get_or_insert_default();
        let mut taints = spec.taints.take().unwrap_or_default();
        let changed = change(&mut taints);
        spec.taints = (!taints.is_empty()).then_some(taints);
        if changed {
            node.metadata.resource_version = None;
            let _ = client.update(node);
        }
    };
    write(
        &|taints| {
            for new in add {
                let mut new = new.clone();
                new.time_added = Some(now.clone());
                match taints.iter_mut().find(|known| same(known, &new)) {
                    Some(known) => *known = new,
                    None => taints.push(new),
                }
            }
            !add.is_empty()
        },
        client,
    );
    write(
        &|taints| {
            let before = taints.len();
            taints.retain(|known| !remove.iter().any(|gone| same(known, gone)));
            taints.len() != before
        },
        client,
    );
}
