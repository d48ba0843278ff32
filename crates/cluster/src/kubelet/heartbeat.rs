//! The kubelets' signs of life: the lease of each node and the dates in its status.
//!
//! Nobody waits for these signs while they come, so they are written when somebody looks: a lease then has the date of
//! the last of its renewals, ten seconds apart, as if each had been written. A node that is cut off writes nothing.
//!
//! Upstream: `staging/src/k8s.io/component-helpers/apimachinery/lease/controller.go`, `pkg/kubelet/kubelet_node_status.go`.

use super::Kubelet;
use crate::api::Status;
use crate::client::Client;
use crate::hash::Fnv1a64;
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter};
use crate::store::Index;
use crate::time::{Duration, Instant};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::{Node, NodeCondition, ObjectReference, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta, OwnerReference, Time};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The namespace of the nodes' leases.
pub const LEASE_NAMESPACE: &str = "kube-node-lease";
/// How long a lease holds, in seconds.
const LEASE_SECONDS: i32 = 40;
/// A lease is renewed four times while it holds.
const RENEW_EVERY: Duration = Duration::secs(10);
/// How often a status is reported in which nothing has changed, in seconds.
const REPORT_SECONDS: i64 = 300;

/// What a healthy node says of itself: condition, status, reason, message.
pub(crate) const HEALTHY: [[&str; 4]; 4] = [
    [
        "MemoryPressure",
        "False",
        "KubeletHasSufficientMemory",
        "kubelet has sufficient memory available",
    ],
    [
        "DiskPressure",
        "False",
        "KubeletHasNoDiskPressure",
        "kubelet has no disk pressure",
    ],
    [
        "PIDPressure",
        "False",
        "KubeletHasSufficientPID",
        "kubelet has sufficient PID available",
    ],
    [
        "Ready",
        "True",
        "KubeletReady",
        "kubelet is posting ready status",
    ],
];
/// The event that tells of each of these conditions' turning so.
const TURNED: [&str; 4] = [
    "NodeHasSufficientMemory",
    "NodeHasNoDiskPressure",
    "NodeHasSufficientPID",
    "NodeReady",
];

/// The lease of a node, renewed at `renewed`.
pub(crate) fn lease(node: &Node, renewed: Timestamp) -> Lease {
    let name = node.metadata.name.clone();
    Lease {
        metadata: ObjectMeta {
            name: name.clone(),
            namespace: Some(LEASE_NAMESPACE.to_owned()),
            owner_references: Some(vec![OwnerReference {
                api_version: "v1".to_owned(),
                kind: "Node".to_owned(),
                name: name.clone().unwrap_or_default(),
                uid: node.metadata.uid.clone().unwrap_or_default(),
                ..OwnerReference::default()
            }]),
            ..ObjectMeta::default()
        },
        spec: Some(LeaseSpec {
            holder_identity: name,
            lease_duration_seconds: Some(LEASE_SECONDS),
            renew_time: Some(MicroTime(renewed)),
            ..LeaseSpec::default()
        }),
    }
}

/// How long before `now` a node renewed its lease. Each node has its own place within the ten seconds.
fn since_renewal(node: &str, now: Instant) -> Duration {
    let mut hash = Fnv1a64::default();
    hash.write(node.as_bytes());
    let place = 4_000_000 + hash.finish() % 900_000;
    Duration((now.0 + RENEW_EVERY.0 - place) % RENEW_EVERY.0)
}

impl Kubelet {
    /// Whether a kubelet runs on the node: the nodes of the beginning have one, those made by hand have none.
    pub(crate) fn runs_on(&self, node: &str) -> bool {
        let index = node.strip_prefix("node-").and_then(|n| n.parse().ok());
        index.is_some_and(|index: u32| (1..=self.nodes).contains(&index))
    }

    /// Whether the node is cut off: its kubelet neither hears of anything nor tells of anything.
    pub(crate) fn is_cut_off(&self, node: &str) -> bool {
        self.cut_off.contains(node)
    }

    /// Brings the signs of life of one node, or of all (with an empty name), up to date.
    pub(crate) fn beat(&mut self, node: &str, client: &mut Client<'_>) {
        let nodes: Vec<Key> = match node {
            "" => client
                .store()
                .list(Kind::Node, None)
                .map(|node| node.key())
                .collect(),
            node => vec![Key::new("", node)],
        };
        for key in nodes {
            if self.runs_on(key.name()) && !self.is_cut_off(key.name()) {
                renew(&key, client);
                report(&key, client);
            }
        }
    }

    /// Cuts a node off. Returns when it showed its last sign of life; none if no kubelet runs there or it is cut off already.
    pub(crate) fn cut_off(&mut self, node: &str, client: &mut Client<'_>) -> Option<Instant> {
        let key = Key::new("", node);
        if !self.runs_on(node) || self.is_cut_off(node) || client.get::<Node>(&key).is_none() {
            return None;
        }
        self.beat(node, client);
        self.cut_off.insert_mut(node.to_owned());
        let ago = since_renewal(node, client.now());
        Some(Instant(client.now().0.saturating_sub(ago.0)))
    }

    /// Lets a node be part of the cluster again. Returns whether it was cut off.
    pub(crate) fn reconnect(&mut self, node: &str, client: &mut Client<'_>) -> bool {
        if !self.cut_off.remove_mut(node) {
            return false;
        }
        let key = Key::new("", node);
        renew(&key, client);
        recover(&key, client);
        let now = client.now();
        let mut keys: Vec<Key> = client
            .store()
            .by_index_as::<Pod>(Index::Node, node)
            .filter(|pod| {
                let started = pod.status.as_ref().is_some_and(|s| s.start_time.is_some());
                !started || pod.metadata.deletion_timestamp.is_some()
            })
            .map(|pod| Object::from(pod.clone()).key())
            .collect();
        for (key, slot) in &self.pods {
            let workers = slot.current.iter().chain(&slot.orphans);
            if workers.into_iter().any(|worker| worker.node == node) && !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        for key in keys {
            if let Some(mut worker) = self.take(&key) {
                if worker.node == node {
                    Arc::make_mut(&mut worker).sync_by(now);
                }
                self.put_back(&key, worker);
            }
            client.wake_after(ControllerId::Kubelet, &key, Duration::ZERO);
        }
        true
    }
}

/// Writes the date of the last renewal into the lease.
fn renew(key: &Key, client: &mut Client<'_>) {
    let Some(node) = client.get::<Node>(key).cloned() else {
        return;
    };
    let now = client.now();
    let ago = i64::try_from(since_renewal(key.name(), now).0).unwrap_or(0);
    let exact = client.calendar().timestamp(now);
    let renewed = exact
        .checked_sub(SignedDuration::from_micros(ago))
        .unwrap_or(exact);
    let stored = client.get::<Lease>(&Key::new(LEASE_NAMESPACE, key.name()));
    let Some(stored) = stored else {
        let _ = client.create(lease(&node, renewed));
        return;
    };
    let spec = stored.spec.as_ref();
    let known = spec.and_then(|spec| spec.renew_time.as_ref());
    if known.is_some_and(|known| known.0 >= renewed) {
        return;
    }
    let mut fresh = stored.clone();
    fresh.metadata.resource_version = None;
    fresh.spec.get_or_insert_default().renew_time = Some(MicroTime(renewed));
    let _ = client.update(fresh);
}

/// Writes the date of the last report into a status in which nothing else has changed.
fn report(key: &Key, client: &mut Client<'_>) {
    let Some(node) = client.get::<Node>(key) else {
        return;
    };
    let now = client.calendar().timestamp(client.now()).as_second();
    let fresh = |condition: &NodeCondition| {
        let last = condition.last_heartbeat_time.as_ref()?.0.as_second();
        let periods = (now - last) / REPORT_SECONDS;
        if periods < 1 || condition.status == "Unknown" {
            return None;
        }
        Timestamp::from_second(last + periods * REPORT_SECONDS).ok()
    };
    let status = node.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_deref());
    if !conditions
        .iter()
        .copied()
        .flatten()
        .any(|c| fresh(c).is_some())
    {
        return;
    }
    let mut node = node.clone();
    let status = node.status.as_mut();
    for condition in status
        .and_then(|status| status.conditions.as_mut())
        .into_iter()
        .flatten()
    {
        if let Some(date) = fresh(condition) {
            condition.last_heartbeat_time = Some(Time(date));
        }
    }
    node.metadata.resource_version = None;
    let _ = client.update_status(node);
}

/// Says that all is well again, and tells of what has turned.
fn recover(key: &Key, client: &mut Client<'_>) {
    let Some(mut node) = client.get::<Node>(key).cloned() else {
        return;
    };
    let now = client.calendar().time(client.now());
    let mut turned = Vec::new();
    let status = node.status.get_or_insert_default();
    let conditions = status.conditions.get_or_insert_default();
    for ([kind, state, reason, message], event) in HEALTHY.into_iter().zip(TURNED) {
        let mut condition = NodeCondition {
            type_: kind.to_owned(),
            status: state.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            last_heartbeat_time: Some(now.clone()),
            last_transition_time: Some(now.clone()),
        };
        match conditions.iter_mut().find(|known| known.type_ == kind) {
            Some(known) if known.status == state => {
                known.last_heartbeat_time = Some(now.clone());
            }
            Some(known) => {
                std::mem::swap(known, &mut condition);
                turned.push(event);
            }
            None => {
                conditions.push(condition);
                turned.push(event);
            }
        }
    }
    node.metadata.resource_version = None;
    let _ = client.update_status(node);
    let by = Reporter::on_node("kubelet", key.name());
    for reason in turned {
        let message = format!("Node {} status is now: {reason}", key.name());
        client.event(
            &by,
            own_reference(key.name()),
            EventType::Normal,
            reason,
            message,
        );
    }
}

/// What the API server says when it asks something of a kubelet that is cut off.
pub(super) fn unreachable(what: &str, host_ip: &str) -> Status {
    Status {
        reason: None,
        ..Status::bad_request(format!("{what}: dial tcp {host_ip}:10250: i/o timeout"))
    }
}

/// How a kubelet names its node: it knows the name alone and writes it in the place of the uid too.
pub(super) fn own_reference(node: &str) -> ObjectReference {
    ObjectReference {
        kind: Some("Node".to_owned()),
        name: Some(node.to_owned()),
        uid: Some(node.to_owned()),
        ..ObjectReference::default()
    }
}
