//! Where a connection to a service's address ends.
//!
//! Upstream: `pkg/proxy`.

use super::http::ConnectError;
use crate::store::Index;
use crate::store::Store;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::discovery::v1 as discovery;
use std::net::IpAddr;

/// The endpoint that a connection to `address` and `port` is led to: one of a service's ready endpoints, chosen by
/// `draw` (a random number), or the address itself when it is no service's.
///
/// # Errors
/// Refused when a service has no endpoint, dropped when it has no such port.
pub fn backend(
    store: &Store,
    address: IpAddr,
    port: u16,
    draw: u64,
) -> Result<(IpAddr, u16), ConnectError> {
    let text = address.to_string();
    let node = is_node(store, address);
    let service = store.list_as::<core::Service>(None).find(|service| {
        let spec = service.spec.as_ref();
        spec.is_some_and(|spec| {
            spec.cluster_ip.as_deref() == Some(&text)
                || (node
                    && spec
                        .ports
                        .iter()
                        .flatten()
                        .any(|p| p.node_port == Some(port.into())))
        })
    });
    let Some(service) = service else {
        return Ok((address, port));
    };
    let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_ref());
    let wanted = i32::from(port);
    let name = ports.into_iter().flatten().find_map(|p| {
        let matches = if node {
            p.node_port == Some(wanted)
        } else {
            p.port == wanted
        };
        matches.then(|| p.name.clone().unwrap_or_default())
    });
    let Some(name) = name else {
        return Err(ConnectError::Dropped(text));
    };
    let endpoints = endpoints(store, service, &name);
    let count = endpoints.len() as u64;
    let index = draw
        .checked_rem(count)
        .and_then(|index| usize::try_from(index).ok());
    index
        .and_then(|index| endpoints.get(index).copied())
        .ok_or(ConnectError::Refused(text))
}

/// Whether an address is a node's own.
pub fn is_node(store: &Store, address: IpAddr) -> bool {
    let text = address.to_string();
    store.list_as::<core::Node>(None).any(|node| {
        let addresses = node
            .status
            .as_ref()
            .and_then(|status| status.addresses.as_ref());
        addresses
            .into_iter()
            .flatten()
            .any(|known| known.address == text)
    })
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

/// Ready endpoints of a service's port, or (if there is none) those that still serve while they end.
fn endpoints(store: &Store, service: &core::Service, port: &str) -> Vec<(IpAddr, u16)> {
    let meta = &service.metadata;
    let (namespace, name) = (meta.namespace.as_deref(), meta.name.as_deref());
    let (mut ready, mut ending) = (Vec::new(), Vec::new());
    for slice in slices(store, namespace.unwrap_or(""), name.unwrap_or("")) {
        let number = slice
            .ports
            .iter()
            .flatten()
            .find(|known| known.name.as_deref().unwrap_or("") == port)
            .and_then(|known| u16::try_from(known.port?).ok());
        let Some(number) = number else { continue };
        for endpoint in slice.endpoints.iter().flatten() {
            let conditions = endpoint.conditions.as_ref();
            let is = |value: Option<bool>, default| value.unwrap_or(default);
            let list = match conditions {
                None => &mut ready,
                Some(c) if is(c.ready, true) => &mut ready,
                Some(c) if is(c.serving, false) && is(c.terminating, false) => &mut ending,
                Some(_) => continue,
            };
            let address = endpoint
                .addresses
                .first()
                .and_then(|address| address.parse().ok());
            list.extend(address.map(|address| (address, number)));
        }
    }
    if ready.is_empty() { ending } else { ready }
}
