//! Upstream: `pkg/apis/core/v1/defaults.go`, `pkg/apis/discovery/v1/defaults.go`.

use super::text;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{
    ClientIPConfig, Endpoints, Namespace, Node, Secret, Service, SessionAffinityConfig,
};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// How long a client stays with its pod, in seconds.
const CLIENT_IP_AFFINITY_SECONDS: i32 = 10_800;

pub(super) fn service(service: &mut Service) {
    let spec = service.spec.get_or_insert_default();
    text(&mut spec.session_affinity, "None");
    match spec.session_affinity.as_deref() {
        Some("None") => spec.session_affinity_config = None,
        Some("ClientIP") => {
            let config = spec
                .session_affinity_config
                .get_or_insert_with(SessionAffinityConfig::default);
            let client = config.client_ip.get_or_insert_with(ClientIPConfig::default);
            client
                .timeout_seconds
                .get_or_insert(CLIENT_IP_AFFINITY_SECONDS);
        }
        _ => {}
    }
    text(&mut spec.type_, "ClusterIP");
    for port in spec.ports.iter_mut().flatten() {
        text(&mut port.protocol, "TCP");
        let unset = match &port.target_port {
            None | Some(IntOrString::Int(0)) => true,
            Some(IntOrString::String(name)) => name.is_empty(),
            Some(IntOrString::Int(_)) => false,
        };
        if unset {
            port.target_port = Some(IntOrString::Int(port.port));
        }
    }
    let kind = spec.type_.as_deref().unwrap_or("");
    let external = matches!(kind, "NodePort" | "LoadBalancer")
        || (kind == "ClusterIP"
            && spec
                .external_ips
                .as_ref()
                .is_some_and(|ips| !ips.is_empty()));
    if external {
        text(&mut spec.external_traffic_policy, "Cluster");
    }
    if matches!(kind, "NodePort" | "LoadBalancer" | "ClusterIP") {
        spec.internal_traffic_policy
            .get_or_insert_with(|| "Cluster".to_owned());
    }
    if kind == "LoadBalancer" {
        spec.allocate_load_balancer_node_ports.get_or_insert(true);
    }
}

/// Upstream drops `stringData` when it converts a secret, before it fills in what is left out.
///
/// Upstream: `pkg/apis/core/v1/conversion.go` (`Convert_v1_Secret_To_core_Secret`).
pub(super) fn secret(secret: &mut Secret) {
    if let Some(written) = secret.string_data.take() {
        let texts = written
            .into_iter()
            .map(|(key, text)| (key, ByteString(text.into_bytes())));
        secret.data.get_or_insert_default().extend(texts);
    }
    text(&mut secret.type_, "Opaque");
}

pub(super) fn namespace(namespace: &mut Namespace) {
    if let Some(name) = namespace.metadata.name.clone()
        && !name.is_empty()
    {
        namespace
            .metadata
            .labels
            .get_or_insert_default()
            .insert("kubernetes.io/metadata.name".to_owned(), name);
    }
    text(
        &mut namespace.status.get_or_insert_default().phase,
        "Active",
    );
}

pub(super) fn node(node: &mut Node) {
    if let Some(status) = node.status.as_mut()
        && status.allocatable.is_none()
    {
        status.allocatable.clone_from(&status.capacity);
    }
}

pub(super) fn endpoints(endpoints: &mut Endpoints) {
    for subset in endpoints.subsets.iter_mut().flatten() {
        for port in subset.ports.iter_mut().flatten() {
            text(&mut port.protocol, "TCP");
        }
    }
}

pub(super) fn endpoint_slice(slice: &mut EndpointSlice) {
    for port in slice.ports.iter_mut().flatten() {
        port.name.get_or_insert_default();
        port.protocol.get_or_insert_with(|| "TCP".to_owned());
    }
}
