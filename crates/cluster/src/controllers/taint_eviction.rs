//! Deletes pods that do not tolerate a `NoExecute` taint of their node, or no longer do.
//!
//! Upstream: `pkg/controller/tainteviction/taint_eviction.go`.

use super::pod_control::write_pod_status;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::pod::{disruption_target, update_pod_condition};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter};
use crate::store::{Change, ChangeType, Index, Store};
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1::{Node, ObjectReference, Pod, Taint, Toleration};
use std::collections::BTreeMap;

const REPORTER: &str = "taint-eviction-controller";

/// A deletion that is planned.
#[derive(Clone, Debug)]
struct Eviction {
    /// The uid of the pod that it is planned for: the next pod of that name has done nothing.
    uid: String,
    created_at: Instant,
    fire_at: Instant,
}

/// Deletes pods that do not tolerate a taint of their node. A key without a namespace is a node, one with it a pod.
#[derive(Clone, Default)]
pub struct TaintEvictionController {
    planned: BTreeMap<Key, Eviction>,
}

fn no_execute(node: &Node) -> Vec<&Taint> {
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_ref());
    taints
        .into_iter()
        .flatten()
        .filter(|taint| taint.effect == "NoExecute")
        .collect()
}

impl Controller for TaintEvictionController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        let key = || change.object.key();
        match &*change.object {
            Object::Node(node) => {
                let old = change.old.as_ref().and_then(|old| old.as_kind::<Node>());
                let before = old.map(no_execute).unwrap_or_default();
                let now = match change.change {
                    ChangeType::Deleted => Vec::new(),
                    ChangeType::Added | ChangeType::Modified => no_execute(node),
                };
                if before != now {
                    wakes.add(ControllerId::TaintEviction, key());
                }
            }
            Object::Pod(pod) => {
                let place = |pod: &Pod| {
                    let spec = pod.spec.as_ref()?;
                    Some((spec.node_name.clone()?, spec.tolerations.clone()))
                };
                let known = self.planned.contains_key(&key());
                let old = change.old.as_ref().and_then(|old| old.as_kind::<Pod>());
                let Some(now) = place(pod) else { return };
                let gone = change.change == ChangeType::Deleted;
                if (gone && known)
                    || (!gone
                        && old.and_then(place).as_ref() != Some(&now)
                        && (known || is_tainted(store, &now.0)))
                {
                    wakes.add(ControllerId::TaintEviction, key());
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        if !key.namespace().is_empty() {
            return self.sync_pod(key, client);
        }
        let node = client.get::<Node>(key);
        let Some(node) = node.cloned() else {
            return Outcome::DONE;
        };
        let pods: Vec<Key> = client
            .store()
            .by_index(Kind::Pod, Index::Node, key.name())
            .map(|pod| pod.key())
            .collect();
        let taints = no_execute(&node);
        let looked_at = pods.len() as u64;
        for pod in pods {
            if taints.is_empty() {
                self.cancel(&pod, client);
            } else {
                self.plan(&pod, &taints, client);
            }
        }
        Outcome {
            looked_at,
            ..Outcome::DONE
        }
    }
}

fn is_tainted(store: &Store, node: &str) -> bool {
    let node = store.get_as::<Node>(&Key::new("", node));
    node.is_some_and(|node| !no_execute(node).is_empty())
}

impl TaintEvictionController {
    /// The moment of a planned deletion has come, or the pod is another one than it was.
    fn sync_pod(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let now = client.now();
        let uid = |pod: &Pod| pod.metadata.uid.clone();
        let there = client.get::<Pod>(key).and_then(uid);
        if self
            .planned
            .get(key)
            .is_some_and(|e| there.as_ref() != Some(&e.uid))
        {
            self.cancel(key, client);
        }
        let Some(pod) = client.get::<Pod>(key) else {
            return Outcome::DONE;
        };
        if let Some(eviction) = self.planned.get(key)
            && eviction.fire_at <= now
        {
            self.planned.remove(key);
            return if evict(key, client) {
                Outcome::DONE
            } else {
                Outcome::RETRY
            };
        }
        let spec = pod.spec.as_ref();
        let node = spec.and_then(|spec| spec.node_name.clone());
        let node = node.and_then(|node| client.get::<Node>(&Key::new("", &node)).cloned());
        if let Some(node) = node {
            let taints = no_execute(&node);
            if !taints.is_empty() {
                self.plan(key, &taints, client);
            }
        }
        match self.planned.get(key) {
            Some(eviction) => Outcome::after(eviction.fire_at.since(now).max(Duration::micros(1))),
            None => Outcome::DONE,
        }
    }

    /// Upstream: `processPodOnNode`.
    fn plan(&mut self, key: &Key, taints: &[&Taint], client: &mut Client<'_>) {
        let now = client.now();
        let Some(pod) = client.get::<Pod>(key) else {
            return;
        };
        let spec = pod.spec.as_ref();
        let tolerations = spec.and_then(|spec| spec.tolerations.clone());
        let tolerations = tolerations.unwrap_or_default();
        let mut used = Vec::new();
        for taint in taints {
            let fitting = tolerations.iter().find(|t| tolerates(t, taint));
            let Some(fitting) = fitting else {
                self.cancel(key, client);
                self.add(key, now, now, client);
                return;
            };
            used.push(fitting);
        }
        let Some(seconds) = min_toleration_seconds(&used) else {
            self.cancel(key, client);
            return;
        };
        let fire_at = now + Duration::secs(seconds);
        let mut created_at = now;
        if let Some(known) = self.planned.get(key) {
            created_at = known.created_at;
            if created_at + Duration::secs(seconds) < fire_at {
                return;
            }
            self.cancel(key, client);
        }
        self.add(key, created_at, fire_at, client);
    }

    fn add(&mut self, key: &Key, created_at: Instant, fire_at: Instant, client: &mut Client<'_>) {
        let pod = client.get::<Pod>(key);
        let eviction = Eviction {
            uid: pod
                .and_then(|pod| pod.metadata.uid.clone())
                .unwrap_or_default(),
            created_at,
            fire_at,
        };
        self.planned.insert(key.clone(), eviction);
        let delay = fire_at.since(client.now());
        client.wake_after(ControllerId::TaintEviction, key, delay);
    }

    fn cancel(&mut self, key: &Key, client: &mut Client<'_>) {
        if self.planned.remove(key).is_some() {
            record(key, "Cancelling deletion of Pod", client);
        }
    }
}

/// The shortest time for which the tolerations hold; none if they hold for ever.
fn min_toleration_seconds(used: &[&Toleration]) -> Option<u64> {
    let seconds = used.iter().filter_map(|t| t.toleration_seconds);
    seconds.min().map(|least| u64::try_from(least).unwrap_or(0))
}

/// Whether a toleration is for a taint.
///
/// Upstream: `staging/src/k8s.io/api/core/v1/toleration.go`.
pub(super) fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let effect = text(&toleration.effect);
    let key = text(&toleration.key);
    let fits =
        (effect.is_empty() || effect == taint.effect) && (key.is_empty() || key == taint.key);
    fits && match text(&toleration.operator).as_str() {
        "" | "Equal" => text(&toleration.value) == text(&taint.value),
        "Exists" => true,
        _ => false,
    }
}

/// Says why and deletes; whether that worked.
fn evict(key: &Key, client: &mut Client<'_>) -> bool {
    record(key, "Marking for deletion Pod", client);
    let Some(pod) = client.get::<Pod>(key).cloned() else {
        return true;
    };
    let mut status = pod.status.clone().unwrap_or_default();
    let condition = disruption_target(
        &pod,
        "DeletionByTaintManager",
        "Taint manager: deleting due to NoExecute taint",
    );
    let now = client.calendar().time(client.now());
    if update_pod_condition(&mut status, condition, &now)
        && write_pod_status(client, &pod, status).is_err()
    {
        return false;
    }
    let gone = client.delete(Kind::Pod, key, None, None);
    gone.is_ok_and(|()| true) || client.get::<Pod>(key).is_none()
}

fn record(key: &Key, what: &str, client: &mut Client<'_>) {
    let about = ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some("Pod".to_owned()),
        name: Some(key.name().to_owned()),
        namespace: Some(key.namespace().to_owned()),
        ..ObjectReference::default()
    };
    client.event(
        &Reporter::control_plane(REPORTER),
        about,
        EventType::Normal,
        "TaintManagerEviction",
        format!("{what} {key}"),
    );
}
