//! Services.
//!
//! Upstream: `pkg/apis/core/validation/validation.go`.

use super::{container, core, label, metadata, names, one_of, subdomain};
use crate::api::field::{Errors, Path};
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use serde_json::json;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// A day, in seconds.
const MAX_AFFINITY: i32 = 86_400;

fn kind_of(spec: &ServiceSpec) -> &str {
    spec.type_.as_deref().unwrap_or("")
}

fn headless(spec: &ServiceSpec) -> bool {
    spec.cluster_ip.as_deref() == Some("None")
}

/// What is wrong with a written service.
pub(super) fn update(new: &Service, old: &Service, errors: &mut Errors) {
    if let (Some(spec), Some(before)) = (&new.spec, &old.spec) {
        fixed_addresses(spec, before, errors);
    }
    create(new, errors);
}

fn fixed_addresses(spec: &ServiceSpec, before: &ServiceSpec, errors: &mut Errors) {
    if kind_of(spec) == "ExternalName" || kind_of(before) == "ExternalName" {
        return;
    }
    if headless(spec) && headless(before) {
        return;
    }
    let path = Path::new("spec");
    let list = path.child("clusterIPs");
    let new = spec.cluster_ips.as_deref().unwrap_or(&[]);
    let old = before.cluster_ips.as_deref().unwrap_or(&[]);
    let changed = "may not change once set";
    if new.len() == old.len() {
        for (at, (old, now)) in old.iter().zip(new).enumerate() {
            if old != now {
                errors.invalid(&list.index(at), &json!(new), changed);
            }
        }
    } else if new.is_empty() {
        errors.invalid(
            &list.index(0),
            &json!(new),
            "primary clusterIP can not be unset",
        );
    } else if !old.is_empty() && old[0] != new[0] {
        errors.invalid(&list.index(0), &json!(new), changed);
    }
}

/// What is wrong with a service.
pub(super) fn create(service: &Service, errors: &mut Errors) {
    let Some(spec) = &service.spec else { return };
    let path = Path::new("spec");
    let ports = spec.ports.as_deref().unwrap_or(&[]);
    let list = path.child("ports");
    if ports.is_empty() && !headless(spec) && kind_of(spec) != "ExternalName" {
        errors.required(&list, "");
    }
    by_type(spec, &path, errors);
    traffic_distribution(spec, &path, errors);
    let mut seen = BTreeSet::new();
    for (at, one) in ports.iter().enumerate() {
        port(one, ports.len() > 1, &mut seen, &list.index(at), errors);
    }
    metadata::labels(spec.selector.as_ref(), &path.child("selector"), errors);
    affinity(spec, &path, errors);
    if kind_of(spec) != "ExternalName" {
        addresses(spec, &path, errors);
    }
    for (at, ip) in spec.external_ips.iter().flatten().enumerate() {
        if ip.parse::<IpAddr>().is_err() {
            let list = path.child("externalIPs");
            errors.invalid(&list.index(at), ip, core::BAD_IP);
        }
    }
    one_of(
        kind_of(spec),
        &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"],
        &path.child("type"),
        errors,
    );
    port_clashes(spec, ports, &list, errors);
    traffic(spec, &path, errors);
}

fn traffic_distribution(spec: &ServiceSpec, path: &Path<'_>, errors: &mut Errors) {
    const KNOWN: [&str; 3] = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    let given = spec.traffic_distribution.as_deref();
    if let Some(given) = given.filter(|given| !KNOWN.contains(given)) {
        errors.not_supported(&path.child("trafficDistribution"), given, &KNOWN);
    }
}

fn by_type(spec: &ServiceSpec, path: &Path<'_>, errors: &mut Errors) {
    let list = path.child("clusterIPs");
    match kind_of(spec) {
        kind @ ("LoadBalancer" | "NodePort") if headless(spec) => errors.invalid(
            &list.index(0),
            "None",
            &format!("may not be set to 'None' for {kind} services"),
        ),
        "ExternalName" => {
            let not_here = "may not be set for ExternalName services";
            let filled = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|l| !l.is_empty());
            if filled(&spec.cluster_ips)
                || spec.cluster_ip.as_deref().is_some_and(|ip| !ip.is_empty())
            {
                errors.forbidden(&list, not_here);
            }
            if filled(&spec.ip_families) {
                errors.forbidden(&path.child("ipFamilies"), not_here);
            }
            if spec.ip_family_policy.is_some() {
                errors.forbidden(&path.child("ipFamilyPolicy"), not_here);
            }
            let name = spec.external_name.as_deref().unwrap_or("");
            let name = name.strip_suffix('.').unwrap_or(name);
            let field = path.child("externalName");
            if name.is_empty() {
                errors.required(&field, "");
            } else {
                subdomain(name, &field, errors);
            }
        }
        _ => {}
    }
}

fn port<'a>(
    port: &'a ServicePort,
    named: bool,
    seen: &mut BTreeSet<&'a str>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let name = port.name.as_deref().unwrap_or("");
    let field = path.child("name");
    if name.is_empty() {
        if named {
            errors.required(&field, "");
        }
    } else {
        label(name, &field, errors);
        if !seen.insert(name) {
            errors.duplicate(&field, name);
        }
    }
    if let Some(why) = names::port_number(port.port) {
        errors.invalid(&path.child("port"), &port.port, why);
    }
    one_of(
        port.protocol.as_deref().unwrap_or(""),
        &["SCTP", "TCP", "UDP"],
        &path.child("protocol"),
        errors,
    );
    if let Some(target) = &port.target_port {
        container::port_or_name(target, &path.child("targetPort"), errors);
    }
    if let Some(protocol) = &port.app_protocol {
        for why in names::qualified_name(protocol) {
            errors.invalid(&path.child("appProtocol"), protocol, &why);
        }
    }
}

fn affinity(spec: &ServiceSpec, path: &Path<'_>, errors: &mut Errors) {
    let affinity = spec.session_affinity.as_deref().unwrap_or("");
    one_of(
        affinity,
        &["ClientIP", "None"],
        &path.child("sessionAffinity"),
        errors,
    );
    let config = spec.session_affinity_config.as_ref();
    let field = path.child("sessionAffinityConfig");
    if affinity == "None" && config.is_some() {
        errors.forbidden(&field, "must not be set when session affinity is None");
    }
    let seconds = config
        .and_then(|config| config.client_ip.as_ref())
        .and_then(|client| client.timeout_seconds);
    if let Some(seconds) = seconds
        && affinity == "ClientIP"
        && !(1..=MAX_AFFINITY).contains(&seconds)
    {
        let client = field.child("clientIP");
        errors.invalid(
            &client.child("timeoutSeconds"),
            &seconds,
            &format!("must be greater than 0 and less than {MAX_AFFINITY}"),
        );
    }
}

fn addresses(spec: &ServiceSpec, path: &Path<'_>, errors: &mut Errors) {
    let list = path.child("clusterIPs");
    let ips = spec.cluster_ips.as_deref().unwrap_or(&[]);
    match spec.cluster_ip.as_deref().filter(|ip| !ip.is_empty()) {
        Some(_) if ips.is_empty() => errors.required(&list, ""),
        Some(ip) if ips[0] != ip => {
            errors.invalid(&list, &json!(ips), "first value must match `clusterIP`");
        }
        None if !ips.is_empty() => errors.invalid(
            &list,
            &json!(ips),
            "must be empty when `clusterIP` is not specified",
        ),
        _ => {}
    }
    let mut seen = BTreeSet::new();
    for (at, family) in spec.ip_families.iter().flatten().enumerate() {
        let field = path.child("ipFamilies");
        if !matches!(family.as_str(), "IPv4" | "IPv6") {
            errors.not_supported(&field.index(at), family, &["IPv4", "IPv6"]);
        }
        if !seen.insert(family) {
            errors.duplicate(&field.index(at), family);
        }
    }
    if let Some(policy) = &spec.ip_family_policy
        && !matches!(
            policy.as_str(),
            "SingleStack" | "PreferDualStack" | "RequireDualStack"
        )
    {
        errors.not_supported(
            &path.child("ipFamilyPolicy"),
            policy,
            &["SingleStack", "PreferDualStack", "RequireDualStack"],
        );
    }
    for (at, ip) in ips.iter().enumerate() {
        if at == 0 && ip == "None" {
            if ips.len() > 1 {
                errors.invalid(
                    &list,
                    &json!(ips),
                    "'None' must be the first and only value",
                );
            }
        } else if ip.parse::<IpAddr>().is_err() {
            errors.invalid(&list.index(at), ip, core::BAD_IP);
        }
    }
    if ips.len() > 2 {
        errors.invalid(&list, &json!(ips), "may only hold up to 2 values");
    }
}

fn port_clashes(spec: &ServiceSpec, ports: &[ServicePort], list: &Path<'_>, errors: &mut Errors) {
    let mut nodes = BTreeSet::new();
    for (at, port) in ports.iter().enumerate() {
        let node_port = port.node_port.unwrap_or(0);
        let place = list.index(at);
        if kind_of(spec) == "ClusterIP" && node_port != 0 {
            errors.forbidden(
                &place.child("nodePort"),
                "may not be used when `type` is 'ClusterIP'",
            );
        }
        if node_port != 0 && !nodes.insert((port.protocol.as_deref(), node_port)) {
            errors.duplicate(&place.child("nodePort"), &node_port);
        }
    }
    let mut seen = BTreeSet::new();
    for (at, port) in ports.iter().enumerate() {
        let protocol = port.protocol.as_deref().unwrap_or("");
        if !seen.insert((protocol, port.port)) {
            let shown = GoPort {
                protocol,
                port: port.port,
            };
            errors.duplicate(&list.index(at), &shown);
        }
    }
}

/// A service port in the notation of Go's own struct.
struct GoPort<'a> {
    protocol: &'a str,
    port: i32,
}

impl crate::api::field::BadValue for GoPort<'_> {
    fn show(&self) -> String {
        format!(
            "{{\"Name\":\"\",\"Protocol\":\"{}\",\"AppProtocol\":null,\"Port\":{},\"TargetPort\":0,\"NodePort\":0}}",
            self.protocol, self.port
        )
    }
}

fn traffic(spec: &ServiceSpec, path: &Path<'_>, errors: &mut Errors) {
    let kind = kind_of(spec);
    if spec.allocate_load_balancer_node_ports.is_some() && kind != "LoadBalancer" {
        errors.forbidden(
            &path.child("allocateLoadBalancerNodePorts"),
            "may only be used when `type` is 'LoadBalancer'",
        );
    }
    let external = matches!(kind, "NodePort" | "LoadBalancer")
        || spec
            .external_ips
            .as_ref()
            .is_some_and(|ips| !ips.is_empty());
    let field = path.child("externalTrafficPolicy");
    match spec.external_traffic_policy.as_deref().unwrap_or("") {
        "" => {}
        given if !external => errors.invalid(
            &field,
            given,
            "may only be set for externally-accessible services",
        ),
        given => one_of(given, &["Cluster", "Local"], &field, errors),
    }
    if let Some(given) = spec.internal_traffic_policy.as_deref()
        && kind != "ExternalName"
    {
        one_of(
            given,
            &["Cluster", "Local"],
            &path.child("internalTrafficPolicy"),
            errors,
        );
    }
}
