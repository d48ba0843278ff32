//! Removes pods that no kubelet will ever end: those of nodes that are gone or out of service, and those without a node.
//!
//! Upstream: `pkg/controller/podgc/gc_controller.go`. Upstream looks at everything every 20 seconds; here each look is
//! planned when there will be something to see.

use super::node_lifecycle::is_ready;
use super::pod_control::write_pod_status;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::pod::{disruption_target, update_pod_condition};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1::{Node, Pod};
use std::collections::BTreeMap;

/// How often the collector looks.
const PERIOD: Duration = Duration::secs(20);
/// How long a node must be missing before its pods are taken for orphans.
const QUARANTINE: Duration = Duration::secs(40);
const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

/// When the collector looks at a key.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: Instant,
    /// The node was missing when it was looked at before.
    missing: bool,
}

/// Removes pods that no kubelet will ever end. A key without a namespace is a node, one with it a pod.
#[derive(Clone, Default)]
pub struct PodGcController {
    looks: BTreeMap<Key, Look>,
}

/// From `now` to the collector's next look.
fn until_next_look(now: Instant) -> Duration {
    Duration(PERIOD.0 - now.0 % PERIOD.0)
}

impl Controller for PodGcController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let object = &change.object;
        let gone = change.change == ChangeType::Deleted;
        let key = match &**object {
            Object::Node(node) if gone || is_out_of_service(node) => object.key(),
            Object::Pod(pod) if !gone => {
                let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
                match node.filter(|node| !node.is_empty()) {
                    None if object.is_terminating() => object.key(),
                    None => return,
                    Some(name) => {
                        let key = Key::new("", name);
                        let lost = match store.get_as::<Node>(&key) {
                            Some(node) => object.is_terminating() && is_out_of_service(node),
                            None => true,
                        };
                        if !lost {
                            return;
                        }
                        key
                    }
                }
            }
            _ => return,
        };
        wakes.add(ControllerId::PodGc, key);
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let now = client.now();
        let planned = Look {
            at: now + until_next_look(now),
            missing: false,
        };
        let look = *self.looks.entry(key.clone()).or_insert(planned);
        if now < look.at {
            return Outcome::after(look.at.since(now));
        }
        let orphaned = !key.namespace().is_empty() || client.get::<Node>(key).is_none();
        if key.namespace().is_empty() && orphaned && !look.missing {
            let at = look.at + QUARANTINE;
            let next = Look { at, missing: true };
            self.looks.insert(key.clone(), next);
            return Outcome::after(at.since(now));
        }
        if collect(key, orphaned, client) {
            self.looks.remove(key);
            return Outcome::DONE;
        }
        let at = look.at + PERIOD;
        self.looks.insert(key.clone(), Look { at, ..look });
        Outcome::after(at.since(now))
    }
}

/// Whether the node is not ready and somebody says that it will not be.
fn is_out_of_service(node: &Node) -> bool {
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_ref());
    let mut taints = taints.into_iter().flatten();
    taints.any(|taint| taint.key == OUT_OF_SERVICE) && !is_ready(node)
}

/// Removes what there is to remove under a key; whether all of it is gone.
fn collect(key: &Key, orphaned: bool, client: &mut Client<'_>) -> bool {
    let store = client.store();
    let pods: Vec<Pod> = if key.namespace().is_empty() {
        let out_of_service = client.get::<Node>(key).is_some_and(is_out_of_service);
        store
            .by_index_as::<Pod>(Index::Node, key.name())
            .filter(|pod| orphaned || (out_of_service && pod.metadata.deletion_timestamp.is_some()))
            .cloned()
            .collect()
    } else {
        let waiting = store.by_index(Kind::Pod, Index::Node, "");
        waiting
            .filter(|pod| pod.key() == *key && pod.is_terminating())
            .filter_map(|pod| pod.as_kind::<Pod>().cloned())
            .collect()
    };
    let lost = orphaned && key.namespace().is_empty();
    let failed = pods
        .iter()
        .filter(|pod| !mark_failed_and_delete(pod, lost, client));
    failed.count() == 0
}

/// Upstream: `markFailedAndDeletePodWithCondition`.
fn mark_failed_and_delete(pod: &Pod, lost: bool, client: &mut Client<'_>) -> bool {
    let mut status = pod.status.clone().unwrap_or_default();
    if !matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")) {
        status.phase = Some("Failed".to_owned());
        status.observed_generation = pod.metadata.generation;
        if lost {
            let condition =
                disruption_target(pod, "DeletionByPodGC", "PodGC: node no longer exists");
            let now = client.calendar().time(client.now());
            update_pod_condition(&mut status, condition, &now);
        }
        if write_pod_status(client, pod, status).is_err() {
            return false;
        }
    }
    let meta = &pod.metadata;
    let key = Key::new(
        meta.namespace.as_deref().unwrap_or(""),
        meta.name.as_deref().unwrap_or(""),
    );
    client.delete(Kind::Pod, &key, None, Some(0)).is_ok()
}
