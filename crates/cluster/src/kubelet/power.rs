//! Nodes that lose their power while the others run: their processes are gone, their disks are not.
//!
//! Upstream: `pkg/kubelet/nodestatus/setters.go` (`MachineInfo`, which tells of a boot) and `pkg/kubelet/kubelet.go` (`BirthCry`);
//! what becomes of the pods is in [`super::reboot`].

use super::Kubelet;
use super::container::Fill;
use super::heartbeat::own_reference;
use super::pod::PodWorker;
use crate::client::Client;
use crate::cluster::Cluster;
use crate::object::{Key, Kind};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter};
use crate::time::Duration;
use k8s_openapi::api::core::v1::Node;
use std::net::IpAddr;
use std::sync::Arc;

impl Cluster {
    /// Takes a node's power: its kubelet is silent as that of a node that is cut off, and every process on it is gone.
    /// Returns whether there is such a node that had power.
    pub fn power_off_node(&mut self, node: &str) -> bool {
        let silent = self.is_node_cut_off(node) || self.cut_off_node(node);
        silent && self.with_kubelet(|kubelet, _| kubelet.off.insert(node))
    }

    /// Gives a node its power back: it boots and joins the cluster again, and its kubelet starts the containers of its pods anew.
    /// Returns whether it had none.
    pub fn power_on_node(&mut self, node: &str) -> bool {
        if !self.is_node_off(node) {
            return false;
        }
        self.with_kubelet(|kubelet, client| kubelet.boot(node, client));
        self.reconnect_node(node)
    }

    /// Whether a node is without power.
    pub fn is_node_off(&self, node: &str) -> bool {
        self.kubelet().is_off(node)
    }
}

/// The nodes without power.
#[derive(Clone, Debug, Default)]
pub(super) struct Off {
    nodes: rpds::RedBlackTreeSetSync<String>,
}

impl Off {
    fn insert(&mut self, node: &str) -> bool {
        let fresh = !self.nodes.contains(node);
        self.nodes.insert_mut(node.to_owned());
        fresh
    }
}

impl Kubelet {
    /// Whether a node is without power.
    pub(crate) fn is_off(&self, node: &str) -> bool {
        self.off.nodes.contains(node)
    }

    /// Whether the pod with an address is on a node without power: nobody answers there.
    pub(super) fn is_dark(&self, address: IpAddr) -> bool {
        !self.off.nodes.is_empty()
            && self
                .pod_at(address)
                .is_some_and(|pod| self.is_off(&pod.node))
    }

    fn boot(&mut self, node: &str, client: &mut Client<'_>) {
        self.off.nodes.remove_mut(node);
        let here = |worker: &Arc<PodWorker>| worker.node == node;
        let lost: Vec<Key> = self
            .pods
            .iter()
            .filter(|(_, slot)| slot.current.iter().chain(&slot.orphans).any(here))
            .map(|(key, _)| key.clone())
            .collect();
        for key in lost {
            self.lose(&key, node, client);
        }
        announce(node, client);
    }

    /// What a kubelet finds of a pod after its node was without power: what the API says, and bytes on disks.
    fn lose(&mut self, key: &Key, node: &str, client: &mut Client<'_>) {
        let Some(slot) = self.pods.get(key) else {
            return;
        };
        let mut slot = slot.clone();
        let current = slot.current.take_if(|worker| worker.node == node);
        let (gone, orphans) = slot
            .orphans
            .drain(..)
            .partition(|worker| worker.node == node);
        slot.orphans = orphans;
        let gone: Vec<Arc<PodWorker>> = gone;
        self.pods.insert_mut(key.clone(), slot);
        for mut worker in gone {
            self.forget(Arc::make_mut(&mut worker));
        }
        if let Some(mut worker) = current {
            let stored = client.store().get(Kind::Pod, key);
            if stored.is_some_and(|stored| stored.uid() == worker.uid) {
                self.give_up(Arc::make_mut(&mut worker), |fill| {
                    matches!(fill, Fill::Volume(..) | Fill::Empty(_, false))
                });
                self.rebooted.insert_mut(key.clone());
            } else {
                self.forget(Arc::make_mut(&mut worker));
            }
        }
        client.wake_after(ControllerId::Kubelet, key, Duration::ZERO);
    }
}

/// The node has another boot id, and its kubelet says so.
fn announce(name: &str, client: &mut Client<'_>) {
    let Some(mut node) = client.get::<Node>(&Key::new("", name)).cloned() else {
        return;
    };
    let boot = client.random().uid();
    let status = node.status.get_or_insert_default();
    status
        .node_info
        .get_or_insert_default()
        .boot_id
        .clone_from(&boot);
    node.metadata.resource_version = None;
    let _ = client.update_status(node);
    let by = Reporter::on_node("kubelet", name);
    let says = [
        (
            EventType::Normal,
            "Starting",
            "Starting kubelet.".to_owned(),
        ),
        (
            EventType::Warning,
            "Rebooted",
            format!("Node {name} has been rebooted, boot id: {boot}"),
        ),
    ];
    for (kind, reason, message) in says {
        client.event(&by, own_reference(name), kind, reason, message);
    }
}
