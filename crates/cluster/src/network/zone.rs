//! The cluster's zone: every record that CoreDNS would serve, and why it is there.
//!
//! Upstream: `coredns plugin/kubernetes/{kubernetes,parse,reverse,object/endpoint}.go`, `plugin/backend_lookup.go`.

mod records;

pub use records::{Record, Why, zone_records};

use super::dns::{
    Answer, AnswerRecord, Attempt, Lookup, RecordData, RecordType, ResolvConf, ResponseCode,
    reverse_name,
};
use super::proxy;
use crate::object::Key;
use crate::random::Random;
use crate::store::Store;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::discovery::v1 as discovery;
use std::net::{IpAddr, Ipv4Addr};

/// The zone of the cluster.
pub const ZONE: &str = "cluster.local.";
/// Seconds that answers of the cluster's zone may be kept.
pub const TTL_SECS: u32 = 30;
/// How long a chain of other names is followed.
const CNAME_LIMIT: u32 = 8;

/// A port of an endpoint or service.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Port {
    name: String,
    protocol: String,
    /// `None` for services without ports.
    number: Option<u16>,
}

/// An endpoint of a service as DNS sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Endpoint {
    address: IpAddr,
    /// The first label of its own name.
    host: String,
    /// Whether it is in the answers.
    ready: bool,
    /// The pod behind it; empty when there is none.
    pod: String,
    /// Whether the pod gave the host name itself.
    named: bool,
    ports: Vec<Port>,
}

/// Answers one question about a full name.
pub fn query(store: &Store, name: &str, record_type: RecordType) -> Answer {
    answer(store, name, record_type, 0)
}

fn answer(store: &Store, name: &str, record_type: RecordType, depth: u32) -> Answer {
    let spelled = format!("{}.", name.trim_end_matches('.'));
    let lower = spelled.to_lowercase();
    let mut answer = Answer::empty(&spelled, record_type, ResponseCode::NameError);
    if lower.ends_with(".in-addr.arpa.") {
        reverse(store, &lower, &mut answer);
        return answer;
    }
    let Some(labels) = labels_in_zone(&lower) else {
        // Names outside of the cluster do not exist here.
        return answer;
    };
    answer.authoritative = true;
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let found = records(store, &labels, &spelled, record_type, depth);
    if let Some(Found {
        answers,
        additional,
    }) = found
    {
        answer.code = ResponseCode::NoError;
        answer.answers = answers;
        answer.additional = additional;
    }
    if answer.answers.is_empty() {
        answer.authority.push(AnswerRecord {
            name: ZONE.to_owned(),
            ttl_secs: TTL_SECS,
            data: RecordData::Soa(soa(store)),
        });
    }
    answer
}

/// The labels before the zone, or none for a name outside of it.
fn labels_in_zone(name: &str) -> Option<Vec<String>> {
    let rest = name.strip_suffix(ZONE)?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    let rest = rest.strip_suffix('.')?;
    Some(rest.split('.').map(str::to_owned).collect())
}

fn soa(store: &Store) -> String {
    let serial = store.resource_version();
    format!("ns.dns.cluster.local. hostmaster.cluster.local. {serial} 7200 1800 86400 30")
}

#[derive(Default)]
struct Found {
    answers: Vec<AnswerRecord>,
    additional: Vec<AnswerRecord>,
}

fn record(name: &str, data: RecordData) -> AnswerRecord {
    AnswerRecord {
        name: name.to_owned(),
        ttl_secs: TTL_SECS,
        data,
    }
}

/// The records of an existing name; `None` for NXDOMAIN.
fn records(
    store: &Store,
    labels: &[&str],
    name: &str,
    record_type: RecordType,
    depth: u32,
) -> Option<Found> {
    let found = |answers: Vec<AnswerRecord>| {
        Some(Found {
            answers,
            additional: Vec::new(),
        })
    };
    let namespace = |name: &str| store.get_as::<core::Namespace>(&Key::new("", name));
    match labels {
        [] | ["svc" | "pod"] => found(match (labels, record_type) {
            ([], RecordType::Ns) => vec![record(
                name,
                RecordData::Ns("ns.dns.cluster.local.".to_owned()),
            )],
            ([], RecordType::Soa) => vec![record(name, RecordData::Soa(soa(store)))],
            _ => Vec::new(),
        }),
        ["dns-version"] => found(match record_type {
            RecordType::Txt => vec![record(name, RecordData::Txt("1.1.0".to_owned()))],
            _ => Vec::new(),
        }),
        ["ns", "dns"] => found(match record_type {
            RecordType::A => dns_service(store)
                .map(|ip| record(name, RecordData::Address(ip)))
                .into_iter()
                .collect(),
            _ => Vec::new(),
        }),
        [ns, "svc" | "pod"] => namespace(ns).and_then(|_| found(Vec::new())),
        [dashed, ns, "pod"] => {
            namespace(ns)?;
            let ip: Ipv4Addr = dashed.replace('-', ".").parse().ok()?;
            found(match record_type {
                RecordType::A => vec![record(name, RecordData::Address(ip.into()))],
                _ => Vec::new(),
            })
        }
        [rest @ .., service, ns, "svc"] => {
            let service = store.get_as::<core::Service>(&Key::new(ns, service))?;
            service_records(store, service, rest, name, record_type, depth)
        }
        _ => None,
    }
}

fn dns_service(store: &Store) -> Option<IpAddr> {
    let service = store.get_as::<core::Service>(&Key::new("kube-system", "kube-dns"))?;
    service.spec.as_ref()?.cluster_ip.as_ref()?.parse().ok()
}

/// One thing a service name leads to: an address with a port and the host name of an SRV record.
struct Target {
    address: IpAddr,
    host: String,
    port: Option<u16>,
}

fn service_records(
    store: &Store,
    service: &core::Service,
    rest: &[&str],
    name: &str,
    record_type: RecordType,
    depth: u32,
) -> Option<Found> {
    let spec = service.spec.as_ref()?;
    if spec.type_.as_deref() == Some("ExternalName") {
        let external = spec.external_name.as_deref()?;
        return rest
            .is_empty()
            .then(|| external_records(store, external, name, record_type, depth));
    }
    let targets = targets(store, service, spec, rest)?;
    let mut found = Found::default();
    match record_type {
        RecordType::A | RecordType::Any => {
            let mut seen: Vec<IpAddr> = Vec::new();
            for target in &targets {
                if !seen.contains(&target.address) {
                    seen.push(target.address);
                    found
                        .answers
                        .push(record(name, RecordData::Address(target.address)));
                }
            }
        }
        RecordType::Srv => srv_records(&targets, name, &mut found),
        _ => {}
    }
    Some(found)
}

fn srv_records(targets: &[Target], name: &str, found: &mut Found) {
    let count = targets.len().max(1);
    let weight = u16::try_from(100 / count).unwrap_or(1).max(1);
    for target in targets {
        let Some(port) = target.port else { continue };
        let answer = record(
            name,
            RecordData::Srv {
                priority: 0,
                weight,
                port,
                target: target.host.clone(),
            },
        );
        if found.answers.contains(&answer) {
            continue;
        }
        found.answers.push(answer);
        let address = record(&target.host, RecordData::Address(target.address));
        if !found.additional.contains(&address) {
            found.additional.push(address);
        }
    }
}

/// What a name below a service leads to; `None` when there is no such name.
fn targets(
    store: &Store,
    service: &core::Service,
    spec: &core::ServiceSpec,
    rest: &[&str],
) -> Option<Vec<Target>> {
    let own = own_name(service);
    let (port, host) = match rest {
        [] => (None, None),
        [host] => (None, Some(*host)),
        [port, protocol] => (
            Some((port.strip_prefix('_')?, protocol.strip_prefix('_')?)),
            None,
        ),
        _ => return None,
    };
    let fits = |candidate: &Port| match port {
        None => true,
        Some((name, protocol)) => {
            candidate.name.eq_ignore_ascii_case(name)
                && candidate.protocol.eq_ignore_ascii_case(protocol)
        }
    };
    let headless = spec.cluster_ip.as_deref() == Some("None");
    if !headless && host.is_none() {
        let address: IpAddr = spec.cluster_ip.as_ref()?.parse().ok()?;
        let targets: Vec<Target> = spec
            .ports
            .iter()
            .flatten()
            .map(service_port)
            .filter(|candidate| fits(candidate))
            .map(|port| Target {
                address,
                host: own.clone(),
                port: port.number,
            })
            .collect();
        return (!targets.is_empty()).then_some(targets);
    }
    let mut targets = Vec::new();
    for endpoint in endpoints(store, service) {
        if !endpoint.ready || host.is_some_and(|host| !endpoint.host.eq_ignore_ascii_case(host)) {
            continue;
        }
        for candidate in endpoint.ports.iter().filter(|candidate| fits(candidate)) {
            targets.push(Target {
                address: endpoint.address,
                host: format!("{}.{own}", endpoint.host),
                port: candidate.number,
            });
        }
    }
    (!targets.is_empty()).then_some(targets)
}

fn service_port(port: &core::ServicePort) -> Port {
    Port {
        name: port.name.clone().unwrap_or_default(),
        protocol: port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()),
        number: u16::try_from(port.port).ok(),
    }
}

/// `nginx.default.svc.cluster.local.`
fn own_name(service: &core::Service) -> String {
    let name = service.metadata.name.as_deref().unwrap_or("");
    let namespace = service.metadata.namespace.as_deref().unwrap_or("");
    format!("{name}.{namespace}.svc.{ZONE}")
}

fn external_records(
    store: &Store,
    external: &str,
    name: &str,
    record_type: RecordType,
    depth: u32,
) -> Found {
    let mut found = Found::default();
    let wanted = matches!(
        record_type,
        RecordType::A | RecordType::Aaaa | RecordType::Cname
    );
    if external.parse::<IpAddr>().is_ok() || !wanted {
        return found;
    }
    let target = format!("{}.", external.trim_end_matches('.'));
    let alias = record(name, RecordData::Cname(target.clone()));
    if record_type == RecordType::Cname || labels_in_zone(&target).is_none() {
        found.answers.push(alias);
        return found;
    }
    if depth < CNAME_LIMIT {
        let behind = answer(store, &target, record_type, depth + 1);
        if !behind.answers.is_empty() {
            found.answers.push(alias);
            found.answers.extend(behind.answers);
        }
    }
    found
}

/// All endpoints of a service, ready or not.
fn endpoints(store: &Store, service: &core::Service) -> Vec<Endpoint> {
    let name = service.metadata.name.as_deref().unwrap_or("");
    let namespace = service.metadata.namespace.as_deref().unwrap_or("");
    proxy::slices(store, namespace, name)
        .into_iter()
        .flat_map(|slice| {
            let ports = slice_ports(slice);
            slice
                .endpoints
                .iter()
                .flatten()
                .filter_map(move |endpoint| {
                    let address: IpAddr = endpoint.addresses.first()?.parse().ok()?;
                    let named = endpoint.hostname.clone().filter(|name| !name.is_empty());
                    Some(Endpoint {
                        address,
                        named: named.is_some(),
                        host: named.unwrap_or_else(|| address.to_string().replace(['.', ':'], "-")),
                        ready: endpoint
                            .conditions
                            .as_ref()
                            .and_then(|c| c.ready)
                            .unwrap_or(true),
                        pod: endpoint
                            .target_ref
                            .as_ref()
                            .and_then(|target| target.name.clone())
                            .unwrap_or_default(),
                        ports: ports.clone(),
                    })
                })
        })
        .collect()
}

fn slice_ports(slice: &discovery::EndpointSlice) -> Vec<Port> {
    let ports: Vec<Port> = slice
        .ports
        .iter()
        .flatten()
        .map(|port| Port {
            name: port.name.clone().unwrap_or_default(),
            protocol: port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()),
            number: port.port.and_then(|number| u16::try_from(number).ok()),
        })
        .collect();
    if ports.is_empty() {
        // Without ports there are still addresses.
        return vec![Port {
            name: String::new(),
            protocol: String::new(),
            number: None,
        }];
    }
    ports
}

/// The names of an address.
fn reverse(store: &Store, name: &str, answer: &mut Answer) {
    let octets: Option<Vec<u8>> = name.strip_suffix(".in-addr.arpa.").map(|rest| {
        rest.rsplit('.')
            .map_while(|octet| octet.parse().ok())
            .collect()
    });
    let Some([a, b, c, d]) = octets.as_deref() else {
        return;
    };
    let address = IpAddr::from([*a, *b, *c, *d]);
    let text = address.to_string();
    let mut names: Vec<String> = Vec::new();
    for service in store.list_as::<core::Service>(None) {
        let ip = service
            .spec
            .as_ref()
            .and_then(|spec| spec.cluster_ip.as_deref());
        if ip == Some(&text) {
            names = vec![own_name(service)];
            break;
        }
        for endpoint in endpoints(store, service) {
            let full = format!("{}.{}", endpoint.host, own_name(service));
            if endpoint.ready && endpoint.address == address && !names.contains(&full) {
                names.push(full);
            }
        }
    }
    if names.is_empty() {
        return;
    }
    answer.code = ResponseCode::NoError;
    answer.authoritative = true;
    if answer.record_type == RecordType::Ptr {
        let owner = answer.question.clone();
        answer.answers = names
            .into_iter()
            .map(|name| record(&owner, RecordData::Ptr(name)))
            .collect();
    }
}

impl Answer {
    /// Puts the addresses of each section into random order, as CoreDNS' `loadbalance` does.
    pub fn shuffle(&mut self, random: &mut Random) {
        for section in [&mut self.answers, &mut self.additional] {
            let is_address = |record: &AnswerRecord| matches!(record.data, RecordData::Address(_));
            let first = section.iter().position(is_address).unwrap_or(section.len());
            let count = section[first..]
                .iter()
                .take_while(|record| is_address(record))
                .count();
            for index in (1..count).rev() {
                let other = random.below(index as u64 + 1) as usize;
                section.swap(first + index, first + other);
            }
        }
    }
}

/// Resolves a name as a program in a pod would, with the pod's search path (that of the namespace `default` when no pod is
/// given), and tells every attempt.
pub fn resolve_from(
    store: &Store,
    conf: Option<&ResolvConf>,
    name: &str,
    record_type: RecordType,
) -> Lookup {
    let usual = crate::kubelet::environment::cluster_first("default");
    let mut ask = |name: &str, record_type| query(store, name, record_type);
    resolve_with(conf.unwrap_or(&usual), name, record_type, &mut ask)
}

/// Resolves a name through a search path, with `ask` for each full name.
pub fn resolve_with(
    conf: &ResolvConf,
    name: &str,
    record_type: RecordType,
    ask: &mut dyn FnMut(&str, RecordType) -> Answer,
) -> Lookup {
    let (name, record_type) = match name.parse::<IpAddr>() {
        Ok(address) => (reverse_name(address), RecordType::Ptr),
        Err(_) => (name.to_owned(), record_type),
    };
    let mut attempts = Vec::new();
    for candidate in conf.candidates(&name) {
        let answer = ask(&candidate, record_type);
        let found = !answer.answers.is_empty();
        attempts.push(Attempt {
            name: candidate,
            answer,
        });
        if found {
            break;
        }
    }
    Lookup::new(attempts, &name, record_type)
}
