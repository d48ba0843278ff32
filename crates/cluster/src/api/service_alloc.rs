//! Addresses and node ports of services.
//!
//! Upstream: `pkg/registry/core/service/storage/alloc.go`, `storage.go`, `pkg/registry/core/service/{ipallocator,portallocator}`.

use super::field::{Errors, Path};
use super::{Server, Status};
use crate::object::Kind;
use crate::random::Random;
use crate::sort;
use crate::store::Store;
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use serde_json::json;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// The addresses of services: 10.96.0.0/16.
const RANGE: [u8; 2] = [10, 96];
/// Dynamic addresses come from above this offset as long as there are any, so that people can pick from below.
const DYNAMIC_OFFSET: u32 = 256;
const LAST_ADDRESS: u32 = 65_534;
/// Node ports, and the end of their part for hand-picked ones.
const NODE_PORTS: std::ops::RangeInclusive<i32> = 30_000..=32_767;
const STATIC_NODE_PORTS: i32 = 86;

fn kind_of(spec: &ServiceSpec) -> &str {
    spec.type_.as_deref().unwrap_or("ClusterIP")
}

fn needs_node_port(spec: &ServiceSpec) -> bool {
    kind_of(spec) == "NodePort"
        || (kind_of(spec) == "LoadBalancer"
            && spec.allocate_load_balancer_node_ports != Some(false))
}

/// Keeps what was allocated for the stored service where the new one leaves it out, and drops what its type no longer needs.
pub(super) fn carry_over(new: &mut Service, old: &Service) {
    let (Some(new), Some(old)) = (new.spec.as_mut(), old.spec.as_ref()) else {
        return;
    };
    let was_external = kind_of(old) == "ExternalName";
    if kind_of(new) == "ExternalName" {
        if !was_external {
            if new.cluster_ip == old.cluster_ip || new.cluster_ip.is_none() {
                new.cluster_ip = None;
                new.cluster_ips = None;
            }
            if new.ip_families == old.ip_families {
                new.ip_families = None;
            }
            if new.ip_family_policy == old.ip_family_policy {
                new.ip_family_policy = None;
            }
        }
    } else if !was_external {
        if new.cluster_ip.as_deref().is_none_or(str::is_empty) {
            new.cluster_ip.clone_from(&old.cluster_ip);
        }
        if new.cluster_ips.as_ref().is_none_or(Vec::is_empty) {
            new.cluster_ips.clone_from(&old.cluster_ips);
        }
        if new.ip_family_policy.is_none() {
            new.ip_family_policy.clone_from(&old.ip_family_policy);
        }
        if new.ip_families.as_ref().is_none_or(Vec::is_empty) {
            new.ip_families.clone_from(&old.ip_families);
        }
    }
    carry_node_ports(new, old);
}

fn carry_node_ports(new: &mut ServiceSpec, old: &ServiceSpec) {
    let ports = |spec: &ServiceSpec| -> Vec<i32> {
        let ports = spec.ports.iter().flatten();
        ports.map(|port| port.node_port.unwrap_or(0)).collect()
    };
    if needs_node_port(old) && needs_node_port(new) {
        let kept = ports(new);
        for port in new.ports.iter_mut().flatten() {
            let before = old
                .ports
                .iter()
                .flatten()
                .find(|before| before.name == port.name)
                .and_then(|before| before.node_port);
            if port.node_port.unwrap_or(0) == 0
                && before.is_some_and(|before| !kept.contains(&before))
            {
                port.node_port = before;
            }
        }
    } else if needs_node_port(old) && ports(new) == ports(old) {
        for port in new.ports.iter_mut().flatten() {
            port.node_port = None;
        }
    }
    let external = |spec: &ServiceSpec| {
        matches!(kind_of(spec), "NodePort" | "LoadBalancer")
            || spec
                .external_ips
                .as_ref()
                .is_some_and(|ips| !ips.is_empty())
    };
    if external(old) && !external(new) && new.external_traffic_policy == old.external_traffic_policy
    {
        new.external_traffic_policy = None;
    }
    if kind_of(old) == "LoadBalancer"
        && kind_of(new) != "LoadBalancer"
        && new.allocate_load_balancer_node_ports == old.allocate_load_balancer_node_ports
    {
        new.allocate_load_balancer_node_ports = None;
    }
}

/// Makes `clusterIP` and `clusterIPs` say the same where only one of them is given.
pub(super) fn normalize(service: &mut Service, old: Option<&Service>) {
    let Some(spec) = service.spec.as_mut() else {
        return;
    };
    if kind_of(spec) == "ExternalName" {
        return;
    }
    let single = spec.cluster_ip.clone().filter(|ip| !ip.is_empty());
    let several = spec.cluster_ips.clone().filter(|ips| !ips.is_empty());
    let old_single = old
        .and_then(|old| old.spec.as_ref())
        .and_then(|spec| spec.cluster_ip.clone());
    match (single, several) {
        (Some(ip), None) => spec.cluster_ips = Some(vec![ip]),
        (Some(ip), Some(ips)) if old_single.is_some() && Some(&ip) != old_single.as_ref() => {
            let unchanged = ips.first() == old_single.as_ref();
            if unchanged {
                spec.cluster_ips = Some(vec![ip]);
            }
        }
        (None, Some(ips)) if old.is_none() => spec.cluster_ip = ips.first().cloned(),
        _ => {}
    }
}

/// Gives a service its families, addresses and node ports.
pub(super) fn allocate(server: &mut Server, service: &mut Service) -> Result<(), Status> {
    let name = service.metadata.name.clone().unwrap_or_default();
    let namespace = service.metadata.namespace.clone().unwrap_or_default();
    let Some(spec) = service.spec.as_mut() else {
        return Ok(());
    };
    if kind_of(spec) == "ExternalName" {
        return Ok(());
    }
    let mut errors = Errors::default();
    families(spec, &mut errors);
    let me = (namespace.as_str(), name.as_str());
    if errors.is_empty() && spec.cluster_ip.as_deref() != Some("None") {
        address(&server.store, &mut server.random, me, spec, &mut errors);
    }
    if errors.is_empty() && needs_node_port(spec) {
        node_ports(&server.store, &mut server.random, me, spec, &mut errors);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Status::invalid(Kind::Service, &name, errors.0))
    }
}

fn families(spec: &mut ServiceSpec, errors: &mut Errors) {
    let path = Path::new("spec");
    let selectorless = spec.selector.as_ref().is_none_or(|map| map.is_empty());
    let headless = spec.cluster_ip.as_deref() == Some("None");
    let policy = spec.ip_family_policy.get_or_insert_with(|| {
        let dual = headless && selectorless;
        if dual {
            "RequireDualStack"
        } else {
            "SingleStack"
        }
        .to_owned()
    });
    let families = spec.ip_families.get_or_insert_default();
    if headless && selectorless {
        if families.is_empty() {
            families.push("IPv4".to_owned());
        }
        if families.len() < 2 && policy != "SingleStack" {
            let other = if families[0] == "IPv4" {
                "IPv6"
            } else {
                "IPv4"
            };
            families.push(other.to_owned());
        }
        return;
    }
    if policy == "RequireDualStack" {
        errors.invalid(
            &path.child("ipFamilyPolicy"),
            policy.as_str(),
            "this cluster is not configured for dual-stack services",
        );
    }
    for (at, family) in families.iter().enumerate() {
        if family != "IPv4" {
            let list = path.child("ipFamilies");
            let field = list.index(at);
            errors.invalid(&field, family, "not configured on this cluster");
        }
    }
    if families.is_empty() {
        families.push("IPv4".to_owned());
    }
}

fn address(
    store: &Store,
    random: &mut Random,
    me: (&str, &str),
    spec: &mut ServiceSpec,
    errors: &mut Errors,
) {
    let list = spec.cluster_ips.clone().unwrap_or_default();
    let Some(wanted) = list.first().filter(|ip| !ip.is_empty()) else {
        let taken = others(store, me).filter_map(|spec| spec.cluster_ip.clone());
        let taken = sort::set(taken);
        let chosen = free_address(random, &taken);
        spec.cluster_ip = Some(chosen.clone());
        spec.cluster_ips = Some(vec![chosen]);
        return;
    };
    let path = Path::new("spec");
    let path = path.child("clusterIPs");
    let Ok(IpAddr::V4(ip)) = wanted.parse::<IpAddr>() else {
        return;
    };
    let in_range = ip.octets()[..2] == RANGE && !matches!(ip.octets()[2..], [0, 0] | [255, 255]);
    if !in_range {
        let why = format!(
            "failed to allocate IP {wanted}: the provided network does not match the current range"
        );
        errors.invalid(&path, &json!(list), &why);
    } else if others(store, me).any(|other| other.cluster_ip.as_ref() == Some(wanted)) {
        let why = format!("failed to allocate IP {wanted}: provided IP is already allocated");
        errors.invalid(&path, &json!(list), &why);
    } else {
        spec.cluster_ip = Some(wanted.clone());
    }
}

fn free_address(random: &mut Random, taken: &BTreeSet<String>) -> String {
    let count = LAST_ADDRESS - DYNAMIC_OFFSET;
    let start = u32::try_from(random.below(u64::from(count))).unwrap_or(0);
    let text = |offset: u32| {
        let [_, _, high, low] = offset.to_be_bytes();
        Ipv4Addr::new(RANGE[0], RANGE[1], high, low).to_string()
    };
    let upper = (0..count).map(|step| DYNAMIC_OFFSET + 1 + (start + step) % count);
    let mut free = upper
        .chain(1..=DYNAMIC_OFFSET)
        .map(text)
        .filter(|ip| !taken.contains(ip));
    free.next().unwrap_or_default()
}

fn others<'a>(
    store: &'a Store,
    (namespace, name): (&'a str, &'a str),
) -> impl Iterator<Item = &'a ServiceSpec> + 'a {
    store
        .list_as::<Service>(None)
        .filter(move |service| {
            service.metadata.name.as_deref() != Some(name)
                || service.metadata.namespace.as_deref() != Some(namespace)
        })
        .filter_map(|service| service.spec.as_ref())
}

fn node_ports(
    store: &Store,
    random: &mut Random,
    me: (&str, &str),
    spec: &mut ServiceSpec,
    errors: &mut Errors,
) {
    let ports = others(store, me).flat_map(|spec| spec.ports.iter().flatten());
    let mut taken = sort::set(ports.filter_map(|port| port.node_port));
    let path = Path::new("spec");
    let path = path.child("ports");
    let mut mine: Vec<(i32, String)> = Vec::new();
    for (at, port) in spec.ports.iter_mut().flatten().enumerate() {
        let protocol = port.protocol.clone().unwrap_or_default();
        let wanted = port.node_port.unwrap_or(0);
        if wanted == 0 {
            let chosen = same_port_of(&mine, &protocol, port).unwrap_or_else(|| {
                let chosen = free_port(random, &taken);
                taken.insert(chosen);
                chosen
            });
            port.node_port = Some(chosen);
            mine.push((chosen, protocol));
            continue;
        }
        let own_other_protocol = mine
            .iter()
            .any(|(port, used)| *port == wanted && *used != protocol);
        let index = path.index(at);
        let field = index.child("nodePort");
        if !NODE_PORTS.contains(&wanted) {
            errors.invalid(
                &field,
                &wanted,
                "provided port is not in the valid range. The range of valid ports is 30000-32767",
            );
        } else if taken.contains(&wanted) && !own_other_protocol {
            errors.invalid(&field, &wanted, "provided port is already allocated");
        }
        taken.insert(wanted);
        mine.push((wanted, protocol));
    }
}

/// The same port number under another protocol may share its node port; upstream looks the number up among the service's own.
fn same_port_of(mine: &[(i32, String)], protocol: &str, port: &ServicePort) -> Option<i32> {
    let number = port.port;
    mine.iter()
        .find(|(used, other)| *used == number && other != protocol)
        .map(|(used, _)| *used)
}

fn free_port(random: &mut Random, taken: &BTreeSet<i32>) -> i32 {
    let first = NODE_PORTS.start() + STATIC_NODE_PORTS;
    let count = NODE_PORTS.end() - first + 1;
    let start = i32::try_from(random.below(count.unsigned_abs().into())).unwrap_or(0);
    (0..count)
        .map(|step| first + (start + step) % count)
        .chain(*NODE_PORTS.start()..first)
        .find(|port| !taken.contains(port))
        .unwrap_or(0)
}
