//! What a node offers and what its pods take.
//!
//! Upstream: `pkg/scheduler/framework/types.go`.

use crate::api::quantity::Amount;
use crate::object::{Key, Object};
use crate::sort;
use k8s_openapi::api::core::v1::{
    Container, Node, Pod, PodAffinity, PodAntiAffinity, PodSpec, Taint,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use rpds::RedBlackTreeMapSync;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a container without a request counts for in scores: cpu in thousandths, memory in bytes.
///
/// Upstream: `pkg/scheduler/util/pod_resources.go`.
const DEFAULT_REQUEST: [(&str, i128); 2] = [("cpu", 100), ("memory", 200 * 1024 * 1024)];

/// Amounts of resources by name; cpu in thousandths, all else in units.
pub(super) type Resources = BTreeMap<String, i128>;

/// Cpu in thousandths and memory in bytes: what every score of every node looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Basic {
    pub cpu: i64,
    pub memory: i64,
}

impl Basic {
    /// Amounts that a hundredfold would not fit in a number are as good as that.
    fn of(resources: &Resources) -> Basic {
        let of = |name: &str| {
            let amount = resources.get(name).copied().unwrap_or(0);
            i64::try_from(amount.min(i128::from(i64::MAX / 200))).unwrap_or(0)
        };
        Basic {
            cpu: of("cpu"),
            memory: of("memory"),
        }
    }
}

/// What the scheduler needs to know of a pod.
#[derive(Clone, Debug)]
pub(super) struct PodInfo {
    /// The pod as it was last seen.
    pub object: Arc<Object>,
    /// What it asks for.
    pub requests: Resources,
    /// The part of it that is cpu and memory.
    pub asked: Basic,
    /// What it counts for in scores.
    pub weight: Basic,
    /// The uid of the controller that made it; empty for none.
    pub owner: String,
    /// Ports on the node itself: number, protocol, address.
    pub host_ports: Vec<(i32, String, String)>,
    /// Pods of higher priority may take the place of those of lower.
    pub priority: i32,
}

impl PodInfo {
    /// Sums up a pod.
    pub fn of(object: &Arc<Object>) -> PodInfo {
        let owners = object.meta().owner_references.iter().flatten();
        let owner = owners
            .into_iter()
            .find(|owner| owner.controller == Some(true));
        let mut info = PodInfo {
            object: object.clone(),
            requests: Resources::new(),
            asked: Basic::default(),
            weight: Basic::default(),
            owner: owner.map(|owner| owner.uid.clone()).unwrap_or_default(),
            host_ports: Vec::new(),
            priority: 0,
        };
        let Some(spec) = info.spec() else {
            return info;
        };
        let ports = spec
            .containers
            .iter()
            .flat_map(|container| container.ports.iter().flatten());
        let host_ports = ports.filter_map(|port| {
            let number = port.host_port.filter(|number| *number > 0)?;
            let protocol = port.protocol.clone().unwrap_or_else(|| "TCP".to_owned());
            let address = port.host_ip.clone().filter(|address| !address.is_empty());
            Some((
                number,
                protocol,
                address.unwrap_or_else(|| ANY_ADDRESS.to_owned()),
            ))
        });
        let (requests, weight, host_ports, priority) = (
            pod_requests(spec, &[]),
            pod_requests(spec, &DEFAULT_REQUEST),
            host_ports.collect(),
            spec.priority.unwrap_or(0),
        );
        info.weight = Basic::of(&weight);
        info.asked = Basic::of(&requests);
        info.requests = requests;
        info.host_ports = host_ports;
        info.priority = priority;
        info
    }

    /// The pod's spec.
    pub fn spec(&self) -> Option<&PodSpec> {
        self.object.as_kind::<Pod>()?.spec.as_ref()
    }

    /// Its labels.
    pub fn labels(&self) -> Option<&BTreeMap<String, String>> {
        self.object.meta().labels.as_ref()
    }

    /// Its rules about other pods: near, and apart.
    pub fn affinity(&self) -> (Option<&PodAffinity>, Option<&PodAntiAffinity>) {
        let affinity = self.spec().and_then(|spec| spec.affinity.as_ref());
        (
            affinity.and_then(|affinity| affinity.pod_affinity.as_ref()),
            affinity.and_then(|affinity| affinity.pod_anti_affinity.as_ref()),
        )
    }

    /// Whether it has rules about other pods.
    pub fn has_affinity(&self) -> bool {
        let (near, apart) = self.affinity();
        near.is_some() || apart.is_some()
    }

    /// Whether a pod with these ports of the node cannot be beside it.
    pub fn conflicts(&self, others: &[(i32, String, String)]) -> bool {
        let same_address = |a: &str, b: &str| a == b || a == ANY_ADDRESS || b == ANY_ADDRESS;
        self.host_ports.iter().any(|(number, protocol, address)| {
            others
                .iter()
                .any(|(n, p, a)| n == number && p == protocol && same_address(a, address))
        })
    }
}

/// All addresses of a node.
const ANY_ADDRESS: &str = "0.0.0.0";

/// What a pod asks for: its containers and sidecars together, or more if its init containers need more; and its overhead.
/// `defaults` stand in for what a container does not say.
///
/// Upstream: `staging/src/k8s.io/component-helpers/resource/helpers.go` (`PodRequests`).
fn pod_requests(spec: &PodSpec, defaults: &[(&str, i128)]) -> Resources {
    let own = |requests: Option<&BTreeMap<String, Quantity>>| -> Resources {
        let requests = requests.into_iter().flatten();
        sort::map(requests.map(|(name, amount)| (name.clone(), units(name, amount))))
    };
    let of = |container: &Container| -> Resources {
        let resources = container.resources.as_ref();
        let mut all = own(resources.and_then(|resources| resources.requests.as_ref()));
        for (name, amount) in defaults {
            all.entry((*name).to_owned()).or_insert(*amount);
        }
        all
    };
    let add = |sum: &mut Resources, more: &Resources| {
        for (name, amount) in more {
            *sum.entry(name.clone()).or_default() += amount;
        }
    };
    let (mut sum, mut sidecars, mut highest) =
        (Resources::new(), Resources::new(), Resources::new());
    for container in &spec.containers {
        add(&mut sum, &of(container));
    }
    for container in spec.init_containers.iter().flatten() {
        let mut at_once = of(container);
        if container.restart_policy.as_deref() == Some("Always") {
            add(&mut sum, &at_once);
            add(&mut sidecars, &at_once);
            at_once.clone_from(&sidecars);
        } else {
            add(&mut at_once, &sidecars);
        }
        for (name, amount) in at_once {
            let known = highest.entry(name).or_default();
            *known = (*known).max(amount);
        }
    }
    for (name, amount) in highest {
        let known = sum.entry(name).or_default();
        *known = (*known).max(amount);
    }
    let of_pod = spec.resources.as_ref();
    sum.extend(own(of_pod.and_then(|resources| resources.requests.as_ref())));
    add(&mut sum, &own(spec.overhead.as_ref()));
    sum
}

fn units(name: &str, amount: &Quantity) -> i128 {
    match name {
        "cpu" => Amount::of(amount).milli(),
        _ => Amount::of(amount).value(),
    }
}

/// A node as the scheduler sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeInfo {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub taints: Vec<Taint>,
    pub unschedulable: bool,
    pub allocatable: Resources,
    pub requested: Resources,
    /// The part of `allocatable` that is cpu and memory.
    pub room: Basic,
    /// The part of `requested` that is cpu and memory.
    pub used: Basic,
    /// The sum of the pods' weights.
    pub weight: Basic,
    pub pods: RedBlackTreeMapSync<Key, Arc<PodInfo>>,
    /// How many of the pods have rules about other pods.
    pub with_affinity: usize,
    /// How many pods of each controller there are.
    pub by_owner: BTreeMap<String, u32>,
    pub host_ports: Vec<(i32, String, String)>,
}

impl NodeInfo {
    /// Takes the object's state over; whether anything changed that matters here.
    pub fn update(&mut self, node: &Node) -> bool {
        let status = node.status.as_ref();
        let allocatable = status.and_then(|status| status.allocatable.as_ref());
        let spec = node.spec.as_ref();
        let fresh = (
            node.metadata.labels.clone().unwrap_or_default(),
            spec.and_then(|spec| spec.taints.clone())
                .unwrap_or_default(),
            spec.and_then(|spec| spec.unschedulable).unwrap_or(false),
            sort::map(
                allocatable
                    .into_iter()
                    .flatten()
                    .map(|(name, amount)| (name.clone(), units(name, amount))),
            ),
        );
        let changed = self.labels != fresh.0
            || self.taints != fresh.1
            || self.unschedulable != fresh.2
            || self.allocatable != fresh.3;
        self.name = node.metadata.name.clone().unwrap_or_default();
        (
            self.labels,
            self.taints,
            self.unschedulable,
            self.allocatable,
        ) = fresh;
        self.room = Basic::of(&self.allocatable);
        changed
    }

    /// Counts a pod.
    pub fn add(&mut self, key: &Key, pod: &Arc<PodInfo>) {
        self.pods.insert_mut(key.clone(), pod.clone());
        self.count(pod, 1);
        self.with_affinity += usize::from(pod.has_affinity());
        self.host_ports.extend(pod.host_ports.iter().cloned());
        if !pod.owner.is_empty() {
            *self.by_owner.entry(pod.owner.clone()).or_default() += 1;
        }
    }

    /// Counts a pod no more.
    pub fn remove(&mut self, key: &Key, pod: &PodInfo) {
        if !self.pods.remove_mut(key) {
            return;
        }
        self.count(pod, -1);
        self.with_affinity -= usize::from(pod.has_affinity());
        self.host_ports
            .retain(|port| !pod.host_ports.contains(port));
        if let Some(count) = self.by_owner.get_mut(&pod.owner) {
            *count -= 1;
            if *count == 0 {
                self.by_owner.remove(&pod.owner);
            }
        }
    }

    fn count(&mut self, pod: &PodInfo, sign: i64) {
        self.weight.cpu = self.weight.cpu.saturating_add(sign * pod.weight.cpu);
        self.weight.memory = self.weight.memory.saturating_add(sign * pod.weight.memory);
        for (name, amount) in &pod.requests {
            *self.requested.entry(name.clone()).or_default() += i128::from(sign) * amount;
        }
        self.used = Basic::of(&self.requested);
    }
}
