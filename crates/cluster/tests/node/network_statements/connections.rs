//! Where a connection goes.

use super::*;
use crate::statements::check;

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
            "section 7: affinity ends when its time is over",
            |s| {
                let affinity = json!({"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10}}});
                create(
                    s,
                    [
                        service("v", affinity),
                        pod("x", json!({})),
                        pod("y", json!({})),
                    ],
                );
                s.exec("x", &["get", "v"]);
                s.pass(5);
                s.exec("x", &["get", "v"]);
                let soon = choice(s);
                s.pass(11);
                s.exec("x", &["get", "v"]);
                format!("{soon:?} {:?}", choice(s))
            },
            "Some(Affinity) Some(Random(2))",
        ),
        (
            "section 7: trafficDistribution PreferSameNode",
            |s| {
                let on = |node: &str| json!({"nodeSelector": {"kubernetes.io/hostname": node}});
                create(
                    s,
                    [
                        service("v", json!({"trafficDistribution": "PreferSameNode"})),
                        pod("x", on("node-1")),
                        pod("y", on("node-2")),
                    ],
                );
                let asker = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "far"},
                    "spec": {"nodeSelector": {"kubernetes.io/hostname": "node-3"}, "containers": [{"name": "c", "image": "nginx"}]}});
                create(s, [asker]);
                let hints = endpoint(s, "v")["hints"].to_string();
                let near = (0..6).all(|_| s.exec("y", &["get", "v"]).0 == "y");
                s.exec("far", &["get", "v"]);
                format!(
                    "{} {near} {:?}",
                    hints.replace("node-2", "node-1"),
                    choice(s)
                )
            },
            r#"{"forNodes":[{"name":"node-1"}]} true Some(Random(2))"#,
        ),
        (
            "section 7: externalTrafficPolicy Local",
            |s| {
                let local = json!({"type": "NodePort", "externalTrafficPolicy": "Local", "ports": [{"port": 80, "nodePort": 30080}]});
                create(
                    s,
                    [
                        service("v", local),
                        pod(
                            "x",
                            json!({"nodeSelector": {"kubernetes.io/hostname": "node-2"}}),
                        ),
                    ],
                );
                let request = petset_cluster::network::http::HttpRequest {
                    method: "GET".to_owned(),
                    path: "/".to_owned(),
                    port: 30080,
                    ..petset_cluster::network::http::HttpRequest::default()
                };
                ["10.10.0.11", "10.10.0.12"]
                    .map(|node| {
                        let address = node.parse().expect("an address");
                        match s.cluster.request_outside(address, &request) {
                            Ok(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
                            Err(error) => format!("{error:?}")
                                .split('(')
                                .next()
                                .unwrap_or("")
                                .to_owned(),
                        }
                    })
                    .join(" ")
            },
            "Dropped x",
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
