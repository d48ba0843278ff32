//! Runs the pods of all nodes.
//!
//! Upstream: `pkg/kubelet`. One component stands for the kubelets of all nodes; what it knows of a pod is one
//! [`pod::PodWorker`], as upstream's pod workers are independent of each other.

mod active_deadline;
mod admit;
mod container;
mod env_file;
pub mod environment;
mod eviction;
pub mod exec;
pub mod faults;
pub(crate) mod heartbeat;
mod host;
mod image;
mod kuberuntime;
mod lifecycle;
mod logs;
pub mod outside;
mod pod;
mod power;
mod probe;
mod prober;
pub mod process;
mod reboot;
mod refresh;
mod resource_field;
mod running;
mod security_context;
mod short_lived;
mod status;
mod trace;
pub mod volumes;
mod workers;

use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::network::cache::Cache;
use crate::network::proxy::Affinity;
use crate::network::way::Ways;
use crate::object::{Key, Object};
use crate::queue::ControllerId;
use crate::storage::{Disks, FileSystem};
use crate::store::{Change, ChangeType, Store};
use crate::time::Duration;
use exec::{ExecId, ExecProgress};
use k8s_openapi::api::core::v1 as core;
use pod::PodWorker;
use process::{ImageLookup, Runtime};
use refresh::plan_refresh;
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

pub use prober::{ProbeTrace, ProbeType};
pub use trace::{ContainerTrace, PodTrace, Stopped};

/// The pods of one name: the one of the API, and older ones that were deleted by force and still stop.
#[derive(Clone, Default)]
struct Slot {
    current: Option<Arc<PodWorker>>,
    orphans: Vec<Arc<PodWorker>>,
}

/// Runs the pods of all nodes.
#[derive(Clone)]
pub struct Kubelet {
    runtime: Arc<dyn Runtime>,
    images_preloaded: bool,
    /// How many nodes have a kubelet: `node-1` and so on.
    nodes: u32,
    /// The nodes that are cut off.
    cut_off: RedBlackTreeSetSync<String>,
    off: power::Off,
    faults: faults::Faults,
    /// Whether the registry does not answer.
    pulls_fail: bool,
    pods: RedBlackTreeMapSync<Key, Slot>,
    /// Pods that ran before all nodes were switched off and on again, and have not been looked at since.
    rebooted: RedBlackTreeSetSync<Key>,
    by_ip: RedBlackTreeMapSync<Ipv4Addr, Key>,
    /// The last address that each node gave away.
    last_ip: RedBlackTreeMapSync<String, u32>,
    pulled: RedBlackTreeSetSync<(String, String)>,
    images: RedBlackTreeMapSync<String, ImageLookup>,
    layers: RedBlackTreeMapSync<String, FileSystem>,
    disks: Disks,
    affinity: Affinity,
    ways: Ways,
    /// The DNS server's memory; it stands here beside everything else that programs reach.
    dns_cache: Cache,
    execs: RedBlackTreeMapSync<ExecId, Key>,
    ended_execs: RedBlackTreeMapSync<ExecId, ExecProgress>,
    last_exec: u64,
}

impl Kubelet {
    /// Kubelets that run what `runtime` knows. With `images_preloaded`, every image that exists is on every node from
    /// the beginning; else nodes pull what they need. Kubelets run on `node-1` up to as many as `nodes`.
    pub fn new(runtime: Arc<dyn Runtime>, images_preloaded: bool, nodes: u32) -> Kubelet {
        Kubelet {
            runtime,
            images_preloaded,
            nodes,
            cut_off: RedBlackTreeSetSync::new_sync(),
            off: power::Off::default(),
            faults: faults::Faults::default(),
            pulls_fail: false,
            pods: RedBlackTreeMapSync::new_sync(),
            rebooted: RedBlackTreeSetSync::new_sync(),
            by_ip: RedBlackTreeMapSync::new_sync(),
            last_ip: RedBlackTreeMapSync::new_sync(),
            pulled: RedBlackTreeSetSync::new_sync(),
            images: RedBlackTreeMapSync::new_sync(),
            layers: RedBlackTreeMapSync::new_sync(),
            disks: Disks::default(),
            affinity: Affinity::default(),
            ways: Ways::default(),
            dns_cache: Cache::default(),
            execs: RedBlackTreeMapSync::new_sync(),
            ended_execs: RedBlackTreeMapSync::new_sync(),
            last_exec: 0,
        }
    }

    /// See [`crate::Cluster::fail_pulls`].
    pub(crate) fn fail_pulls(&mut self, fail: bool) {
        self.pulls_fail = fail;
    }

    /// What images hold and what their programs do.
    pub fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    /// The bytes of all volumes and containers.
    pub fn disks(&self) -> &Disks {
        &self.disks
    }

    /// The latest lookups and requests.
    pub fn ways(&self) -> &Ways {
        &self.ways
    }

    fn worker(&self, key: &Key) -> Option<&PodWorker> {
        self.pods.get(key)?.current.as_deref()
    }

    fn key_at(&self, address: IpAddr) -> Option<Key> {
        match address {
            IpAddr::V4(address) => self.by_ip.get(&address).cloned(),
            IpAddr::V6(_) => None,
        }
    }

    fn pod_at(&self, address: IpAddr) -> Option<&PodWorker> {
        self.worker(&self.key_at(address)?)
    }

    /// Takes a pod's state out, to be changed; [`Kubelet::put_back`] follows.
    fn take(&mut self, key: &Key) -> Option<Arc<PodWorker>> {
        self.pods.get_mut(key)?.current.take()
    }

    fn put_back(&mut self, key: &Key, worker: Arc<PodWorker>) {
        match self.pods.get_mut(key) {
            Some(slot) => slot.current = Some(worker),
            None => {
                let slot = Slot {
                    current: Some(worker),
                    orphans: Vec::new(),
                };
                self.pods.insert_mut(key.clone(), slot);
            }
        }
    }

    /// A pod that came with an address, as those that a new cluster brings along, keeps it from others.
    fn keep_foreign_address(&mut self, change: &Change, pod: &core::Pod) {
        let running = |status: &&core::PodStatus| status.phase.as_deref() == Some("Running");
        let status = pod.status.as_ref().filter(running);
        let ip = status.and_then(|status| status.pod_ip.as_deref());
        let Some(ip) = ip.and_then(|ip| ip.parse::<Ipv4Addr>().ok()) else {
            return;
        };
        let key = change.object.key();
        if self.worker(&key).is_some() || self.rebooted.contains(&key) {
            return;
        }
        let known = self.by_ip.get(&ip);
        if change.change != ChangeType::Deleted && known.is_none() {
            self.by_ip.insert_mut(ip, key);
        } else if change.change == ChangeType::Deleted && known == Some(&key) {
            self.by_ip.remove_mut(&ip);
        }
    }

    /// The first free address of a node after the one it gave away last.
    fn allocate_ip(&mut self, node: &str, cidr: &str) -> Option<Ipv4Addr> {
        let (network, length) = cidr.split_once('/')?;
        let network = u32::from(network.parse::<Ipv4Addr>().ok()?);
        let size = 1u32.checked_shl(32u32.checked_sub(length.parse().ok()?)?)?;
        let last = self.last_ip.get(node).copied().unwrap_or(1);
        // The network's own address, the bridge's and the broadcast address are not given away.
        let usable = size.checked_sub(3).filter(|usable| *usable > 0)?;
        let mut offset = last;
        for _ in 0..usable {
            offset = if offset + 1 >= size - 1 {
                2
            } else {
                offset + 1
            };
            let ip = Ipv4Addr::from(network + offset);
            if !self.by_ip.contains_key(&ip) {
                self.last_ip.insert_mut(node.to_owned(), offset);
                return Some(ip);
            }
        }
        None
    }
}

impl Controller for Kubelet {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        self.observe_volumes(change, store, wakes);
        if let Object::PersistentVolume(volume) = &*change.object {
            let deletes = volume
                .spec
                .as_ref()
                .and_then(|spec| spec.persistent_volume_reclaim_policy.as_deref())
                == Some("Delete");
            if change.change == ChangeType::Deleted && deletes {
                self.disks.remove(&volumes::disk_of_volume(volume));
            }
            return;
        }
        let Object::Pod(pod) = &*change.object else {
            return;
        };
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
        if node.is_none_or(str::is_empty) {
            return;
        }
        self.keep_foreign_address(change, pod);
        let interesting = match &change.old {
            None => true,
            Some(_) if change.change == ChangeType::Deleted => true,
            Some(old) => {
                let (old, new) = (old.as_ref(), change.object.meta());
                let (old_node, gates) = match old {
                    Object::Pod(old) => (
                        old.spec.as_ref().and_then(|spec| spec.node_name.as_ref()),
                        status::gates_changed(old, pod),
                    ),
                    _ => (None, false),
                };
                gates
                    || old_node.is_none_or(String::is_empty)
                    || old.meta().generation != new.generation
                    || old.meta().deletion_timestamp != new.deletion_timestamp
            }
        };
        if interesting {
            wakes.add(ControllerId::Kubelet, change.object.key());
        }
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let mut slot = match self.pods.get_mut(key) {
            Some(slot) => std::mem::take(slot),
            None => Slot::default(),
        };
        self.reconcile(key, &mut slot, client);
        let mut next = None;
        if let Some(worker) = &mut slot.current {
            plan_refresh(worker, client);
        }
        for worker in slot.orphans.iter_mut().chain(slot.current.as_mut()) {
            if self.is_cut_off(&worker.node) {
                continue;
            }
            let worker = Arc::make_mut(worker);
            self.advance(worker, client);
            next = [next, worker.next_due()].into_iter().flatten().min();
        }
        slot.orphans.retain(|worker| !worker.is_finished());
        if slot.current.is_none() && slot.orphans.is_empty() {
            self.pods.remove_mut(key);
        } else {
            self.pods.insert_mut(key.clone(), slot);
        }
        match next {
            Some(at) => Outcome::after(at.since(client.now()).max(Duration::micros(1))),
            None => Outcome::DONE,
        }
    }
}
