//! Nodes, as the recorded three-node cluster has them.

use crate::kubelet::heartbeat::HEALTHY;
use crate::object::Kind;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

/// The address of a node: 10.10.0.11 is the first.
pub(super) fn address(index: u32) -> String {
    let host = index.saturating_add(10);
    format!("10.10.{}.{}", (host >> 8) & 0xff, host & 0xff)
}

/// The addresses of a node's pods: 10.244.1.0/24 are those of the first. The recorded nodes have the same ranges,
/// but from their network plug-in's configuration; here the node says it.
fn pod_cidr(index: u32) -> String {
    format!("10.{}.{}.0/24", 244 + ((index >> 8) & 0x7), index & 0xff)
}

/// `node-<index>`, ready since it `joined`; its kubelet `reported` last then.
pub(super) fn node(index: u32, pods: u32, joined: &Time, reported: &Time) -> (Kind, Value) {
    let name = format!("node-{index}");
    let pod_cidr = pod_cidr(index);
    let machine = format!("3d1219c7c4c5404aaa1f6d2a48ad{index:04x}");
    let boot = format!("a5222d69-5de6-45b5-9553-e5d839db{index:04x}");
    let conditions = HEALTHY.map(|[kind, status, reason, message]| {
        json!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": reported, "lastTransitionTime": joined,
        })
    });
    let handler = |name: &str| json!({ "name": name, "features": { "recursiveReadOnlyMounts": true, "userNamespaces": false } });
    let resources = |memory: &str| {
        json!({
            "cpu": "2", "ephemeral-storage": "264212084Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0",
            "memory": memory, "pods": pods.to_string(),
        })
    };
    let value = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
            },
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": { "podCIDR": pod_cidr, "podCIDRs": [pod_cidr] },
        "status": {
            "capacity": resources("24684084Ki"),
            "allocatable": resources("24683060Ki"),
            "conditions": conditions,
            "addresses": [
                { "type": "InternalIP", "address": address(index) },
                { "type": "Hostname", "address": name },
            ],
            "daemonEndpoints": { "kubeletEndpoint": { "Port": 10250 } },
            "nodeInfo": {
                "machineID": machine, "systemUUID": machine, "bootID": boot,
                "kernelVersion": "6.18.44", "osImage": "Debian GNU/Linux 12 (bookworm)",
                "containerRuntimeVersion": "containerd://2.2.9+unknown",
                "kubeletVersion": "v1.36.3", "kubeProxyVersion": "",
                "operatingSystem": "linux", "architecture": "amd64",
            },
            "runtimeHandlers": [handler(""), handler("runc")],
            "features": { "supplementalGroupsPolicy": true },
            "declaredFeatures": [
                "ExtendWebSocketsToKubelet", "InPlacePodLevelResourcesVerticalScaling",
                "InPlacePodVerticalScalingInitContainers", "RestartAllContainersOnContainerExits",
            ],
        },
    });
    (Kind::Node, value)
}
