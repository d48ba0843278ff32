//! The zone, and what became of a question.

use super::{Since, reference};
use crate::view::{Attempt, AttemptOutcome, DnsView, RecordView, RecordWhy, ResolveView, ZoneView};
use petset_cluster::Cluster;
use petset_cluster::api::Server;
use petset_cluster::api::table::format_labels;
use petset_cluster::kubelet::faults::Fault;
use petset_cluster::network::dns::{Answer, RecordType, ResolvConf, ResponseCode};
use petset_cluster::network::zone::{Record, Why, resolve_with, zone_records};
use petset_cluster::sort;
use petset_cluster::store::Index;
use petset_cluster::{Key, Kind, Object};
use std::collections::BTreeMap;

/// The domain of the cluster.
const DOMAIN: &str = "cluster.local";
/// The address of the DNS service.
const SERVER: &str = "10.96.0.10";

/// The live zones, headless services first, each with its first `max_records` records.
pub(crate) fn dns_view(
    cluster: &Cluster,
    since: Since,
    before: &Published,
    max_records: u32,
) -> DnsView {
    let server = cluster.server();
    let mut by_service: BTreeMap<(String, String), Vec<Record>> = BTreeMap::new();
    for record in zone_records(server.store()) {
        by_service
            .entry((record.namespace.clone(), record.service.clone()))
            .or_default()
            .push(record);
    }
    let mut zones: Vec<ZoneView> = server
        .store()
        .list(Kind::Service, None)
        .filter_map(|object| {
            let key = (object.namespace().to_owned(), object.name().to_owned());
            let records = by_service.remove(&key).unwrap_or_default();
            let before = before.get(&key).map_or(&[][..], Vec::as_slice);
            zone_view(server, object, records, (since, before), max_records)
        })
        .collect();
    sort::by_key(&mut zones, |zone| {
        (
            !zone.headless,
            zone.service.namespace.as_deref() != Some("default"),
        )
    });
    DnsView {
        cluster_domain: DOMAIN.to_owned(),
        server: SERVER.to_owned(),
        cut_off: is_cut_off(cluster),
        zones,
        ways: super::ways::ways(cluster.ways()),
    }
}

/// Whether nobody reaches the DNS server.
fn is_cut_off(cluster: &Cluster) -> bool {
    cluster.faults().any(|fault| *fault == Fault::NoDns)
}

/// The records that are given out, by namespace and name of their service: name, type and data.
pub(crate) type Published = BTreeMap<(String, String), Vec<(String, String, String)>>;

/// With more pods than this, what has vanished is not looked for.
const COMPARED_PODS: usize = 2_000;

/// What is given out now, to be compared with later.
pub(crate) fn published(server: &Server) -> Published {
    let mut all = Published::new();
    if server.store().list(Kind::Pod, None).count() > COMPARED_PODS {
        return all;
    }
    for record in zone_records(server.store()).into_iter().filter(|r| r.ready) {
        let key = (record.namespace.clone(), record.service.clone());
        let line = (
            record.name.trim_end_matches('.').to_owned(),
            record.record_type.as_str().to_owned(),
            record.value,
        );
        all.entry(key).or_default().push(line);
    }
    all
}

fn zone_view(
    server: &Server,
    object: &Object,
    records: Vec<Record>,
    (since, before): (Since, &[(String, String, String)]),
    max: u32,
) -> Option<ZoneView> {
    let Object::Service(service) = object else {
        return None;
    };
    let spec = service.spec.as_ref();
    let selector = spec
        .and_then(|spec| spec.selector.as_ref())
        .filter(|selector| !selector.is_empty());
    let publishes = spec
        .and_then(|spec| spec.publish_not_ready_addresses)
        .unwrap_or(false);
    let slices_changed = server
        .store()
        .by_index(
            Kind::EndpointSlice,
            Index::Label,
            &format!("kubernetes.io/service-name={}", object.name()),
        )
        .any(|slice| slice.namespace() == object.namespace() && since.touched(slice));
    let mut views: Vec<RecordView> = records
        .iter()
        .map(|record| record_view(server, record, publishes, since))
        .collect();
    for (name, record_type, data) in before {
        let is = |view: &RecordView| {
            view.name == *name && view.record_type == *record_type && view.data == *data
        };
        if !views.iter().any(is) {
            views.push(RecordView {
                name: name.clone(),
                record_type: record_type.clone(),
                data: data.clone(),
                ready: false,
                published: false,
                why: RecordWhy::Vanished,
                pod: None,
                changed: true,
                vanished: true,
            });
        }
    }
    sort::by(&mut views, |a, b| {
        (&a.name, &a.record_type, &a.data).cmp(&(&b.name, &b.record_type, &b.data))
    });
    let record_count = u32::try_from(views.len()).unwrap_or(u32::MAX);
    views.truncate(usize::try_from(max).unwrap_or(usize::MAX));
    Some(ZoneView {
        service: reference(object),
        domain: format!("{}.{}.svc.{DOMAIN}", object.name(), object.namespace()),
        headless: spec.and_then(|spec| spec.cluster_ip.as_deref()) == Some("None"),
        selector: selector
            .map(|selector| format_labels(Some(selector)))
            .unwrap_or_default(),
        record_count,
        records: views,
        changed: since.touched(object) || slices_changed,
    })
}

fn record_view(server: &Server, record: &Record, publishes: bool, since: Since) -> RecordView {
    let pod = match &record.why {
        Why::HeadlessMember { pod }
        | Why::PodHostname { pod }
        | Why::DashedAddress { pod }
        | Why::NamedPort { pod } => Some(pod.clone()).filter(|pod| !pod.is_empty()),
        Why::ClusterIp | Why::ExternalName => None,
    };
    let stored = pod.as_ref().and_then(|pod| {
        server
            .store()
            .get(Kind::Pod, &Key::new(&record.namespace, pod))
    });
    let pod_is_ready = stored.is_none_or(|object| is_ready(object));
    RecordView {
        name: record.name.trim_end_matches('.').to_owned(),
        record_type: record.record_type.as_str().to_owned(),
        data: record.value.clone(),
        ready: pod_is_ready,
        published: record.ready,
        why: why(record, pod_is_ready, publishes),
        pod: stored.map(|object| reference(object)),
        changed: stored.is_some_and(|object| since.touched(object)),
        vanished: false,
    }
}

fn is_ready(object: &Object) -> bool {
    let Object::Pod(pod) = object else {
        return false;
    };
    let conditions = pod
        .status
        .as_ref()
        .and_then(|status| status.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn why(record: &Record, pod_is_ready: bool, publishes: bool) -> RecordWhy {
    match &record.why {
        Why::HeadlessMember { pod } | Why::PodHostname { pod } | Why::DashedAddress { pod }
            if !record.ready =>
        {
            RecordWhy::NotReady { pod: pod.clone() }
        }
        Why::HeadlessMember { pod } | Why::PodHostname { pod } if !pod_is_ready && publishes => {
            RecordWhy::PublishedNotReady { pod: pod.clone() }
        }
        Why::HeadlessMember { pod } => RecordWhy::ReadyEndpoint { pod: pod.clone() },
        Why::PodHostname { pod } => RecordWhy::PodHostname { pod: pod.clone() },
        Why::DashedAddress { pod } => RecordWhy::PodAddress { pod: pod.clone() },
        Why::NamedPort { .. } => {
            let label = record.name.split('.').next().unwrap_or("");
            RecordWhy::NamedPort {
                port: label.trim_start_matches('_').to_owned(),
            }
        }
        Why::ClusterIp => RecordWhy::ClusterIp,
        Why::ExternalName => RecordWhy::ExternalName,
    }
}

/// What an answer says.
pub(crate) fn outcome(answer: &Answer) -> AttemptOutcome {
    let records = answer.answers.iter().map(|record| {
        format!(
            "{} {}",
            record.data.record_type().as_str(),
            record.data.to_text()
        )
    });
    if !answer.answers.is_empty() {
        AttemptOutcome::Answer {
            records: records.collect(),
        }
    } else if answer.code == ResponseCode::NoAnswer {
        AttemptOutcome::TimedOut
    } else if answer.is_name_error() {
        AttemptOutcome::NxDomain
    } else {
        AttemptOutcome::NoData
    }
}

/// Asks for a name's addresses as a program of the pod would (`name`, or `namespace/name`), or as one of a pod with the
/// usual configuration in the namespace `default`.
pub(crate) fn resolve(cluster: &Cluster, from_pod: Option<&str>, name: &str) -> ResolveView {
    let key = from_pod.map(|pod| match pod.split_once('/') {
        Some((namespace, pod)) => Key::new(namespace, pod),
        None => Key::new("default", pod),
    });
    let usual = || ResolvConf {
        search: vec![
            format!("default.svc.{DOMAIN}"),
            format!("svc.{DOMAIN}"),
            DOMAIN.to_owned(),
        ],
        nameservers: vec![SERVER.to_owned()],
        options: vec!["ndots:5".to_owned()],
    };
    let found = key.and_then(|key| cluster.resolver_of(&key));
    let (conf, hosts) = found.unwrap_or_else(|| (usual(), Vec::new()));
    let name = name.trim();
    let line = hosts
        .iter()
        .find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name)));
    let mut view = ResolveView {
        name: name.to_owned(),
        from_pod: from_pod.map(str::to_owned),
        server: conf.nameservers.first().cloned().unwrap_or_default(),
        ndots: u32::try_from(conf.ndots()).unwrap_or(0),
        attempts: Vec::new(),
        answers: Vec::new(),
        search: conf.search.clone(),
    };
    if let Some((address, names)) = line {
        view.attempts.push(Attempt {
            query: names.first().cloned().unwrap_or_default(),
            outcome: AttemptOutcome::HostsFile {
                address: address.to_string(),
            },
            cached_s: None,
        });
        view.answers.push(address.to_string());
        return view;
    }
    if is_cut_off(cluster) {
        // A resolver that gets no answer does not go on to the next name.
        let first = conf.candidates(name).into_iter().next();
        view.attempts.extend(first.map(|query| Attempt {
            query: query.trim_end_matches('.').to_owned(),
            outcome: AttemptOutcome::TimedOut,
            cached_s: None,
        }));
        return view;
    }
    let mut ask = |name: &str, record_type| cluster.dns_answer(name, record_type);
    let lookup = resolve_with(&conf, name, RecordType::A, &mut ask);
    let attempts = lookup.attempts.iter();
    view.attempts = attempts
        .map(|attempt| Attempt {
            query: attempt.name.trim_end_matches('.').to_owned(),
            outcome: outcome(&attempt.answer),
            cached_s: attempt.answer.cached_secs,
        })
        .collect();
    let addresses = lookup.result.addresses();
    view.answers = addresses.iter().map(ToString::to_string).collect();
    view
}
