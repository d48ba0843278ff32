//! Where a connection to a service's address ends.
//!
//! Upstream: `pkg/proxy/topology.go`, `pkg/proxy/iptables/proxier.go`.

use super::http::ConnectError;
use crate::random::Random;
use crate::store::{Index, Store};
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::discovery::v1 as discovery;
use rpds::RedBlackTreeMapSync;
use std::net::{IpAddr, Ipv4Addr};

/// The addresses of services: 10.96.0.0/12.
const SERVICE_RANGE: (u32, u32) = (0x0a60_0000, 0xfff0_0000);
/// The addresses of pods: the /24 ranges from 10.244.0.0 on.
const POD_RANGE: (u32, u32) = (0x0af4_0000, 0xffff_0000);
/// How many clients a cluster remembers for session affinity before it looks for expired ones.
const AFFINITY_SWEEP: usize = 1024;
/// `sessionAffinityConfig.clientIP.timeoutSeconds` when nothing is said.
const AFFINITY_SECONDS: i32 = 10_800;

/// From where a connection comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The client's address.
    pub address: IpAddr,
    /// The node that it is on; `None` outside of the cluster.
    pub node: Option<&'a str>,
}

/// Which of a service's doors a connection came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The address is no service's: a pod, a node, or nobody.
    Direct,
    /// `spec.clusterIP`.
    ClusterIp,
    /// A node's address with `nodePort`.
    NodePort,
    /// `spec.externalIPs`.
    ExternalIp,
}

/// One endpoint that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its address.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
    /// The pod behind it; empty when there is none.
    pub pod: String,
    /// The node that it is on; empty when that is not known.
    pub node: String,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether it still serves while it ends.
    pub serving_terminating: bool,
    /// The nodes that it is meant for, as its slice says.
    pub for_nodes: Vec<String>,
    /// The zones that it is meant for.
    pub for_zones: Vec<String>,
    /// Whether it was among those that the choice was made from.
    pub eligible: bool,
}

/// How one of several endpoints was chosen, or why none was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// There was nothing to choose: the address was dialled itself.
    Direct,
    /// One of so many, each as likely as the others.
    Random(usize),
    /// The one that this client had before (`sessionAffinity: ClientIP`).
    Affinity,
    /// The service has no port of this number: packets are not for the proxy.
    NoSuchPort,
    /// The service has no endpoint: refused.
    NoEndpoints,
    /// The policy wants an endpoint on the node, and there are some elsewhere alone: dropped.
    NoLocalEndpoints,
    /// Nobody has this address.
    NoSuchAddress,
}

/// The way of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Namespace and name of the service, if there is one.
    pub service: Option<(String, String)>,
    /// How the connection came to it.
    pub door: Door,
    /// The endpoints that there were.
    pub candidates: Vec<Candidate>,
    /// How the choice was made.
    pub choice: Choice,
    /// Where the connection ends, or why nowhere.
    pub endpoint: Result<(IpAddr, u16), ConnectError>,
}

impl Route {
    /// A connection to an address that no service has.
    pub fn direct(address: IpAddr, port: u16) -> Route {
        Route {
            service: None,
            door: Door::Direct,
            candidates: Vec::new(),
            choice: Choice::Direct,
            endpoint: Ok((address, port)),
        }
    }

    fn nowhere(address: IpAddr, choice: Choice, error: fn(String) -> ConnectError) -> Route {
        Route {
            choice,
            endpoint: Err(error(address.to_string())),
            ..Route::direct(address, 0)
        }
    }
}

/// Which endpoint a client had last, and when: service, port and client.
type AffinityKey = (String, String, IpAddr);

/// What the proxies of all nodes remember of clients, for services with session affinity.
#[derive(Clone, Debug, Default)]
pub struct Affinity {
    clients: RedBlackTreeMapSync<AffinityKey, (IpAddr, Instant)>,
}

impl Affinity {
    fn keep(&mut self, key: AffinityKey, endpoint: IpAddr, now: Instant) {
        if self.clients.size() >= AFFINITY_SWEEP {
            let longest = Duration::secs(86_400);
            let old: Vec<AffinityKey> = self
                .clients
                .iter()
                .filter(|(_, (_, at))| now.since(*at) > longest)
                .map(|(key, _)| key.clone())
                .collect();
            for key in old {
                self.clients.remove_mut(&key);
            }
            if self.clients.size() >= AFFINITY_SWEEP {
                self.clients = RedBlackTreeMapSync::new_sync();
            }
        }
        self.clients.insert_mut(key, (endpoint, now));
    }
}

/// What a choice is made with.
pub struct Chooser<'a> {
    /// The objects.
    pub store: &'a Store,
    /// Clients that are to come back to their endpoint.
    pub affinity: &'a mut Affinity,
    /// Chance.
    pub random: &'a mut Random,
    /// The present moment.
    pub now: Instant,
}

impl Chooser<'_> {
    /// The way of a connection from `source` to `address` and `port`: through a service to one of its endpoints, or to
    /// the address itself when it is no service's.
    pub fn route(&mut self, source: Source<'_>, address: IpAddr, port: u16) -> Route {
        let text = address.to_string();
        let at_node = node_of(self.store, address);
        let found = self
            .store
            .list_as::<core::Service>(None)
            .find_map(|service| {
                door(service, &text, at_node.is_some(), port).map(|d| (service, d))
            });
        match found {
            Some((service, door)) => self.through(service, door, at_node, source, (address, port)),
            None if at_node.is_some() => Route::direct(address, port),
            None if in_range(address, SERVICE_RANGE) => {
                Route::nowhere(address, Choice::NoSuchAddress, ConnectError::Dropped)
            }
            None if source.node.is_none() => {
                Route::nowhere(address, Choice::NoSuchAddress, ConnectError::Dropped)
            }
            None => Route::direct(address, port),
        }
    }

    fn through(
        &mut self,
        service: &core::Service,
        door: Door,
        at_node: Option<&str>,
        source: Source<'_>,
        (address, port): (IpAddr, u16),
    ) -> Route {
        let spec = service.spec.as_ref();
        let meta = &service.metadata;
        let key = (
            meta.namespace.clone().unwrap_or_default(),
            meta.name.clone().unwrap_or_default(),
        );
        let mut route = Route {
            service: Some(key.clone()),
            door,
            candidates: Vec::new(),
            choice: Choice::NoSuchPort,
            endpoint: Err(ConnectError::Dropped(address.to_string())),
        };
        let wanted = i32::from(port);
        let named = spec
            .and_then(|spec| spec.ports.as_ref())
            .into_iter()
            .flatten()
            .find(|p| {
                let number = match door {
                    Door::NodePort => p.node_port,
                    _ => Some(p.port),
                };
                number == Some(wanted) && p.protocol.as_deref().unwrap_or("TCP") == "TCP"
            });
        // The addresses of services are known to the nodes alone.
        let (Some(named), true) = (named, door != Door::ClusterIp || source.node.is_some()) else {
            return route;
        };
        let name = named.name.clone().unwrap_or_default();
        route.candidates = candidates(self.store, &key, &name);
        // Pods reach a node port as they reach the service, whatever holds for those outside.
        let policy = spec.and_then(|spec| match door {
            Door::ClusterIp => spec.internal_traffic_policy.as_deref(),
            _ if source.node.is_some() => None,
            _ => spec.external_traffic_policy.as_deref(),
        });
        let node = match door {
            Door::ClusterIp => source.node,
            _ => at_node,
        };
        let local = node.filter(|_| policy == Some("Local"));
        mark_eligible(&mut route.candidates, local);
        if let Some(node) = node.filter(|_| local.is_none()) {
            prefer_near(&mut route.candidates, self.store, node);
        }
        let eligible: Vec<(IpAddr, u16)> = route
            .candidates
            .iter()
            .filter(|candidate| candidate.eligible)
            .map(|candidate| (candidate.address, candidate.port))
            .collect();
        if eligible.is_empty() {
            let usable = |c: &Candidate| c.ready || c.serving_terminating;
            if route.candidates.iter().any(usable) {
                route.choice = Choice::NoLocalEndpoints;
            } else {
                route.choice = Choice::NoEndpoints;
                route.endpoint = Err(ConnectError::Refused(address.to_string()));
            }
            return route;
        }
        let (choice, endpoint) = self.choose(spec, (key.0, key.1 + ":" + &name), source, &eligible);
        route.choice = choice;
        route.endpoint = Ok(endpoint);
        route
    }

    fn choose(
        &mut self,
        spec: Option<&core::ServiceSpec>,
        (namespace, port): (String, String),
        source: Source<'_>,
        eligible: &[(IpAddr, u16)],
    ) -> (Choice, (IpAddr, u16)) {
        let sticky = spec.filter(|spec| spec.session_affinity.as_deref() == Some("ClientIP"));
        let key = (namespace, port, source.address);
        if let Some(spec) = sticky
            && let Some((endpoint, at)) = self.affinity.clients.get(&key).copied()
        {
            let config = spec.session_affinity_config.as_ref();
            let seconds = config
                .and_then(|config| config.client_ip.as_ref()?.timeout_seconds)
                .unwrap_or(AFFINITY_SECONDS);
            let timeout = Duration::secs(u64::try_from(seconds).unwrap_or(0));
            let known = eligible.iter().find(|(address, _)| *address == endpoint);
            if let Some(known) = known.filter(|_| self.now.since(at) <= timeout) {
                self.affinity.keep(key, endpoint, self.now);
                return (Choice::Affinity, *known);
            }
        }
        let draw = self.random.below(eligible.len() as u64);
        let index = usize::try_from(draw).unwrap_or(0);
        let chosen = eligible[index];
        if sticky.is_some() {
            self.affinity.keep(key, chosen.0, self.now);
        }
        (Choice::Random(eligible.len()), chosen)
    }
}

/// How `address` and `port` lead to a service, if they do.
fn door(service: &core::Service, address: &str, is_node: bool, port: u16) -> Option<Door> {
    let spec = service.spec.as_ref()?;
    if spec.cluster_ip.as_deref() == Some(address) {
        return Some(Door::ClusterIp);
    }
    let ports = || spec.ports.iter().flatten();
    if is_node && ports().any(|p| p.node_port == Some(port.into())) {
        return Some(Door::NodePort);
    }
    let outside = spec.external_ips.iter().flatten();
    let here = outside.into_iter().any(|known| known == address);
    (here && ports().any(|p| p.port == i32::from(port))).then_some(Door::ExternalIp)
}

/// Marks the endpoints that a choice is made from: ready ones, or (if there is none) those that still serve while they
/// end; with `local`, of that node alone.
fn mark_eligible(candidates: &mut [Candidate], local: Option<&str>) {
    let near = |c: &Candidate| local.is_none_or(|node| c.node == node);
    let ready = candidates.iter().any(|c| c.ready && near(c));
    for candidate in candidates.iter_mut() {
        let usable = match ready {
            true => candidate.ready,
            false => candidate.serving_terminating,
        };
        candidate.eligible = usable && near(candidate);
    }
}

fn in_range(address: IpAddr, (network, mask): (u32, u32)) -> bool {
    match address {
        IpAddr::V4(address) => u32::from(address) & mask == network,
        IpAddr::V6(_) => false,
    }
}

/// Whether an address is one that pods have.
pub(crate) fn is_pod_address(address: IpAddr) -> bool {
    in_range(address, POD_RANGE)
}

/// The node that has an address.
pub fn node_of(store: &Store, address: IpAddr) -> Option<&str> {
    let text = address.to_string();
    let node = store.list_as::<core::Node>(None).find(|node| {
        let addresses = node
            .status
            .as_ref()
            .and_then(|status| status.addresses.as_ref());
        addresses
            .into_iter()
            .flatten()
            .any(|known| known.address == text)
    })?;
    node.metadata.name.as_deref()
}

/// The first address of a node.
pub(crate) fn node_address(store: &Store, name: &str) -> Option<Ipv4Addr> {
    let node = store.get_as::<core::Node>(&crate::object::Key::new("", name))?;
    let addresses = node.status.as_ref()?.addresses.as_ref()?;
    addresses
        .iter()
        .find_map(|known| known.address.parse().ok())
}

/// The slices of a service.
pub(crate) fn slices<'s>(
    store: &'s Store,
    namespace: &str,
    service: &str,
) -> Vec<&'s discovery::EndpointSlice> {
    let label = format!("kubernetes.io/service-name={service}");
    store
        .by_index_as::<discovery::EndpointSlice>(Index::Label, &label)
        .filter(|slice| slice.metadata.namespace.as_deref() == Some(namespace))
        .collect()
}

fn names<T>(list: Option<&Vec<T>>, name: fn(&T) -> &String) -> Vec<String> {
    list.into_iter()
        .flatten()
        .map(|one| name(one).clone())
        .collect()
}

/// Which endpoints a node's proxy prefers: those meant for the node if all are meant for nodes, else those for its zone.
///
/// Upstream: `topologyModeFromHints`.
fn prefer_near(candidates: &mut [Candidate], store: &Store, node: &str) {
    let labels = store
        .get_as::<core::Node>(&crate::object::Key::new("", node))
        .and_then(|node| node.metadata.labels.as_ref());
    let zone = labels.and_then(|labels| labels.get("topology.kubernetes.io/zone"));
    type Hints = fn(&Candidate) -> &Vec<String>;
    let ways: [(Hints, &str); 2] = [
        (|c| &c.for_nodes, node),
        (|c| &c.for_zones, zone.map_or("", String::as_str)),
    ];
    for (hints, own) in ways {
        let meant = |c: &Candidate| hints(c).iter().any(|name| name == own);
        let ready = || candidates.iter().filter(|c| c.ready);
        if ready().all(|c| !hints(c).is_empty()) && ready().any(meant) {
            for candidate in candidates.iter_mut().filter(|c| c.ready) {
                candidate.eligible &= meant(candidate);
            }
            return;
        }
    }
}

/// All endpoints of a service's port.
fn candidates(store: &Store, (namespace, name): &(String, String), port: &str) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for slice in slices(store, namespace, name) {
        let number = slice
            .ports
            .iter()
            .flatten()
            .find(|known| known.name.as_deref().unwrap_or("") == port)
            .and_then(|known| u16::try_from(known.port?).ok());
        let Some(number) = number else { continue };
        for endpoint in slice.endpoints.iter().flatten() {
            let Some(Ok(address)) = endpoint.addresses.first().map(|text| text.parse()) else {
                continue;
            };
            let conditions = endpoint.conditions.as_ref();
            let is = |pick: fn(&discovery::EndpointConditions) -> Option<bool>, default| {
                conditions.and_then(pick).unwrap_or(default)
            };
            let target = endpoint.target_ref.as_ref();
            let hints = endpoint.hints.as_ref();
            all.push(Candidate {
                address,
                port: number,
                pod: target.and_then(|t| t.name.clone()).unwrap_or_default(),
                node: endpoint.node_name.clone().unwrap_or_default(),
                ready: is(|c| c.ready, true),
                serving_terminating: is(|c| c.serving, false) && is(|c| c.terminating, false),
                for_nodes: names(hints.and_then(|h| h.for_nodes.as_ref()), |node| &node.name),
                for_zones: names(hints.and_then(|h| h.for_zones.as_ref()), |zone| &zone.name),
                eligible: false,
            });
        }
    }
    all
}
