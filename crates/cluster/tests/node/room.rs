//! What pods take of a node: cpu and memory, ports.

use crate::placing::{node_of, pod, reasons};
use crate::stage::Stage;
use petset_cluster::Kind;
use serde_json::json;

#[test]
fn ports_of_nodes_are_given_once() {
    let ports =
        |ip: &str| json!({"ports": [{"containerPort": 80, "hostPort": 8080, "hostIP": ip}]});
    let mut stage = Stage::new();
    for (name, ip) in [
        ("a", ""),
        ("b", "127.0.0.1"),
        ("c", "127.0.0.1"),
        ("d", "127.0.0.2"),
    ] {
        stage.create(pod(name, json!({}), ports(ip)));
        stage.settle();
    }
    let nodes = ["a", "b", "c"].map(|name| node_of(&stage, name));
    assert!(
        nodes[0] != nodes[1] && nodes[1] != nodes[2] && nodes[0] != nodes[2],
        "{nodes:?}"
    );
    assert_ne!(node_of(&stage, "d"), "none");
    stage.create(pod("e", json!({}), ports("")));
    stage.settle();
    assert_eq!(
        reasons(&stage, "e"),
        (
            "3 node(s) didn't have free ports for the requested pod ports".to_owned(),
            "3 No preemption victims found for incoming pod.".to_owned(),
        )
    );
}

/// S-POD-46 and S-POD-47, and what init containers, sidecars and overhead count for.
#[test]
fn what_pods_ask_for() {
    let cpu = |amount: &str| json!({"requests": {"cpu": amount}});
    let c = |name: &str, amount: &str, policy: Option<&str>| {
        let mut container =
            json!({"name": name, "image": "busybox", "args": ["serve"], "resources": cpu(amount)});
        if let Some(policy) = policy {
            container["restartPolicy"] = policy.into();
        }
        container
    };
    // Nodes have two cpus; the pods of kube-system ask for some on two of them.
    let table = [
        (
            json!({"containers": [c("c", "1", None)], "initContainers": [c("i", "1900m", None)]}),
            true,
        ),
        (
            json!({"containers": [c("c", "1", None)], "initContainers": [c("i", "2100m", None)]}),
            false,
        ),
        (
            json!({"containers": [c("c", "1", None)], "initContainers": [c("s", "500m", Some("Always")), c("i", "1600m", None)]}),
            false,
        ),
        (
            json!({"containers": [c("c", "1", None)], "initContainers": [c("i", "1600m", None), c("s", "500m", Some("Always"))]}),
            true,
        ),
        (
            json!({"containers": [c("c", "1", None)], "initContainers": [c("s", "1100m", Some("Always"))]}),
            false,
        ),
    ];
    for (spec, fits) in table {
        let mut stage = Stage::new();
        stage.create(pod("p", json!({}), spec.clone()));
        stage.settle();
        assert_eq!(node_of(&stage, "p") != "none", fits, "{spec}");
        if !fits {
            assert_eq!(
                reasons(&stage, "p"),
                (
                    "3 Insufficient cpu".to_owned(),
                    "3 Preemption is not helpful for scheduling.".to_owned(),
                )
            );
        }
    }
}

/// A pod that names its node is looked at by that node's kubelet.
#[test]
fn a_node_refuses_what_does_not_fit() {
    let table = [
        (
            json!({"resources": {"requests": {"cpu": "3"}}}),
            "OutOfcpu",
            "Node didn't have enough resource: cpu, requested: 3000, used: ",
            ", capacity: 2000",
        ),
        (
            json!({"nodeSelector": {"disk": "ssd"}}),
            "NodeAffinity",
            "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
            "",
        ),
        (
            json!({"ports": [{"containerPort": 80, "hostPort": 8080}]}),
            "NodePorts",
            "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
            "",
        ),
    ];
    for (mut spec, reason, begin, end) in table {
        let mut stage = Stage::new();
        spec["nodeName"] = "node-2".into();
        let taken =
            json!({"nodeName": "node-2", "ports": [{"containerPort": 80, "hostPort": 8080}]});
        stage.create(pod("first", json!({}), taken));
        stage.settle();
        stage.create(pod("p", json!({}), spec));
        stage.settle();
        let status = stage.get(Kind::Pod, "p").expect("there")["status"].clone();
        assert_eq!(
            (&status["phase"], &status["reason"]),
            (&json!("Failed"), &json!(reason))
        );
        let message = status["message"].as_str().unwrap_or_default();
        let message = message
            .strip_prefix("Pod was rejected: ")
            .unwrap_or_default();
        assert!(
            message.starts_with(begin) && message.ends_with(end),
            "{message}"
        );
        assert_eq!(stage.events("p"), [format!("Warning {reason} {message}")]);
    }
}
