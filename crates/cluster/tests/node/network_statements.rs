//! The numbered statements about names and services, one row each: what is done, and what is seen then.

use crate::stage::Stage;
use petset_cluster::api::{Body, Request, Verb};
use petset_cluster::network::dns::{Answer, RecordType};
use petset_cluster::network::proxy::Choice;
use petset_cluster::network::way::Question;
use petset_cluster::network::zone::query;
use petset_cluster::{Key, Kind};
use serde_json::{Value, json};

fn service(name: &str, spec: Value) -> Value {
    let mut base = json!({"selector": {"app": "a"}, "ports": [{"name": "web", "port": 80}]});
    for (key, value) in spec.as_object().expect("a map") {
        if value.is_null() {
            base.as_object_mut().expect("a map").remove(key);
        } else {
            base[key] = value.clone();
        }
    }
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": base})
}

fn headless(name: &str, spec: Value) -> Value {
    let mut made = service(name, spec);
    made["spec"]["clusterIP"] = "None".into();
    made
}

/// A pod of the label `app: a`; `spec` is laid over the usual one.
fn pod(name: &str, spec: Value) -> Value {
    let mut base = json!({"terminationGracePeriodSeconds": 30, "containers": [{"name": "c", "image": "nginx", "ports": [{"containerPort": 80, "name": "http"}]}]});
    for (key, value) in spec.as_object().expect("a map") {
        base[key] = value.clone();
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": "a"}}, "spec": base})
}

fn named(name: &str, subdomain: &str) -> Value {
    pod(name, json!({"hostname": name, "subdomain": subdomain}))
}

fn unready() -> Value {
    json!({"hostname": "u", "subdomain": "h", "containers": [{"name": "c", "image": "nginx",
        "readinessProbe": {"tcpSocket": {"port": 81}, "periodSeconds": 1}}]})
}

fn create(s: &mut Stage, objects: impl IntoIterator<Item = Value>) {
    for object in objects {
        s.create(object);
    }
    s.pass(8);
}

fn try_create(s: &mut Stage, object: Value) -> String {
    let name = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
    let request =
        Request::new(Verb::Create, Kind::Service, "default", &name).with_body(Body::Json(object));
    match s.cluster.handle(request).result {
        Ok(_) => "created".to_owned(),
        Err(status) => status.message.clone(),
    }
}

/// `NOERROR A 10.0.0.1`, addresses of pods as `POD`.
fn tell(answer: &Answer) -> String {
    let mut records: Vec<String> = answer
        .answers
        .iter()
        .map(|record| {
            let text = record.data.to_text();
            let text = if text.starts_with("10.244.") {
                "POD".to_owned()
            } else {
                text
            };
            format!("{} {text}", record.data.record_type().as_str())
        })
        .collect();
    records.sort();
    format!("{} {}", answer.code.as_str(), records.join(", "))
        .trim_end()
        .to_owned()
}

fn ask(s: &Stage, name: &str, record_type: RecordType) -> String {
    let full = match name.ends_with('.') {
        true => name.to_owned(),
        false => format!("{name}.default.svc.cluster.local."),
    };
    tell(&query(s.cluster.store(), &full, record_type))
}

fn a(s: &Stage, name: &str) -> String {
    ask(s, name, RecordType::A)
}

fn slices(s: &Stage, service: &str) -> Vec<Value> {
    let all = s.cluster.store().list(Kind::EndpointSlice, Some("default"));
    all.filter(|slice| slice.name().starts_with(&format!("{service}-")))
        .map(|slice| slice.to_json())
        .collect()
}

fn endpoint(s: &Stage, service: &str) -> Value {
    slices(s, service)
        .first()
        .map(|slice| slice["endpoints"][0].clone())
        .unwrap_or_default()
}

/// How the last connection's endpoint was chosen.
fn choice(s: &Stage) -> Option<Choice> {
    let last = s
        .cluster
        .ways()
        .iter()
        .filter_map(|way| match &way.question {
            Question::Connection { route, .. } => Some(route.choice),
            Question::Name { .. } => None,
        });
    last.last()
}

/// What `kubectl get` prints of an object.
fn row(s: &Stage, kind: Kind, name: &str) -> Vec<String> {
    let object = s
        .cluster
        .store()
        .get(kind, &Key::new("default", name))
        .expect("there")
        .clone();
    let now = k8s_openapi::jiff::Timestamp::UNIX_EPOCH;
    petset_cluster::api::table::table(kind, &[object], now, false).rows[0].clone()
}

type Row = (&'static str, fn(&mut Stage) -> String, &'static str);

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (name, act, expected) in rows {
        let mut stage = Stage::new();
        let seen = act(&mut stage);
        if seen != *expected {
            wrong.push(format!("{name}\n  expected {expected}\n  seen     {seen}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names() {
    check(&[
        (
            "S-NET-01, S-NET-05",
            |s| {
                create(
                    s,
                    [headless("h", json!({})), named("x", "h"), named("y", "h")],
                );
                format!("{}, {}", a(s, "x.h"), a(s, "h"))
            },
            "NOERROR A POD, NOERROR A POD, A POD",
        ),
        (
            "S-NET-02, S-NET-05: none",
            |s| {
                create(s, [headless("h", json!({})), pod("u", unready())]);
                format!("{} {}", a(s, "u.h"), a(s, "h"))
            },
            "NXDOMAIN NXDOMAIN",
        ),
        (
            "S-NET-03",
            |s| {
                create(
                    s,
                    [
                        headless("h", json!({"publishNotReadyAddresses": true})),
                        pod("u", unready()),
                    ],
                );
                a(s, "u.h")
            },
            "NOERROR A POD",
        ),
        (
            "S-NET-04",
            |s| {
                let stubborn = json!({"containers": [{"name": "c", "image": "nginx", "command": ["stubborn"]}]});
                create(
                    s,
                    [
                        headless("h", json!({"publishNotReadyAddresses": true})),
                        pod("p", stubborn),
                    ],
                );
                s.delete(Kind::Pod, "p");
                s.pass(3);
                endpoint(s, "h")["conditions"].to_string()
            },
            r#"{"ready":true,"serving":true,"terminating":true}"#,
        ),
        (
            "S-NET-06",
            |s| {
                create(s, [service("v", json!({"clusterIP": "10.96.1.1"}))]);
                a(s, "v")
            },
            "NOERROR A 10.96.1.1",
        ),
        (
            "S-NET-07, S-NET-08",
            |s| {
                create(
                    s,
                    [headless("h", json!({})), named("x", "h"), named("y", "h")],
                );
                let answer = query(
                    s.cluster.store(),
                    "_web._tcp.h.default.svc.cluster.local.",
                    RecordType::Srv,
                );
                format!("{} + {}", tell(&answer), answer.additional.len())
            },
            "NOERROR SRV 0 50 80 x.h.default.svc.cluster.local., SRV 0 50 80 y.h.default.svc.cluster.local. + 2",
        ),
        (
            "S-NET-09",
            |s| {
                create(
                    s,
                    [
                        headless("h", json!({"ports": [{"port": 80}]})),
                        named("x", "h"),
                    ],
                );
                format!(
                    "{} {}",
                    ask(s, "_80._tcp.h", RecordType::Srv),
                    ask(s, "h", RecordType::Srv)
                )
            },
            "NXDOMAIN NOERROR SRV 0 100 80 x.h.default.svc.cluster.local.",
        ),
        (
            "S-NET-10, S-NET-43",
            |s| {
                create(s, [headless("h", json!({"ports": null})), named("x", "h")]);
                format!("{} {}", a(s, "x.h"), ask(s, "h", RecordType::Srv))
            },
            "NOERROR A POD NOERROR",
        ),
        (
            "S-NET-11",
            |s| {
                create(
                    s,
                    [
                        service("v", json!({"clusterIP": "10.96.1.1"})),
                        headless("h", json!({})),
                        named("x", "h"),
                    ],
                );
                let ip = s.get(Kind::Pod, "x").expect("there")["status"]["podIP"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                let parts: Vec<&str> = ip.rsplit('.').collect();
                let pod = ask(
                    s,
                    &format!("{}.in-addr.arpa.", parts.join(".")),
                    RecordType::Ptr,
                );
                format!(
                    "{} {}",
                    ask(s, "1.1.96.10.in-addr.arpa.", RecordType::Ptr),
                    pod.contains("PTR x.h.default.svc.cluster.local.")
                )
            },
            "NOERROR PTR v.default.svc.cluster.local. true",
        ),
        (
            "S-NET-12, S-NET-13",
            |s| {
                create(s, [headless("h", json!({})), named("x", "other")]);
                let ip = s.get(Kind::Pod, "x").expect("there")["status"]["podIP"]
                    .as_str()
                    .unwrap_or("")
                    .replace('.', "-");
                format!(
                    "{} {} {}",
                    a(s, "x.h"),
                    a(s, &format!("{ip}.h")),
                    endpoint(s, "h")["hostname"]
                )
            },
            "NXDOMAIN NOERROR A POD null",
        ),
        (
            "S-NET-14",
            |s| a(s, "1-2-3-4.default.pod.cluster.local."),
            "NOERROR A 1.2.3.4",
        ),
        (
            "S-NET-15",
            |s| {
                create(s, [service("v", json!({}))]);
                let answer = query(
                    s.cluster.store(),
                    "v.default.svc.cluster.local.",
                    RecordType::Aaaa,
                );
                format!("{} {}", tell(&answer), answer.authority.len())
            },
            "NOERROR 1",
        ),
        (
            "S-NET-16",
            |s| {
                create(s, [service("v", json!({}))]);
                query(
                    s.cluster.store(),
                    "v.default.svc.cluster.local.",
                    RecordType::A,
                )
                .answers[0]
                    .ttl_secs
                    .to_string()
            },
            "30",
        ),
        (
            "S-NET-17",
            |s| {
                create(s, [service("v", json!({"clusterIP": "10.96.1.1"}))]);
                a(s, "V")
            },
            "NOERROR A 10.96.1.1",
        ),
        (
            "S-NET-18",
            |s| {
                create(s, [headless("h", json!({})), named("x", "h")]);
                a(s, "*.h")
            },
            "NXDOMAIN",
        ),
        (
            "S-NET-36, S-NET-46",
            |s| {
                create(
                    s,
                    [service(
                        "e",
                        json!({"type": "ExternalName", "externalName": "no.default.svc.cluster.local", "selector": null, "ports": null}),
                    )],
                );
                format!("{} {}", a(s, "x.e"), a(s, "e"))
            },
            "NXDOMAIN NOERROR",
        ),
        (
            "S-NET-44",
            |s| {
                format!(
                    "{} {}",
                    a(s, "foo.cluster.local."),
                    a(s, "default.svc.cluster.local.")
                )
            },
            "NXDOMAIN NOERROR",
        ),
        (
            "S-NET-28",
            |s| {
                create(s, [headless("h", json!({})), named("x", "wrong")]);
                format!("{} {}", a(s, "x.wrong"), a(s, "x.h"))
            },
            "NXDOMAIN NXDOMAIN",
        ),
        (
            "S-NET-26",
            |s| {
                create(s, [named("x", "h")]);
                s.exec("x", &["read", "/etc/resolv.conf"]).0
            },
            "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
        ),
        (
            "the cache: a name that was asked too early stays unknown for 30 s",
            |s| {
                create(s, [pod("x", json!({}))]);
                let early = s.exec("x", &["get", "y.h"]).1;
                create(s, [headless("h", json!({})), named("y", "h")]);
                let soon = s.exec("x", &["get", "y.h"]).0;
                s.pass(30);
                format!("{early} {soon:?} {}", s.exec("x", &["get", "y.h"]).0)
            },
            "UnknownHost \"\" y",
        ),
        (
            "S-NET-35",
            |s| {
                create(s, [headless("h", json!({})), named("x", "h")]);
                let ip = |s: &Stage| {
                    s.get(Kind::Pod, "x")
                        .map(|pod| pod["status"]["podIP"].clone())
                        .unwrap_or_default()
                };
                let before = ip(s);
                s.delete(Kind::Pod, "x");
                s.settle();
                create(s, [named("x", "h")]);
                format!("{} {}", a(s, "x.h"), ip(s) != before)
            },
            "NOERROR A POD true",
        ),
    ]);
}

#[test]
fn endpoints() {
    check(&[
        (
            "S-NET-19, S-NET-20",
            |s| {
                create(
                    s,
                    [
                        pod(
                            "done",
                            json!({"restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx", "command": ["exit", "0"]}]}),
                        ),
                        pod("waits", json!({"nodeSelector": {"no": "node"}})),
                    ],
                );
                create(s, [headless("h", json!({}))]);
                format!(
                    "{} {}",
                    endpoint(s, "h"),
                    s.get(Kind::Pod, "done").expect("there")["status"]["phase"]
                )
            },
            "null \"Succeeded\"",
        ),
        (
            "S-NET-21",
            |s| {
                let stubborn = json!({"containers": [{"name": "c", "image": "nginx", "command": ["stubborn"]}]});
                create(s, [service("v", json!({})), pod("p", stubborn)]);
                s.delete(Kind::Pod, "p");
                s.pass(3);
                endpoint(s, "v")["conditions"].to_string()
            },
            r#"{"ready":false,"serving":true,"terminating":true}"#,
        ),
        (
            "S-NET-22, S-NET-23",
            |s| {
                create(s, [headless("h", json!({})), named("x", "h")]);
                let slice = slices(s, "h").first().cloned().unwrap_or_default();
                let labels = slice["metadata"]["labels"].clone();
                let owner = slice["metadata"]["ownerReferences"][0]["kind"].clone();
                s.delete(Kind::Service, "h");
                s.pass(3);
                format!("{labels} {owner} {}", slices(s, "h").len())
            },
            r#"{"endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io","kubernetes.io/service-name":"h","service.kubernetes.io/headless":""} "Service" 0"#,
        ),
        (
            "S-NET-24",
            |s| {
                create(
                    s,
                    [
                        service(
                            "v",
                            json!({"ports": [{"name": "web", "port": 8080, "targetPort": "http"}]}),
                        ),
                        pod("x", json!({})),
                    ],
                );
                slices(s, "v")
                    .first()
                    .map(|slice| slice["ports"][0]["port"].to_string())
                    .unwrap_or_default()
            },
            "80",
        ),
        (
            "S-NET-25",
            |s| {
                create(
                    s,
                    [service("v", json!({"selector": null})), pod("x", json!({}))],
                );
                slices(s, "v").len().to_string()
            },
            "0",
        ),
        (
            "S-NET-34",
            |s| {
                create(s, [service("v", json!({}))]);
                create(s, (0..4).map(|n| pod(&format!("p{n}"), json!({}))));
                let cell = row(s, Kind::Endpoints, "v")[1].clone();
                format!(
                    "{} {}",
                    cell.matches(":80").count(),
                    cell.ends_with(" + 1 more...")
                )
            },
            "3 true",
        ),
        (
            "S-NET-38",
            |s| {
                create(
                    s,
                    [
                        headless("h", json!({})),
                        headless("none", json!({"selector": {"app": "none"}})),
                        pod("u", unready()),
                    ],
                );
                format!(
                    "{:?} {:?}",
                    row(s, Kind::Endpoints, "h")[1],
                    row(s, Kind::Endpoints, "none")[1]
                )
            },
            r#""" "<none>""#,
        ),
        (
            "S-NET-40",
            |s| {
                let request = Request::new(Verb::List, Kind::Endpoints, "default", "");
                s.cluster.handle(request).warnings.join(" ")
            },
            "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        ),
        (
            "S-NET-39",
            |s| {
                create(s, [service("v", json!({}))]);
                let slice = slices(s, "v").first().cloned().unwrap_or_default();
                format!("{} {}", slice["endpoints"], slice["ports"])
            },
            "null null",
        ),
    ]);
}

#[test]
fn allocation() {
    check(&[
        (
            "S-NET-41",
            |s| {
                create(s, [headless("h", json!({}))]);
                let mut object = s.get(Kind::Service, "h").expect("there");
                object["spec"]["clusterIP"] = "10.96.1.1".into();
                object["spec"]["clusterIPs"] = json!(["10.96.1.1"]);
                let request = Request::new(Verb::Update, Kind::Service, "default", "h")
                    .with_body(Body::Json(object));
                s.cluster
                    .handle(request)
                    .result
                    .map(|_| ())
                    .expect_err("refused")
                    .message
                    .clone()
            },
            "Service \"h\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.96.1.1\"]: may not change once set",
        ),
        (
            "S-NET-42",
            |s| try_create(s, service("1st", json!({}))),
            "created",
        ),
        (
            "section 1: a taken node port",
            |s| {
                create(
                    s,
                    [service(
                        "v",
                        json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}),
                    )],
                );
                try_create(
                    s,
                    service(
                        "w",
                        json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}),
                    ),
                )
            },
            "Service \"w\" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
        ),
        (
            "section 1: a node port out of range",
            |s| {
                try_create(
                    s,
                    service(
                        "w",
                        json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]}),
                    ),
                )
            },
            "Service \"w\" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
        ),
        (
            "section 1: a taken address",
            |s| {
                create(s, [service("v", json!({"clusterIP": "10.96.0.20"}))]);
                try_create(s, service("w", json!({"clusterIP": "10.96.0.20"})))
            },
            "Service \"w\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.20\"]: failed to allocate IP 10.96.0.20: provided IP is already allocated",
        ),
    ]);
}

#[test]
fn connections() {
    check(&[
        (
            "S-NET-27",
            |s| {
                create(
                    s,
                    [headless("h", json!({})), named("x", "h"), named("y", "h")],
                );
                s.exec("x", &["get", "y.h"]).0
            },
            "y",
        ),
        (
            "S-NET-32",
            |s| {
                create(
                    s,
                    [
                        service("v", json!({"selector": {"app": "none"}})),
                        pod("x", json!({})),
                    ],
                );
                let (_, error, _) = s.exec("x", &["get", "v"]);
                format!("{} {:?}", error.starts_with("Refused"), choice(s))
            },
            "true Some(NoEndpoints)",
        ),
        (
            "S-NET-33",
            |s| {
                create(
                    s,
                    [
                        service("v", json!({"sessionAffinity": "ClientIP"})),
                        pod("x", json!({})),
                        pod("y", json!({})),
                        pod("z", json!({})),
                    ],
                );
                let first = s.exec("x", &["get", "v"]).0;
                let same = (0..10).all(|_| s.exec("x", &["get", "v"]).0 == first);
                format!("{same} {:?}", choice(s))
            },
            "true Some(Affinity)",
        ),
        (
            "S-NET-45",
            |s| {
                let other = json!({"nodeSelector": {"kubernetes.io/hostname": "node-2"}});
                create(
                    s,
                    [
                        service("v", json!({"internalTrafficPolicy": "Local"})),
                        pod("y", other),
                        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"nodeSelector": {"kubernetes.io/hostname": "node-1"}, "containers": [{"name": "c", "image": "nginx"}]}}),
                    ],
                );
                let dropped = s.exec("x", &["get", "v"]).1;
                let how = choice(s);
                s.delete(Kind::Pod, "y");
                s.settle();
                format!(
                    "{} {how:?} {}",
                    dropped.starts_with("Dropped"),
                    s.exec("x", &["get", "v"]).1.starts_with("Refused")
                )
            },
            "true Some(NoLocalEndpoints) true",
        ),
        (
            "section 7: every endpoint, each as often as the others",
            |s| {
                create(
                    s,
                    [
                        service("v", json!({})),
                        pod("x", json!({})),
                        pod("y", json!({})),
                        pod("z", json!({})),
                    ],
                );
                let mut counts = std::collections::BTreeMap::new();
                for _ in 0..300 {
                    *counts.entry(s.exec("x", &["get", "v"]).0).or_insert(0) += 1;
                }
                let even = counts.values().all(|count| (70..=130).contains(count));
                format!("{} {even}", counts.len())
            },
            "3 true",
        ),
        (
            "section 7: node ports, from outside",
            |s| {
                create(
                    s,
                    [
                        service(
                            "v",
                            json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}),
                        ),
                        pod("x", json!({})),
                    ],
                );
                let ask = |s: &mut Stage, address: &str, port: u16| {
                    let request = petset_cluster::network::http::HttpRequest {
                        method: "GET".to_owned(),
                        port,
                        path: "/".to_owned(),
                        ..Default::default()
                    };
                    match s
                        .cluster
                        .request_outside(address.parse().expect("an address"), &request)
                    {
                        Ok(response) => String::from_utf8_lossy(&response.body).into_owned(),
                        Err(error) => format!("{error:?}")
                            .split('(')
                            .next()
                            .unwrap_or("")
                            .to_owned(),
                    }
                };
                let ip = s
                    .cluster
                    .store()
                    .get(Kind::Service, &Key::new("default", "v"))
                    .expect("there")
                    .to_json()["spec"]["clusterIP"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                [
                    ("127.0.0.1", 30080),
                    ("10.10.0.12", 30080),
                    ("127.0.0.1", 30081),
                    (ip.as_str(), 80),
                    ("10.244.1.2", 80),
                ]
                .map(|(address, port)| ask(s, address, port))
                .join(" ")
            },
            "x x Refused Dropped Dropped",
        ),
        (
            "an address that nobody has any more",
            |s| {
                create(s, [pod("x", json!({})), pod("y", json!({}))]);
                let ip = s.get(Kind::Pod, "y").expect("there")["status"]["podIP"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                s.delete(Kind::Pod, "y");
                s.settle();
                s.exec("x", &["get", &ip])
                    .1
                    .starts_with("Unreachable")
                    .to_string()
            },
            "true",
        ),
    ]);
}
