//! What a pod may write, and what happens then.

use super::*;
use crate::statements::check;

/// A pod with an `emptyDir` at `/d`, in its own set so that it is made again.
fn with_directory(directory: Value, limits: Value) -> Value {
    let spec = json!({"volumes": [{"name": "d", "emptyDir": directory, "persistentVolumeClaim": null}],
        "containers": [{"name": "c", "image": "busybox", "resources": {"limits": limits},
            "volumeMounts": [{"name": "d", "mountPath": "/d"}]}]});
    pod("p", "-", spec)
}

/// Writes so many bytes and tells what became of the pod: phase, reason, message, and when.
fn after_writing(s: &mut Stage, path: &str, bytes: usize) -> String {
    s.settle();
    let wrote = s.exec("p", &["write", path, &"x".repeat(bytes)]);
    let mut waited = 0;
    while phase(s, Kind::Pod, "p") == "Running" && waited < 200 {
        s.pass(1);
        waited += 1;
    }
    let status = s.get(Kind::Pod, "p").expect("there")["status"].clone();
    let text = |name: &str| status[name].as_str().unwrap_or("-").to_owned();
    format!(
        "{}{} {} {:?} {} | {}",
        wrote.1,
        text("phase"),
        text("reason"),
        text("message"),
        matches!(waited, 5..=140),
        event(s, "p", "Evicted")
    )
}

#[test]
fn pods_that_write_too_much_are_evicted() {
    check(&[
        (
            "emptyDir above its sizeLimit",
            |s| {
                create(s, [with_directory(json!({"sizeLimit": "1Ki"}), json!({}))]);
                after_writing(s, "/d/f", 2000)
            },
            "Failed Evicted \"Usage of EmptyDir volume \\\"d\\\" exceeds the limit \\\"1Ki\\\". \" true | Warning Evicted Usage of EmptyDir volume \"d\" exceeds the limit \"1Ki\". ",
        ),
        (
            "emptyDir below its sizeLimit",
            |s| {
                create(s, [with_directory(json!({"sizeLimit": "1Ki"}), json!({}))]);
                after_writing(s, "/d/f", 1024)
                    .split(" |")
                    .next()
                    .unwrap_or("")
                    .to_owned()
            },
            "Running - \"-\" false",
        ),
        (
            "what is removed in time does not count",
            |s| {
                create(s, [with_directory(json!({"sizeLimit": "1Ki"}), json!({}))]);
                s.settle();
                s.exec("p", &["write", "/d/f", &"x".repeat(2000)]);
                s.exec("p", &["write", "/d/f", ""]);
                s.pass(200);
                phase(s, Kind::Pod, "p")
            },
            "Running",
        ),
        (
            "a medium in memory is full instead",
            |s| {
                let directory = json!({"sizeLimit": "1Ki", "medium": "Memory"});
                create(s, [with_directory(directory, json!({}))]);
                after_writing(s, "/d/f", 2000)
                    .split(" |")
                    .next()
                    .unwrap_or("")
                    .to_owned()
            },
            "/d/f: No space left on device\nRunning - \"-\" false",
        ),
        (
            "the limit of the containers' ephemeral storage",
            |s| {
                create(
                    s,
                    [with_directory(
                        json!({}),
                        json!({"ephemeral-storage": "1Ki"}),
                    )],
                );
                after_writing(s, "/d/f", 2000)
            },
            "Failed Evicted \"Pod ephemeral local storage usage exceeds the total limit of containers 1Ki. \" true | Warning Evicted Pod ephemeral local storage usage exceeds the total limit of containers 1Ki. ",
        ),
        (
            "a StatefulSet makes a pod that was evicted again, with an empty directory",
            |s| {
                s.create(json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"},
                    "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "a"}},
                        "spec": {"volumes": [{"name": "d", "emptyDir": {"sizeLimit": "1Ki"}}],
                            "containers": [{"name": "c", "image": "busybox", "volumeMounts": [{"name": "d", "mountPath": "/d"}]}]}}}}));
                s.settle();
                let uid = |s: &Stage| {
                    s.get(Kind::Pod, "web-0")
                        .map(|pod| pod["metadata"]["uid"].clone())
                };
                let before = uid(s);
                s.exec("web-0", &["write", "/d/f", &"x".repeat(2000)]);
                s.pass(200);
                format!(
                    "{} {} {}",
                    before != uid(s),
                    phase(s, Kind::Pod, "web-0"),
                    s.exec("web-0", &["read", "/d/f"]).1
                )
            },
            "true Running /d/f: No such file or directory\n",
        ),
    ]);
}

#[test]
fn what_a_visitor_stores_has_limits() {
    check(&[
        (
            "a claim's size",
            |s| {
                let claim = pvc(
                    "c",
                    json!({"storageClassName": null, "resources": {"requests": {"storage": "1Ki"}}}),
                );
                create(s, [claim, pod("p", "c", json!({}))]);
                s.settle();
                let full = s.exec("p", &["write", "/d/f", &"x".repeat(1025)]).1;
                format!(
                    "{full}{}",
                    s.exec("p", &["write", "/d/f", &"x".repeat(1024)]).2
                )
            },
            "/d/f: No space left on device\n0",
        ),
        (
            "one file",
            |s| {
                create(s, [with_directory(json!({}), json!({}))]);
                s.settle();
                s.exec("p", &["write", "/d/f", &"x".repeat((8 << 20) + 1)])
                    .1
            },
            "/d/f: not simulated here: files of more than 8 MiB, or more than 64 MiB in all\n",
        ),
        (
            "all files",
            |s| {
                create(s, [with_directory(json!({}), json!({}))]);
                s.settle();
                let text = "x".repeat(8 << 20);
                let wrote: Vec<String> = (0..9)
                    .map(|n| s.exec("p", &["write", &format!("/d/{n}"), &text]).1)
                    .collect();
                wrote.concat()
            },
            "/d/8: not simulated here: files of more than 8 MiB, or more than 64 MiB in all\n",
        ),
        (
            "one object",
            |s| {
                let map = |name: &str, size: usize| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": "x".repeat(size)}});
                let ok = try_create(s, Kind::ConfigMap, map("ok", 1 << 20));
                let refused = try_create(s, Kind::ConfigMap, map("m", (1 << 20) + 1));
                format!("{ok}|{refused}")
            },
            "|ConfigMap \"m\" is invalid: []: Too long: may not be more than 1048576 bytes",
        ),
    ]);
}
