//! Probes, hooks, deadlines and memory, as scenarios in the table of [`crate::pods`]. The numbers are those of the
//! chapters about containers.

use crate::pods::{Case, PHASE, STATE, c, check, with};
use crate::stage::Stage;
use serde_json::json;

#[test]
fn probes_hooks_and_ends() {
    let failing =
        json!({"exec": {"command": ["read", "/x"]}, "periodSeconds": 1, "failureThreshold": 2});
    check(vec![
        Case {
            statement: "3.7 startup gates the others",
            spec: json!({"containers": [with(with(c(&["serve"]), "startupProbe",
                json!({"exec": {"command": ["read", "/x"]}, "periodSeconds": 1, "failureThreshold": 100})), "livenessProbe", failing.clone())]}),
            secs: 20,
            holds: &[
                ("/status/containerStatuses/0/started", "false"),
                ("/status/containerStatuses/0/restartCount", "0"),
            ],
            events: &["Startup probe failed", "!Liveness"],
        },
        Case {
            statement: "3.7 startup failure restarts",
            spec: json!({"containers": [with(c(&["serve"]), "startupProbe", failing.clone())]}),
            secs: 5,
            holds: &[],
            events: &["Normal Killing Container c failed startup probe, will be restarted"],
        },
        Case {
            statement: "3.7 a probe that cannot be made says nothing of the container",
            spec: json!({"containers": [with(c(&["serve"]), "livenessProbe",
                json!({"exec": {"command": ["nosuch"]}, "periodSeconds": 1, "failureThreshold": 1}))]}),
            secs: 10,
            holds: &[("/status/containerStatuses/0/restartCount", "0")],
            events: &[
                "Liveness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container",
                "!Killing",
            ],
        },
        Case {
            statement: "3.7 gRPC is said not to be simulated",
            spec: json!({"containers": [with(c(&["serve"]), "readinessProbe", json!({"grpc": {"port": 1}, "periodSeconds": 1}))]}),
            secs: 5,
            holds: &[("/status/conditions/[Ready]/status", "False")],
            events: &["unknown state: not simulated here: probes by gRPC"],
        },
        Case {
            statement: "3.7 exec timeout",
            spec: json!({"containers": [with(c(&["serve"]), "readinessProbe",
                json!({"exec": {"command": ["sleep", "9"]}, "periodSeconds": 1}))]}),
            secs: 5,
            holds: &[],
            events: &["Readiness probe failed: command timed out: \"sleep 9\" timed out after 1s"],
        },
        Case {
            statement: "3.7 liveness in a pod that does not restart",
            spec: json!({"restartPolicy": "Never", "containers": [with(c(&["serve"]), "livenessProbe", failing.clone())]}),
            secs: 10,
            holds: &[(PHASE, "Succeeded")],
            events: &[
                "Killing Container c failed liveness probe",
                "!will be restarted",
            ],
        },
        Case {
            statement: "3.5.6 a failing hook after the start",
            spec: json!({"containers": [with(c(&["serve"]), "lifecycle", json!({"postStart": {"exec": {"command": ["read", "/x"]}}}))]}),
            secs: 4,
            holds: &[
                (
                    STATE,
                    "failed - error: command 'read /x' exited with 1: /x: No such file or directory",
                ),
                (STATE, "PostStartHookError"),
            ],
            events: &[
                "Warning FailedPostStartHook PostStartHook failed",
                "Normal Killing FailedPostStartHook",
            ],
        },
        Case {
            statement: "3.5.6 a hook after the start holds the container back",
            spec: json!({"containers": [with(c(&["serve"]), "lifecycle", json!({"postStart": {"sleep": {"seconds": 20}}}))]}),
            secs: 15,
            holds: &[
                (
                    "/status/containerStatuses/0/state/waiting/reason",
                    "ContainerCreating",
                ),
                (PHASE, "Pending"),
            ],
            events: &["Started"],
        },
        Case {
            statement: "3.5.6 and lets it go",
            spec: json!({"containers": [with(c(&["serve"]), "lifecycle", json!({"postStart": {"exec": {"command": ["sleep", "3"]}}}))]}),
            secs: 5,
            holds: &[
                (STATE, "running"),
                ("/status/conditions/[Ready]/status", "True"),
            ],
            events: &["Started", "!FailedPostStartHook"],
        },
        Case {
            statement: "activeDeadlineSeconds",
            spec: json!({"activeDeadlineSeconds": 5, "containers": [c(&["serve"])]}),
            secs: 10,
            holds: &[
                (PHASE, "Failed"),
                ("/status/reason", "DeadlineExceeded"),
                (
                    "/status/message",
                    "Pod was active on the node longer than the specified deadline",
                ),
                ("/status/conditions/[Ready]/reason", "PodFailed"),
            ],
            events: &[
                "Normal DeadlineExceeded Pod was active on the node longer than the specified deadline",
                "Normal Killing Stopping container c",
            ],
        },
        Case {
            statement: "3.1 OOMKilled",
            spec: json!({"restartPolicy": "Never", "containers": [with(c(&["take", "100"]), "resources", json!({"limits": {"memory": "50Mi"}}))]}),
            secs: 5,
            holds: &[
                (
                    "/status/containerStatuses/0/state/terminated/reason",
                    "OOMKilled",
                ),
                (
                    "/status/containerStatuses/0/state/terminated/exitCode",
                    "137",
                ),
                ("/status/qosClass", "Burstable"),
            ],
            events: &[],
        },
        Case {
            statement: "3.1 memory below the limit",
            spec: json!({"containers": [with(c(&["take", "40"]), "resources",
                json!({"limits": {"memory": "50Mi", "cpu": "100m"}}))]}),
            secs: 5,
            holds: &[(STATE, "running"), ("/status/qosClass", "Guaranteed")],
            events: &[],
        },
        Case {
            statement: "3.1 last words",
            spec: json!({"restartPolicy": "Never", "containers": [c(&["write", "/dev/termination-log", "bye"])]}),
            secs: 5,
            holds: &[(
                "/status/containerStatuses/0/state/terminated/message",
                "bye",
            )],
            events: &[],
        },
        Case {
            statement: "3.1 last words from the log",
            spec: json!({"restartPolicy": "Never", "containers": [
                with(c(&["read", "/x"]), "terminationMessagePolicy", "FallbackToLogsOnError".into())]}),
            secs: 5,
            holds: &[(
                "/status/containerStatuses/0/state/terminated/message",
                "/x: No such file or directory",
            )],
            events: &[],
        },
    ]);
}

#[test]
fn a_probe_by_grpc_is_said_not_to_be_simulated() {
    let mut stage = Stage::new();
    let container = serde_json::json!({"name": "c", "image": "busybox", "command": ["serve"],
        "lifecycle": {"stopSignal": "SIGUSR1"}, "readinessProbe": {"grpc": {"port": 80}}});
    let pod = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}});
    let request = petset_cluster::api::Request::new(
        petset_cluster::api::Verb::Create,
        petset_cluster::Kind::Pod,
        "default",
        "p",
    )
    .with_body(petset_cluster::api::Body::Json(pod));
    let warnings = stage.cluster.handle(request).warnings;
    stage.pass(30);
    let made = stage.get(petset_cluster::Kind::Pod, "p").expect("there");
    assert_eq!(
        warnings,
        [
            "spec.containers[0].readinessProbe.grpc: not simulated here: probes by gRPC; this one never succeeds"
        ]
    );
    assert!(
        stage
            .events("p")
            .iter()
            .any(|event| event.contains("not simulated here: probes by gRPC"))
    );
    // The gate of stop signals is off: the field goes.
    assert!(made["spec"]["containers"][0]["lifecycle"].is_null());
}
