//! Endpoints and endpoint slices.

use super::writer::PrefixWriter;
use super::{describe_metadata, text_of, text_or};
use k8s_openapi::api::core::v1::{EndpointAddress, Endpoints};
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

/// Endpoints.
///
/// Upstream: `describeEndpoints`.
pub(super) fn describe(endpoints: &Endpoints, w: &mut PrefixWriter) {
    describe_metadata(&endpoints.metadata, w);
    w.line(0, "Subsets:");
    for subset in endpoints.subsets.iter().flatten() {
        w.field(1, "Addresses", addresses_text(subset.addresses.as_deref()));
        w.field(
            1,
            "NotReadyAddresses",
            addresses_text(subset.not_ready_addresses.as_deref()),
        );
        let ports = subset.ports.as_deref().unwrap_or_default();
        if !ports.is_empty() {
            w.line(1, "Ports:");
            w.line(2, "Name\tPort\tProtocol");
            w.line(2, "----\t----\t--------");
        }
        for port in ports {
            let name = text_or(text_of(&port.name), "<unset>");
            w.line(
                2,
                format_args!("{name}\t{}\t{}", port.port, text_of(&port.protocol)),
            );
        }
        w.line(0, "");
    }
}

fn addresses_text(addresses: Option<&[EndpointAddress]>) -> String {
    let addresses = addresses.unwrap_or_default();
    let texts: Vec<&str> = addresses
        .iter()
        .map(|address| address.ip.as_str())
        .collect();
    text_or(&texts.join(","), "<none>").to_owned()
}

/// A slice of endpoints.
///
/// Upstream: `describeEndpointSliceV1`.
pub(super) fn describe_slice(slice: &EndpointSlice, w: &mut PrefixWriter) {
    describe_metadata(&slice.metadata, w);
    w.field(0, "AddressType", &slice.address_type);
    let ports = slice.ports.as_deref().unwrap_or_default();
    if ports.is_empty() {
        w.line(0, "Ports: <unset>");
    } else {
        w.line(0, "Ports:");
        w.line(1, "Name\tPort\tProtocol");
        w.line(1, "----\t----\t--------");
    }
    for port in ports {
        let name = text_or(text_of(&port.name), "<unset>");
        let number = port
            .port
            .map_or_else(|| "<unset>".to_owned(), |port| port.to_string());
        w.line(
            1,
            format_args!("{name}\t{number}\t{}", text_of(&port.protocol)),
        );
    }
    let endpoints = slice.endpoints.as_deref().unwrap_or_default();
    if endpoints.is_empty() {
        w.line(0, "Endpoints: <none>");
    } else {
        w.line(0, "Endpoints:");
    }
    for endpoint in endpoints {
        describe_endpoint(endpoint, w);
    }
}

fn describe_endpoint(endpoint: &Endpoint, w: &mut PrefixWriter) {
    let unset = |text: &Option<String>| text.clone().unwrap_or_else(|| "<unset>".to_owned());
    let addresses = endpoint.addresses.join(", ");
    w.field(1, "- Addresses", text_or(&addresses, "<none>"));
    w.line(2, "Conditions:");
    let ready = endpoint
        .conditions
        .as_ref()
        .and_then(|conditions| conditions.ready);
    w.field(
        3,
        "Ready",
        ready.map_or_else(|| "<unset>".to_owned(), |ready| ready.to_string()),
    );
    w.field(2, "Hostname", unset(&endpoint.hostname));
    if let Some(target) = &endpoint.target_ref {
        w.field(
            2,
            "TargetRef",
            format_args!("{}/{}", text_of(&target.kind), text_of(&target.name)),
        );
    }
    w.field(2, "NodeName", unset(&endpoint.node_name));
    w.field(2, "Zone", unset(&endpoint.zone));
}
