//! Nodes that are lost and come back, and what becomes of their pods.

use crate::stage::Stage;
use petset_cluster::api::{Request, Verb};
use petset_cluster::{Config, Key, Kind};
use serde_json::{Value, json};

/// A pod on `node-1`, which tolerates the loss of its node for `tolerated` seconds (for as long as usual if none is said).
fn pod(name: &str, tolerated: Option<i64>) -> Value {
    let tolerations: Vec<Value> = tolerated
        .iter()
        .flat_map(|seconds| {
            ["unreachable", "not-ready"].map(|taint| {
                json!({"key": format!("node.kubernetes.io/{taint}"), "operator": "Exists",
                    "effect": "NoExecute", "tolerationSeconds": seconds})
            })
        })
        .collect();
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {
        "nodeName": "node-1", "tolerations": tolerations, "terminationGracePeriodSeconds": 1,
        "containers": [{"name": "c", "image": "busybox", "command": ["serve"]}]}})
}

fn stage(pods: &[(&str, Option<i64>)]) -> Stage {
    let mut stage = Stage::new();
    for (name, tolerated) in pods {
        stage.create(pod(name, *tolerated));
    }
    stage.settle();
    stage
}

fn taints(stage: &Stage, node: &str) -> Vec<String> {
    let node = stage.get(Kind::Node, node).expect("a node");
    let taints = node["spec"]["taints"].as_array().cloned();
    let of = |taint: &Value, field: &str| taint[field].as_str().unwrap_or_default().to_owned();
    taints
        .unwrap_or_default()
        .iter()
        .map(|taint| {
            let key = of(taint, "key");
            let key = key.rsplit('/').next().unwrap_or_default().to_owned();
            format!("{key}:{}", of(taint, "effect"))
        })
        .collect()
}

fn condition(object: &Value, kind: &str) -> Option<Value> {
    let conditions = object["status"]["conditions"].as_array()?;
    conditions.iter().find(|c| c["type"] == kind).cloned()
}

fn is_terminating(stage: &Stage, pod: &str) -> bool {
    stage
        .get(Kind::Pod, pod)
        .is_some_and(|pod| !pod["metadata"]["deletionTimestamp"].is_null())
}

#[test]
fn s_pod_31_a_silent_node_is_taken_for_lost_after_the_grace_period() {
    let mut stage = stage(&[]);
    assert!(stage.cluster.cut_off_node("node-1"));
    assert!(!stage.cluster.cut_off_node("node-1"), "cut off already");
    assert!(!stage.cluster.cut_off_node("node-9"), "no such node");
    stage.pass(40);
    let ready = |stage: &Stage| {
        let node = stage.get(Kind::Node, "node-1").expect("a node");
        condition(&node, "Ready").expect("a condition")
    };
    assert_eq!(ready(&stage)["status"], "True");
    stage.pass(15);
    let node = stage.get(Kind::Node, "node-1").expect("a node");
    for kind in ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] {
        let condition = condition(&node, kind).expect("a condition");
        assert_eq!(condition["status"], "Unknown", "{kind}");
        assert_eq!(condition["reason"], "NodeStatusUnknown", "{kind}");
        assert_eq!(
            condition["message"], "Kubelet stopped posting node status.",
            "{kind}"
        );
    }
    assert!(stage.cluster.reconnect_node("node-1"));
    stage.pass(10);
    assert_eq!(ready(&stage)["status"], "True");
    assert_eq!(taints(&stage, "node-1"), [""; 0]);
    let told = stage.events("node-1");
    assert_eq!(
        told,
        [
            "Normal NodeNotReady Node node-1 status is now: NodeNotReady",
            "Normal NodeHasSufficientMemory Node node-1 status is now: NodeHasSufficientMemory",
            "Normal NodeHasNoDiskPressure Node node-1 status is now: NodeHasNoDiskPressure",
            "Normal NodeHasSufficientPID Node node-1 status is now: NodeHasSufficientPID",
            "Normal NodeReady Node node-1 status is now: NodeReady",
        ]
    );
}

#[test]
fn a_node_that_is_back_in_time_is_not_taken_for_lost() {
    let mut stage = stage(&[("p", None)]);
    for _ in 0..3 {
        assert!(stage.cluster.cut_off_node("node-1"));
        stage.pass(35);
        assert!(stage.cluster.reconnect_node("node-1"));
        stage.pass(1);
    }
    stage.pass(60);
    assert_eq!(stage.events("node-1"), [""; 0]);
    assert_eq!(stage.cluster.next_event(), None, "nothing is planned");
}

#[test]
fn s_pod_32_conditions_become_taints() {
    // Conditions and their status, whether the node is cordoned, and the taints.
    let table = [
        (
            "Ready=False",
            false,
            "not-ready:NoSchedule not-ready:NoExecute",
        ),
        (
            "Ready=Unknown",
            false,
            "unreachable:NoSchedule unreachable:NoExecute",
        ),
        ("MemoryPressure=True", false, "memory-pressure:NoSchedule"),
        (
            "DiskPressure=True PIDPressure=True",
            false,
            "disk-pressure:NoSchedule pid-pressure:NoSchedule",
        ),
        ("", true, "unschedulable:NoSchedule"),
    ];
    for (conditions, cordoned, expected) in table {
        let mut stage = stage(&[]);
        stage.update_status(Kind::Node, "node-1", |node| {
            for condition in node["status"]["conditions"].as_array_mut().expect("a list") {
                let found = conditions
                    .split(' ')
                    .filter_map(|pair| pair.split_once('='))
                    .rfind(|(kind, _)| condition["type"] == *kind);
                if let Some((_, status)) = found {
                    condition["status"] = status.into();
                }
            }
        });
        if cordoned {
            stage.update(Kind::Node, "node-1", |node| {
                node["spec"]["unschedulable"] = true.into();
            });
        }
        stage.pass(10);
        assert_eq!(taints(&stage, "node-1").join(" "), expected);
    }
}

#[test]
fn s_pod_33_34_35_pods_of_a_lost_node_are_marked_and_evicted_and_stay() {
    let mut stage = stage(&[("soon", Some(10)), ("usual", None), ("at-once", Some(0))]);
    stage.cluster.cut_off_node("node-1");
    stage.pass(55);
    for name in ["soon", "usual"] {
        let pod = stage.get(Kind::Pod, name).expect("a pod");
        assert_eq!(condition(&pod, "Ready").expect("said")["status"], "False");
        assert_eq!(
            condition(&pod, "ContainersReady").expect("said")["status"],
            "True"
        );
        let events = stage.events(name);
        assert!(events.contains(&"Warning NodeNotReady Node is not ready".to_owned()));
    }
    assert!(is_terminating(&stage, "at-once"));
    stage.pass(12);
    assert!(is_terminating(&stage, "soon") && !is_terminating(&stage, "usual"));
    let pod = stage.get(Kind::Pod, "soon").expect("a pod");
    let target = condition(&pod, "DisruptionTarget").expect("said");
    assert_eq!(target["reason"], "DeletionByTaintManager");
    assert_eq!(
        target["message"],
        "Taint manager: deleting due to NoExecute taint"
    );
    let told = "Normal TaintManagerEviction Marking for deletion Pod default/soon";
    assert!(stage.events("soon").contains(&told.to_owned()));
    // The taint came with the loss, some 50 s after the last sign of life.
    stage.pass(270);
    assert!(!is_terminating(&stage, "usual"), "its 300 s are not over");
    stage.pass(30);
    assert!(is_terminating(&stage, "usual"));
    stage.pass(3600);
    assert!(is_terminating(&stage, "soon"), "nobody confirms its end");
    stage.cluster.reconnect_node("node-1");
    stage.pass(30);
    assert_eq!(stage.get(Kind::Pod, "soon"), None);
    assert_eq!(stage.get(Kind::Pod, "usual"), None);
}

/// A StatefulSet of two pods, both on node-1, which is cut off then.
fn set_on_a_lost_node(policy: &str) -> Stage {
    let mut stage = Stage::new();
    for node in ["node-2", "node-3"] {
        stage.update(Kind::Node, node, |node| {
            node["spec"]["unschedulable"] = true.into();
        });
    }
    stage.create(json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"}, "spec": {
        "replicas": 2, "podManagementPolicy": policy, "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "c", "image": "busybox", "command": ["serve"]}]}}}}));
    stage.pass(20);
    for node in ["node-2", "node-3"] {
        stage.update(Kind::Node, node, |node| {
            node["spec"]["unschedulable"] = false.into();
        });
    }
    stage.cluster.cut_off_node("node-1");
    stage
}

#[test]
fn s_pod_37_a_set_waits_for_its_pod_on_a_lost_node_until_somebody_is_sure() {
    for policy in ["OrderedReady", "Parallel"] {
        let mut stage = set_on_a_lost_node(policy);
        let uid = |stage: &Stage| {
            stage
                .get(Kind::Pod, "web-0")
                .map(|pod| pod["metadata"]["uid"].clone())
        };
        let first = uid(&stage);
        assert!(first.is_some());
        stage.pass(3600);
        assert!(is_terminating(&stage, "web-0") && is_terminating(&stage, "web-1"));
        assert_eq!(
            uid(&stage),
            first,
            "{policy}: no second pod of the same name"
        );
        let told = stage.events("web-0");
        assert!(
            !told.iter().any(|event| event.contains(" Killing ")),
            "{told:?}"
        );
        // Who deletes by force says that the old one is gone, and answers for it.
        let mut force = Request::new(Verb::Delete, Kind::Pod, "default", "web-0");
        force.options.grace_period_seconds = Some(0);
        stage.cluster.handle(force).result.expect("gone");
        stage.pass(20);
        let next = stage.get(Kind::Pod, "web-0").expect("made again");
        assert_ne!(Some(next["metadata"]["uid"].clone()), first);
        assert_ne!(next["spec"]["nodeName"], "node-1");
        assert!(is_terminating(&stage, "web-1"), "nobody answered for it");
        stage.cluster.reconnect_node("node-1");
        stage.pass(60);
        assert!(!is_terminating(&stage, "web-1"));
    }
}

#[test]
fn s_pod_36_a_taint_that_goes_in_time_cancels_the_eviction() {
    let mut stage = stage(&[("usual", None)]);
    stage.cluster.cut_off_node("node-1");
    stage.pass(100);
    stage.cluster.reconnect_node("node-1");
    stage.pass(400);
    assert!(!is_terminating(&stage, "usual"));
    let pod = stage.get(Kind::Pod, "usual").expect("a pod");
    assert_eq!(condition(&pod, "Ready").expect("said")["status"], "True");
    let told = "Normal TaintManagerEviction Cancelling deletion of Pod default/usual";
    assert!(stage.events("usual").contains(&told.to_owned()));
}

#[test]
fn s_pod_38_pods_of_a_deleted_node_are_collected() {
    let mut stage = stage(&[("p", None)]);
    stage.cluster.cut_off_node("node-1");
    stage.delete(Kind::Node, "node-1");
    stage.pass(39);
    assert!(stage.get(Kind::Pod, "p").is_some());
    stage.pass(25);
    assert_eq!(stage.get(Kind::Pod, "p"), None);
    let states = stage.writes(Kind::Pod, "p", |pod| {
        let target = condition(pod, "DisruptionTarget").unwrap_or_default();
        format!("{} {}", pod["status"]["phase"], target["reason"])
    });
    assert!(states.contains(&"\"Failed\" \"DeletionByPodGC\"".to_owned()));
    let lease = Key::new("kube-node-lease", "node-1");
    assert!(stage.cluster.store().get(Kind::Lease, &lease).is_none());
}

#[test]
fn s_pod_39_48_terminating_pods_of_a_node_out_of_service_are_collected() {
    for out_of_service in [false, true] {
        let mut stage = stage(&[("p", Some(10)), ("stays", None)]);
        stage.cluster.cut_off_node("node-1");
        stage.pass(80);
        assert!(is_terminating(&stage, "p"));
        if out_of_service {
            stage.update(Kind::Node, "node-1", |node| {
                let taints = node["spec"]["taints"].as_array_mut().expect("taints");
                taints.push(json!({"key": "node.kubernetes.io/out-of-service",
                    "value": "nodeshutdown", "effect": "NoSchedule"}));
            });
        }
        stage.pass(25);
        assert_eq!(stage.get(Kind::Pod, "p").is_none(), out_of_service);
        assert!(stage.get(Kind::Pod, "stays").is_some());
        let failed = stage.writes(Kind::Pod, "p", |pod| pod["status"]["phase"].to_string());
        assert_eq!(failed.contains(&"\"Failed\"".to_owned()), out_of_service);
    }
}

#[test]
fn s_pod_40_terminating_pods_without_a_node_are_collected() {
    let mut stage = stage(&[]);
    stage.create(json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "finalizers": ["example.com/held"]},
        "spec": {"nodeSelector": {"no": "node"}, "containers": [{"name": "c", "image": "busybox"}]}}));
    stage.settle();
    stage.delete(Kind::Pod, "p");
    stage.pass(25);
    let pod = stage.get(Kind::Pod, "p").expect("held by its finalizer");
    assert_eq!(pod["status"]["phase"], "Failed");
}

#[test]
fn s_pod_42_a_cordoned_node_keeps_its_pods() {
    let mut stage = stage(&[("p", None)]);
    stage.update(Kind::Node, "node-1", |node| {
        node["spec"]["unschedulable"] = true.into();
    });
    stage.pass(60);
    assert!(!is_terminating(&stage, "p"));
}

#[test]
fn s_pod_49_nothing_is_evicted_when_every_node_is_lost() {
    let mut stage = stage(&[("p", Some(10))]);
    for node in ["node-1", "node-2", "node-3"] {
        stage.cluster.cut_off_node(node);
    }
    stage.pass(600);
    assert!(!is_terminating(&stage, "p"));
    assert_eq!(taints(&stage, "node-1"), ["unreachable:NoSchedule"]);
    stage.cluster.reconnect_node("node-2");
    stage.pass(30);
    assert!(is_terminating(&stage, "p"), "one node is well again");
}

#[test]
fn many_lost_nodes_of_a_zone_lose_their_pods_one_after_another_or_not_at_all() {
    // (nodes, lost, nodes that are tainted 30 s after the loss)
    for (nodes, lost, expected) in [(4, 2, 2), (5, 3, 0), (60, 20, 3)] {
        let mut stage = Stage::with(Config {
            nodes,
            ..Config::default()
        });
        for index in 1..=lost {
            stage.cluster.cut_off_node(&format!("node-{index}"));
        }
        stage.pass(51 + 25);
        let evicted = (1..=lost).filter(|index| {
            let taints = taints(&stage, &format!("node-{index}"));
            taints.contains(&"unreachable:NoExecute".to_owned())
        });
        assert_eq!(evicted.count(), expected, "{lost} of {nodes}");
    }
}

#[test]
fn signs_of_life_are_written_when_somebody_looks() {
    let mut stage = stage(&[]);
    let before = stage.cluster.store().resource_version();
    stage.pass(3600);
    assert_eq!(stage.cluster.store().resource_version(), before);
    let renewed = |stage: &mut Stage| {
        let request = Request::new(Verb::Get, Kind::Lease, "kube-node-lease", "node-1");
        let reply = stage.cluster.handle(request).result.expect("a lease");
        let lease = reply.object().expect("an object").to_json();
        lease["spec"]["renewTime"]
            .as_str()
            .expect("a date")
            .to_owned()
    };
    let first = renewed(&mut stage);
    let version = stage.cluster.store().resource_version();
    assert_eq!(renewed(&mut stage), first);
    assert_eq!(stage.cluster.store().resource_version(), version);
    stage.pass(10);
    assert_ne!(renewed(&mut stage), first);
    stage.cluster.cut_off_node("node-1");
    let last = renewed(&mut stage);
    stage.pass(30);
    assert_eq!(renewed(&mut stage), last);
}

#[test]
fn a_node_made_by_hand_never_reports() {
    let mut stage = stage(&[]);
    stage.create(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "hand"}}));
    stage.pass(59);
    let node = stage.get(Kind::Node, "hand").expect("a node");
    assert_eq!(condition(&node, "Ready"), None);
    stage.pass(7);
    let node = stage.get(Kind::Node, "hand").expect("a node");
    let ready = condition(&node, "Ready").expect("said");
    assert_eq!(ready["reason"], "NodeStatusNeverUpdated");
    assert_eq!(ready["message"], "Kubelet never posted node status.");
    assert_eq!(
        stage.events("hand"),
        ["Normal RegisteredNode Node hand event: Registered Node hand in Controller"]
    );
}

#[test]
fn a_node_without_power_loses_processes_and_keeps_disks() {
    let mut stage = stage(&[("p", None)]);
    let address = stage.get(Kind::Pod, "p").expect("a pod")["status"]["podIP"].clone();
    let boot = |stage: &Stage| {
        stage.get(Kind::Node, "node-1").expect("a node")["status"]["nodeInfo"]["bootID"].clone()
    };
    let booted = boot(&stage);
    assert!(!stage.cluster.power_on_node("node-1"), "it has power");
    assert!(stage.cluster.power_off_node("node-1"));
    assert!(
        !stage.cluster.power_off_node("node-1"),
        "it has none already"
    );
    assert!(!stage.cluster.power_off_node("node-9"), "no such node");
    assert!(
        !stage.cluster.reconnect_node("node-1"),
        "a connection is no power"
    );
    stage.pass(60);
    let node = stage.get(Kind::Node, "node-1").expect("a node");
    assert_eq!(condition(&node, "Ready").expect("it")["status"], "Unknown");
    let pod = stage.get(Kind::Pod, "p").expect("a pod");
    assert_eq!(
        pod["status"]["containerStatuses"][0]["restartCount"], 0,
        "nobody is there to tell"
    );
    assert!(stage.cluster.power_on_node("node-1"));
    stage.settle();
    let pod = stage.get(Kind::Pod, "p").expect("a pod");
    let container = &pod["status"]["containerStatuses"][0];
    assert_eq!(container["restartCount"], 1);
    assert_eq!(container["ready"], true);
    let last = &container["lastState"]["terminated"];
    assert_eq!(last["exitCode"], 255);
    assert_eq!(last["reason"], "Unknown");
    assert_ne!(pod["status"]["podIP"], address, "a new sandbox");
    assert_ne!(boot(&stage), booted);
    let told = stage.events("node-1");
    assert!(
        told.contains(&"Normal Starting Starting kubelet.".to_owned()),
        "{told:?}"
    );
    let boot = boot(&stage);
    let rebooted = format!(
        "Warning Rebooted Node node-1 has been rebooted, boot id: {}",
        boot.as_str().expect("a word")
    );
    assert!(told.contains(&rebooted), "{told:?}");
}

#[test]
fn pods_that_were_evicted_while_their_node_had_no_power_end_when_it_boots() {
    let mut stage = stage(&[("p", Some(5))]);
    stage.cluster.power_off_node("node-1");
    stage.pass(120);
    assert!(is_terminating(&stage, "p"));
    assert!(stage.cluster.power_on_node("node-1"));
    stage.settle();
    assert!(stage.get(Kind::Pod, "p").is_none());
}
