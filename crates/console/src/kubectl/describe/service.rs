//! Services.

use super::container::host_and_port;
use super::selector::labels_text;
use super::writer::PrefixWriter;
use super::{View, describe_metadata, text_of, text_or};
use k8s_openapi::api::core::v1::{LoadBalancerIngress, Service, ServicePort, ServiceSpec};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use petset_cluster::store::Index;

/// The label that ties a slice to its service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// How many endpoints are listed.
const MAX_ENDPOINTS: usize = 3;

/// A service.
///
/// Upstream: `describeService`.
pub(super) fn describe(view: View<'_>, service: &Service, w: &mut PrefixWriter) {
    let no_spec = ServiceSpec::default();
    let spec = service.spec.as_ref().unwrap_or(&no_spec);
    let list = |list: &Option<Vec<String>>| list.as_deref().unwrap_or_default().join(",");
    describe_metadata(&service.metadata, w);
    w.field(0, "Selector", labels_text(spec.selector.as_ref()));
    w.field(0, "Type", text_of(&spec.type_));
    if let Some(policy) = &spec.ip_family_policy {
        w.field(0, "IP Family Policy", policy);
    }
    w.field(
        0,
        "IP Families",
        text_or(&list(&spec.ip_families), "<none>"),
    );
    w.field(0, "IP", text_of(&spec.cluster_ip));
    match spec.cluster_ips.as_deref().unwrap_or_default() {
        [] => w.field(0, "IPs", "<none>"),
        addresses => w.field(0, "IPs", addresses.join(",")),
    }
    let load_balancer = service
        .status
        .as_ref()
        .and_then(|status| status.load_balancer.as_ref());
    let ingress = load_balancer
        .and_then(|balancer| balancer.ingress.as_deref())
        .unwrap_or_default();
    optional(w, "External IPs", &list(&spec.external_ips));
    optional(
        w,
        "Desired LoadBalancer IP",
        text_of(&spec.load_balancer_ip),
    );
    optional(w, "External Name", text_of(&spec.external_name));
    if !ingress.is_empty() {
        w.field(0, "LoadBalancer Ingress", ingress_text(ingress));
    }
    let slices = slices(view, service);
    for port in spec.ports.iter().flatten() {
        describe_port(port, &slices, w);
    }
    w.field(0, "Session Affinity", text_of(&spec.session_affinity));
    optional(
        w,
        "External Traffic Policy",
        text_of(&spec.external_traffic_policy),
    );
    if let Some(policy) = &spec.internal_traffic_policy {
        w.field(0, "Internal Traffic Policy", policy);
    }
    if let Some(port) = spec.health_check_node_port.filter(|port| *port != 0) {
        w.field(0, "HealthCheck NodePort", port);
    }
    optional(
        w,
        "LoadBalancer Source Ranges",
        &list(&spec.load_balancer_source_ranges),
    );
    if let Some(distribution) = &spec.traffic_distribution {
        w.field(0, "Traffic Distribution", distribution);
    }
}

/// A line that is only there with a value.
fn optional(w: &mut PrefixWriter, key: &str, value: &str) {
    if !value.is_empty() {
        w.field(0, key, value);
    }
}

fn ingress_text(ingress: &[LoadBalancerIngress]) -> String {
    let texts = ingress
        .iter()
        .map(|one| match (text_of(&one.ip), &one.ip_mode) {
            ("", _) => text_of(&one.hostname).to_owned(),
            (ip, Some(mode)) => format!("{ip} ({mode})"),
            (ip, None) => ip.to_owned(),
        });
    texts.collect::<Vec<String>>().join(", ")
}

fn describe_port(port: &ServicePort, slices: &[&EndpointSlice], w: &mut PrefixWriter) {
    let name = text_or(text_of(&port.name), "<unset>");
    let protocol = text_of(&port.protocol);
    w.field(0, "Port", format_args!("{name}\t{}/{protocol}", port.port));
    match &port.target_port {
        Some(IntOrString::String(target)) => {
            w.field(0, "TargetPort", format_args!("{target}/{protocol}"))
        }
        Some(IntOrString::Int(target)) => {
            w.field(0, "TargetPort", format_args!("{target}/{protocol}"))
        }
        None => w.field(0, "TargetPort", format_args!("0/{protocol}")),
    }
    if let Some(application) = &port.app_protocol {
        w.field(0, "AppProtocol", application);
    }
    if let Some(node_port) = port.node_port.filter(|node_port| *node_port != 0) {
        w.field(
            0,
            "NodePort",
            format_args!("{name}\t{node_port}/{protocol}"),
        );
    }
    w.field(0, "Endpoints", endpoints_text(slices, text_of(&port.name)));
}

fn slices<'a>(view: View<'a>, service: &Service) -> Vec<&'a EndpointSlice> {
    let label = format!("{SERVICE_NAME}={}", text_of(&service.metadata.name));
    let slices = view
        .store
        .by_index_as::<EndpointSlice>(Index::Label, &label);
    slices
        .filter(|slice| slice.metadata.namespace == service.metadata.namespace)
        .collect()
}

/// The first ready endpoints of a port.
///
/// Upstream: `formatEndpointSlices`.
fn endpoints_text(slices: &[&EndpointSlice], port_name: &str) -> String {
    if slices.is_empty() {
        return "<none>".to_owned();
    }
    let mut list: Vec<String> = Vec::new();
    let (mut count, mut more) = (0, false);
    let mut add = |endpoint: &Endpoint, port: Option<i32>| {
        // An endpoint behind the last that is listed says that there are more, even one that is not ready.
        more |= list.len() == MAX_ENDPOINTS;
        let conditions = endpoint.conditions.as_ref();
        if conditions.and_then(|conditions| conditions.ready) == Some(false) {
            return;
        }
        if !more {
            let address = endpoint.addresses.first().map_or("", String::as_str);
            let port = port.map(|port| port.to_string()).unwrap_or_default();
            list.push(host_and_port(address, &port));
        }
        count += 1;
    };
    for slice in slices {
        let endpoints = slice.endpoints.as_deref().unwrap_or_default();
        let ports = slice.ports.as_deref().unwrap_or_default();
        if ports.is_empty() {
            endpoints.iter().for_each(|endpoint| add(endpoint, None));
        }
        for port in ports.iter().filter(|port| text_of(&port.name) == port_name) {
            endpoints
                .iter()
                .for_each(|endpoint| add(endpoint, Some(port.port.unwrap_or(0))));
        }
    }
    let text = list.join(",");
    if more {
        return format!("{text} + {} more...", count - MAX_ENDPOINTS);
    }
    text
}
