//! Disruption budgets, and what they make of evictions.

use crate::stage::Stage;
use petset_cluster::Kind;
use petset_cluster::api::{Reason, Request, Status, Subresource, Verb};
use serde_json::{Value, json};

/// A set `web` of ready pods, and what stands for them in `spec` of the budget `web-pdb`.
fn stage(replicas: i32, spec: Value) -> Stage {
    let mut stage = Stage::new();
    stage.create(
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}},
            "podManagementPolicy": "Parallel",
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {
                "terminationGracePeriodSeconds": 1,
                "containers": [{"name": "c", "image": "busybox", "command": ["serve"],
                    "readinessProbe": {"periodSeconds": 1, "failureThreshold": 1,
                        "exec": {"command": ["read", "/ready"]}}}]}}}}),
    );
    budget(&mut stage, "web-pdb", spec);
    stage.pass(5);
    for index in 0..replicas {
        set_ready(&mut stage, &format!("web-{index}"));
    }
    stage.pass(5);
    stage
}

fn set_ready(stage: &mut Stage, pod: &str) {
    let argv = ["write", "/ready", "yes"].map(str::to_owned);
    let started = stage
        .cluster
        .exec("default", pod, None, &argv, false, false);
    started.expect("started");
}

fn budget(stage: &mut Stage, name: &str, spec: Value) {
    let mut spec = spec;
    spec["selector"] = json!({"matchLabels": {"app": "web"}});
    stage.create(
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": name}, "spec": spec}),
    );
}

fn evict(stage: &mut Stage, pod: &str) -> Result<(), Status> {
    let request = Request::new(Verb::Create, Kind::Pod, "default", pod)
        .with_subresource(Subresource::Eviction);
    stage.cluster.handle(request).result.map(|_| ())
}

/// The counts of the budget: current, desired, expected, allowed.
fn counts(stage: &Stage) -> String {
    let budget = stage
        .get(Kind::PodDisruptionBudget, "web-pdb")
        .expect("a budget");
    let status = &budget["status"];
    [
        "currentHealthy",
        "desiredHealthy",
        "expectedPods",
        "disruptionsAllowed",
    ]
    .map(|field| status[field].to_string())
    .join(" ")
}

#[test]
fn budgets_count_healthy_pods() {
    let table = [
        (json!({"maxUnavailable": 1}), "3 2 3 1"),
        (json!({"maxUnavailable": "50%"}), "3 1 3 2"),
        (json!({"minAvailable": 2}), "3 2 3 1"),
        (json!({"minAvailable": "50%"}), "3 2 3 1"),
        (json!({"minAvailable": "100%"}), "3 3 3 0"),
        (json!({"minAvailable": 5}), "3 5 3 0"),
        (json!({}), "3 0 0 0"),
    ];
    for (spec, expected) in table {
        let stage = stage(3, spec.clone());
        assert_eq!(counts(&stage), expected, "{spec}");
    }
}

#[test]
fn s_wrk_22_s_pod_41_an_eviction_that_the_budget_forbids_is_refused() {
    let mut stage = stage(3, json!({"minAvailable": 2}));
    evict(&mut stage, "web-0").expect("one may go");
    let status = evict(&mut stage, "web-1").expect_err("no other");
    assert_eq!(status.reason, Some(Reason::TooManyRequests));
    assert_eq!(
        status.message,
        "Cannot evict pod as it would violate the pod's disruption budget."
    );
    stage.pass(1);
    let status = evict(&mut stage, "web-1").expect_err("no other");
    let causes: Vec<_> = status
        .causes
        .iter()
        .map(|cause| (cause.reason, cause.message.as_str()))
        .collect();
    let why = "The disruption budget web-pdb needs 2 healthy pods and has 2 currently";
    assert_eq!(causes, [("DisruptionBudget", why)]);
    let targets = stage.writes(Kind::Pod, "web-0", |pod| {
        let conditions = pod["status"]["conditions"].as_array().cloned();
        let conditions = conditions.unwrap_or_default();
        let target = conditions.iter().find(|c| c["type"] == "DisruptionTarget");
        target.map_or(String::new(), |c| {
            format!("{} {}", c["reason"], c["message"])
        })
    });
    let target = "\"EvictionByEvictionAPI\" \"Eviction API: evicting\"";
    assert!(targets.contains(&target.to_owned()), "{targets:?}");
    stage.pass(5);
    set_ready(&mut stage, "web-0");
    stage.pass(5);
    evict(&mut stage, "web-1").expect("the other may go now");
}

#[test]
fn a_budget_that_was_not_looked_at_yet_forbids_evictions() {
    let mut stage = stage(2, json!({"maxUnavailable": 1}));
    stage.update(Kind::PodDisruptionBudget, "web-pdb", |budget| {
        budget["spec"]["maxUnavailable"] = 2.into();
    });
    let status = evict(&mut stage, "web-0").expect_err("not yet");
    assert_eq!(
        status.causes[0].message,
        "The disruption budget web-pdb is still being processed by the server."
    );
}

#[test]
fn s_wrk_23_pods_that_wait_or_have_ended_need_no_budget() {
    let mut stage = stage(1, json!({"minAvailable": 1}));
    for (name, spec) in [
        ("waits", json!({"nodeSelector": {"no": "node"}})),
        ("ended", json!({"restartPolicy": "Never"})),
    ] {
        let mut spec = spec;
        spec["containers"] = json!([{"name": "c", "image": "busybox", "command": ["exit", "0"]}]);
        stage.create(json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": "web"}}, "spec": spec}));
    }
    stage.pass(10);
    for name in ["waits", "ended"] {
        evict(&mut stage, name).expect("goes");
        assert_eq!(stage.get(Kind::Pod, name), None);
    }
    evict(&mut stage, "web-0").expect_err("protected");
}

#[test]
fn s_wrk_24_two_budgets_for_one_pod_are_an_error() {
    let mut stage = stage(1, json!({"maxUnavailable": 1}));
    budget(&mut stage, "web-too", json!({"maxUnavailable": 1}));
    stage.pass(1);
    let status = evict(&mut stage, "web-0").expect_err("refused");
    assert_eq!(
        status.message,
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    );
    stage.update_status(Kind::Pod, "web-0", |pod| {
        pod["status"]["message"] = "news".into();
    });
    stage.pass(1);
    let told = "Warning MultiplePodDisruptionBudgets Pod \"default\"/\"web-0\" matches multiple PodDisruptionBudgets.  Chose \"web-pdb\" arbitrarily.";
    assert!(stage.events("web-0").contains(&told.to_owned()));
}

#[test]
fn s_wrk_25_an_unready_pod_may_go_when_enough_others_are_healthy() {
    // (policy, healthy pods of three, whether the unready one may go)
    let table = [
        (None, 2, true),
        (Some("IfHealthyBudget"), 2, true),
        (None, 1, false),
        (Some("AlwaysAllow"), 1, true),
    ];
    for (policy, healthy, allowed) in table {
        let mut stage = stage(
            3,
            json!({"minAvailable": 2, "unhealthyPodEvictionPolicy": policy}),
        );
        for index in healthy..3 {
            let argv = ["write", "/ready/no", "x"].map(str::to_owned);
            let pod = format!("web-{index}");
            stage.delete(Kind::Pod, &pod);
            stage.pass(5);
            let _ = stage
                .cluster
                .exec("default", &pod, None, &argv, false, false);
        }
        stage.pass(5);
        assert_eq!(
            evict(&mut stage, "web-2").is_ok(),
            allowed,
            "{policy:?} {healthy}"
        );
    }
}
