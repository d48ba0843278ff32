//! Takes nodes that show no sign of life for lost, and taints nodes by their conditions.
//!
//! Upstream looks at every node every five seconds; here those nodes are looked at whose kubelets are known to be
//! silent, since nothing comes of looking at the others.
//!
//! Upstream: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`, `pkg/controller/util/node/controller_utils.go`.

mod taints;
mod zones;

use super::pod_control::write_pod_status;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::pod::{pod_condition, update_pod_condition};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1::{Node, NodeCondition, ObjectReference, Pod};
use std::collections::{BTreeMap, BTreeSet};
use zones::Zones;

/// How often upstream looks at all nodes.
const MONITOR_PERIOD: Duration = Duration::secs(5);
/// How long a node that was ready may be silent.
const MONITOR_GRACE: Duration = Duration::secs(50);
/// How long a new node may take for its first sign of life.
const STARTUP_GRACE: Duration = Duration::secs(60);
/// From the decision that a node be tainted to the taint that drives its pods away.
const NO_EXECUTE_PASS: Duration = Duration::millis(40);
/// The conditions that a kubelet keeps up.
const KEPT_UP: [&str; 4] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/// Takes nodes that show no sign of life for lost. A key is a node.
#[derive(Clone, Default)]
pub struct NodeLifecycleController {
    /// The nodes that are silent, with the moment when the last sign of life was noticed.
    silent: BTreeMap<String, Instant>,
    /// New nodes of which nobody has been told.
    unregistered: BTreeSet<String>,
    /// Nodes that were deleted, with their uids.
    removed: BTreeMap<String, String>,
    zones: Zones,
}

/// Upstream's next look at all nodes, at `at` or later.
fn next_look(at: Instant) -> Instant {
    Instant(at.0.div_ceil(MONITOR_PERIOD.0) * MONITOR_PERIOD.0)
}

fn condition<'n>(node: &'n Node, kind: &str) -> Option<&'n NodeCondition> {
    let conditions = node.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == kind)
}

/// `True`, `False` or `Unknown`; none if nobody has said yet.
fn readiness(node: &Node) -> Option<&str> {
    condition(node, "Ready").map(|ready| ready.status.as_str())
}

/// Whether the node says that it is ready.
pub(super) fn is_ready(node: &Node) -> bool {
    readiness(node) == Some("True")
}

impl NodeLifecycleController {
    /// From now on nothing is heard of a node, whose last sign of life came at `last`. Returns when it will be taken for lost.
    pub fn expect_silence(&mut self, node: &str, last: Instant) -> Instant {
        let noticed = next_look(last);
        self.silent.insert(node.to_owned(), noticed);
        noticed + MONITOR_GRACE
    }

    /// The node is heard of again.
    pub fn expect_signs(&mut self, node: &str) {
        self.silent.remove(node);
    }

    /// Takes a node for lost when it has been silent for too long. Returns when to look again.
    fn monitor(&mut self, node: &mut Node, client: &mut Client<'_>) -> Option<Instant> {
        let name = node.metadata.name.clone().unwrap_or_default();
        let noticed = *self.silent.get(&name)?;
        let grace = match readiness(node) {
            None => STARTUP_GRACE,
            Some("Unknown") => return None,
            Some(_) => MONITOR_GRACE,
        };
        let due = next_look(noticed + grace);
        if client.now() < due {
            return Some(due);
        }
        let was_ready = is_ready(node);
        let date = client.calendar().time(client.now());
        for kind in KEPT_UP {
            make_unknown(node, kind, &date);
        }
        let mut written = node.clone();
        written.metadata.resource_version = None;
        if client.update_status(written).is_err() {
            return Some(client.now() + Duration::millis(20));
        }
        self.zones.queue(&name, client.now() + NO_EXECUTE_PASS);
        if was_ready {
            record_status_change(node, "NodeNotReady", client);
            mark_pods_not_ready(&name, client);
        }
        None
    }
}

fn make_unknown(
    node: &mut Node,
    kind: &str,
    date: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Time,
) {
    let created = node.metadata.creation_timestamp.clone();
    let status = node.status.get_or_insert_default();
    let conditions = status.conditions.get_or_insert_default();
    let Some(known) = conditions.iter_mut().find(|known| known.type_ == kind) else {
        conditions.push(NodeCondition {
            type_: kind.to_owned(),
            status: "Unknown".to_owned(),
            reason: Some("NodeStatusNeverUpdated".to_owned()),
            message: Some("Kubelet never posted node status.".to_owned()),
            last_heartbeat_time: created,
            last_transition_time: Some(date.clone()),
        });
        return;
    };
    if known.status != "Unknown" {
        known.status = "Unknown".to_owned();
        known.reason = Some("NodeStatusUnknown".to_owned());
        known.message = Some("Kubelet stopped posting node status.".to_owned());
        known.last_transition_time = Some(date.clone());
    }
}

impl Controller for NodeLifecycleController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let Object::Node(node) = &*change.object else {
            return;
        };
        let key = change.object.key();
        let old = change.old.as_ref().and_then(|old| old.as_kind::<Node>());
        match change.change {
            ChangeType::Added => {
                let stored = store.get_as::<Node>(&key);
                if stored.is_some_and(|node| readiness(node).is_none()) {
                    self.unregistered.insert(key.name().to_owned());
                }
            }
            ChangeType::Deleted => {
                self.silent.remove(key.name());
                self.unregistered.remove(key.name());
                let uid = change.object.uid().to_owned();
                self.removed.insert(key.name().to_owned(), uid);
            }
            ChangeType::Modified => {
                let spec = |node: &Node| {
                    let spec = node.spec.clone().unwrap_or_default();
                    (spec.unschedulable, spec.taints)
                };
                let states = |node: &Node| {
                    let conditions = node.status.as_ref().and_then(|s| s.conditions.clone());
                    let states = conditions.unwrap_or_default().into_iter();
                    let states = states.map(|condition| (condition.type_, condition.status));
                    states.collect::<Vec<_>>()
                };
                if old.is_some_and(|old| spec(old) == spec(node) && states(old) == states(node)) {
                    return;
                }
            }
        }
        if old.is_some_and(|old| is_ready(old) != is_ready(node)) {
            // What happens to one lost node depends on how many there are.
            let lost = store.list_as::<Node>(None).filter(|node| !is_ready(node));
            for name in lost.filter_map(|node| node.metadata.name.as_deref()) {
                wakes.add(ControllerId::NodeLifecycle, Key::new("", name));
            }
        }
        wakes.add(ControllerId::NodeLifecycle, key);
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let name = key.name();
        if let Some(uid) = self.removed.remove(name) {
            let what = format!("Removing Node {name} from Controller");
            record_event(name, &uid, "RemovingNode", &what, client);
        }
        let Some(mut node) = client.get::<Node>(key).cloned() else {
            self.zones.forget(name);
            return Outcome::DONE;
        };
        if self.unregistered.remove(name) {
            let uid = node.metadata.uid.clone().unwrap_or_default();
            let what = format!("Registered Node {name} in Controller");
            record_event(name, &uid, "RegisteredNode", &what, client);
            self.silent.insert(name.to_owned(), client.now());
        }
        let monitored = self.monitor(&mut node, client);
        taints::no_schedule_pass(&node, client);
        let tainted = self.zones.no_execute_pass(key, client);
        match [monitored, tainted].into_iter().flatten().min() {
            Some(at) => Outcome::after(at.since(client.now()).max(Duration::micros(1))),
            None => Outcome::DONE,
        }
    }
}

/// Upstream: `MarkPodsNotReady`.
fn mark_pods_not_ready(node: &str, client: &mut Client<'_>) {
    let pods: Vec<Pod> = client
        .store()
        .by_index_as::<Pod>(Index::Node, node)
        .cloned()
        .collect();
    let date = client.calendar().time(client.now());
    for pod in pods {
        let Some(ready) = pod_condition(&pod, "Ready") else {
            continue;
        };
        let mut condition = ready.clone();
        condition.status = "False".to_owned();
        let mut status = pod.status.clone().unwrap_or_default();
        if !update_pod_condition(&mut status, condition, &date) {
            continue;
        }
        if let Ok(written) = write_pod_status(client, &pod, status) {
            client.event(
                &Reporter::control_plane("node-controller"),
                reference(&written),
                EventType::Warning,
                "NodeNotReady",
                "Node is not ready".to_owned(),
            );
        }
    }
}

fn node_reference(name: &str, uid: &str) -> ObjectReference {
    ObjectReference {
        api_version: Some(Kind::Node.info().api_version()),
        kind: Some("Node".to_owned()),
        name: Some(name.to_owned()),
        uid: Some(uid.to_owned()),
        ..ObjectReference::default()
    }
}

fn record_status_change(node: &Node, status: &str, client: &mut Client<'_>) {
    let name = node.metadata.name.as_deref().unwrap_or("");
    let uid = node.metadata.uid.as_deref().unwrap_or("");
    let message = format!("Node {name} status is now: {status}");
    let by = Reporter::control_plane("node-controller");
    let about = node_reference(name, uid);
    client.event(&by, about, EventType::Normal, status, message);
}

fn record_event(name: &str, uid: &str, reason: &str, what: &str, client: &mut Client<'_>) {
    let message = format!("Node {name} event: {what}");
    let by = Reporter::control_plane("node-controller");
    let about = node_reference(name, uid);
    client.event(&by, about, EventType::Normal, reason, message);
}
