//! Addresses and ports that are given and refused.

use super::*;
use crate::statements::check;

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
            "section 1: two families, and the other one",
            |s| {
                let refused = [
                    json!({"ipFamilyPolicy": "RequireDualStack"}),
                    json!({"ipFamilies": ["IPv6"]}),
                    json!({"trafficDistribution": "Near"}),
                    json!({"clusterIP": "10.244.0.1"}),
                ]
                .map(|spec| try_create(s, service("w", spec)));
                refused
                    .join(" | ")
                    .replace("Service \"w\" is invalid: ", "")
            },
            "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services | spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster | spec.trafficDistribution: Unsupported value: \"Near\": supported values: \"PreferClose\", \"PreferSameNode\", \"PreferSameZone\" | spec.clusterIPs: Invalid value: [\"10.244.0.1\"]: failed to allocate IP 10.244.0.1: the provided network does not match the current range",
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
