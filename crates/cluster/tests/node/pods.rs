//! The numbered statements about pods on their nodes, as scenarios in a table.

use crate::stage::Stage;
use petset_cluster::Kind;
use petset_cluster::api::Verb;
use serde_json::{Value, json};

/// What holds of a pod some time after it was made.
pub struct Case {
    pub statement: &'static str,
    pub spec: Value,
    pub secs: u64,
    /// Places in the pod and the JSON text that stands there.
    pub holds: &'static [(&'static str, &'static str)],
    /// Parts of events that were reported; with `!` in front, that were not.
    pub events: &'static [&'static str],
}

pub fn c(args: &[&str]) -> Value {
    json!({"name": "c", "image": "nginx:1.25", "args": args})
}

pub fn with(mut container: Value, field: &str, value: Value) -> Value {
    container[field] = value;
    container
}

pub fn pod(spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
}

fn init(name: &str, args: &[&str]) -> Value {
    with(c(args), "name", name.into())
}

fn sidecar(name: &str, args: &[&str]) -> Value {
    with(init(name, args), "restartPolicy", "Always".into())
}

pub const STATE: &str = "/status/containerStatuses/0/state";
pub const PHASE: &str = "/status/phase";

/// `/status/conditions/[Ready]/reason` is the reason of the condition Ready.
pub fn at<'v>(object: &'v Value, pointer: &str) -> Option<&'v Value> {
    let Some((before, rest)) = pointer.split_once("/[") else {
        return object.pointer(pointer);
    };
    let (name, rest) = rest.split_once(']')?;
    let list = object.pointer(before)?.as_array()?.iter();
    list.into_iter()
        .find(|entry| entry["type"] == name || entry["name"] == name)?
        .pointer(rest)
}

pub fn check(cases: Vec<Case>) {
    for case in cases {
        let mut stage = Stage::new();
        stage.create(pod(case.spec));
        stage.pass(case.secs);
        let object = stage.get(Kind::Pod, "p").expect("there");
        for (pointer, expected) in case.holds {
            let found = at(&object, pointer).map_or("nothing".to_owned(), Value::to_string);
            assert!(
                found.contains(expected) && (found.is_empty() == expected.is_empty()),
                "{} {pointer}: {found}, not {expected}\n{}",
                case.statement,
                object["status"]
            );
        }
        let events = stage.events("p").join("\n");
        for event in case.events {
            let (there, text) = match event.strip_prefix('!') {
                Some(text) => (false, text),
                None => (true, *event),
            };
            assert_eq!(
                events.contains(text),
                there,
                "{} {text}:\n{events}",
                case.statement
            );
        }
    }
}

#[test]
fn what_pods_show_of_themselves() {
    check(vec![
        Case {
            statement: "S-POD-05",
            spec: json!({"schedulingGates": [{"name": "g"}], "containers": [c(&["serve"])]}),
            secs: 5,
            holds: &[
                (
                    "/status/conditions/[PodScheduled]/reason",
                    "SchedulingGated",
                ),
                (
                    "/status/conditions/[PodScheduled]/message",
                    "Scheduling is blocked due to non-empty scheduling gates",
                ),
                ("/spec/nodeName", "nothing"),
            ],
            events: &["!Scheduled"],
        },
        Case {
            statement: "S-POD-06 S-POD-18 S-POD-21",
            spec: json!({"containers": [c(&["serve"])]}),
            secs: 5,
            holds: &[(STATE, "running"), ("/status/qosClass", "BestEffort")],
            events: &[
                "Normal Scheduled Successfully assigned default/p to node-",
                "Normal Pulled Container image \"nginx:1.25\" already present on machine and can be accessed by the pod",
                "!Pulling",
                "Normal Created Container created\nNormal Started Container started",
            ],
        },
        Case {
            statement: "S-POD-11 rule 1",
            spec: json!({"restartPolicy": "Never", "initContainers": [init("i", &["exit", "3"])], "containers": [c(&["serve"])]}),
            secs: 10,
            holds: &[
                (PHASE, "Failed"),
                (
                    "/status/initContainerStatuses/0/state/terminated/exitCode",
                    "3",
                ),
                ("/status/conditions/[Ready]/reason", "PodFailed"),
            ],
            events: &[],
        },
        Case {
            statement: "S-POD-11 rule 2, S-POD-10, S-POD-15",
            spec: json!({"initContainers": [init("i", &["serve"]), init("j", &["serve"])], "containers": [c(&["serve"])]}),
            secs: 5,
            holds: &[
                (PHASE, "Pending"),
                (
                    "/status/containerStatuses/0/state/waiting/reason",
                    "PodInitializing",
                ),
                (
                    "/status/initContainerStatuses/1/state/waiting/reason",
                    "PodInitializing",
                ),
                ("/status/conditions/[Initialized]/status", "False"),
                (
                    "/status/conditions/[Initialized]/reason",
                    "ContainersNotInitialized",
                ),
                (
                    "/status/conditions/[Initialized]/message",
                    "containers with incomplete status: [i j]",
                ),
            ],
            events: &[],
        },
        Case {
            statement: "S-POD-11 rules 3 and 4",
            spec: json!({"restartPolicy": "OnFailure", "containers": [c(&["serve"]), with(c(&["exit", "0"]), "name", "d".into())]}),
            secs: 10,
            holds: &[
                (PHASE, "Running"),
                (
                    "/status/conditions/[Ready]/message",
                    "containers with unready status: [d]",
                ),
            ],
            events: &[],
        },
        Case {
            statement: "S-POD-12 S-POD-23",
            spec: json!({"containers": [c(&["exit", "1"])]}),
            secs: 8,
            holds: &[
                (PHASE, "Running"),
                ("/status/containerStatuses/0/restartCount", "1"),
            ],
            events: &["Warning BackOff Back-off restarting failed container c in pod p_default("],
        },
        Case {
            statement: "S-POD-14",
            spec: json!({"containers": [
                with(c(&["serve"]), "readinessProbe", json!({"tcpSocket": {"port": 81}, "periodSeconds": 1}))]}),
            secs: 5,
            holds: &[
                (
                    "/status/conditions/[ContainersReady]/reason",
                    "ContainersNotReady",
                ),
                (
                    "/status/conditions/[ContainersReady]/message",
                    "containers with unready status: [c]",
                ),
                ("/status/conditions/[Ready]/reason", "ContainersNotReady"),
                (
                    "/status/conditions/[Ready]/message",
                    "containers with unready status: [c]",
                ),
                ("/status/containerStatuses/0/started", "true"),
            ],
            events: &["Warning Unhealthy Readiness probe failed: dial tcp 10.244."],
        },
        Case {
            statement: "S-POD-16 S-POD-11 rule 4",
            spec: json!({"restartPolicy": "Never", "containers": [c(&["exit", "0"])]}),
            secs: 10,
            holds: &[
                (PHASE, "Succeeded"),
                ("/status/conditions/[Ready]/reason", "PodCompleted"),
                (
                    "/status/conditions/[ContainersReady]/reason",
                    "PodCompleted",
                ),
                ("/status/conditions/[Initialized]/reason", "PodCompleted"),
                ("/status/conditions/[Initialized]/status", "True"),
            ],
            events: &[],
        },
        Case {
            statement: "S-POD-17",
            spec: json!({"readinessGates": [{"conditionType": "a.io/x"}], "containers": [c(&["serve"])]}),
            secs: 5,
            holds: &[
                ("/status/conditions/[ContainersReady]/status", "True"),
                ("/status/conditions/[Ready]/status", "False"),
                (
                    "/status/conditions/[Ready]/reason",
                    "ReadinessGatesNotReady",
                ),
                (
                    "/status/conditions/[Ready]/message",
                    "corresponding condition of pod readiness gate \\\"a.io/x\\\" does not exist.",
                ),
            ],
            events: &[],
        },
        Case {
            statement: "S-POD-19",
            spec: json!({"containers": [with(c(&["serve"]), "imagePullPolicy", "Always".into())]}),
            secs: 5,
            holds: &[(STATE, "running")],
            events: &[
                "Normal Pulling Pulling image \"nginx:1.25\"",
                "including waiting). Image size: 52428800 bytes.",
            ],
        },
        Case {
            statement: "S-POD-20 S-POD-51",
            spec: json!({"containers": [{"name": "c", "image": "nosuch/image:1"}]}),
            secs: 17,
            holds: &[
                (
                    "/status/conditions/[PodReadyToStartContainers]/status",
                    "True",
                ),
                (
                    "/status/containerStatuses/0/state/waiting/message",
                    "Back-off pulling image \\\"nosuch/image:1\\\": ErrImagePull: rpc error: code = NotFound",
                ),
            ],
            events: &[
                "Warning Failed Failed to pull image \"nosuch/image:1\": rpc error: code = NotFound desc = ",
                "Warning Failed Error: ErrImagePull\nNormal BackOff Back-off pulling image \"nosuch/image:1\"\nWarning Failed Error: ImagePullBackOff",
            ],
        },
        Case {
            statement: "S-POD-26, S-POD-27",
            spec: json!({"containers": [
                with(c(&["serve"]), "livenessProbe", json!({"exec": {"command": ["read", "/x"]}, "periodSeconds": 1, "failureThreshold": 1}))]}),
            secs: 4,
            holds: &[(
                "/status/containerStatuses/0/lastState/terminated/exitCode",
                "0",
            )],
            events: &[
                "Warning Unhealthy Liveness probe failed: /x: No such file or directory\n",
                "Normal Killing Container c failed liveness probe, will be restarted",
            ],
        },
        Case {
            statement: "S-POD-26, readiness does not restart",
            spec: json!({"containers": [
                with(c(&["serve"]), "readinessProbe", json!({"httpGet": {"port": 81}, "periodSeconds": 1, "failureThreshold": 1}))]}),
            secs: 20,
            holds: &[("/status/containerStatuses/0/restartCount", "0")],
            events: &[
                "Readiness probe failed: Get \"http://10.244.",
                ":81/\": dial tcp 10.244.",
                "!Killing",
            ],
        },
    ]);
}

#[test]
fn init_containers_and_sidecars() {
    check(vec![
        Case {
            statement: "3.5 one after another",
            spec: json!({"initContainers": [init("i", &["sleep", "2"]), init("j", &["sleep", "30"])], "containers": [c(&["serve"])]}),
            secs: 10,
            holds: &[
                (
                    "/status/initContainerStatuses/0/state/terminated/reason",
                    "Completed",
                ),
                ("/status/initContainerStatuses/0/ready", "true"),
                ("/status/initContainerStatuses/1/state/running", "startedAt"),
                (
                    "/status/conditions/[Initialized]/message",
                    "containers with incomplete status: [j]",
                ),
            ],
            events: &[],
        },
        Case {
            statement: "3.5 an init container is started again",
            spec: json!({"initContainers": [init("i", &["exit", "1"])], "containers": [c(&["serve"])]}),
            secs: 8,
            holds: &[
                (PHASE, "Pending"),
                ("/status/initContainerStatuses/0/restartCount", "1"),
            ],
            events: &["Warning BackOff Back-off restarting failed container i in pod p_default("],
        },
        Case {
            statement: "3.5 sidecars run beside the others",
            spec: json!({"initContainers": [sidecar("s", &["serve"]), init("i", &["exit", "0"])], "containers": [c(&["serve"])]}),
            secs: 8,
            holds: &[
                (PHASE, "Running"),
                ("/status/initContainerStatuses/0/state", "running"),
                ("/status/initContainerStatuses/0/ready", "true"),
                ("/status/initContainerStatuses/0/started", "true"),
                ("/status/conditions/[Ready]/status", "True"),
            ],
            events: &[],
        },
        Case {
            statement: "3.5 sidecars are waited for until they have started",
            spec: json!({"initContainers": [with(sidecar("s", &["serve"]), "startupProbe",
                json!({"exec": {"command": ["read", "/x"]}, "periodSeconds": 1, "failureThreshold": 90}))], "containers": [c(&["serve"])]}),
            secs: 8,
            holds: &[
                (PHASE, "Pending"),
                (
                    "/status/containerStatuses/0/state/waiting/reason",
                    "PodInitializing",
                ),
                (
                    "/status/conditions/[Initialized]/message",
                    "containers with incomplete status: [s]",
                ),
            ],
            events: &[],
        },
        Case {
            statement: "3.5 a sidecar that crashes holds nobody back",
            spec: json!({"initContainers": [sidecar("s", &["sleep", "2", "x"])], "containers": [c(&["sleep", "3", "x"])]}),
            secs: 30,
            holds: &[
                (PHASE, "Running"),
                ("/status/containerStatuses/0/restartCount", "2"),
            ],
            events: &[
                "Back-off restarting failed container s in pod",
                "Back-off restarting failed container c in pod",
            ],
        },
        Case {
            statement: "3.2 sidecars do not keep a pod going",
            spec: json!({"restartPolicy": "Never", "initContainers": [sidecar("s", &["serve"])], "containers": [c(&["sleep", "2"])]}),
            secs: 15,
            holds: &[(PHASE, "Succeeded")],
            events: &["Normal Killing Stopping container s"],
        },
    ]);
}

/// S-POD-13
#[test]
fn a_terminal_phase_never_changes() {
    let mut stage = Stage::new();
    stage.create(pod(
        json!({"restartPolicy": "Never", "containers": [c(&["exit", "0"])]}),
    ));
    stage.pass(10);
    stage.pass(300);
    let phases = stage.writes(Kind::Pod, "p", |pod| {
        pod["status"]["phase"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    let ended = phases
        .iter()
        .position(|phase| phase == "Succeeded")
        .expect("ends");
    assert!(
        phases[ended..].iter().all(|phase| phase == "Succeeded"),
        "{phases:?}"
    );
}

/// S-POD-22 and S-POD-43
#[test]
fn the_waits_of_a_crash_loop_double() {
    let mut stage = Stage::new();
    stage.create(pod(json!({"containers": [c(&["exit", "1"])]})));
    stage.pass(1_100);
    let runs = stage.writes(Kind::Pod, "p", |pod| {
        let state = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        let message = state["message"].as_str().unwrap_or_default();
        message.split(' ').nth(1).unwrap_or_default().to_owned()
    });
    let mut waits: Vec<String> = runs.into_iter().filter(|wait| !wait.is_empty()).collect();
    waits.dedup();
    assert_eq!(waits, ["10s", "20s", "40s", "1m20s", "2m40s", "5m0s"]);
}

/// S-POD-22: the wait is forgotten after ten quiet minutes.
#[test]
fn a_long_run_ends_the_crash_loop() {
    let mut stage = Stage::new();
    // The first restart is free, each of the others waits 10 s: every run lasts longer than ten minutes.
    stage.create(pod(json!({"containers": [c(&["sleep", "700", "x"])]})));
    stage.pass(4_000);
    let waits = stage.writes(Kind::Pod, "p", |pod| {
        let state = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        state["message"].as_str().unwrap_or_default().to_owned()
    });
    let longer = waits.iter().find(|wait| wait.contains("back-off 20s"));
    assert_eq!(longer, None);
    let object = stage.get(Kind::Pod, "p").expect("there");
    assert_eq!(object["status"]["containerStatuses"][0]["restartCount"], 5);
}

/// S-POD-30
#[test]
fn an_address_is_kept_by_restarts_and_not_by_new_pods() {
    let mut stage = Stage::new();
    let spec = json!({"terminationGracePeriodSeconds": 0, "containers": [c(&["sleep", "3", "x"])]});
    stage.create(pod(spec.clone()));
    stage.pass(3);
    let ip = |stage: &Stage| stage.get(Kind::Pod, "p").expect("there")["status"]["podIP"].clone();
    let first = ip(&stage);
    stage.pass(10);
    let object = stage.get(Kind::Pod, "p").expect("there");
    assert_ne!(object["status"]["containerStatuses"][0]["restartCount"], 0);
    assert_eq!(ip(&stage), first);
    stage.delete(Kind::Pod, "p");
    stage.create(pod(spec));
    stage.pass(5);
    assert_ne!(ip(&stage), first);
}

/// S-POD-52
#[test]
fn a_pod_is_changed_in_few_places() {
    let mut stage = Stage::new();
    stage.create(pod(json!({"containers": [c(&["serve"])]})));
    stage.pass(5);
    let object = stage.get(Kind::Pod, "p").expect("there");
    let mut other = object.clone();
    other["spec"]["hostname"] = "x".into();
    let refusal = stage.refusal(Verb::Update, other);
    assert!(
        refusal.contains("pod updates may not change fields other than"),
        "{refusal}"
    );
    let mut more = object.clone();
    more["spec"]["containers"]
        .as_array_mut()
        .expect("a list")
        .push(json!({"name": "d", "image": "x"}));
    let refusal = stage.refusal(Verb::Update, more);
    assert!(
        refusal.contains("pod updates may not add or remove containers"),
        "{refusal}"
    );
    // The image may change: then the container is started again.
    stage.update(Kind::Pod, "p", |pod| {
        pod["spec"]["containers"][0]["image"] = "nginx:1.27".into()
    });
    stage.pass(5);
    let object = stage.get(Kind::Pod, "p").expect("there");
    let status = &object["status"]["containerStatuses"][0];
    assert_eq!(
        (&status["restartCount"], &status["image"]),
        (&json!(1), &json!("docker.io/library/nginx:1.27"))
    );
    let events = stage.events("p").join("\n");
    assert!(
        events.contains("Killing Container c definition changed, will be restarted"),
        "{events}"
    );
}
