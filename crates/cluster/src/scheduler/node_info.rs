//! What a node offers and what its pods take.
//!
//! Upstream: `pkg/scheduler/framework/types.go`.

use crate::api::quantity::Amount;
use k8s_openapi::api::core::v1::{Container, Node, Pod, PodSpec, Taint};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use std::collections::BTreeMap;

/// What a container without a request counts for in scores: cpu in thousandths, memory in bytes.
///
/// Upstream: `pkg/scheduler/util/pod_resources.go`.
const DEFAULT_REQUEST: (i128, i128) = (100, 200 * 1024 * 1024);

/// Amounts of resources by name; cpu in thousandths, all else in units.
pub(super) type Resources = BTreeMap<String, i128>;

/// What the scheduler needs to know of a pod.
#[derive(Clone, Debug, Default)]
pub(super) struct PodInfo {
    /// What it asks for.
    pub requests: Resources,
    /// What it counts for in scores: cpu in thousandths, memory in bytes.
    pub weight: (i128, i128),
    /// The uid of the controller that made it; empty for none.
    pub owner: String,
    /// Ports on the node itself, with protocol.
    pub host_ports: Vec<(i32, String)>,
}

impl PodInfo {
    /// Sums up a pod.
    pub fn of(pod: &Pod) -> PodInfo {
        let meta = &pod.metadata;
        let mut owners = meta.owner_references.iter().flatten();
        let owner = owners.find(|owner| owner.controller == Some(true));
        let Some(spec) = &pod.spec else {
            return PodInfo::default();
        };
        let ports = spec
            .containers
            .iter()
            .flat_map(|container| container.ports.iter().flatten());
        PodInfo {
            requests: requests(spec),
            weight: weight(spec),
            owner: owner.map(|owner| owner.uid.clone()).unwrap_or_default(),
            host_ports: ports
                .filter_map(|port| {
                    let number = port.host_port.filter(|number| *number > 0)?;
                    Some((
                        number,
                        port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()),
                    ))
                })
                .collect(),
        }
    }
}

/// The sum of the containers' requests, or the largest init container's if that is more.
fn requests(spec: &PodSpec) -> Resources {
    let of = |container: &Container| -> Resources {
        let requests = container
            .resources
            .as_ref()
            .and_then(|all| all.requests.as_ref());
        requests
            .into_iter()
            .flatten()
            .map(|(name, amount)| (name.clone(), units(name, amount)))
            .collect()
    };
    let mut sum = Resources::new();
    for container in &spec.containers {
        for (name, amount) in of(container) {
            *sum.entry(name).or_default() += amount;
        }
    }
    for container in spec.init_containers.iter().flatten() {
        for (name, amount) in of(container) {
            let known = sum.entry(name).or_default();
            *known = (*known).max(amount);
        }
    }
    sum
}

fn weight(spec: &PodSpec) -> (i128, i128) {
    let (mut cpu, mut memory) = (0, 0);
    for container in &spec.containers {
        let requests = container
            .resources
            .as_ref()
            .and_then(|all| all.requests.as_ref());
        let amount = |name: &str, default| {
            requests
                .and_then(|all| all.get(name))
                .map_or(default, |amount| units(name, amount))
        };
        cpu += amount("cpu", DEFAULT_REQUEST.0);
        memory += amount("memory", DEFAULT_REQUEST.1);
    }
    (cpu, memory)
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
    /// The sum of the pods' weights.
    pub weight: (i128, i128),
    pub pods: i128,
    /// How many pods of each controller there are.
    pub by_owner: BTreeMap<String, u32>,
    pub host_ports: Vec<(i32, String)>,
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
            allocatable
                .into_iter()
                .flatten()
                .map(|(name, amount)| (name.clone(), units(name, amount)))
                .collect::<Resources>(),
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
        changed
    }

    /// Counts a pod.
    pub fn add(&mut self, pod: &PodInfo) {
        self.count(pod, 1);
        self.host_ports.extend(pod.host_ports.iter().cloned());
        if !pod.owner.is_empty() {
            *self.by_owner.entry(pod.owner.clone()).or_default() += 1;
        }
    }

    /// Counts a pod no more.
    pub fn remove(&mut self, pod: &PodInfo) {
        self.count(pod, -1);
        self.host_ports
            .retain(|port| !pod.host_ports.contains(port));
        if let Some(count) = self.by_owner.get_mut(&pod.owner) {
            *count -= 1;
            if *count == 0 {
                self.by_owner.remove(&pod.owner);
            }
        }
    }

    fn count(&mut self, pod: &PodInfo, sign: i128) {
        self.pods += sign;
        self.weight.0 += sign * pod.weight.0;
        self.weight.1 += sign * pod.weight.1;
        for (name, amount) in &pod.requests {
            *self.requested.entry(name.clone()).or_default() += sign * amount;
        }
    }
}
