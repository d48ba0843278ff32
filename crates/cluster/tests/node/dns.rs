//! Names, as `dns-all-forms` shows them.

use crate::kubelet::lab3;
use crate::stage::Stage;
use petset_cluster::network::dns::{Answer, RecordType};

use petset_cluster::network::zone::{Why, query, resolve_from, zone_records};
use serde_json::json;

/// The code and the records of an answer, in order.
fn tell(answer: &Answer) -> String {
    let mut records: Vec<String> = answer
        .answers
        .iter()
        .map(|record| {
            format!(
                "{} {}",
                record.data.record_type().as_str(),
                record.data.to_text()
            )
        })
        .collect();
    records.sort();
    format!("{} {}", answer.code.as_str(), records.join(", "))
        .trim_end()
        .to_owned()
}

fn staged() -> Stage {
    let mut stage = Stage::new();
    lab3(&mut stage);
    stage.create(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "vip"},
        "spec": {"clusterIP": "10.96.7.7", "selector": {"app": "nginx-ss"}, "ports": [{"name": "web", "port": 80}]}}));
    stage.create(
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "ext"},
        "spec": {"type": "ExternalName", "externalName": "example.com"}}),
    );
    stage.settle();
    stage
}

#[test]
fn answers() {
    let stage = staged();
    let table = [
        (
            "nginx-ss-0.my-headless-svc.default.svc.cluster.local",
            RecordType::A,
            "NOERROR A 10.244.2.2",
        ),
        (
            "NGINX-ss-0.My-headless-svc.default.svc.cluster.local.",
            RecordType::A,
            "NOERROR A 10.244.2.2",
        ),
        (
            "my-headless-svc.default.svc.cluster.local",
            RecordType::A,
            "NOERROR A 10.244.1.3, A 10.244.2.2, A 10.244.3.2",
        ),
        (
            "my-headless-svc.default.svc.cluster.local",
            RecordType::Aaaa,
            "NOERROR",
        ),
        (
            "nginx-ss-9.my-headless-svc.default.svc.cluster.local",
            RecordType::A,
            "NXDOMAIN",
        ),
        ("nope.default.svc.cluster.local", RecordType::A, "NXDOMAIN"),
        ("nginx.nope.svc.cluster.local", RecordType::A, "NXDOMAIN"),
        (
            "vip.default.svc.cluster.local",
            RecordType::A,
            "NOERROR A 10.96.7.7",
        ),
        (
            "nginx-ss-0.vip.default.svc.cluster.local",
            RecordType::A,
            "NXDOMAIN",
        ),
        (
            "_web._tcp.vip.default.svc.cluster.local",
            RecordType::Srv,
            "NOERROR SRV 0 100 80 vip.default.svc.cluster.local.",
        ),
        (
            "_web._tcp.my-headless-svc.default.svc.cluster.local",
            RecordType::Srv,
            "NOERROR SRV 0 33 80 nginx-ss-0.my-headless-svc.default.svc.cluster.local., SRV 0 33 80 nginx-ss-1.my-headless-svc.default.svc.cluster.local., SRV 0 33 80 nginx-ss-2.my-headless-svc.default.svc.cluster.local.",
        ),
        (
            "_nope._tcp.my-headless-svc.default.svc.cluster.local",
            RecordType::Srv,
            "NXDOMAIN",
        ),
        (
            "ext.default.svc.cluster.local",
            RecordType::A,
            "NOERROR CNAME example.com.",
        ),
        (
            "dns-version.cluster.local",
            RecordType::Txt,
            "NOERROR TXT \"1.1.0\"",
        ),
        ("default.svc.cluster.local", RecordType::A, "NOERROR"),
        ("foo.cluster.local", RecordType::A, "NXDOMAIN"),
        (
            "10-244-9-9.default.pod.cluster.local",
            RecordType::A,
            "NOERROR A 10.244.9.9",
        ),
        (
            "kubernetes.default.svc.cluster.local",
            RecordType::A,
            "NOERROR A 10.96.0.1",
        ),
        (
            "2.2.244.10.in-addr.arpa",
            RecordType::Ptr,
            "NOERROR PTR 10-244-2-2.vip.default.svc.cluster.local., PTR nginx-ss-0.my-headless-svc.default.svc.cluster.local.",
        ),
        (
            "10.0.96.10.in-addr.arpa",
            RecordType::Ptr,
            "NOERROR PTR kube-dns.kube-system.svc.cluster.local.",
        ),
        ("9.9.9.9.in-addr.arpa", RecordType::Ptr, "NXDOMAIN"),
        ("example.com", RecordType::A, "NXDOMAIN"),
    ];
    for (name, record_type, expected) in table {
        let answer = query(stage.cluster.store(), name, record_type);
        assert_eq!(tell(&answer), expected, "{name} {}", record_type.as_str());
    }
}

#[test]
fn the_search_path_is_tried_in_order() {
    let stage = staged();
    let table = [
        ("nginx-ss-0.my-headless-svc", 1, "NOERROR"),
        ("my-headless-svc.default.svc.cluster.local", 4, "NOERROR"),
        ("my-headless-svc.default.svc.cluster.local.", 1, "NOERROR"),
        ("nope", 4, "NXDOMAIN"),
    ];
    for (name, attempts, code) in table {
        let lookup = resolve_from(stage.cluster.store(), None, name, RecordType::A);
        assert_eq!(lookup.attempts.len(), attempts, "{name}");
        assert_eq!(lookup.result.code.as_str(), code, "{name}");
    }
}

#[test]
fn records_say_why_they_are_there_and_pods_that_end_are_not_served() {
    let mut stage = staged();
    let own = |stage: &Stage| {
        let mut records = zone_records(stage.cluster.store());
        records.retain(|record| {
            record.service == "my-headless-svc" && record.record_type == RecordType::A
        });
        records
    };
    let records = own(&stage);
    assert_eq!(records.len(), 6);
    assert!(records.iter().all(|record| record.ready));
    let pod = "nginx-ss-1".to_owned();
    let found = records
        .iter()
        .find(|record| record.name.starts_with("nginx-ss-1."))
        .expect("there");
    assert_eq!(found.why, Why::PodHostname { pod });
    stage.delete(petset_cluster::Kind::Pod, "nginx-ss-1");
    stage
        .cluster
        .run_until(stage.cluster.now() + petset_cluster::Duration::millis(60));
    let unready = own(&stage).iter().filter(|record| !record.ready).count();
    assert_eq!(unready, 2);
}

#[test]
fn programs_reach_each_other_by_name() {
    let mut stage = staged();
    let table = [
        ("nginx-ss-1.my-headless-svc", "nginx-ss-1", 0),
        ("localhost", "nginx-ss-0", 0),
        ("nginx-ss-0", "nginx-ss-0", 0),
        ("nope", "", 1),
        ("10.244.1.77", "", 1),
    ];
    for (host, body, code) in table {
        let (stdout, _, exit) = stage.exec("nginx-ss-0", &["get", host]);
        assert_eq!((stdout.as_str(), exit), (body, code), "{host}");
    }
    assert_eq!(stage.exec("nginx-ss-0", &["get", "vip"]).2, 0);
}
