//! Places that were made free, kept for the pods they were made for.
//!
//! Upstream: `pkg/scheduler/backend/queue/nominator.go`.

use super::filter::{Cycle, Refusal};
use super::node_info::{NodeInfo, PodInfo};
use super::volume_binding::Claims;
use super::wants_node;
use crate::object::{Key, Object};
use crate::store::Store;
use k8s_openapi::api::core::v1::Pod;
use rpds::RedBlackTreeMapSync;
use std::sync::Arc;

/// Pods without a node that have the promise of one.
#[derive(Clone, Default)]
pub(super) struct Nominator {
    pods: RedBlackTreeMapSync<Key, (String, Arc<PodInfo>)>,
}

/// The node that a pod has the promise of.
pub(super) fn nominated_node(pod: &Pod) -> Option<&str> {
    let name = pod.status.as_ref()?.nominated_node_name.as_deref()?;
    (!name.is_empty()).then_some(name)
}

impl Nominator {
    /// Sees a pod as it is now.
    pub(super) fn observe(&mut self, object: &Arc<Object>, gone: bool) {
        let pod = object
            .as_kind::<Pod>()
            .filter(|pod| !gone && wants_node(pod));
        match pod.and_then(nominated_node) {
            Some(node) => {
                let entry = (node.to_owned(), Arc::new(PodInfo::of(object)));
                self.pods.insert_mut(object.key(), entry);
            }
            None if self.pods.is_empty() => {}
            None => {
                self.pods.remove_mut(&object.key());
            }
        }
    }

    /// The less important pods that have the promise of a node.
    pub(super) fn less_important(&self, node: &str, pod: &PodInfo) -> Vec<Key> {
        let others = self
            .pods
            .iter()
            .filter(|(_, (place, other))| place == node && other.priority < pod.priority);
        others.map(|(key, _)| key.clone()).collect()
    }

    /// The node with the pods on it that have the promise of it and are as important as this one; none if there are none.
    fn filled(&self, node: &NodeInfo, pod: &PodInfo) -> Option<NodeInfo> {
        let mut filled = None;
        for (key, (place, other)) in &self.pods {
            let same = other.object.uid() == pod.object.uid();
            if *place == node.name && !same && other.priority >= pod.priority {
                filled.get_or_insert_with(|| node.clone()).add(key, other);
            }
        }
        filled
    }

    /// Why a node does not do, or would not do if the promises that were given on it were kept.
    pub(super) fn refusal(
        &self,
        nodes: &[Arc<NodeInfo>],
        node: &NodeInfo,
        pod: &PodInfo,
        claims: &Claims,
        store: &Store,
    ) -> Option<Refusal> {
        let filled = self.filled(node, pod);
        let all = filled.iter().chain([node]);
        for changed in all {
            let mut all = nodes.to_vec();
            if let Some(place) = all.iter_mut().find(|other| other.name == changed.name) {
                *place = Arc::new(changed.clone());
            }
            let cycle = Cycle::new(&all, pod, claims, store);
            if let Some(refusal) = cycle.and_then(|cycle| cycle.refusal(changed)) {
                return Some(refusal);
            }
        }
        None
    }

    /// Whether somebody has the promise of the node.
    pub(super) fn knows(&self, node: &str) -> bool {
        self.pods.values().any(|(place, _)| place == node)
    }
}
