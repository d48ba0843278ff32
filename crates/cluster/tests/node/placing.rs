//! Where the scheduler puts pods that have wishes about nodes and other pods, and whom it evicts for them.

use crate::stage::Stage;
use petset_cluster::Kind;
use serde_json::{Value, json};

pub fn pod(name: &str, labels: Value, spec: Value) -> Value {
    let mut spec = spec;
    if spec["containers"].is_null() {
        let mut container = json!({"name": "c", "image": "busybox", "args": ["serve"]});
        for field in ["resources", "ports"] {
            if let Some(value) = spec.as_object_mut().expect("a spec").remove(field) {
                container[field] = value;
            }
        }
        spec["containers"] = json!([container]);
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec})
}

pub fn node_of(stage: &Stage, name: &str) -> String {
    let object = stage.get(Kind::Pod, name).expect("there");
    object["spec"]["nodeName"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

/// Three nodes in two zones; node-3 has no disk.
fn labelled() -> Stage {
    let mut stage = Stage::new();
    for (node, zone, disk) in [
        ("node-1", "a", Some("ssd")),
        ("node-2", "b", Some("hdd")),
        ("node-3", "b", None),
    ] {
        stage.update(Kind::Node, node, |object| {
            object["metadata"]["labels"]["topology.kubernetes.io/zone"] = zone.into();
            if let Some(disk) = disk {
                object["metadata"]["labels"]["disk"] = disk.into();
            }
        });
    }
    stage
}

fn near(key: &str) -> Value {
    json!([{"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": key}])
}

/// The message, without what comes before and after the reasons of the nodes.
pub fn reasons(stage: &Stage, name: &str) -> (String, String) {
    let event = stage.events(name).pop().unwrap_or_default();
    let text = event
        .strip_prefix("Warning FailedScheduling 0/3 nodes are available: ")
        .unwrap_or(&event)
        .to_owned();
    match text.split_once(". no new claims to deallocate, preemption: 0/3 nodes are available: ") {
        Some((head, tail)) => (head.to_owned(), tail.to_owned()),
        None => (text, String::new()),
    }
}

#[test]
fn wishes_about_nodes() {
    let required = |expressions: Value| {
        json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms": [{"matchExpressions": expressions}]}}}})
    };
    let preferred = json!({"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution":
        [{"weight": 50, "preference": {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["hdd"]}]}}]}}});
    let table = [
        (json!({"nodeSelector": {"disk": "ssd"}}), "node-1"),
        (
            required(json!([{"key": "disk", "operator": "DoesNotExist"}])),
            "node-3",
        ),
        (
            required(
                json!([{"key": "disk", "operator": "NotIn", "values": ["ssd"]}, {"key": "disk", "operator": "Exists"}]),
            ),
            "node-2",
        ),
        (
            required(json!([{"key": "disk", "operator": "In", "values": ["floppy"]}])),
            "none",
        ),
        (preferred, "node-2"),
        (json!({"nodeName": "node-3"}), "node-3"),
    ];
    for (spec, node) in table {
        let mut stage = labelled();
        stage.create(pod("p", json!({}), spec.clone()));
        stage.settle();
        assert_eq!(node_of(&stage, "p"), node, "{spec}");
    }
}

/// S-POD-09, and PreferNoSchedule, which only repels.
#[test]
fn taints_keep_pods_away() {
    let mut stage = Stage::new();
    for (node, effect) in [
        ("node-1", "NoSchedule"),
        ("node-2", "NoExecute"),
        ("node-3", "PreferNoSchedule"),
    ] {
        stage.update(Kind::Node, node, |object| {
            object["spec"]["taints"] = json!([{"key": "k", "value": "v", "effect": effect}]);
        });
    }
    let tolerates = |operator: &str, effect: &str| json!({"tolerations": [{"key": "k", "operator": operator, "value": if operator == "Equal" { "v" } else { "" }, "effect": effect}]});
    stage.create(pod("none", json!({}), json!({})));
    stage.create(pod("equal", json!({}), tolerates("Equal", "NoSchedule")));
    stage.create(pod(
        "only",
        json!({}),
        json!({"nodeSelector": {"kubernetes.io/hostname": "node-2"}}),
    ));
    stage.settle();
    assert_eq!(node_of(&stage, "none"), "node-3");
    assert_eq!(node_of(&stage, "equal"), "node-1");
    let (head, tail) = reasons(&stage, "only");
    assert_eq!(
        head,
        "1 node(s) didn't match Pod's node affinity/selector, 2 node(s) had untolerated taint(s)"
    );
    assert_eq!(tail, "3 Preemption is not helpful for scheduling.");
}

#[test]
fn pods_near_others_and_apart() {
    let apart = json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": near("kubernetes.io/hostname")}}});
    let close = |key: &str| json!({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": near(key)}}});
    let web = json!({"app": "web"});

    let mut stage = labelled();
    for index in 0..4 {
        stage.create(pod(&format!("web-{index}"), web.clone(), apart.clone()));
        stage.settle();
    }
    let mut nodes: Vec<String> = (0..3)
        .map(|index| node_of(&stage, &format!("web-{index}")))
        .collect();
    nodes.sort();
    assert_eq!(nodes, ["node-1", "node-2", "node-3"]);
    assert_eq!(
        reasons(&stage, "web-3"),
        (
            "3 node(s) didn't match pod anti-affinity rules".to_owned(),
            "3 No preemption victims found for incoming pod.".to_owned(),
        )
    );
    // Those that are there keep one away that has no rules itself.
    stage.create(pod("plain", web.clone(), json!({})));
    stage.settle();
    assert_eq!(
        reasons(&stage, "plain").0,
        "3 node(s) didn't satisfy existing pods anti-affinity rules"
    );
    // A place that gets free is found.
    stage.delete_within("web-1", 0);
    stage.settle();
    assert_ne!(
        (node_of(&stage, "web-3"), node_of(&stage, "plain")),
        ("none".to_owned(), "none".to_owned())
    );

    let mut stage = labelled();
    stage.create(pod("friend", json!({}), close("kubernetes.io/hostname")));
    stage.settle();
    assert_eq!(
        reasons(&stage, "friend"),
        (
            "3 node(s) didn't match pod affinity rules".to_owned(),
            "3 Preemption is not helpful for scheduling.".to_owned(),
        )
    );
    stage.create(pod(
        "web",
        web.clone(),
        json!({"nodeSelector": {"disk": "hdd"}}),
    ));
    stage.settle();
    assert_eq!(
        (node_of(&stage, "web"), node_of(&stage, "friend")),
        ("node-2".to_owned(), "node-2".to_owned())
    );
    stage.create(pod("zone", json!({}), close("topology.kubernetes.io/zone")));
    stage.settle();
    assert_ne!(node_of(&stage, "zone"), "node-1");
    // The first of those that want to be together starts the crowd.
    let mut stage = labelled();
    stage.create(pod("first", web, close("kubernetes.io/hostname")));
    stage.settle();
    assert_ne!(node_of(&stage, "first"), "none");
}

#[test]
fn soft_rules_about_pods_decide_between_nodes() {
    let web = json!({"app": "web"});
    for (kind, same) in [("podAffinity", true), ("podAntiAffinity", false)] {
        let mut stage = Stage::new();
        stage.create(pod("web", web.clone(), json!({})));
        stage.settle();
        for index in 0..4 {
            let name = format!("p{index}");
            let term =
                json!([{"weight": 100, "podAffinityTerm": near("kubernetes.io/hostname")[0]}]);
            stage.create(pod(&name, json!({}), json!({"affinity": {kind: {"preferredDuringSchedulingIgnoredDuringExecution": term}}})));
            stage.settle();
            assert_eq!(
                node_of(&stage, &name) == node_of(&stage, "web"),
                same,
                "{kind}"
            );
        }
    }
}

fn spread(skew: u32, key: &str, when: &str) -> Value {
    json!({"topologySpreadConstraints": [{"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": when,
        "labelSelector": {"matchLabels": {"app": "web"}}}]})
}

#[test]
fn pods_are_spread_as_they_ask() {
    let web = json!({"app": "web"});
    let mut stage = labelled();
    // One zone has two nodes; still each gets half.
    for index in 0..6 {
        stage.create(pod(
            &format!("web-{index}"),
            web.clone(),
            spread(1, "topology.kubernetes.io/zone", "DoNotSchedule"),
        ));
        stage.settle();
    }
    let in_a = (0..6)
        .filter(|index| node_of(&stage, &format!("web-{index}")) == "node-1")
        .count();
    assert_eq!(in_a, 3);
    // A node that is closed counts with its pods: nothing more may go to the others.
    let mut stage = labelled();
    stage.update(Kind::Node, "node-1", |node| {
        node["spec"]["unschedulable"] = true.into()
    });
    for index in 0..2 {
        stage.create(pod(
            &format!("web-{index}"),
            web.clone(),
            spread(1, "topology.kubernetes.io/zone", "DoNotSchedule"),
        ));
        stage.settle();
    }
    assert_eq!(reasons(&stage, "web-1"), (
        "1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints".to_owned(),
        "1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.".to_owned(),
    ));
    stage.create(pod("disk", web.clone(), spread(1, "disk", "DoNotSchedule")));
    stage.settle();
    assert_eq!(node_of(&stage, "disk"), "node-2");
    stage.create(pod("rack", web.clone(), spread(1, "rack", "DoNotSchedule")));
    stage.settle();
    assert_eq!(
        reasons(&stage, "rack").0,
        "1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints (missing required label)"
    );
    // The soft kind prefers and does not forbid.
    let mut stage = labelled();
    for index in 0..9 {
        stage.create(pod(
            &format!("web-{index}"),
            web.clone(),
            spread(1, "kubernetes.io/hostname", "ScheduleAnyway"),
        ));
        stage.settle();
    }
    for node in ["node-1", "node-2", "node-3"] {
        let count = (0..9)
            .filter(|index| node_of(&stage, &format!("web-{index}")) == node)
            .count();
        assert_eq!(count, 3, "{node}");
    }
}

/// Pods of a service without own constraints go apart as well.
#[test]
fn default_constraints_follow_services() {
    let mut stage = Stage::new();
    stage.create(
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}),
    );
    for index in 0..6 {
        stage.create(pod(
            &format!("web-{index}"),
            json!({"app": "web"}),
            json!({}),
        ));
        stage.settle();
    }
    for node in ["node-1", "node-2", "node-3"] {
        let count = (0..6)
            .filter(|index| node_of(&stage, &format!("web-{index}")) == node)
            .count();
        assert_eq!(count, 2, "{node}");
    }
}

/// The two classes of the system exist; other pods make room for theirs.
#[test]
fn important_pods_make_room() {
    let cpu = |amount: &str| json!({"resources": {"requests": {"cpu": amount}}});
    let mut stage = Stage::new();
    for index in 0..3 {
        stage.create(pod(&format!("low-{index}"), json!({}), cpu("1200m")));
    }
    stage.settle();
    stage.create(pod("more", json!({}), cpu("1200m")));
    stage.settle();
    assert_eq!(
        reasons(&stage, "more"),
        (
            "3 Insufficient cpu".to_owned(),
            "3 No preemption victims found for incoming pod.".to_owned(),
        )
    );
    stage.delete(Kind::Pod, "more");
    let mut spec = cpu("1200m");
    spec["priorityClassName"] = "system-cluster-critical".into();
    stage.create(pod("high", json!({}), spec));
    stage.settle();
    assert_eq!(
        stage.events("high")[0],
        "Warning FailedScheduling 0/3 nodes are available: 3 Insufficient cpu."
    );
    assert_ne!(node_of(&stage, "high"), "none");
    let left = (0..3).filter(|index| stage.get(Kind::Pod, &format!("low-{index}")).is_some());
    assert_eq!(left.count(), 2);
    let uid = stage.get(Kind::Pod, "high").expect("there")["metadata"]["uid"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let preempted = (0..3).any(|index| {
        let events = stage.events(&format!("low-{index}")).join("\n");
        events.contains(&format!(
            "Normal Preempted Preempted by pod {uid} on node node-"
        ))
    });
    assert!(preempted);
    let victims = (0..3).flat_map(|index| {
        stage.writes(Kind::Pod, &format!("low-{index}"), |pod| {
            pod["status"]["conditions"].to_string()
        })
    });
    let told = victims.into_iter().any(|text| {
        text.contains("\"reason\":\"PreemptionByScheduler\"")
            && text.contains("default-scheduler: preempting to accommodate a higher priority pod")
    });
    assert!(told);
    // Where room could be made and would not do, the reason itself is repeated.
    let mut spec = json!({"resources": {"requests": {"cpu": "1900m"}}, "nodeSelector": {"kubernetes.io/hostname": node_of(&stage, "high")}});
    spec["priorityClassName"] = "system-cluster-critical".into();
    stage.create(pod("second", json!({}), spec));
    stage.settle();
    let (head, tail) = reasons(&stage, "second");
    assert_eq!(
        head,
        "1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector"
    );
    assert!(
        tail.starts_with("1 ") && tail.ends_with("2 Preemption is not helpful for scheduling."),
        "{tail}"
    );
}

/// A claim for one pod at a time.
#[test]
fn a_claim_of_one_pod_keeps_others_out() {
    let mut stage = Stage::new();
    stage.create(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "v"}, "spec": {
        "accessModes": ["ReadWriteOncePod"], "resources": {"requests": {"storage": "1Gi"}}}}));
    stage.settle();
    let mount = json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "v"}}]});
    stage.create(pod("a", json!({}), mount.clone()));
    stage.settle();
    stage.create(pod("b", json!({}), mount));
    stage.settle();
    assert_eq!(reasons(&stage, "b"), (
        "3 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod".to_owned(),
        "3 No preemption victims found for incoming pod.".to_owned(),
    ));
    stage.delete(Kind::Pod, "a");
    stage.settle();
    assert_ne!(node_of(&stage, "b"), "none");
}
