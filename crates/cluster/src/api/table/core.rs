//! Rows of services, endpoints, nodes and events.

use super::{Cell, format_labels, or};
use crate::api::duration;
use k8s_openapi::api::core::v1::{Endpoints, Event, Node, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::jiff::Timestamp;
use std::collections::BTreeSet;

/// How many addresses of balancers, ports and endpoints a cell shows.
const SHOWN: usize = 3;
const BALANCER_WIDTH: usize = 16;

pub(super) fn service(service: &Service, age: Cell, wide: bool) -> Vec<Cell> {
    let spec = service.spec.as_ref();
    let ip = spec
        .and_then(|spec| spec.cluster_ips.as_ref())
        .and_then(|ips| ips.first());
    let ports: Vec<String> = spec
        .into_iter()
        .flat_map(|spec| spec.ports.iter().flatten())
        .map(|port| {
            let protocol = port.protocol.as_deref().unwrap_or("");
            match port.node_port.unwrap_or(0) {
                0 => format!("{}/{protocol}", port.port),
                node_port => format!("{}:{node_port}/{protocol}", port.port),
            }
        })
        .collect();
    vec![
        service.metadata.name.clone().unwrap_or_default(),
        or(spec.and_then(|spec| spec.type_.as_deref()), ""),
        or(ip.map(String::as_str), "<none>"),
        external_ip(service, wide),
        or(Some(&ports.join(",")), "<none>"),
        age,
        format_labels(spec.and_then(|spec| spec.selector.as_ref())),
    ]
}

fn external_ip(service: &Service, wide: bool) -> Cell {
    let Some(spec) = service.spec.as_ref() else {
        return "<unknown>".to_owned();
    };
    let own = spec.external_ips.clone().unwrap_or_default();
    match spec.type_.as_deref().unwrap_or("") {
        "ClusterIP" | "NodePort" => or(Some(&own.join(",")), "<none>"),
        "ExternalName" => spec.external_name.clone().unwrap_or_default(),
        "LoadBalancer" => {
            let ingress = service
                .status
                .iter()
                .flat_map(|status| &status.load_balancer)
                .flat_map(|balancer| balancer.ingress.iter().flatten());
            let addresses: BTreeSet<&str> = ingress
                .filter_map(|one| {
                    let ip = one.ip.as_deref().filter(|ip| !ip.is_empty());
                    ip.or(one.hostname.as_deref())
                })
                .collect();
            let mut text = addresses.into_iter().collect::<Vec<_>>().join(",");
            if !wide && text.len() > BALANCER_WIDTH {
                text = text.chars().take(BALANCER_WIDTH - 3).collect::<String>() + "...";
            }
            let all: Vec<String> = (!text.is_empty())
                .then_some(text)
                .into_iter()
                .chain(own)
                .collect();
            or(Some(&all.join(",")), "<pending>")
        }
        _ => "<unknown>".to_owned(),
    }
}

fn shortened(all: Vec<String>) -> String {
    if all.len() > SHOWN {
        format!("{} + {} more...", all[..SHOWN].join(","), all.len() - SHOWN)
    } else {
        all.join(",")
    }
}

/// The first ready addresses of the older endpoints.
pub(super) fn endpoints(endpoints: &Endpoints) -> Cell {
    let subsets = endpoints.subsets.as_deref().unwrap_or(&[]);
    if subsets.is_empty() {
        return "<none>".to_owned();
    }
    let mut all = Vec::new();
    for subset in subsets {
        let addresses = || subset.addresses.iter().flatten().map(|address| &address.ip);
        let ports = subset.ports.as_deref().unwrap_or(&[]);
        if ports.is_empty() {
            all.extend(addresses().cloned());
        }
        for port in ports {
            all.extend(addresses().map(|ip| {
                if ip.contains(':') {
                    format!("[{ip}]:{}", port.port)
                } else {
                    format!("{ip}:{}", port.port)
                }
            }));
        }
    }
    shortened(all)
}

pub(super) fn endpoint_slice(slice: &EndpointSlice, age: Cell) -> Vec<Cell> {
    let ports: Vec<String> = slice
        .ports
        .iter()
        .flatten()
        .map(|port| match (port.port, &port.name) {
            (Some(number), _) => number.to_string(),
            (None, Some(name)) => name.clone(),
            (None, None) => "*".to_owned(),
        })
        .collect();
    let addresses: Vec<String> = slice
        .endpoints
        .iter()
        .flatten()
        .flat_map(|endpoint| endpoint.addresses.iter().cloned())
        .collect();
    vec![
        slice.metadata.name.clone().unwrap_or_default(),
        slice.address_type.clone(),
        or(Some(&shortened(ports)), "<unset>"),
        or(Some(&shortened(addresses)), "<unset>"),
        age,
    ]
}

/// What `kubectl get nodes` calls a node's status.
pub fn node_status(node: &Node) -> String {
    let status = node.status.as_ref();
    let ready = status
        .and_then(|status| status.conditions.as_ref())
        .and_then(|conditions| {
            conditions
                .iter()
                .find(|condition| condition.type_ == "Ready")
        })
        .map(|condition| condition.status.as_str());
    let mut state = match ready {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true) {
        state.push_str(",SchedulingDisabled");
    }
    state
}

pub(super) fn node(node: &Node, age: Cell) -> Vec<Cell> {
    let status = node.status.as_ref();
    let state = node_status(node);
    let info = status.and_then(|status| status.node_info.as_ref());
    let address = |wanted: &str| {
        let addresses = status.and_then(|status| status.addresses.as_ref());
        let found = addresses
            .and_then(|addresses| addresses.iter().find(|address| address.type_ == wanted));
        or(found.map(|address| address.address.as_str()), "<none>")
    };
    let mut kernel = or(info.map(|info| info.kernel_version.as_str()), "<unknown>");
    if let Some(info) = info.filter(|info| !info.architecture.is_empty()) {
        kernel.push_str(&format!(" ({})", info.architecture));
    }
    vec![
        node.metadata.name.clone().unwrap_or_default(),
        state,
        or(Some(&roles(node)), "<none>"),
        age,
        or(info.map(|info| info.kubelet_version.as_str()), ""),
        address("InternalIP"),
        address("ExternalIP"),
        or(info.map(|info| info.os_image.as_str()), "<unknown>"),
        kernel,
        or(
            info.map(|info| info.container_runtime_version.as_str()),
            "<unknown>",
        ),
    ]
}

/// The roles of a node, by its labels.
pub fn roles(node: &Node) -> String {
    let labels = node.metadata.labels.iter().flatten();
    let roles: BTreeSet<&str> = labels
        .filter_map(|(key, value)| match key.as_str() {
            "kubernetes.io/role" => Some(value.as_str()),
            key => key.strip_prefix("node-role.kubernetes.io/"),
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.into_iter().collect::<Vec<_>>().join(",")
}

/// The component and the node that an event comes from.
pub fn event_source(event: &Event) -> String {
    let source = event.source.as_ref();
    let first = |one: Option<&String>, other: Option<&String>| {
        one.filter(|text| !text.is_empty())
            .or(other)
            .cloned()
            .unwrap_or_default()
    };
    let component = first(
        source.and_then(|source| source.component.as_ref()),
        event.reporting_component.as_ref(),
    );
    let instance = first(
        source.and_then(|source| source.host.as_ref()),
        event.reporting_instance.as_ref(),
    );
    if instance.is_empty() {
        component
    } else {
        format!("{component}, {instance}")
    }
}

pub(super) fn event(event: &Event, now: Timestamp) -> Vec<Cell> {
    let first = event.first_timestamp.as_ref().map(|time| time.0);
    let first = first.or_else(|| event.event_time.as_ref().map(|time| time.0));
    let last = event.last_timestamp.as_ref().map(|time| time.0).or(first);
    let series = event.series.as_ref();
    let last = match series {
        Some(series) => series.last_observed_time.as_ref().map(|time| time.0),
        None => last,
    };
    let count = match series {
        Some(series) => series.count.unwrap_or(0),
        None => event.count.unwrap_or(0).max(1),
    };
    let about = &event.involved_object;
    let kind = about.kind.as_deref().unwrap_or("").to_lowercase();
    let target = match about.name.as_deref().unwrap_or("") {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    vec![
        duration::age(last.as_ref(), now),
        event.type_.clone().unwrap_or_default(),
        event.reason.clone().unwrap_or_default(),
        target,
        about.field_path.clone().unwrap_or_default(),
        event_source(event),
        event.message.as_deref().unwrap_or("").trim().to_owned(),
        duration::age(first.as_ref(), now),
        count.to_string(),
        event.metadata.name.clone().unwrap_or_default(),
    ]
}
