//! Connections from the learner's own machine: what Docker Desktop (or a cluster of virtual machines) lets through.
//!
//! Nodes' addresses are reachable, and `localhost` leads to the first node, as a published port does. Addresses of pods
//! and services are not: packets to them are dropped.

use super::Kubelet;
use crate::api::Status;
use crate::client::Client;
use crate::cluster::Cluster;
use crate::network::dns::{Answer, RecordType, ResolvConf};
use crate::network::http::{ConnectError, HttpRequest, HttpResponse};
use crate::network::proxy::{self, Door, Route, Source};
use crate::network::way::{Asker, Question};
use crate::object::{Key, Kind};
use crate::time::Instant;
use k8s_openapi::api::core::v1::Pod;
use std::net::{IpAddr, Ipv4Addr};

/// The learner's machine in the nodes' network.
const OWN_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 10, 0, 1);

/// The lines of `/etc/hosts`: an address with its names.
pub type HostsLines = Vec<(IpAddr, Vec<String>)>;

impl Cluster {
    /// The addresses that a host name has on the learner's machine; empty when it has none there.
    pub fn addresses_outside(&self, host: &str) -> Vec<IpAddr> {
        match host.parse() {
            Ok(address) => vec![address],
            Err(_) if host.eq_ignore_ascii_case("localhost") => vec![Ipv4Addr::LOCALHOST.into()],
            Err(_) => Vec::new(),
        }
    }

    /// Sends an HTTP request from the learner's machine to an address and the request's port.
    ///
    /// # Errors
    /// When nobody answers there.
    pub fn request_outside(
        &mut self,
        address: IpAddr,
        request: &HttpRequest,
    ) -> Result<HttpResponse, ConnectError> {
        let node = self.dialled(address);
        self.with_kubelet(|kubelet, client| {
            let now = client.now();
            let route = kubelet.route_outside(client, node, request.port, now);
            let answer = route.endpoint.clone().and_then(|(endpoint, port)| {
                let mut request = request.clone();
                request.port = port;
                request.remote_address = seen_address(&route, client, node);
                kubelet.request(client, (address, endpoint), &request, now, 0)
            });
            let question = Question::Connection {
                address,
                port: request.port,
                route,
                outcome: match &answer {
                    Ok(response) => Ok(Some(response.status)),
                    Err(error) => Err(error.clone()),
                },
            };
            kubelet.ways.push(now, Asker::Prompt, question);
            answer
        })
    }

    /// Sends an HTTP request through a forwarded port: the pod sees it come from itself.
    ///
    /// # Errors
    /// When the pod is gone or nothing listens there.
    pub fn request_forwarded(
        &mut self,
        pod: &Key,
        port: u16,
        request: &HttpRequest,
    ) -> Result<HttpResponse, ConnectError> {
        let status = self
            .store()
            .get_as::<Pod>(pod)
            .and_then(|pod| pod.status.as_ref());
        let address = status.and_then(|status| status.pod_ip.as_deref()?.parse::<IpAddr>().ok());
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        let Some(address) = address else {
            return Err(ConnectError::Refused(here.to_string()));
        };
        let mut request = request.clone();
        request.port = port;
        request.remote_address = here.to_string();
        self.with_kubelet(|kubelet, client| {
            let now = client.now();
            kubelet.request(client, (here, address), &request, now, 0)
        })
    }

    /// Whether ports of a pod can be forwarded.
    ///
    /// # Errors
    /// There is no such pod, or no node has it.
    pub fn check_forward(&self, pod: &Key) -> Result<(), Status> {
        let found = self.store().get_as::<Pod>(pod);
        let found = found.ok_or_else(|| Status::missing(Kind::Pod, pod))?;
        let node = found
            .spec
            .as_ref()
            .and_then(|spec| spec.node_name.as_deref());
        match node {
            Some(node) if !node.is_empty() => Ok(()),
            _ => {
                let why = format!("pod {} does not have a host assigned", pod.name());
                Err(Status::bad_request(why))
            }
        }
    }

    /// Opens a TCP connection through a forwarded port.
    ///
    /// # Errors
    /// What the container runtime says when nobody accepts.
    pub fn connect_forwarded(&self, pod: &Key, port: u16) -> Result<(), String> {
        let status = self.store().get_as::<Pod>(pod);
        let status = status.and_then(|pod| pod.status.as_ref());
        let address = status.and_then(|status| status.pod_ip.as_deref()?.parse::<IpAddr>().ok());
        let kubelet = self.kubelet();
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        let runs = address.filter(|_| kubelet.worker(pod).is_some());
        let Some(address) = runs else {
            return Err(format!(
                "error forwarding port {port} to pod {}, uid : failed to find sandbox in store: not found",
                pod.name()
            ));
        };
        match kubelet.accepts(here, address, port) {
            Ok(_) => Ok(()),
            Err(_) => Err(format!(
                "error forwarding port {port} to pod {}, uid : failed to execute portforward in network namespace: failed to connect to localhost:{port} inside namespace, IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found ",
                pod.name()
            )),
        }
    }

    /// Opens a TCP connection from the learner's machine.
    ///
    /// # Errors
    /// When nobody accepts.
    pub fn connect_outside(&mut self, address: IpAddr, port: u16) -> Result<(), ConnectError> {
        let node = self.dialled(address);
        self.with_kubelet(|kubelet, client| {
            let now = client.now();
            let route = kubelet.route_outside(client, node, port, now);
            let outcome = route
                .endpoint
                .clone()
                .and_then(|(endpoint, port)| kubelet.accepts(address, endpoint, port));
            let question = Question::Connection {
                address,
                port,
                route,
                outcome: outcome.clone().map(|_| None),
            };
            kubelet.ways.push(now, Asker::Prompt, question);
            outcome.map(|_| ())
        })
    }

    /// What the DNS server answers now about a full name; nothing is remembered of the question.
    pub fn dns_answer(&self, name: &str, record_type: RecordType) -> Answer {
        let cache = &self.kubelet().dns_cache;
        cache.look(self.store(), name, record_type, self.now())
    }

    /// The resolver's configuration of a pod that runs, and the lines of its `/etc/hosts`.
    pub fn resolver_of(&self, pod: &Key) -> Option<(ResolvConf, HostsLines)> {
        let worker = self.kubelet().worker(pod)?;
        let hosts = super::environment::hosts(worker, &super::environment::hostname(worker));
        Some((super::environment::resolv_conf(worker), hosts))
    }

    /// Whether an address answers a ping from the learner's machine.
    pub fn ping_outside(&self, address: IpAddr) -> bool {
        address.is_loopback() || proxy::node_of(self.store(), address).is_some()
    }

    /// The address of a node that a local address stands for; any other address as it is.
    fn dialled(&self, address: IpAddr) -> IpAddr {
        if !address.is_loopback() {
            return address;
        }
        let mut nodes = self.store().list(Kind::Node, None);
        let first = nodes.find_map(|node| proxy::node_address(self.store(), node.name()));
        first.map_or(address, IpAddr::V4)
    }
}

impl Kubelet {
    fn route_outside(
        &mut self,
        client: &mut Client<'_>,
        address: IpAddr,
        port: u16,
        now: Instant,
    ) -> Route {
        let source = Source {
            address: OWN_ADDRESS.into(),
            node: None,
        };
        let mut route = self.route(client, source, address, port, now);
        if route.door == Door::Direct && route.endpoint.is_ok() {
            // Nothing listens on a node but the ports of services.
            route.endpoint = Err(ConnectError::Refused(address.to_string()));
        }
        route
    }
}

/// The client's address as the pod sees it: the node's own, unless the policy `Local` keeps the client's.
fn seen_address(route: &Route, client: &Client<'_>, node: IpAddr) -> String {
    let keeps = route.service.as_ref().is_some_and(|(namespace, name)| {
        let key = Key::new(namespace, name);
        let service = client.get::<k8s_openapi::api::core::v1::Service>(&key);
        let spec = service.and_then(|service| service.spec.as_ref());
        spec.and_then(|spec| spec.external_traffic_policy.as_deref()) == Some("Local")
    });
    if keeps {
        OWN_ADDRESS.to_string()
    } else {
        node.to_string()
    }
}
