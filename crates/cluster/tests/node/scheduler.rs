//! Which node a pod gets, and what is said when it gets none.

use crate::stage::Stage;
use k8s_openapi::api::core::v1::Pod;
use petset_cluster::Kind;
use petset_cluster::queue::ControllerId;
use serde_json::{Value, json};

fn pod(name: &str, spec: Value) -> Value {
    let mut spec = spec;
    spec["containers"] = json!([{"name": "c", "image": "busybox", "resources": spec["resources"]}]);
    spec.as_object_mut().expect("a spec").remove("resources");
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
}

/// S-POD-07 and S-POD-47; what comes before the filters leaves out the end.
#[test]
fn pods_that_fit_nowhere_say_why() {
    let tail = "no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
    let table = [
        (json!({"resources": {"requests": {"cpu": "100"}}}), format!("3 Insufficient cpu. {tail}")),
        (json!({"nodeSelector": {"disk": "ssd"}}), format!("3 node(s) didn't match Pod's node affinity/selector. {tail}")),
        (json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "no"}}]}),
            "persistentvolumeclaim \"no\" not found. not found".to_owned()),
        (json!({"preemptionPolicy": "Never", "resources": {"requests": {"memory": "1Ti", "cpu": "3"}}}),
            "3 Insufficient cpu, 3 Insufficient memory. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.".to_owned()),
    ];
    for (spec, message) in table {
        let mut stage = Stage::new();
        stage.create(pod("p", spec));
        stage.settle();
        let message = format!("0/3 nodes are available: {message}");
        assert_eq!(
            stage.events("p"),
            [format!("Warning FailedScheduling {message}")]
        );
        let object = stage.get(Kind::Pod, "p").expect("there");
        let condition = &object["status"]["conditions"][0];
        assert_eq!(condition["reason"], "Unschedulable");
        assert_eq!(condition["message"], message);
    }
}

/// S-POD-42
#[test]
fn a_cordoned_node_gets_no_pods_and_a_freed_one_does() {
    let mut stage = Stage::new();
    for node in ["node-1", "node-2", "node-3"] {
        stage.update(Kind::Node, node, |node| {
            node["spec"]["unschedulable"] = true.into()
        });
    }
    stage.create(pod("p", json!({})));
    stage.settle();
    assert_eq!(
        stage.events("p"),
        [
            "Warning FailedScheduling 0/3 nodes are available: 3 node(s) were unschedulable. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
        ]
    );
    stage.update(Kind::Node, "node-2", |node| {
        node["spec"]["unschedulable"] = false.into()
    });
    stage.settle();
    assert_eq!(
        stage.get(Kind::Pod, "p").expect("there")["spec"]["nodeName"],
        "node-2"
    );
}

#[test]
fn pods_spread_over_nodes() {
    let mut stage = Stage::new();
    for index in 0..9 {
        stage.create(pod(&format!("p{index}"), json!({})));
    }
    stage.settle();
    for node in ["node-1", "node-2", "node-3"] {
        let count = (0..9)
            .filter(|index| {
                let pod = stage.get(Kind::Pod, &format!("p{index}")).expect("there");
                pod["spec"]["nodeName"] == node
            })
            .count();
        // The pods of kube-system count too.
        assert!((2..=4).contains(&count), "{node}: {count}");
    }
}

#[test]
fn pods_beyond_the_nodes_wait_quietly() {
    for (policy, made, placed) in [("Parallel", 1_000, 329), ("OrderedReady", 330, 329)] {
        let mut stage = Stage::new();
        stage.create(json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"},
            "spec": {
                "serviceName": "web", "replicas": 1_000, "podManagementPolicy": policy,
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "c", "image": "busybox", "command": ["serve"]}]},
                },
            },
        }));
        let (mut steps, mut attempts) = (0, 0);
        while let Some(next) = stage.cluster.next_event_about() {
            attempts += u32::from(next.who == ControllerId::Scheduler);
            stage.cluster.step();
            steps += 1;
            assert!(steps < 40 * made, "{policy}: no rest");
        }
        let pods: Vec<_> = stage
            .cluster
            .store()
            .list_as::<Pod>(Some("default"))
            .collect();
        let on_nodes = pods
            .iter()
            .filter(|pod| {
                pod.spec
                    .as_ref()
                    .is_some_and(|spec| spec.node_name.is_some())
            })
            .count();
        assert_eq!((pods.len(), on_nodes), (made, placed), "{policy}");
        // Each pod is tried once: nothing that happens here could let in one that found no place.
        assert_eq!(attempts as usize, made, "{policy}");
    }
}
