//! Facts of the recordings about pods, each write told in a few words.

use crate::stage::Stage;
use petset_cluster::Kind;
use petset_cluster::api::{Request, Verb};
use serde_json::{Value, json};

fn pod(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
}

fn container(argv: &[&str]) -> Value {
    json!({"name": "c", "image": "nginx:1.25", "args": argv})
}

/// Phase, conditions that are true, the container's state, generation seen, and whether there is an address.
fn tell(pod: &Value) -> String {
    let status = &pod["status"];
    let conditions: Vec<&str> = status["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|condition| condition["status"] == "True")
        .filter_map(|condition| condition["type"].as_str())
        .collect();
    let state = status["containerStatuses"][0]["state"].as_object();
    let state = state.and_then(|state| {
        let (name, detail) = state.iter().next()?;
        let reason = detail["reason"].as_str().unwrap_or("");
        Some(format!("{name} {reason}").trim_end().to_owned())
    });
    format!(
        "{} [{}] {}{}{}",
        status["phase"].as_str().unwrap_or(""),
        conditions.join(" "),
        state.unwrap_or_default(),
        if status["podIP"].is_string() {
            " ip"
        } else {
            ""
        },
        match pod["metadata"]["deletionGracePeriodSeconds"].as_i64() {
            Some(grace) => format!(" deleted({grace})"),
            None => String::new(),
        }
    )
}

/// The set of `seed2-lab3` with its service.
pub fn lab3(stage: &mut Stage) {
    stage.create(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "my-headless-svc"},
        "spec": {"clusterIP": "None", "selector": {"app": "nginx-ss"}, "ports": [{"name": "web", "port": 80}]}}));
    stage.create(json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "nginx-ss"},
        "spec": {"serviceName": "my-headless-svc", "replicas": 3,
            "selector": {"matchLabels": {"app": "nginx-ss"}},
            "template": {"metadata": {"labels": {"app": "nginx-ss"}},
                "spec": {"terminationGracePeriodSeconds": 5, "containers": [{"name": "nginx", "image": "nginx:1.21",
                    "ports": [{"containerPort": 80, "name": "web"}],
                    "volumeMounts": [{"name": "data", "mountPath": "/usr/share/nginx/html"}]}]}},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}}}}]}}));
    stage.settle();
}

const STARTED: [&str; 6] = [
    "Pending [] ",
    "Pending [PodScheduled] ",
    "Pending [Initialized PodScheduled] waiting ContainerCreating",
    "Pending [PodReadyToStartContainers Initialized PodScheduled] waiting ContainerCreating",
    "Running [PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled] running ip",
    "Running [PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled] running ip deleted(5)",
];

/// S-POD-08: the pod's first event; and the writes of 3.8.
#[test]
fn the_writes_and_events_of_a_pod_are_those_of_the_recorded_lab() {
    let mut stage = Stage::new();
    lab3(&mut stage);
    stage.update(Kind::StatefulSet, "nginx-ss", |set| {
        set["spec"]["replicas"] = 2.into()
    });
    stage.settle();
    let ended = "Succeeded [Initialized PodScheduled] terminated Completed ip";
    // The unschedulable condition comes first, then what seed2-lab3 shows of nginx-ss-2.
    let expected = [
        STARTED[0],
        STARTED[0],
        STARTED[1],
        STARTED[2],
        STARTED[3],
        STARTED[4],
        STARTED[5],
        STARTED[5],
        &format!("{ended} deleted(5)"),
        &format!("{ended} deleted(0)"),
        "deleted",
    ];
    assert_eq!(stage.writes(Kind::Pod, "nginx-ss-2", tell), expected);
    let waits = "Warning FailedScheduling 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found";
    assert_eq!(
        stage.events("nginx-ss-2"),
        [
            waits,
            waits,
            "Normal Scheduled Successfully assigned default/nginx-ss-2 to node-1",
            "Normal Pulled Container image \"nginx:1.21\" already present on machine and can be accessed by the pod",
            "Normal Created Container created",
            "Normal Started Container started",
            "Normal Killing Stopping container nginx",
        ]
    );
}

#[test]
fn pods_live_as_recorded() {
    let restarted = "Back-off restarting failed container c in pod";
    // Name, spec, how long to look, the last status, events that must be among those written.
    let table = [
        (
            "once",
            json!({"restartPolicy": "Never", "containers": [container(&["exit", "0"])]}),
            10,
            "Succeeded [Initialized PodScheduled] terminated Completed ip",
            "",
        ),
        (
            "fails",
            json!({"restartPolicy": "Never", "containers": [container(&["exit", "3"])]}),
            10,
            "Failed [Initialized PodScheduled] terminated Error ip",
            "",
        ),
        (
            "crash",
            json!({"containers": [container(&["sleep", "1", "xx"])]}),
            12,
            "Running [PodReadyToStartContainers Initialized PodScheduled] terminated Error ip",
            restarted,
        ),
        (
            "nocmd",
            json!({"containers": [container(&["nosuchbinary"])]}),
            5,
            "Running [PodReadyToStartContainers Initialized PodScheduled] waiting RunContainerError ip",
            "exec: \"nosuchbinary\": executable file not found in $PATH",
        ),
        (
            "noimg",
            json!({"containers": [{"name": "c", "image": "nosuch/image:1"}]}),
            5,
            "Pending [PodReadyToStartContainers Initialized PodScheduled] waiting ErrImagePull ip",
            "Warning Failed Error: ImagePullBackOff",
        ),
        (
            "never",
            json!({"containers": [{"name": "c", "image": "nosuch/image:1", "imagePullPolicy": "Never"}]}),
            5,
            "Pending [PodReadyToStartContainers Initialized PodScheduled] waiting ErrImageNeverPull ip",
            "Warning ErrImageNeverPull Container image \"nosuch/image:1\" is not present with pull policy of Never",
        ),
        (
            "nocm",
            json!({"containers": [{"name": "c", "image": "nginx:1.25", "envFrom": [{"configMapRef": {"name": "missing"}}]}]}),
            5,
            "Pending [PodReadyToStartContainers Initialized PodScheduled] waiting CreateContainerConfigError ip",
            "Warning Failed Error: configmap \"missing\" not found",
        ),
        (
            "init",
            json!({"initContainers": [{"name": "i", "image": "busybox", "args": ["write", "/w/f", "x"],
                "volumeMounts": [{"name": "w", "mountPath": "/w"}]}],
            "containers": [{"name": "c", "image": "busybox", "args": ["serve"], "volumeMounts": [{"name": "w", "mountPath": "/w"}]}],
            "volumes": [{"name": "w", "emptyDir": {}}]}),
            5,
            "Running [PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled] running ip",
            "",
        ),
        (
            "unready",
            json!({"containers": [{"name": "c", "image": "busybox", "args": ["serve"],
            "readinessProbe": {"exec": {"command": ["read", "/tmp/ready"]}, "periodSeconds": 1}}]}),
            5,
            "Running [PodReadyToStartContainers Initialized PodScheduled] running ip",
            "Warning Unhealthy Readiness probe failed: /tmp/ready: No such file or directory",
        ),
        (
            "live",
            json!({"containers": [{"name": "c", "image": "busybox", "args": ["serve"],
            "livenessProbe": {"httpGet": {"path": "/", "port": 81}, "periodSeconds": 1, "failureThreshold": 2}}]}),
            3,
            "Running [PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled] running ip",
            "Normal Killing Container c failed liveness probe, will be restarted",
        ),
    ];
    for (name, spec, secs, last, event) in table {
        let mut stage = Stage::new();
        stage.create(pod(name, spec));
        stage.pass(secs);
        let object = stage.get(Kind::Pod, name).expect("there");
        assert_eq!(tell(&object), last, "{name}");
        let events = stage.events(name).join("\n");
        assert!(events.contains(event), "{name}: {events}");
    }
}

#[test]
fn a_program_that_does_not_end_is_killed_after_its_grace_period() {
    let mut stage = Stage::new();
    let spec =
        json!({"terminationGracePeriodSeconds": 7, "containers": [container(&["stubborn"])]});
    stage.create(pod("p", spec));
    stage.settle();
    stage.delete(Kind::Pod, "p");
    stage.pass(6);
    assert!(stage.get(Kind::Pod, "p").is_some());
    stage.pass(3);
    assert!(stage.get(Kind::Pod, "p").is_none());
    let last = stage.writes(Kind::Pod, "p", |pod| {
        pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"].to_string()
    });
    assert_eq!(last[last.len() - 2], "137");
}

#[test]
fn s_pod_23_crashing_containers_wait_longer_each_time() {
    let mut stage = Stage::new();
    stage.create(pod("p", json!({"containers": [container(&["exit", "1"])]})));
    stage.pass(150);
    let object = stage.get(Kind::Pod, "p").expect("there");
    let uid = object["metadata"]["uid"].as_str().expect("a uid");
    let told = stage.writes(Kind::Pod, "p", |pod| {
        let waiting = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        let text = |field: &str| waiting[field].as_str().unwrap_or_default().to_owned();
        format!("{}: {}", text("reason"), text("message"))
    });
    let waits: Vec<String> = told
        .into_iter()
        .filter(|line| line.contains("back-off"))
        .collect();
    let expected = ["10s", "20s", "40s"].map(|wait| {
        format!(
            "CrashLoopBackOff: back-off {wait} restarting failed container=c pod=p_default({uid})"
        )
    });
    assert_eq!(waits, expected);
}

/// S-POD-17: a gate that is there and is not True, and one that is.
#[test]
fn readiness_gates_are_waited_for() {
    let mut stage = Stage::new();
    let mut gated = pod("p", json!({"containers": [container(&["serve"])]}));
    gated["spec"]["readinessGates"] = json!([{"conditionType": "a.io/x"}]);
    stage.create(gated);
    stage.pass(5);
    for (gate, expected) in [
        (
            "False",
            "False the status of pod readiness gate \"a.io/x\" is not \"True\", but False",
        ),
        ("True", "True "),
    ] {
        stage.update_status(Kind::Pod, "p", |pod| {
            let all = pod["status"]["conditions"].as_array_mut().expect("a list");
            all.retain(|condition| condition["type"] != "a.io/x");
            all.push(json!({"type": "a.io/x", "status": gate}));
        });
        stage.pass(5);
        let pod = stage.get(Kind::Pod, "p").expect("there");
        let all = pod["status"]["conditions"].as_array().expect("a list");
        let ready = all.iter().find(|condition| condition["type"] == "Ready");
        let ready = ready.expect("said");
        let text = |field: &str| ready[field].as_str().unwrap_or_default();
        assert_eq!(format!("{} {}", text("status"), text("message")), expected);
    }
}

/// S-POD-29
#[test]
fn commands_logs_and_terminals() {
    let mut stage = Stage::new();
    stage.create(pod("p", json!({"containers": [container(&["serve"])]})));
    let early = stage
        .cluster
        .exec("default", "p", None, &["read".to_owned()], false, false);
    assert_eq!(
        early.expect_err("too early").message,
        "pod p does not have a host assigned"
    );
    stage.settle();
    assert_eq!(
        stage.exec("p", &["get", "localhost"]),
        ("p".to_owned(), String::new(), 0)
    );
    assert_eq!(stage.exec("p", &["exit", "7"]).2, 7);
    let (_, errors, code) = stage.exec("p", &["read", "/nope"]);
    assert_eq!(
        (errors.as_str(), code),
        ("/nope: No such file or directory\n", 1)
    );
    assert_eq!(stage.exec("p", &["read", "/etc/hostname"]).0, "p\n");

    let argv = ["nosuch".to_owned()];
    let status = stage
        .cluster
        .exec("default", "p", None, &argv, false, false)
        .expect_err("none");
    assert!(status.message.starts_with("Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \""));
    assert!(
        status
            .message
            .ends_with("exec: \"nosuch\": executable file not found in $PATH")
    );
    let other = stage
        .cluster
        .exec("default", "p", Some("x"), &argv, false, false);
    assert_eq!(
        other.expect_err("none").message,
        "container x is not valid for pod p"
    );

    let cat = stage
        .cluster
        .exec("default", "p", None, &["cat".to_owned()], true, false)
        .expect("runs");
    stage.cluster.exec_input(cat, "hello\n");
    let progress = stage.cluster.exec_poll(cat);
    assert_eq!((progress.stdout.as_str(), progress.exit), ("hello\n", None));
    stage.cluster.exec_close_input(cat);
    assert_eq!(stage.cluster.exec_poll(cat).exit, Some(0));

    let logs = stage
        .cluster
        .logs("default", "p", None, &Default::default())
        .expect("a log");
    let lines: Vec<&str> = logs.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((lines, logs.next, logs.more), (vec!["served"], 1, true));
}

/// S-POD-28
#[test]
fn logs_are_those_of_the_run_that_the_status_names() {
    let crash = json!({"containers": [container(&["sleep", "1", "xx"])]});
    let no_image = json!({"containers": [{"name": "c", "image": "nosuch/image:1"}]});
    // Spec, how long to wait, whether the log before the restart is asked for, the answer.
    let table = [
        (&crash, 1, false, "hi"),
        (
            &crash,
            1,
            true,
            "previous terminated container \"c\" in pod \"p\" not found",
        ),
        (&crash, 8, false, "hi"),
        (
            &crash,
            8,
            true,
            "unable to retrieve container logs for containerd://",
        ),
        (
            &no_image,
            3,
            false,
            "container \"c\" in pod \"p\" is waiting to start: image can't be pulled",
        ),
        (
            &no_image,
            17,
            false,
            "container \"c\" in pod \"p\" is waiting to start: trying and failing to pull image",
        ),
    ];
    for (spec, secs, previous, answer) in table {
        let mut stage = Stage::new();
        stage.create(pod("p", spec.clone()));
        stage.pass(secs);
        let options = petset_cluster::kubelet::exec::LogOptions {
            previous,
            ..Default::default()
        };
        let found = match stage.cluster.logs("default", "p", None, &options) {
            Ok(page) => page
                .lines
                .iter()
                .map(|line| line.text.as_str())
                .collect::<Vec<_>>()
                .join("\n"),
            Err(status) => status.message,
        };
        let found = found.split("://").next().unwrap_or_default();
        assert_eq!(found, answer.trim_end_matches("://"), "{secs} {previous}");
    }
}

#[test]
fn a_program_that_ends_at_once_is_seen_running() {
    let mut stage = Stage::new();
    let spec = json!({"restartPolicy": "Never", "containers": [container(&["exit", "3"])]});
    stage.create(pod("p", spec));
    stage.pass(10);
    let mut seen = stage.writes(Kind::Pod, "p", |pod| {
        let state = pod["status"]["containerStatuses"][0]["state"].as_object();
        let state = state.and_then(|state| state.keys().next().cloned());
        let phase = pod["status"]["phase"].as_str().unwrap_or("");
        format!("{phase} {}", state.unwrap_or_default())
    });
    seen.dedup();
    let expected = [
        "Pending ",
        "Pending waiting",
        "Running running",
        "Running terminated",
        "Failed terminated",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_pod_deleted_by_force_stops_on_its_own_beside_its_successor() {
    let mut stage = Stage::new();
    let spec = json!({"containers": [container(&["stubborn"])]});
    stage.create(pod("p", spec.clone()));
    stage.settle();
    let mut request = Request::new(Verb::Delete, Kind::Pod, "default", "p");
    request.options.grace_period_seconds = Some(0);
    stage.cluster.handle(request).result.expect("deleted");
    assert!(stage.get(Kind::Pod, "p").is_none());
    stage.create(pod("p", spec));
    stage.settle();
    let second = stage.get(Kind::Pod, "p").expect("there");
    assert_eq!(second["status"]["phase"], "Running");
    stage.pass(60);
    assert_eq!(stage.get(Kind::Pod, "p").expect("there"), second);
}

#[test]
fn what_is_done_to_a_snapshot_stays_in_it() {
    let mut stage = Stage::new();
    stage.create(pod("p", json!({"containers": [container(&["serve"])]})));
    stage.settle();
    let before = stage.cluster.clone();
    assert_eq!(stage.exec("p", &["write", "/tmp/x", "1"]).2, 0);
    assert_eq!(stage.exec("p", &["read", "/tmp/x"]).0, "1");
    stage.cluster = before;
    assert_eq!(stage.exec("p", &["read", "/tmp/x"]).2, 1);
}
