//! Every record of the zone, for people to look at: served or not, and why it is there.

use super::{Endpoint, endpoints, own_name, service_port};
use crate::network::dns::{RecordData, RecordType};
use crate::store::Store;
use k8s_openapi::api::core::v1 as core;

/// Why a record of the zone is there (or is not).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The address of a service that has one.
    ClusterIp,
    /// A headless service answers with the addresses of its ready pods.
    HeadlessMember {
        /// The pod.
        pod: String,
    },
    /// The pod's `hostname`, with the service as its `subdomain`, gives it a name of its own.
    PodHostname {
        /// The pod.
        pod: String,
    },
    /// An endpoint without a host name is named by its address.
    DashedAddress {
        /// The pod; empty when there is none.
        pod: String,
    },
    /// The port has a name.
    NamedPort {
        /// The pod; empty for the service itself.
        pod: String,
    },
    /// Another name, from `externalName`.
    ExternalName,
}

/// One record of the zone, whether it is served now or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The service's namespace.
    pub namespace: String,
    /// The service.
    pub service: String,
    /// The owner's name, with a dot at its end.
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// The right-hand side as `dig` prints it.
    pub value: String,
    /// Whether it is served: the endpoint is ready (or published all the same).
    pub ready: bool,
    /// Why it is there.
    pub why: Why,
}

/// Every record of the services of the cluster, in the order of namespaces and services; those of endpoints that are not
/// ready are in it, marked.
pub fn zone_records(store: &Store) -> Vec<Record> {
    store
        .list_as::<core::Service>(None)
        .flat_map(|service| service_zone(store, service))
        .collect()
}

fn service_zone(store: &Store, service: &core::Service) -> Vec<Record> {
    let own = own_name(service);
    let make = |name: String, data: RecordData, ready: bool, why: Why| Record {
        namespace: service.metadata.namespace.clone().unwrap_or_default(),
        service: service.metadata.name.clone().unwrap_or_default(),
        name,
        record_type: data.record_type(),
        value: data.to_text(),
        ready,
        why,
    };
    let Some(spec) = &service.spec else {
        return Vec::new();
    };
    if let Some(external) = spec
        .external_name
        .as_ref()
        .filter(|_| spec.type_.as_deref() == Some("ExternalName"))
    {
        let target = format!("{}.", external.trim_end_matches('.'));
        return vec![make(
            own,
            RecordData::Cname(target),
            true,
            Why::ExternalName,
        )];
    }
    let mut records = Vec::new();
    if let Some(address) = spec.cluster_ip.as_ref().and_then(|ip| ip.parse().ok()) {
        records.push(make(
            own.clone(),
            RecordData::Address(address),
            true,
            Why::ClusterIp,
        ));
        for port in spec
            .ports
            .iter()
            .flatten()
            .filter(|port| port.name.is_some())
        {
            let port = service_port(port);
            let name = format!("_{}._{}.{own}", port.name, port.protocol.to_lowercase());
            let data = RecordData::Srv {
                priority: 0,
                weight: 100,
                port: port.number.unwrap_or(0),
                target: own.clone(),
            };
            records.push(make(
                name,
                data,
                true,
                Why::NamedPort { pod: String::new() },
            ));
        }
        return records;
    }
    let endpoints = endpoints(store, service);
    for endpoint in &endpoints {
        let pod = endpoint.pod.clone();
        let data = RecordData::Address(endpoint.address);
        records.push(make(
            own.clone(),
            data,
            endpoint.ready,
            Why::HeadlessMember { pod },
        ));
    }
    for endpoint in &endpoints {
        let pod = endpoint.pod.clone();
        let why = match endpoint.named {
            true => Why::PodHostname { pod },
            false => Why::DashedAddress { pod },
        };
        let name = format!("{}.{own}", endpoint.host);
        records.push(make(
            name,
            RecordData::Address(endpoint.address),
            endpoint.ready,
            why,
        ));
    }
    records.extend(srv_zone(&endpoints, &own, make));
    records
}

fn srv_zone(
    endpoints: &[Endpoint],
    own: &str,
    make: impl Fn(String, RecordData, bool, Why) -> Record,
) -> Vec<Record> {
    let mut records = Vec::new();
    let ready = endpoints
        .iter()
        .filter(|endpoint| endpoint.ready)
        .count()
        .max(1);
    let weight = u16::try_from(100 / ready).unwrap_or(1).max(1);
    for endpoint in endpoints {
        for port in endpoint.ports.iter().filter(|port| !port.name.is_empty()) {
            let name = format!("_{}._{}.{own}", port.name, port.protocol.to_lowercase());
            let data = RecordData::Srv {
                priority: 0,
                weight,
                port: port.number.unwrap_or(0),
                target: format!("{}.{own}", endpoint.host),
            };
            let why = Why::NamedPort {
                pod: endpoint.pod.clone(),
            };
            records.push(make(name, data, endpoint.ready, why));
        }
    }
    records
}
