use super::{better, subsets};
use crate::controllers::service_pods::Selected;
use crate::object::Object;
use k8s_openapi::api::core::v1::{Pod, Service};
use serde_json::{Value, json};
use std::sync::Arc;

fn service(spec: Value) -> Service {
    let metadata = json!({ "name": "nginx", "namespace": "default", "uid": "s" });
    serde_json::from_value(json!({ "metadata": metadata, "spec": spec })).unwrap()
}

fn pod(number: usize, ready: bool) -> Pod {
    serde_json::from_value(json!({
        "metadata": { "name": format!("web-{number}"), "namespace": "default", "uid": format!("u{number:04}") },
        "spec": { "nodeName": "node-1", "hostname": format!("web-{number}"), "subdomain": "nginx", "containers": [] },
        "status": { "podIP": format!("10.244.{}.{}", number % 3, number), "phase": "Running",
            "conditions": [{ "type": "Ready", "status": if ready { "True" } else { "False" } }] },
    }))
    .unwrap()
}

fn object(service: &Service, pods: &[Pod]) -> Value {
    let spec = service.spec.as_ref().unwrap();
    let pods: Vec<Selected> = pods
        .iter()
        .filter_map(|pod| Selected::read(&Arc::new(Object::from(pod.clone())), spec))
        .collect();
    let (subsets, truncated) = subsets(service, spec, pods.iter());
    let new = better(None, service, spec, subsets.clone(), (truncated, None)).unwrap();
    assert!(better(Some(&new), service, spec, subsets, (truncated, None)).is_none());
    serde_json::to_value(new).unwrap()
}

#[test]
fn addresses_are_sorted_and_shaped_as_recorded() {
    let service = service(
        json!({ "clusterIP": "None", "selector": {}, "ports": [{ "port": 80, "protocol": "TCP" }] }),
    );
    let value = object(&service, &[pod(0, true), pod(1, true), pod(2, false)]);
    let address = |number: usize| {
        json!({
            "ip": format!("10.244.{number}.{number}"), "hostname": format!("web-{number}"), "nodeName": "node-1",
            "targetRef": { "kind": "Pod", "namespace": "default", "name": format!("web-{number}"), "uid": format!("u{number:04}") },
        })
    };
    let expected = json!([{
        "addresses": [address(0), address(1)],
        "notReadyAddresses": [address(2)],
        "ports": [{ "port": 80, "protocol": "TCP" }],
    }]);
    assert_eq!(value["subsets"], expected);
    let labels = json!({ "endpoints.kubernetes.io/managed-by": "endpoint-controller", "service.kubernetes.io/headless": "" });
    assert_eq!(value["metadata"]["labels"], labels);
}

#[test]
fn without_pods_there_are_no_subsets() {
    let service =
        service(json!({ "clusterIP": "10.96.0.7", "selector": {}, "ports": [{ "port": 80 }] }));
    let value = object(&service, &[]);
    assert_eq!(value.get("subsets"), None);
    assert_eq!(value["metadata"].get("annotations"), None);
}

#[test]
fn more_than_a_thousand_addresses_are_cut() {
    let service =
        service(json!({ "clusterIP": "None", "selector": {}, "ports": [{ "port": 80 }] }));
    let pods: Vec<Pod> = (0..1200).map(|n| pod(n, n % 2 == 0)).collect();
    let value = object(&service, &pods);
    let length = |list: &str| value["subsets"][0][list].as_array().map_or(0, Vec::len);
    assert_eq!(
        (length("addresses"), length("notReadyAddresses")),
        (600, 400)
    );
    assert_eq!(
        value["metadata"]["annotations"]["endpoints.kubernetes.io/over-capacity"],
        "truncated"
    );
}
