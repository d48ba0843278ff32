//! Important pods that make room for themselves: whom they spare, and what becomes of the place.

use crate::placing::{node_of, pod};
use crate::stage::Stage;
use petset_cluster::Kind;
use serde_json::{Value, json};

/// A pod that takes more than half of a node, and its priority class if it has one.
fn large(name: &str, class: Option<&str>) -> Value {
    let mut spec = json!({"terminationGracePeriodSeconds": 10, "containers": [
        {"name": "c", "image": "busybox", "args": ["stubborn"], "resources": {"requests": {"cpu": "1200m"}}}]});
    if let Some(class) = class {
        spec["priorityClassName"] = class.into();
    }
    pod(name, json!({"own": name}), spec)
}

/// Three nodes with a large pod each.
fn full() -> Stage {
    let mut stage = Stage::new();
    for index in 0..3 {
        stage.create(large(&format!("low-{index}"), None));
    }
    stage.settle();
    stage
}

#[test]
fn pods_that_a_disruption_budget_protects_are_spared_if_others_do() {
    for free in 0..3 {
        let mut stage = full();
        for index in (0..3).filter(|index| *index != free) {
            let name = format!("low-{index}");
            stage.create(
                json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": {"name": name},
                "spec": {"minAvailable": 1, "selector": {"matchLabels": {"own": name}}}}),
            );
        }
        stage.settle();
        stage.create(large("high", Some("system-cluster-critical")));
        stage.pass(30);
        let left: Vec<bool> = (0..3)
            .map(|index| stage.get(Kind::Pod, &format!("low-{index}")).is_some())
            .collect();
        let expected: Vec<bool> = (0..3).map(|index| index != free).collect();
        assert_eq!(left, expected, "{free}");
        assert_ne!(node_of(&stage, "high"), "none");
    }
}

#[test]
fn a_budget_does_not_keep_an_important_pod_out() {
    let mut stage = full();
    stage.create(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": "all"},
        "spec": {"minAvailable": 3, "selector": {"matchExpressions": [{"key": "own", "operator": "Exists"}]}}}));
    stage.settle();
    stage.create(large("high", Some("system-cluster-critical")));
    stage.pass(30);
    assert_ne!(node_of(&stage, "high"), "none");
}

#[test]
fn the_place_that_was_made_free_is_kept() {
    let mut stage = full();
    // It waits longer than the important pod and comes before it in the alphabet.
    stage.create(large("a-low", None));
    stage.settle();
    stage.create(large("high", Some("system-cluster-critical")));
    stage.pass(1);
    let promised = |stage: &Stage, name: &str| {
        let pod = stage.get(Kind::Pod, name).expect("there");
        pod["status"]["nominatedNodeName"]
            .as_str()
            .map(str::to_owned)
    };
    let node = promised(&stage, "high").expect("a promise while the victim stops");
    // Something happens that lets the scheduler look at all pods again.
    stage.update(Kind::Node, "node-1", |node| {
        node["metadata"]["labels"]["x"] = "y".into();
    });
    stage.pass(30);
    assert_eq!(node_of(&stage, "high"), node);
    assert_eq!(promised(&stage, "high"), None);
    assert_eq!(node_of(&stage, "a-low"), "none");
}

#[test]
fn a_more_important_pod_takes_the_promise_away() {
    let mut stage = full();
    stage.create(large("high", Some("system-cluster-critical")));
    stage.pass(1);
    stage.create(large("higher", Some("system-node-critical")));
    stage.pass(30);
    let high = node_of(&stage, "high");
    let higher = node_of(&stage, "higher");
    assert!(high != "none" && higher != "none" && high != higher);
    let left = (0..3).filter(|index| stage.get(Kind::Pod, &format!("low-{index}")).is_some());
    assert_eq!(left.count(), 1);
}
