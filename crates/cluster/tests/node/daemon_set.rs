//! DaemonSets.

use crate::stage::Stage;
use petset_cluster::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn daemon_set(spec: Value) -> Value {
    let mut spec = spec;
    spec["selector"] = json!({"matchLabels": {"app": "ds"}});
    spec["template"]["metadata"] = json!({"labels": {"app": "ds"}});
    let pod = &mut spec["template"]["spec"];
    pod["terminationGracePeriodSeconds"] = 1.into();
    if pod["containers"].is_null() {
        pod["containers"] = json!([{"name": "c", "image": "busybox:1", "command": ["serve"]}]);
    }
    json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "ds"}, "spec": spec})
}

/// The image of the pods of each node that are not going away.
fn pods(stage: &Stage) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pod in stage.cluster.store().list(Kind::Pod, Some("default")) {
        if pod.is_terminating() {
            continue;
        }
        let pod = pod.to_json();
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let image = text(&pod["spec"]["containers"][0]["image"]);
        let node = text(&pod["spec"]["nodeName"]);
        found.entry(node).or_default().push(image);
    }
    found
}

fn counts(stage: &Stage) -> String {
    let set = stage.get(Kind::DaemonSet, "ds").expect("a set");
    [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberMisscheduled",
    ]
    .map(|field| set["status"][field].as_i64().unwrap_or(0).to_string())
    .join(" ")
}

#[test]
fn s_wrk_18_19_each_node_that_fits_has_one_pod() {
    // (what the template asks for, the taint of node-1, its label, pods, counts)
    let table = [
        (json!({}), None, None, 3, "3 3 3 3 3 0"),
        (json!({}), Some("NoSchedule"), None, 2, "2 2 2 2 2 0"),
        (
            json!({"tolerations": [{"operator": "Exists"}]}),
            Some("NoExecute"),
            None,
            3,
            "3 3 3 3 3 0",
        ),
        (
            json!({"nodeSelector": {"disk": "ssd"}}),
            None,
            Some("ssd"),
            1,
            "1 1 1 1 1 0",
        ),
    ];
    for (spec, taint, label, expected, status) in table {
        let mut stage = Stage::new();
        stage.update(Kind::Node, "node-1", |node| {
            if let Some(effect) = taint {
                node["spec"]["taints"] = json!([{"key": "k", "effect": effect}]);
            }
            if let Some(label) = label {
                node["metadata"]["labels"]["disk"] = label.into();
            }
        });
        stage.create(daemon_set(json!({"template": {"spec": spec}})));
        stage.pass(5);
        let pods = pods(&stage);
        assert_eq!(pods.len(), expected);
        assert!(pods.values().all(|pods| pods.len() == 1), "{pods:?}");
        assert_eq!(counts(&stage), status);
    }
}

/// S-WRK-19: pods that are not ready, not yet available or of another template are told apart.
#[test]
fn counts_tell_unready_and_unavailable_pods_apart() {
    let unavailable = |stage: &Stage| {
        let set = stage.get(Kind::DaemonSet, "ds").expect("a set");
        set["status"]["numberUnavailable"].as_i64()
    };
    let mut stage = Stage::new();
    let probe = json!({"exec": {"command": ["read", "/ready/no"]}, "periodSeconds": 1});
    let never =
        json!([{"name": "c", "image": "busybox:1", "command": ["serve"], "readinessProbe": probe}]);
    let template = json!({"spec": {"containers": never}});
    stage.create(daemon_set(json!({"template": template})));
    stage.pass(10);
    assert_eq!(counts(&stage), "3 3 0 3 0 0");
    assert_eq!(unavailable(&stage), Some(3));

    let mut stage = Stage::new();
    stage.create(daemon_set(
        json!({"minReadySeconds": 30, "updateStrategy": {"type": "OnDelete"}}),
    ));
    stage.pass(10);
    assert_eq!(counts(&stage), "3 3 3 3 0 0");
    stage.pass(30);
    assert_eq!(counts(&stage), "3 3 3 3 3 0");
    assert_eq!(unavailable(&stage), None);
    stage.update(Kind::DaemonSet, "ds", |set| {
        set["spec"]["template"]["spec"]["containers"][0]["image"] = "busybox:2".into();
    });
    stage.pass(5);
    assert_eq!(counts(&stage), "3 3 3 0 3 0");
}

#[test]
fn a_node_that_stops_fitting_loses_its_pod() {
    let mut stage = Stage::new();
    stage.create(daemon_set(json!({})));
    stage.pass(5);
    let taint = |stage: &mut Stage, effect: &str| {
        stage.update(Kind::Node, "node-1", |node| {
            node["spec"]["taints"] = json!([{"key": "k", "effect": effect}]);
        });
        stage.pass(5);
    };
    taint(&mut stage, "NoSchedule");
    assert_eq!(pods(&stage).len(), 3, "it may stay");
    assert_eq!(counts(&stage), "2 2 2 2 2 1");
    taint(&mut stage, "NoExecute");
    assert_eq!(pods(&stage).len(), 2);
    assert_eq!(counts(&stage), "2 2 2 2 2 0");
}

#[test]
fn pods_of_a_lost_node_stay() {
    let mut stage = Stage::new();
    stage.create(daemon_set(json!({})));
    stage.pass(5);
    stage.cluster.cut_off_node("node-1");
    stage.pass(600);
    assert_eq!(pods(&stage).len(), 3);
    stage.cluster.reconnect_node("node-1");
    stage.pass(20);
    assert_eq!(counts(&stage), "3 3 3 3 3 0");
}

#[test]
fn s_wrk_27_a_pod_that_stops_is_replaced_once_it_has_stopped() {
    let mut stage = Stage::new();
    let container = json!([{"name": "c", "image": "busybox:1", "command": ["stubborn"]}]);
    let mut set = daemon_set(json!({"template": {"spec": {"containers": container}}}));
    set["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 20.into();
    stage.create(set);
    stage.pass(5);
    let all = stage.cluster.store().list(Kind::Pod, Some("default"));
    let name = all.map(|pod| pod.name().to_owned()).next().expect("a pod");
    stage.delete(Kind::Pod, &name);
    stage.pass(15);
    assert_eq!(pods(&stage).len(), 2);
    stage.pass(15);
    assert_eq!(pods(&stage).len(), 3);
}

#[test]
fn s_wrk_20_old_pods_give_way_one_after_another_or_after_the_new_one() {
    for (surge, most) in [(0, 1), (1, 2)] {
        let mut stage = Stage::new();
        let rolling = json!({"maxUnavailable": 1 - surge, "maxSurge": surge});
        let strategy = json!({"type": "RollingUpdate", "rollingUpdate": rolling});
        stage.create(daemon_set(json!({ "updateStrategy": strategy })));
        stage.pass(5);
        stage.update(Kind::DaemonSet, "ds", |set| {
            set["spec"]["template"]["spec"]["containers"][0]["image"] = "busybox:2".into();
        });
        let mut least = 3;
        for _ in 0..60 {
            stage.pass(1);
            let pods = pods(&stage);
            assert!(pods.values().all(|pods| pods.len() <= most), "{pods:?}");
            let set = stage.get(Kind::DaemonSet, "ds").expect("a set");
            least = least.min(set["status"]["numberAvailable"].as_i64().unwrap_or(0));
        }
        assert!(least >= 2 + surge, "surge {surge}: {least} available");
        let new = vec!["busybox:2".to_owned()];
        assert!(pods(&stage).values().all(|pods| *pods == new));
        assert_eq!(counts(&stage), "3 3 3 3 3 0");
        let set = stage.get(Kind::DaemonSet, "ds").expect("a set");
        let count = &set["metadata"]["annotations"]["deprecated.daemonset.template.generation"];
        assert_eq!(count, "2");
    }
}

#[test]
fn failed_pods_are_deleted_and_made_again_more_and_more_slowly() {
    let mut stage = Stage::new();
    stage.create(daemon_set(
        json!({"template": {"spec": {"nodeName": "node-1"}}}),
    ));
    stage.pass(5);
    for _ in 0..2 {
        let all = stage.cluster.store().list(Kind::Pod, Some("default"));
        let name = all.map(|pod| pod.name().to_owned()).next().expect("a pod");
        stage.update_status(Kind::Pod, &name, |pod| {
            pod["status"]["phase"] = "Failed".into()
        });
        stage.pass(5);
    }
    let events = stage.events("ds");
    let failed = events
        .iter()
        .filter(|event| event.contains("FailedDaemonPod"));
    assert_eq!(failed.count(), 2, "{events:?}");
    assert_eq!(pods(&stage).len(), 1);
}
