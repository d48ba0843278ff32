use super::reconciler::{Plan, plan};
use super::{listed_names, touched_slices};
use crate::api::Server;
use crate::controllers::service_pods::managed_spec;
use crate::object::{Key, Kind, Object};
use crate::time::Calendar;
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

fn object(kind: Kind, value: Value) -> Object {
    Object::from_json(kind, &value).unwrap()
}

fn service(extra: Value) -> Service {
    let mut spec =
        json!({ "clusterIP": "None", "selector": { "app": "web" }, "ports": [{ "port": 80 }] });
    merge(&mut spec, extra);
    let value = json!({
        "metadata": { "name": "nginx", "namespace": "default", "uid": "service", "labels": { "team": "a" } },
        "spec": spec,
    });
    serde_json::from_value(value).unwrap()
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn pod(number: usize, extra: Value) -> Pod {
    let mut value = json!({
        "metadata": { "name": format!("web-{number}"), "namespace": "default", "uid": format!("pod-{number}"),
            "labels": { "app": "web" } },
        "spec": { "nodeName": "node-1", "hostname": format!("web-{number}"), "subdomain": "nginx",
            "containers": [{ "name": "c", "ports": [{ "name": "http", "containerPort": 8080 }] }] },
        "status": { "phase": "Running", "podIP": format!("10.244.1.{number}"),
            "conditions": [{ "type": "Ready", "status": "True" }] },
    });
    for part in ["metadata", "spec", "status"] {
        merge(&mut value[part], extra[part].clone());
    }
    serde_json::from_value(value).unwrap()
}

fn plan_of(service: &Service, pods: &[Pod], existing: &[EndpointSlice]) -> Plan {
    let mut server = Server::new(1, Calendar::from_unix_seconds(0));
    let node = json!({ "metadata": { "name": "node-1" } });
    server.store.put(object(Kind::Node, node));
    let pods: Vec<&Pod> = pods.iter().collect();
    let existing: Vec<Arc<Object>> = existing
        .iter()
        .map(|slice| Arc::new(Object::from(slice.clone())))
        .collect();
    let spec = managed_spec(service).unwrap();
    plan(service, spec, &pods, &existing, None, server.store())
}

/// Carries a plan out: the slices that are there afterwards, in order.
fn carried_out(plan: Plan, mut slices: Vec<EndpointSlice>) -> Vec<EndpointSlice> {
    let name = |slice: &EndpointSlice| slice.metadata.name.clone().unwrap_or_default();
    slices.retain(|slice| !plan.delete.iter().any(|key| key.name() == name(slice)));
    for updated in plan.update {
        let old = slices
            .iter_mut()
            .find(|slice| name(slice) == name(&updated));
        *old.unwrap() = updated;
    }
    for mut created in plan.create {
        created.metadata.name = Some(format!("nginx-{}", slices.len()));
        slices.push(created);
    }
    slices
}

fn lines(slices: &[EndpointSlice]) -> Vec<String> {
    let line = |slice: &EndpointSlice| {
        let endpoints = slice.endpoints.iter().flatten().map(|endpoint| {
            let conditions = endpoint.conditions.clone().unwrap_or_default();
            let flags = [
                (conditions.ready, "r"),
                (conditions.serving, "s"),
                (conditions.terminating, "t"),
            ];
            let flags: String = flags
                .iter()
                .filter_map(|(on, letter)| (*on == Some(true)).then_some(*letter))
                .collect();
            let host = endpoint.hostname.clone().unwrap_or_default();
            format!("{}({host}){flags}", endpoint.addresses.join(","))
        });
        let ports = slice.ports.iter().flatten();
        let ports: Vec<String> = ports
            .map(|port| port.port.unwrap_or(0).to_string())
            .collect();
        let endpoints: Vec<String> = endpoints.collect();
        format!("[{}] {}", ports.join(","), endpoints.join(" "))
    };
    slices.iter().map(line).collect()
}

#[test]
fn endpoints_of_single_pods() {
    let not_ready = json!({ "status": { "conditions": [{ "type": "Ready", "status": "False" }] } });
    let going = json!({ "metadata": { "deletionTimestamp": "2026-01-01T00:00:00Z" } });
    let named = json!({ "ports": [{ "port": 80, "targetPort": "http" }] });
    let lost = json!({ "ports": [{ "port": 80, "targetPort": "nope" }] });
    let publish = json!({ "publishNotReadyAddresses": true });
    let cases = [
        ("S-NET-01", json!({}), json!({}), "[80] 10.244.1.1(web-1)rs"),
        (
            "S-NET-02",
            json!({}),
            not_ready.clone(),
            "[80] 10.244.1.1(web-1)",
        ),
        (
            "S-NET-03",
            publish.clone(),
            not_ready,
            "[80] 10.244.1.1(web-1)r",
        ),
        (
            "S-NET-04",
            publish,
            going.clone(),
            "[80] 10.244.1.1(web-1)rst",
        ),
        (
            "S-NET-10",
            json!({ "ports": null }),
            json!({}),
            "[] 10.244.1.1(web-1)rs",
        ),
        (
            "S-NET-13",
            json!({}),
            json!({ "spec": { "subdomain": "other" } }),
            "[80] 10.244.1.1()rs",
        ),
        (
            "S-NET-19",
            json!({}),
            json!({ "status": { "phase": "Succeeded" } }),
            "[] ",
        ),
        (
            "S-NET-20",
            json!({}),
            json!({ "status": { "podIP": null } }),
            "[] ",
        ),
        ("S-NET-21", json!({}), going, "[80] 10.244.1.1(web-1)st"),
        ("S-NET-24", named, json!({}), "[8080] 10.244.1.1(web-1)rs"),
        (
            "a named port that the pod lacks",
            lost,
            json!({}),
            "[] 10.244.1.1(web-1)rs",
        ),
        (
            "unknown node",
            json!({}),
            json!({ "spec": { "nodeName": "node-9" } }),
            "[] ",
        ),
    ];
    for (name, service_extra, pod_extra, expected) in cases {
        let service = service(service_extra);
        let plan = plan_of(&service, &[pod(1, pod_extra)], &[]);
        assert_eq!(lines(&carried_out(plan, Vec::new())), [expected], "{name}");
    }
}

#[test]
fn a_slice_has_the_recorded_metadata() {
    let service = service(json!({}));
    let slices = carried_out(plan_of(&service, &[], &[]), Vec::new());
    let value = serde_json::to_value(&slices[0]).unwrap();
    let labels = json!({
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": "nginx",
        "service.kubernetes.io/headless": "",
        "team": "a",
    });
    assert_eq!(value["metadata"]["labels"], labels);
    assert_eq!(value["metadata"]["generateName"], "nginx-");
    let owner = json!([{
        "apiVersion": "v1", "kind": "Service", "name": "nginx", "uid": "service",
        "controller": true, "blockOwnerDeletion": true,
    }]);
    assert_eq!(value["metadata"]["ownerReferences"], owner);
}

#[test]
fn the_empty_slice_becomes_the_first_full_one_and_back() {
    let service = service(json!({}));
    let empty = carried_out(plan_of(&service, &[], &[]), Vec::new());
    let again = plan_of(&service, &[], &empty);
    assert!(again.create.is_empty() && again.update.is_empty() && again.delete.is_empty());
    let pods = [pod(1, json!({}))];
    let full = carried_out(plan_of(&service, &pods, &empty), empty);
    assert_eq!(lines(&full), ["[80] 10.244.1.1(web-1)rs"]);
    assert_eq!(full[0].metadata.name.as_deref(), Some("nginx-0"));
    let back = carried_out(plan_of(&service, &[], &full), full);
    assert_eq!(lines(&back), ["[] "]);
}

#[test]
fn at_most_a_hundred_endpoints_and_few_writes() {
    let service = service(json!({}));
    let pods: Vec<Pod> = (1..=150).map(|n| pod(n, json!({}))).collect();
    let slices = carried_out(plan_of(&service, &pods, &[]), Vec::new());
    let sizes: Vec<usize> = slices
        .iter()
        .map(|slice| slice.endpoints.as_ref().map_or(0, Vec::len))
        .collect();
    assert_eq!(sizes, [100, 50]);
    assert!(plan_of(&service, &pods, &slices).update.is_empty());
    let more: Vec<Pod> = (1..=151).map(|n| pod(n, json!({}))).collect();
    let plan = plan_of(&service, &more, &slices);
    assert_eq!((plan.create.len(), plan.update.len()), (0, 1));
}

#[test]
fn a_plan_for_what_changed_is_the_plan_for_all() {
    let service = service(json!({}));
    let mut pods: Vec<Pod> = (0..250).map(|number| pod(number, json!({}))).collect();
    let slices = carried_out(plan_of(&service, &pods, &[]), Vec::new());
    assert_eq!(slices.len(), 3);
    let not_ready = json!({ "status": { "conditions": [{ "type": "Ready", "status": "False" }] } });
    pods[3] = pod(3, not_ready);
    pods.remove(120);
    pods.push(pod(250, json!({})));
    let names = ["web-3", "web-120", "web-250"];
    let changed: BTreeSet<Key> = names.map(|name| Key::new("default", name)).into();
    let existing: Vec<Arc<Object>> = slices
        .iter()
        .map(|slice| Arc::new(Object::from(slice.clone())))
        .collect();
    let touched = touched_slices(&existing, &changed);
    assert!(
        !touched.is_empty() && touched.len() < slices.len(),
        "{touched:?}"
    );
    let whole = plan_of(&service, &pods, &slices);
    let listed: BTreeSet<&str> = existing
        .iter()
        .filter(|slice| touched.contains(&slice.key()))
        .flat_map(|slice| listed_names(slice))
        .chain(names)
        .collect();
    let needed: Vec<&Pod> = pods
        .iter()
        .filter(|pod| listed.contains(pod.metadata.name.as_deref().unwrap_or("")))
        .collect();
    let mut server = Server::new(1, Calendar::from_unix_seconds(0));
    let node = json!({ "metadata": { "name": "node-1" } });
    server.store.put(object(Kind::Node, node));
    let spec = managed_spec(&service).unwrap();
    let part = plan(
        &service,
        spec,
        &needed,
        &existing,
        Some(&touched),
        server.store(),
    );
    assert!(!whole.update.is_empty());
    assert_eq!(
        (part.create, part.update, part.delete),
        (whole.create, whole.update, whole.delete)
    );
}
