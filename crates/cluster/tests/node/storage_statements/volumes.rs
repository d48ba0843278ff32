//! Volumes in pods.

use super::*;
use crate::statements::check;

#[test]
fn pods_and_their_volumes() {
    check(&[
        (
            "S-STO-31",
            |s| {
                create(s, [pvc("c", json!({})), pod("p", "c", json!({}))]);
                event(s, "p", "FailedScheduling")
                    .contains("pod has unbound immediate PersistentVolumeClaims")
                    .to_string()
            },
            "true",
        ),
        (
            "S-STO-32, S-STO-55",
            |s| {
                create(
                    s,
                    [
                        class("e", "ebs.csi.aws.com", json!({})),
                        pvc("c", json!({"storageClassName": "e"})),
                        pod("a", "c", on("node-1")),
                    ],
                );
                s.settle();
                create(s, [pod("b", "c", on("node-2"))]);
                s.pass(200);
                let volume = made(s, "c");
                let told = event(s, "b", "Multi-Attach").replace(&volume, "V");
                let times = count(s, "b", "Multi-Attach");
                let waits = phase(s, Kind::Pod, "b");
                s.delete(Kind::Pod, "a");
                s.settle();
                let after = event(s, "b", "SuccessfulAttachVolume").replace(&volume, "V");
                format!(
                    "{told} | {times} {waits} | {after}| {}",
                    phase(s, Kind::Pod, "b")
                )
            },
            "Warning FailedAttachVolume Multi-Attach error for volume \"V\" Volume is already used by pod(s) a | 1 Pending | Normal SuccessfulAttachVolume AttachVolume.Attach succeeded for volume \"V\" | Running",
        ),
        (
            "S-STO-33",
            |s| {
                create(
                    s,
                    [
                        pv("v", "1Gi", json!({"accessModes": ["ReadWriteOncePod"]})),
                        pvc("c", json!({"accessModes": ["ReadWriteOncePod"]})),
                        pod("a", "c", json!({})),
                    ],
                );
                s.settle();
                create(s, [pod("b", "c", json!({}))]);
                event(s, "b", "FailedScheduling")
            },
            "Warning FailedScheduling 0/3 nodes are available: 3 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
        ),
        (
            "S-STO-34",
            |s| {
                create(
                    s,
                    [
                        class("e", "ebs.csi.aws.com", json!({})),
                        pvc("c", json!({"storageClassName": "e"})),
                        pod("a", "c", on("node-1")),
                        pod("b", "c", on("node-1")),
                    ],
                );
                s.settle();
                format!("{} {}", phase(s, Kind::Pod, "a"), phase(s, Kind::Pod, "b"))
            },
            "Running Running",
        ),
        (
            "S-STO-52",
            |s| {
                create(
                    s,
                    [
                        local("v", "node-1", "Retain"),
                        pvc("c", json!({})),
                        pod("p", "c", on("node-2")),
                    ],
                );
                let said = event(s, "p", "node affinity");
                said.contains("node(s) didn't match PersistentVolume's node affinity")
                    .to_string()
            },
            "true",
        ),
        (
            "S-STO-53",
            |s| {
                create(
                    s,
                    [
                        pvc("x", json!({})),
                        pod("p", "x", json!({"nodeName": "node-1"})),
                    ],
                );
                s.pass(130);
                event(s, "p", "FailedMount")
            },
            "Warning FailedMount Unable to attach or mount volumes: unmounted volumes=[d], unattached volumes=[], failed to process volumes=[d]: error processing PVC default/x: PVC is not bound",
        ),
        (
            "S-STO-54",
            |s| {
                create(
                    s,
                    [
                        class("e", "ebs.csi.aws.com", json!({})),
                        pvc("c", json!({"storageClassName": "e"})),
                        pod("a", "c", on("node-1")),
                    ],
                );
                s.settle();
                create(s, [pod("b", "c", on("node-2"))]);
                s.pass(400);
                count(s, "b", "FailedMount").to_string()
            },
            "0",
        ),
        (
            "S-STO-56",
            |s| {
                create(
                    s,
                    [
                        late("x", "example.com/none"),
                        pvc("c", json!({"storageClassName": "x"})),
                        pod("p", "c", json!({})),
                    ],
                );
                s.pass(595);
                let before = count(s, "p", "FailedScheduling");
                s.pass(10);
                format!("{before} {}", event(s, "p", "FailedScheduling"))
            },
            "0 Warning FailedScheduling running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded",
        ),
        (
            "allowedTopologies",
            |s| {
                let places = json!([{"matchLabelExpressions": [{"key": "kubernetes.io/hostname", "values": ["node-3"]}]}]);
                let mut made = late("x", "rancher.io/local-path");
                made["allowedTopologies"] = places;
                create(
                    s,
                    [
                        made,
                        pvc("c", json!({"storageClassName": "x"})),
                        pod("p", "c", json!({})),
                        pvc("d", json!({"storageClassName": "x"})),
                        pod("q", "d", on("node-1")),
                    ],
                );
                s.settle();
                let node = s.get(Kind::Pod, "p").expect("there")["spec"]["nodeName"].clone();
                let waits = event(s, "q", "FailedScheduling");
                format!(
                    "{node} {}",
                    waits.contains("1 node(s) didn't find available persistent volumes to bind")
                )
            },
            "\"node-3\" true",
        ),
        (
            "a delayed claim takes no volume of another mode, nor one that its selector does not select",
            |s| {
                let other = |name: &str, more: Value| {
                    pv(name, "1Gi", with(json!({"storageClassName": "x"}), more))
                };
                let mut right = other("right", json!({"capacity": {"storage": "5Gi"}}));
                right["metadata"]["labels"] = json!({"a": "b"});
                create(
                    s,
                    [
                        late("x", "kubernetes.io/no-provisioner"),
                        other("block", json!({"volumeMode": "Block"})),
                        other("unlabelled", json!({})),
                        right,
                        pvc(
                            "c",
                            json!({"storageClassName": "x", "selector": {"matchLabels": {"a": "b"}}}),
                        ),
                        pod("p", "c", json!({})),
                    ],
                );
                s.settle();
                bound(s, "c")
            },
            "Bound right",
        ),
        (
            "fileKeyRef",
            |s| {
                let write = json!([{"name": "i", "image": "busybox", "command": ["write", "/d/f", "A='7'\n"], "volumeMounts": [{"name": "d", "mountPath": "/d"}]}]);
                let made = |name: &str, key: &str| {
                    let env = json!([{"name": "A", "valueFrom": {"fileKeyRef": {"volumeName": "d", "path": "f", "key": key}}}]);
                    let container = json!({"name": "c", "image": "busybox", "command": ["exit", "$(A)"], "env": env});
                    let spec = json!({"restartPolicy": "Never", "initContainers": write, "containers": [container], "volumes": [{"name": "d", "emptyDir": {}}]});
                    pod(name, "-", spec)
                };
                create(s, [made("p", "A"), made("q", "B")]);
                s.pass(20);
                let state = |name: &str| {
                    s.get(Kind::Pod, name).expect("there")["status"]["containerStatuses"][0]["state"].clone()
                };
                let why = state("q")["waiting"]["message"]
                    .as_str()
                    .unwrap_or("-")
                    .to_owned();
                format!(
                    "{} {}",
                    state("p")["terminated"]["exitCode"],
                    why.split('/').next().unwrap_or("")
                )
            },
            "7 environment variable key \"B\" not found in file \"",
        ),
        (
            "mountOptions of a class",
            |s| {
                let made_class = class(
                    "x",
                    "docker.io/hostpath",
                    json!({"mountOptions": ["ro", "soft"]}),
                );
                create(s, [made_class, pvc("c", json!({"storageClassName": "x"}))]);
                s.settle();
                s.get(VOLUME, &made(s, "c")).expect("there")["spec"]["mountOptions"].to_string()
            },
            r#"["ro","soft"]"#,
        ),
        (
            "hostPath types",
            |s| {
                let host = |kind: &str, path: &str| json!({"volumes": [{"name": "d", "persistentVolumeClaim": null, "hostPath": {"path": path, "type": kind}}]});
                create(
                    s,
                    [
                        pod("a", "-", host("Directory", "/srv/no")),
                        pod("b", "-", host("DirectoryOrCreate", "/srv/yes")),
                        pod("c", "-", host("File", "/srv/f")),
                        pod("d", "-", host("FileOrCreate", "/srv/g")),
                    ],
                );
                s.pass(20);
                let running = ["a", "b", "c", "d"]
                    .map(|name| phase(s, Kind::Pod, name))
                    .join(" ");
                format!(
                    "{running} | {} | {}",
                    event(s, "a", "FailedMount"),
                    event(s, "c", "FailedMount")
                )
            },
            "Pending Running Pending Running | Warning FailedMount MountVolume.SetUp failed for volume \"d\" : hostPath type check failed: /srv/no is not a directory | Warning FailedMount MountVolume.SetUp failed for volume \"d\" : hostPath type check failed: /srv/f is not a file",
        ),
        (
            "subPath, subPathExpr, Memory with a limit",
            |s| {
                let container = json!({"name": "c", "image": "busybox", "env": [{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                "volumeMounts": [{"name": "d", "mountPath": "/all"}, {"name": "d", "mountPath": "/own", "subPathExpr": "$(POD)/x"}, {"name": "m", "mountPath": "/m"}]});
                create(
                    s,
                    [pod(
                        "p",
                        "-",
                        json!({"containers": [container], "volumes": [{"name": "d", "emptyDir": {}}, {"name": "m", "emptyDir": {"medium": "Memory", "sizeLimit": "4"}}]}),
                    )],
                );
                s.settle();
                s.exec("p", &["write", "/own/f", "hello"]);
                format!(
                    "{} {}",
                    s.exec("p", &["read", "/all/p/x/f"]).0,
                    s.exec("p", &["write", "/m/f", "12345"]).1
                )
            },
            "hello /m/f: No space left on device\n",
        ),
        (
            "a configMap's volume follows it within a minute and a half",
            |s| {
                let map = |text: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"k": text}});
                create(
                    s,
                    [
                        map("old"),
                        pod(
                            "p",
                            "-",
                            json!({"volumes": [{"name": "d", "persistentVolumeClaim": null, "configMap": {"name": "m"}}]}),
                        ),
                    ],
                );
                s.settle();
                let old = s.exec("p", &["read", "/d/k"]).0;
                change(s, Kind::ConfigMap, "m", json!({"data": {"k": "new"}}));
                s.pass(5);
                let soon = s.exec("p", &["read", "/d/k"]).0;
                s.pass(95);
                format!("{old} {soon} {}", s.exec("p", &["read", "/d/k"]).0)
            },
            "old old new",
        ),
    ]);
}
