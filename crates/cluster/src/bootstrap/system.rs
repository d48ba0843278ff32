//! Namespaces, cluster DNS and the default storage class.
//!
//! Upstream: `pkg/controlplane/controller/systemnamespaces`; the rest is as in the recorded cluster.

use crate::annotation::LAST_CHANGE_TRIGGER_TIME;
use crate::object::{Kind, Object};
use crate::typed;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

/// The address of the DNS pod on the first node.
const DNS_POD: &str = "10.244.1.2";
/// The name of the DNS pod's ReplicaSet, which is not simulated itself.
const DNS_REPLICA_SET: &str = "coredns-57c884fbff";
/// A uid that no other object has.
const DNS_REPLICA_SET_UID: &str = "b35453d0-74e8-409d-ab76-f4b587880ef7";

/// A namespace.
pub(super) fn namespace(name: &str) -> (Kind, Value) {
    let value = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": { "name": name, "labels": { "kubernetes.io/metadata.name": name } },
        "spec": { "finalizers": ["kubernetes"] },
        "status": { "phase": "Active" },
    });
    (Kind::Namespace, value)
}

/// The default class, with the in-tree host-path provisioner.
pub(super) fn storage_class() -> (Kind, Value) {
    let applied = concat!(
        r#"{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"annotations":"#,
        r#"{"storageclass.kubernetes.io/is-default-class":"true"},"name":"standard"},"#,
        r#""provisioner":"kubernetes.io/host-path","reclaimPolicy":"Delete","volumeBindingMode":"Immediate"}"#,
        "\n"
    );
    let value = json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "standard",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": applied,
                "storageclass.kubernetes.io/is-default-class": "true",
            },
        },
        "provisioner": "kubernetes.io/host-path",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    });
    (Kind::StorageClass, value)
}

/// The service `kube-dns`.
pub(super) fn dns_service() -> (Kind, Value) {
    let port = |name: &str, protocol: &str| json!({ "name": name, "port": 53, "protocol": protocol, "targetPort": 53 });
    let value = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "kube-dns",
            "namespace": "kube-system",
            "labels": { "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS" },
        },
        "spec": {
            "clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10"], "type": "ClusterIP",
            "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster", "sessionAffinity": "None",
            "selector": { "k8s-app": "kube-dns" },
            "ports": [port("dns", "UDP"), port("dns-tcp", "TCP")],
        },
    });
    (Kind::Service, value)
}

/// The pod that answers DNS, running on the first node.
pub(super) fn dns_pod(suffix: &str, started: &Time) -> (Kind, Value) {
    let started = typed::to_value(started);
    let condition =
        |kind: &str| json!({ "type": kind, "status": "True", "lastTransitionTime": started });
    let port = |name: &str, protocol: &str| json!({ "name": name, "containerPort": 53, "protocol": protocol });
    let image = "registry.k8s.io/coredns/coredns:v1.14.6";
    let node = super::nodes::address(1);
    let value = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": format!("{DNS_REPLICA_SET}-{suffix}"),
            "generateName": format!("{DNS_REPLICA_SET}-"),
            "namespace": "kube-system",
            "labels": { "k8s-app": "kube-dns", "pod-template-hash": "57c884fbff" },
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": DNS_REPLICA_SET,
                "uid": DNS_REPLICA_SET_UID, "controller": true, "blockOwnerDeletion": true,
            }],
        },
        "spec": {
            "nodeName": "node-1",
            "dnsPolicy": "Default",
            "containers": [{
                "name": "coredns",
                "image": image,
                "args": ["-conf", "/etc/coredns/Corefile"],
                "ports": [port("dns", "UDP"), port("dns-tcp", "TCP")],
                "resources": {},
            }],
        },
        "status": {
            "phase": "Running",
            "conditions": [
                condition("PodReadyToStartContainers"), condition("Initialized"), condition("Ready"),
                condition("ContainersReady"), condition("PodScheduled"),
            ],
            "hostIP": node, "hostIPs": [{ "ip": node }],
            "podIP": DNS_POD, "podIPs": [{ "ip": DNS_POD }],
            "qosClass": "BestEffort",
            "startTime": started,
            "containerStatuses": [{
                "name": "coredns", "image": image, "imageID": "", "ready": true, "started": true,
                "restartCount": 0, "state": { "running": { "startedAt": started } },
            }],
        },
    });
    (Kind::Pod, value)
}

/// Slice and Endpoints of `kube-dns`, as the controllers would have written them.
pub(super) fn dns_endpoints(
    service: &Object,
    pod: &Object,
    suffix: &str,
    since: &Time,
) -> [(Kind, Value); 2] {
    let since = since.0.to_string();
    let target = json!({
        "kind": "Pod", "namespace": "kube-system", "name": pod.name(), "uid": pod.uid(),
    });
    let ports = json!([
        { "name": "dns", "port": 53, "protocol": "UDP" },
        { "name": "dns-tcp", "port": 53, "protocol": "TCP" },
    ]);
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": format!("kube-dns-{suffix}"),
            "generateName": "kube-dns-",
            "namespace": "kube-system",
            "labels": {
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                "k8s-app": "kube-dns",
                "kubernetes.io/name": "CoreDNS",
                "kubernetes.io/service-name": "kube-dns",
            },
            "annotations": { LAST_CHANGE_TRIGGER_TIME: since },
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Service", "name": "kube-dns", "uid": service.uid(),
                "controller": true, "blockOwnerDeletion": true,
            }],
        },
        "addressType": "IPv4",
        "endpoints": [{
            "addresses": [DNS_POD],
            "conditions": { "ready": true, "serving": true, "terminating": false },
            "nodeName": "node-1",
            "targetRef": target,
        }],
        "ports": ports,
    });
    let endpoints = json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": "kube-dns",
            "namespace": "kube-system",
            "labels": {
                "endpoints.kubernetes.io/managed-by": "endpoint-controller",
                "k8s-app": "kube-dns",
                "kubernetes.io/name": "CoreDNS",
            },
            "annotations": { LAST_CHANGE_TRIGGER_TIME: since },
        },
        "subsets": [{
            "addresses": [{ "ip": DNS_POD, "nodeName": "node-1", "targetRef": target }],
            "ports": ports,
        }],
    });
    [(Kind::EndpointSlice, slice), (Kind::Endpoints, endpoints)]
}
