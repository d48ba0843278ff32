//! The numbered statements about the end of pods.

use crate::stage::Stage;
use petset_cluster::{Instant, Kind};
use serde_json::{Value, json};

fn pod(spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
}

fn c(name: &str, args: &[&str], hook: Value) -> Value {
    let mut container = json!({"name": name, "image": "nginx:1.25", "args": args});
    if !hook.is_null() {
        container["lifecycle"] = json!({"preStop": hook});
    }
    container
}

fn running(spec: Value) -> Stage {
    let mut stage = Stage::new();
    stage.create(pod(spec));
    stage.pass(5);
    stage
}

/// Deletes the pod and says after how many seconds it is gone.
fn seconds_to_end(stage: &mut Stage, grace: Option<i64>) -> u64 {
    let began = stage.cluster.now();
    match grace {
        Some(grace) => stage.delete_within("p", grace),
        None => stage.delete(Kind::Pod, "p"),
    }
    for _ in 0..600 {
        if stage.get(Kind::Pod, "p").is_none() {
            break;
        }
        let next = stage.cluster.now() + petset_cluster::Duration::millis(100);
        stage.cluster.run_until(next);
    }
    let span = |at: Instant| at.since(began).as_secs();
    span(stage.cluster.now())
}

/// S-POD-01, S-POD-02 and S-POD-40
#[test]
fn pods_that_run_nowhere_are_gone_at_once() {
    let specs = [
        json!({"schedulingGates": [{"name": "g"}], "containers": [c("c", &["serve"], Value::Null)]}),
        json!({"nodeSelector": {"no": "such"}, "containers": [c("c", &["serve"], Value::Null)]}),
        json!({"restartPolicy": "Never", "containers": [c("c", &["exit", "0"], Value::Null)]}),
        json!({"restartPolicy": "Never", "containers": [c("c", &["exit", "1"], Value::Null)]}),
    ];
    for spec in specs {
        let mut stage = running(spec.clone());
        stage.pass(10);
        stage.delete_within("p", 100);
        assert_eq!(stage.get(Kind::Pod, "p"), None, "{spec}");
    }
}

/// S-POD-03 and S-POD-04
#[test]
fn a_running_pod_gets_its_grace_and_a_second_delete_shortens_it() {
    let mut stage = running(json!({"containers": [c("c", &["stubborn"], Value::Null)]}));
    let before = stage.get(Kind::Pod, "p").expect("there");
    stage.delete(Kind::Pod, "p");
    let object = stage.get(Kind::Pod, "p").expect("there");
    assert_eq!(object["metadata"]["deletionGracePeriodSeconds"], 30);
    assert!(object["metadata"]["deletionTimestamp"].is_string());
    let generation = |pod: &Value| pod["metadata"]["generation"].as_i64();
    assert_eq!(
        generation(&object),
        generation(&before).map(|number| number + 1)
    );
    stage.delete_within("p", 50);
    let object = stage.get(Kind::Pod, "p").expect("there");
    assert_eq!(object["metadata"]["deletionGracePeriodSeconds"], 30);
    stage.delete_within("p", 3);
    let object = stage.get(Kind::Pod, "p").expect("there");
    assert_eq!(object["metadata"]["deletionGracePeriodSeconds"], 3);
    stage.pass(5);
    assert_eq!(stage.get(Kind::Pod, "p"), None);
}

/// S-POD-24, S-POD-44 and S-POD-45
#[test]
fn the_writes_on_the_way_to_the_end() {
    let mut stage = running(json!({"containers": [c("c", &["slow"], Value::Null)]}));
    stage.delete(Kind::Pod, "p");
    stage.pass(10);
    assert!(
        stage
            .events("p")
            .contains(&"Normal Killing Stopping container c".to_owned())
    );
    let told = stage.writes(Kind::Pod, "p", |pod| {
        if pod["metadata"]["deletionTimestamp"].is_null() {
            return "lives".to_owned();
        }
        let seen = pod["status"]["observedGeneration"] == pod["metadata"]["generation"];
        let grace = &pod["metadata"]["deletionGracePeriodSeconds"];
        let code = &pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"];
        format!(
            "{} seen={seen} code={code} grace={grace}",
            pod["status"]["phase"]
        )
    });
    let end: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .skip_while(|row| *row == "lives")
        .collect();
    assert_eq!(
        end,
        [
            "\"Running\" seen=false code=null grace=30",
            "\"Running\" seen=true code=null grace=30",
            "\"Failed\" seen=true code=3 grace=30",
            "\"Failed\" seen=true code=3 grace=0",
            "deleted",
        ]
    );
}

/// S-POD-25 and the order of 4.2: hook, signal, kill.
#[test]
fn hooks_before_the_end() {
    // Program, hook, grace period of the pod, of the delete; seconds until the pod is gone, a part of the events.
    let table = [
        ("serve", json!({"sleep": {"seconds": 3}}), 30, None, 3, ""),
        (
            "serve",
            json!({"exec": {"command": ["sleep", "3"]}}),
            30,
            None,
            3,
            "",
        ),
        // A hook that is too long is given up, and two seconds remain for the signal.
        (
            "stubborn",
            json!({"sleep": {"seconds": 20}}),
            5,
            None,
            7,
            "",
        ),
        ("stubborn", json!({"sleep": {"seconds": 3}}), 8, None, 8, ""),
        (
            "stubborn",
            json!({"exec": {"command": ["read", "/x"]}}),
            4,
            None,
            4,
            "Warning FailedPreStopHook PreStopHook failed",
        ),
        (
            "stubborn",
            json!({"exec": {"command": ["nosuch"]}}),
            4,
            None,
            4,
            "Warning FailedPreStopHook PreStopHook failed",
        ),
        (
            "serve",
            json!({"httpGet": {"port": 80, "path": "/bye"}}),
            30,
            None,
            0,
            "",
        ),
        (
            "serve",
            json!({"httpGet": {"port": 81}}),
            30,
            None,
            0,
            "Warning FailedPreStopHook PreStopHook failed",
        ),
        (
            "stubborn",
            json!({"tcpSocket": {"port": 80}}),
            4,
            None,
            4,
            "Warning FailedPreStopHook PreStopHook failed",
        ),
        (
            "stubborn",
            json!({"sleep": {"seconds": 9}}),
            30,
            Some(1),
            3,
            "",
        ),
        ("stubborn", Value::Null, 30, Some(1), 2, ""),
    ];
    for (program, hook, grace, given, secs, event) in table {
        let spec = json!({"terminationGracePeriodSeconds": grace, "containers": [c("c", &[program], hook.clone())]});
        let mut stage = running(spec);
        let took = seconds_to_end(&mut stage, given);
        assert!(
            (secs..=secs + 1).contains(&took),
            "{program} {hook}: {took}, not {secs}"
        );
        let events = stage.events("p").join("\n");
        assert!(events.contains(event), "{hook}: {events}");
    }
}

/// Sidecars go after the others, the last one first, within the grace period of the pod.
#[test]
fn sidecars_end_last() {
    let sidecar = |name: &str| {
        let mut container = c(name, &["slow"], Value::Null);
        container["restartPolicy"] = "Always".into();
        container
    };
    let mut stage = running(
        json!({"initContainers": [sidecar("a"), sidecar("b")], "containers": [c("c", &["slow"], Value::Null)]}),
    );
    stage.delete(Kind::Pod, "p");
    stage.pass(20);
    assert_eq!(stage.get(Kind::Pod, "p"), None);
    let last = stage.writes(Kind::Pod, "p", |pod| {
        let ended = |status: &Value| {
            status["state"]["terminated"]["finishedAt"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let inits = &pod["status"]["initContainerStatuses"];
        [&pod["status"]["containerStatuses"][0], &inits[1], &inits[0]]
            .map(ended)
            .join(" ")
    });
    let times: Vec<&str> = last[last.len() - 2].split(' ').collect();
    assert!(times[0] < times[1] && times[1] < times[2], "{times:?}");
}

/// S-POD-50
#[test]
fn a_pod_that_ends_is_still_asked_whether_it_is_ready_and_not_whether_it_lives() {
    let mut container = c("c", &["stubborn"], Value::Null);
    let probe =
        json!({"exec": {"command": ["read", "/x"]}, "periodSeconds": 1, "failureThreshold": 100});
    container["readinessProbe"] = probe.clone();
    container["livenessProbe"] = probe;
    let mut stage = running(json!({"containers": [container]}));
    let count = |stage: &Stage, kind: &str| {
        let events = stage
            .cluster
            .store()
            .list_as::<k8s_openapi::api::core::v1::Event>(Some("default"));
        let of = |event: &&k8s_openapi::api::core::v1::Event| {
            event
                .message
                .as_deref()
                .is_some_and(|message| message.starts_with(kind))
        };
        events
            .filter(of)
            .filter_map(|event| event.count)
            .sum::<i32>()
    };
    stage.delete(Kind::Pod, "p");
    stage.pass(1);
    let (ready, lives) = (count(&stage, "Readiness"), count(&stage, "Liveness"));
    assert!(ready > 0 && lives > 0);
    stage.pass(10);
    assert!(count(&stage, "Readiness") > ready);
    assert_eq!(count(&stage, "Liveness"), lives);
}
