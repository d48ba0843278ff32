//! The zone, and what became of a question.

use super::{Since, reference};
use crate::view::{Attempt, AttemptOutcome, DnsView, RecordView, RecordWhy, ResolveView, ZoneView};
use petset_cluster::api::Server;
use petset_cluster::api::table::format_labels;
use petset_cluster::network::dns::{Answer, RecordType, ResolvConf};
use petset_cluster::network::zone::{Record, Why, resolve_from, zone_records};
use petset_cluster::sort;
use petset_cluster::store::Index;
use petset_cluster::{Key, Kind, Object};
use std::collections::BTreeMap;

/// The domain of the cluster.
const DOMAIN: &str = "cluster.local";
/// The address of the DNS service.
const SERVER: &str = "10.96.0.10";

/// The live zones, headless services first, each with its first `max_records` records.
pub(crate) fn dns_view(server: &Server, since: Since, max_records: u32) -> DnsView {
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
            zone_view(
                server,
                object,
                by_service.remove(&key).unwrap_or_default(),
                since,
                max_records,
            )
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
        zones,
    }
}

fn zone_view(
    server: &Server,
    object: &Object,
    records: Vec<Record>,
    since: Since,
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

/// Asks for a name's addresses as a pod of the namespace `default` would.
pub(crate) fn resolve(server: &Server, from_pod: Option<&str>, name: &str) -> ResolveView {
    let namespace = "default";
    let conf = ResolvConf {
        search: vec![
            format!("{namespace}.svc.{DOMAIN}"),
            format!("svc.{DOMAIN}"),
            DOMAIN.to_owned(),
        ],
        nameservers: vec![SERVER.to_owned()],
        options: vec!["ndots:5".to_owned()],
    };
    let lookup = resolve_from(server.store(), Some(&conf), name.trim(), RecordType::A);
    let records = |answer: &Answer| {
        let texts = answer.answers.iter();
        texts
            .map(|record| {
                format!(
                    "{} {}",
                    record.data.record_type().as_str(),
                    record.data.to_text()
                )
            })
            .collect()
    };
    ResolveView {
        name: name.to_owned(),
        from_pod: from_pod.map(str::to_owned),
        server: SERVER.to_owned(),
        ndots: u32::try_from(conf.ndots()).unwrap_or(0),
        attempts: lookup
            .attempts
            .iter()
            .map(|attempt| Attempt {
                query: attempt.name.trim_end_matches('.').to_owned(),
                outcome: if !attempt.answer.answers.is_empty() {
                    AttemptOutcome::Answer {
                        records: records(&attempt.answer),
                    }
                } else if attempt.answer.is_name_error() {
                    AttemptOutcome::NxDomain
                } else {
                    AttemptOutcome::NoData
                },
            })
            .collect(),
        answers: lookup
            .result
            .addresses()
            .iter()
            .map(ToString::to_string)
            .collect(),
        search: conf.search,
    }
}
