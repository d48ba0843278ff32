//! What a service's slices hold.

use super::*;
use crate::statements::check;

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
            "S-NET-37",
            |s| {
                create(s, [headless("h", json!({}))]);
                create(s, (0..101).map(|n| pod(&format!("p{n}"), json!({}))));
                s.settle();
                let mut sizes: Vec<usize> = slices(s, "h")
                    .iter()
                    .map(|slice| slice["endpoints"].as_array().map_or(0, Vec::len))
                    .collect();
                sizes.sort_unstable();
                format!("{sizes:?}")
            },
            "[1, 100]",
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
