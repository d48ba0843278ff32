//! What names resolve to.

use super::*;
use crate::statements::check;

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
