//! Which slices a service needs, with as little change to the present ones as possible.
//!
//! Upstream: `staging/src/k8s.io/endpointslice/reconciler.go`.

use super::super::service_pods::{
    HEADLESS_LABEL, TargetPort, annotate_trigger_time, belongs_in_endpoints, dns_hostname,
    is_headless, pod_ip, ready_condition, target_ports,
};
use super::{CONTROLLER_NAME, MANAGED_BY_LABEL, SERVICE_NAME_LABEL, owned_by};
use crate::meta::controller_ref::new_controller_ref;
use crate::object::{Key, Kind, Object};
use crate::sort;
use crate::store::Store;
use k8s_openapi::api::core::v1::{ObjectReference, Pod, Service, ServiceSpec};
use k8s_openapi::api::discovery::v1::{
    Endpoint, EndpointConditions, EndpointHints, EndpointPort, EndpointSlice, ForNode, ForZone,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many endpoints a slice holds at most.
const MAX_ENDPOINTS: usize = 100;

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// New slices.
    pub(super) create: Vec<EndpointSlice>,
    /// Slices with other endpoints or labels than before.
    pub(super) update: Vec<EndpointSlice>,
    /// Slices that are needed no more.
    pub(super) delete: Vec<Key>,
}

impl Plan {
    /// Writes into everything that is written when the change began.
    pub(super) fn set_trigger_time(&mut self, time: Option<Time>) {
        for slice in self.create.iter_mut().chain(&mut self.update) {
            annotate_trigger_time(&mut slice.metadata, time.clone());
        }
    }

    /// A slice that would be deleted while another is made becomes the other one.
    fn reuse(&mut self, service: &Service, old: &BTreeMap<Key, &EndpointSlice>) {
        let mut kept = Vec::new();
        for key in std::mem::take(&mut self.delete) {
            let deleted = old
                .get(&key)
                .filter(|o| owned_by(&o.metadata, &service.metadata));
            match (deleted, self.create.pop()) {
                (Some(deleted), Some(mut slice)) => {
                    slice.metadata.name.clone_from(&deleted.metadata.name);
                    self.update.push(slice);
                }
                (_, unused) => {
                    self.create.extend(unused);
                    kept.push(key);
                }
            }
        }
        self.delete = kept;
    }
}

/// One service with what all its endpoints share.
struct Context<'a> {
    service: &'a Service,
    spec: &'a ServiceSpec,
    store: &'a Store,
    touched: Option<&'a BTreeSet<Key>>,
}

/// Compares what is there with what must be. With `touched`, only those slices can be out of date: `pods` need not
/// hold what only other slices list.
pub(super) fn plan(
    service: &Service,
    spec: &ServiceSpec,
    pods: &[&Pod],
    existing: &[Arc<Object>],
    touched: Option<&BTreeSet<Key>>,
    store: &Store,
) -> Plan {
    let context = Context {
        service,
        spec,
        store,
        touched,
    };
    let mut desired = context.group_by_ports(pods);
    let mut plan = Plan::default();
    let mut present: BTreeMap<Vec<TargetPort>, Vec<&EndpointSlice>> = BTreeMap::new();
    let mut by_key = BTreeMap::new();
    for object in existing {
        let Some(slice) = object.as_kind::<EndpointSlice>() else {
            continue;
        };
        by_key.insert(object.key(), slice);
        if owned_by(&slice.metadata, &service.metadata) {
            present.entry(ports_of(slice)).or_default().push(slice);
        } else {
            plan.delete.push(object.key());
        }
    }
    for (ports, slices) in present {
        match desired.remove(&ports) {
            Some(pods) => context.reconcile_ports(&ports, pods, &slices, &mut plan),
            None if slices.iter().any(|slice| context.is_untouched(slice)) => {
                context.reconcile_ports(&ports, BTreeMap::new(), &slices, &mut plan);
            }
            None => plan.delete.extend(slices.into_iter().map(key_of)),
        }
    }
    for (ports, pods) in desired {
        context.reconcile_ports(&ports, pods, &[], &mut plan);
    }
    if existing.len() == plan.delete.len() && plan.create.is_empty() {
        let placeholder = context.new_slice(&[]);
        match plan.delete.as_slice() {
            [only] if is_placeholder(by_key.get(only).copied(), &placeholder) => {
                plan.delete.clear();
            }
            _ => plan.create.push(placeholder),
        }
    }
    plan.reuse(service, &by_key);
    plan
}

impl Context<'_> {
    fn is_untouched(&self, slice: &EndpointSlice) -> bool {
        let touched = self.touched;
        touched.is_some_and(|touched| !touched.contains(&key_of(slice)))
    }

    fn group_by_ports<'p>(
        &self,
        pods: &[&'p Pod],
    ) -> BTreeMap<Vec<TargetPort>, BTreeMap<&'p str, &'p Pod>> {
        let mut groups: BTreeMap<Vec<TargetPort>, BTreeMap<&str, &Pod>> = BTreeMap::new();
        let publish = self.spec.publish_not_ready_addresses == Some(true);
        for pod in pods {
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
            let node = Key::new("", node.unwrap_or(""));
            let known = publish || self.store.get(Kind::Node, &node).is_some();
            if belongs_in_endpoints(pod, true) && known {
                let name = pod.metadata.name.as_deref().unwrap_or("");
                let mut ports = target_ports(self.spec, pod);
                sort::by(&mut ports, Ord::cmp);
                groups.entry(ports).or_default().insert(name, pod);
            }
        }
        groups
    }

    fn reconcile_ports(
        &self,
        ports: &[TargetPort],
        mut wanted: BTreeMap<&str, &Pod>,
        slices: &[&EndpointSlice],
        plan: &mut Plan,
    ) {
        let mut changed: Vec<EndpointSlice> = Vec::new();
        let mut unchanged: Vec<&EndpointSlice> = Vec::new();
        let labels = self.labels();
        for slice in slices {
            if self.is_untouched(slice) {
                unchanged.push(slice);
                continue;
            }
            let endpoints = slice.endpoints.as_deref().unwrap_or_default();
            let mut kept = Vec::new();
            let mut same = slice.metadata.labels.as_ref() == Some(&labels);
            for endpoint in endpoints {
                let name = endpoint.target_ref.as_ref().and_then(|t| t.name.as_deref());
                match name.and_then(|name| self.take_same(&mut wanted, name, endpoint)) {
                    Some(pod) => {
                        let current = self.is_current(endpoint, pod);
                        same &= current;
                        kept.push((endpoint, pod, current));
                    }
                    None => same = false,
                }
            }
            if same {
                unchanged.push(slice);
            } else if kept.is_empty() && !endpoints.is_empty() {
                plan.delete.push(key_of(slice));
            } else {
                let endpoints = kept.into_iter().map(|(endpoint, pod, current)| {
                    if current {
                        endpoint.clone()
                    } else {
                        self.endpoint(pod)
                    }
                });
                let mut slice = with_no_endpoints(slice);
                slice.endpoints = Some(endpoints.collect());
                slice.metadata.labels = Some(labels.clone());
                changed.push(slice);
            }
        }
        self.place(ports, wanted, changed, unchanged, plan);
    }

    /// The pod of that name, if the endpoint with its address and host name is still it.
    fn take_same<'p>(
        &self,
        wanted: &mut BTreeMap<&str, &'p Pod>,
        name: &str,
        endpoint: &Endpoint,
    ) -> Option<&'p Pod> {
        let pod = *wanted.get(name)?;
        let same = endpoint.addresses.first().map(String::as_str) == pod_ip(pod)
            && endpoint.hostname.as_deref() == dns_hostname(pod, &self.service.metadata);
        if !same {
            return None;
        }
        wanted.remove(name);
        Some(pod)
    }

    /// Finds room for new endpoints: in slices that are written anyway, then in one that has just enough room,
    /// then in new ones.
    fn place(
        &self,
        ports: &[TargetPort],
        wanted: BTreeMap<&str, &Pod>,
        mut changed: Vec<EndpointSlice>,
        mut unchanged: Vec<&EndpointSlice>,
        plan: &mut Plan,
    ) {
        let mut wanted: Vec<&Pod> = wanted.into_values().rev().collect();
        sort::by_key(&mut changed, |slice| Reverse(length(slice)));
        for slice in &mut changed {
            self.fill(slice, &mut wanted);
        }
        while !wanted.is_empty() {
            let enough = |slice: &&EndpointSlice| length(slice) + wanted.len() <= MAX_ENDPOINTS;
            let room = |slice: &&EndpointSlice| MAX_ENDPOINTS - length(slice) - wanted.len();
            let best = unchanged.iter().copied().filter(enough).min_by_key(room);
            // Upstream never fills a slice from empty this way.
            let best = best.filter(|slice| wanted.len() < MAX_ENDPOINTS && length(slice) > 0);
            let mut slice = match best {
                Some(best) => {
                    unchanged.retain(|slice| !std::ptr::eq(*slice, best));
                    best.clone()
                }
                None => self.new_slice(ports),
            };
            self.fill(&mut slice, &mut wanted);
            if slice.metadata.name.is_some() {
                changed.push(slice);
            } else {
                plan.create.push(slice);
            }
        }
        plan.update.extend(changed);
    }

    /// Moves pods from the end of `wanted` into a slice until it is full.
    fn fill(&self, slice: &mut EndpointSlice, wanted: &mut Vec<&Pod>) {
        let endpoints = slice.endpoints.get_or_insert_default();
        while endpoints.len() < MAX_ENDPOINTS
            && let Some(pod) = wanted.pop()
        {
            endpoints.push(self.endpoint(pod));
        }
    }

    /// Ready, serving and terminating, as the endpoint of a pod says them.
    fn conditions(&self, pod: &Pod) -> (bool, bool, bool) {
        let (serving, _) = ready_condition(pod);
        let terminating = pod.metadata.deletion_timestamp.is_some();
        let publish = self.spec.publish_not_ready_addresses == Some(true);
        (publish || (serving && !terminating), serving, terminating)
    }

    fn is_current(&self, endpoint: &Endpoint, pod: &Pod) -> bool {
        let (ready, serving, terminating) = self.conditions(pod);
        let conditions = endpoint.conditions.as_ref();
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
        let target = endpoint.target_ref.as_ref();
        conditions.is_some_and(|conditions| {
            conditions.ready == Some(ready)
                && conditions.serving == Some(serving)
                && conditions.terminating == Some(terminating)
        }) && endpoint.node_name.as_deref() == node
            && target.is_some_and(|target| target.uid == pod.metadata.uid)
            && endpoint.zone.as_deref() == self.zone(node)
            && endpoint.hints == self.hints(ready, node)
    }

    /// For which nodes and zones a ready endpoint is meant.
    ///
    /// Upstream: `k8s.io/endpointslice/trafficdist`.
    fn hints(&self, ready: bool, node: Option<&str>) -> Option<EndpointHints> {
        let wanted = self.spec.traffic_distribution.as_deref()?;
        if !ready {
            return None;
        }
        let zone = self.zone(node).map(str::to_owned);
        let node = node.filter(|_| wanted == "PreferSameNode");
        let hints = EndpointHints {
            for_zones: zone.map(|name| vec![ForZone { name }]),
            for_nodes: node.map(|name| {
                vec![ForNode {
                    name: name.to_owned(),
                }]
            }),
        };
        (hints.for_zones.is_some() || hints.for_nodes.is_some()).then_some(hints)
    }

    fn zone(&self, node: Option<&str>) -> Option<&str> {
        let node = self.store.get(Kind::Node, &Key::new("", node?))?;
        let labels = node.meta().labels.as_ref()?;
        labels
            .get("topology.kubernetes.io/zone")
            .map(String::as_str)
    }

    fn endpoint(&self, pod: &Pod) -> Endpoint {
        let (ready, serving, terminating) = self.conditions(pod);
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
        Endpoint {
            addresses: pod_ip(pod).map(str::to_owned).into_iter().collect(),
            conditions: Some(EndpointConditions {
                ready: Some(ready),
                serving: Some(serving),
                terminating: Some(terminating),
            }),
            hostname: dns_hostname(pod, &self.service.metadata).map(str::to_owned),
            zone: self.zone(node.as_deref()).map(str::to_owned),
            hints: self.hints(ready, node.as_deref()),
            node_name: node,
            target_ref: Some(ObjectReference {
                kind: Some("Pod".to_owned()),
                namespace: pod.metadata.namespace.clone(),
                name: pod.metadata.name.clone(),
                uid: pod.metadata.uid.clone(),
                ..ObjectReference::default()
            }),
            ..Endpoint::default()
        }
    }

    /// The service's labels and those that every slice has.
    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.service.metadata.labels.clone().unwrap_or_default();
        labels.remove(HEADLESS_LABEL);
        if is_headless(self.spec) {
            labels.insert(HEADLESS_LABEL.to_owned(), String::new());
        }
        let name = self.service.metadata.name.clone().unwrap_or_default();
        labels.insert(SERVICE_NAME_LABEL.to_owned(), name);
        labels.insert(MANAGED_BY_LABEL.to_owned(), CONTROLLER_NAME.to_owned());
        labels
    }

    fn new_slice(&self, ports: &[TargetPort]) -> EndpointSlice {
        let meta = &self.service.metadata;
        let port = |port: &TargetPort| EndpointPort {
            app_protocol: port.app_protocol.clone(),
            name: Some(port.name.clone()),
            port: Some(port.port),
            protocol: Some(port.protocol.clone()),
        };
        EndpointSlice {
            address_type: "IPv4".to_owned(),
            endpoints: None,
            metadata: ObjectMeta {
                generate_name: Some(format!("{}-", meta.name.as_deref().unwrap_or(""))),
                namespace: meta.namespace.clone(),
                labels: Some(self.labels()),
                owner_references: Some(vec![new_controller_ref(Kind::Service, meta)]),
                ..ObjectMeta::default()
            },
            ports: (!ports.is_empty()).then(|| ports.iter().map(port).collect()),
        }
    }
}

fn length(slice: &EndpointSlice) -> usize {
    slice.endpoints.as_ref().map_or(0, Vec::len)
}

fn with_no_endpoints(slice: &EndpointSlice) -> EndpointSlice {
    EndpointSlice {
        address_type: slice.address_type.clone(),
        endpoints: None,
        metadata: slice.metadata.clone(),
        ports: slice.ports.clone(),
    }
}

fn key_of(slice: &EndpointSlice) -> Key {
    let meta = &slice.metadata;
    Key::new(
        meta.namespace.as_deref().unwrap_or(""),
        meta.name.as_deref().unwrap_or(""),
    )
}

fn ports_of(slice: &EndpointSlice) -> Vec<TargetPort> {
    let mut ports: Vec<TargetPort> = slice
        .ports
        .iter()
        .flatten()
        .map(|port| TargetPort {
            name: port.name.clone().unwrap_or_default(),
            port: port.port.unwrap_or(0),
            protocol: port.protocol.clone().unwrap_or_default(),
            app_protocol: port.app_protocol.clone(),
        })
        .collect();
    sort::by(&mut ports, Ord::cmp);
    ports
}

/// Whether the slice already is what a service without endpoints has.
fn is_placeholder(slice: Option<&EndpointSlice>, placeholder: &EndpointSlice) -> bool {
    slice.is_some_and(|slice| {
        let owners = |slice: &EndpointSlice| -> BTreeSet<String> {
            let owners = slice.metadata.owner_references.iter().flatten();
            sort::set(owners.map(|owner| owner.uid.clone()))
        };
        length(slice) == 0
            && ports_of(slice).is_empty()
            && slice.metadata.labels == placeholder.metadata.labels
            && owners(slice) == owners(placeholder)
    })
}
