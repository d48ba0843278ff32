//! The numbered statements about storage, one row each: what is done, and what is seen then.

use crate::stage::Stage;
use petset_cluster::api::{Body, Request, Verb};
use petset_cluster::kubelet::volumes::disk_of_volume;
use petset_cluster::object::Resource;
use petset_cluster::{Key, Kind};
use serde_json::{Value, json};

const CLAIM: Kind = Kind::PersistentVolumeClaim;
const VOLUME: Kind = Kind::PersistentVolume;

/// Lays one object over another; a null removes what it is laid over.
fn with(mut base: Value, more: Value) -> Value {
    match (base.as_object_mut(), more) {
        (Some(into), Value::Object(from)) => {
            for (key, value) in from {
                if value.is_null() {
                    into.remove(&key);
                    continue;
                }
                let old = into.remove(&key).unwrap_or(Value::Null);
                into.insert(key, with(old, value));
            }
            base
        }
        (_, more) => more,
    }
}

fn pvc(name: &str, spec: Value) -> Value {
    let usual = json!({"accessModes": ["ReadWriteOnce"], "storageClassName": "", "resources": {"requests": {"storage": "1Gi"}}});
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": with(usual, spec)})
}

fn pv(name: &str, size: &str, spec: Value) -> Value {
    let usual = json!({"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": format!("/tmp/{name}")}});
    json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": with(usual, spec)})
}

fn class(name: &str, provisioner: &str, more: Value) -> Value {
    let usual = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name}, "provisioner": provisioner});
    with(usual, more)
}

fn late(name: &str, provisioner: &str) -> Value {
    class(
        name,
        provisioner,
        json!({"volumeBindingMode": "WaitForFirstConsumer"}),
    )
}

fn pod(name: &str, claim: &str, spec: Value) -> Value {
    let usual = json!({"terminationGracePeriodSeconds": 1,
        "containers": [{"name": "c", "image": "busybox", "volumeMounts": [{"name": "d", "mountPath": "/d"}]}],
        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": claim}}]});
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": with(usual, spec)})
}

fn on(node: &str) -> Value {
    json!({"nodeSelector": {"kubernetes.io/hostname": node}})
}

fn local(name: &str, node: &str, policy: &str) -> Value {
    pv(
        name,
        "1Gi",
        json!({"hostPath": null, "local": {"path": "/mnt/a"}, "persistentVolumeReclaimPolicy": policy,
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
            {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]}}}),
    )
}

fn create(stage: &mut Stage, objects: impl IntoIterator<Item = Value>) {
    for object in objects {
        stage.create(object);
    }
    stage.pass(1);
}

/// Writes a changed object; the error's message, or nothing.
fn change(stage: &mut Stage, kind: Kind, name: &str, more: Value) -> String {
    let object = with(stage.get(kind, name).expect("there"), more);
    let namespace = if kind.info().namespaced {
        "default"
    } else {
        ""
    };
    let request = Request::new(Verb::Update, kind, namespace, name).with_body(Body::Json(object));
    match stage.cluster.handle(request).result {
        Ok(_) => String::new(),
        Err(status) => status.message.lines().next().unwrap_or("").to_owned(),
    }
}

/// `Bound small`, `Pending -`, `gone`
fn bound(stage: &Stage, name: &str) -> String {
    match stage.get(CLAIM, name) {
        None => "gone".to_owned(),
        Some(claim) => format!(
            "{} {}",
            claim["status"]["phase"].as_str().unwrap_or("?"),
            claim["spec"]["volumeName"].as_str().unwrap_or("-")
        ),
    }
}

fn phase(stage: &Stage, kind: Kind, name: &str) -> String {
    stage.get(kind, name).map_or("gone".to_owned(), |object| {
        object["status"]["phase"].as_str().unwrap_or("?").to_owned()
    })
}

/// The first event of a reason about an object, without its uids.
fn event(stage: &Stage, name: &str, reason: &str) -> String {
    let events = stage.events(name);
    let found = events.iter().find(|event| event.contains(reason));
    found
        .cloned()
        .unwrap_or_else(|| format!("none of {events:?}"))
}

fn count(stage: &Stage, name: &str, reason: &str) -> usize {
    let events = stage.events(name);
    events.iter().filter(|event| event.contains(reason)).count()
}

/// The name of the volume that was made for a claim.
fn made(stage: &Stage, claim: &str) -> String {
    let claim = stage.get(CLAIM, claim).expect("there");
    claim["spec"]["volumeName"]
        .as_str()
        .unwrap_or("-")
        .to_owned()
}

/// What `kubectl get` prints of an object, but for its age.
fn row(stage: &Stage, kind: Kind, name: &str) -> Vec<String> {
    let key = Key::new(
        if kind.info().namespaced {
            "default"
        } else {
            ""
        },
        name,
    );
    let object = stage
        .cluster
        .store()
        .get(kind, &key)
        .expect("there")
        .clone();
    let now = k8s_openapi::jiff::Timestamp::UNIX_EPOCH;
    let table = petset_cluster::api::table::table(kind, &[object], now, false);
    let columns = table.columns.iter().zip(&table.rows[0]);
    columns
        .filter(|(column, _)| column.priority == 0 && column.name != "Age")
        .map(|(_, cell)| cell.clone())
        .collect()
}

type Row = (&'static str, fn(&mut Stage) -> String, &'static str);

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (name, act, expected) in rows {
        let mut stage = Stage::new();
        let seen = act(&mut stage);
        if seen != *expected {
            wrong.push(format!("{name}\n  expected {expected}\n  seen     {seen}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn matching_and_binding() {
    check(&[
        (
            "S-STO-01",
            |s| {
                create(
                    s,
                    [
                        pv("five", "5Gi", json!({})),
                        pv("two", "2Gi", json!({})),
                        pv("one", "1Gi", json!({})),
                        pvc("c", json!({})),
                    ],
                );
                bound(s, "c")
            },
            "Bound one",
        ),
        (
            "S-STO-02",
            |s| {
                create(
                    s,
                    [
                        class("k", "example.com/none", json!({})),
                        pv("plain", "1Gi", json!({})),
                        pv("classed", "2Gi", json!({"storageClassName": "k"})),
                        pvc("a", json!({"storageClassName": "k"})),
                        pvc("b", json!({})),
                    ],
                );
                format!("{}, {}", bound(s, "a"), bound(s, "b"))
            },
            "Bound classed, Bound plain",
        ),
        (
            "S-STO-03",
            |s| {
                create(
                    s,
                    [
                        pv(
                            "more",
                            "1Gi",
                            json!({"accessModes": ["ReadWriteOnce", "ReadWriteMany"]}),
                        ),
                        pv("exact", "5Gi", json!({})),
                        pvc("c", json!({})),
                    ],
                );
                bound(s, "c")
            },
            "Bound exact",
        ),
        (
            "S-STO-04",
            |s| {
                create(
                    s,
                    [
                        pv("small", "1Gi", json!({})),
                        pv(
                            "kept",
                            "5Gi",
                            json!({"claimRef": {"namespace": "default", "name": "c"}}),
                        ),
                        pvc("c", json!({})),
                    ],
                );
                bound(s, "c")
            },
            "Bound kept",
        ),
        (
            "S-STO-05",
            |s| {
                create(
                    s,
                    [
                        pv(
                            "kept",
                            "1Gi",
                            json!({"claimRef": {"namespace": "default", "name": "other"}}),
                        ),
                        pvc("c", json!({})),
                    ],
                );
                bound(s, "c")
            },
            "Pending -",
        ),
        (
            "S-STO-06",
            |s| {
                let mut labelled = pv("labelled", "5Gi", json!({}));
                labelled["metadata"]["labels"] = json!({"tier": "fast"});
                create(
                    s,
                    [
                        pv("small", "1Gi", json!({})),
                        labelled,
                        pvc("c", json!({"selector": {"matchLabels": {"tier": "fast"}}})),
                    ],
                );
                bound(s, "c")
            },
            "Bound labelled",
        ),
        (
            "S-STO-07",
            |s| {
                create(
                    s,
                    [
                        pv("block", "1Gi", json!({"volumeMode": "Block"})),
                        pvc("c", json!({})),
                    ],
                );
                bound(s, "c")
            },
            "Pending -",
        ),
        (
            "S-STO-08",
            |s| {
                create(s, [pvc("c", json!({}))]);
                format!("{} {}", bound(s, "c"), event(s, "c", "FailedBinding"))
            },
            "Pending - Normal FailedBinding no persistent volumes available for this claim and no storage class is set",
        ),
        (
            "S-STO-15",
            |s| {
                create(s, [pv("v", "2Gi", json!({})), pvc("c", json!({}))]);
                let claim = s.get(CLAIM, "c").expect("there");
                format!(
                    "{} {}",
                    claim["metadata"]["annotations"], claim["status"]["capacity"]["storage"]
                )
            },
            r#"{"pv.kubernetes.io/bind-completed":"yes","pv.kubernetes.io/bound-by-controller":"yes"} "2Gi""#,
        ),
        (
            "S-STO-16",
            |s| {
                create(
                    s,
                    [
                        pv("v", "2Gi", json!({})),
                        pvc("c", json!({"volumeName": "v"})),
                    ],
                );
                let claim = s.get(CLAIM, "c").expect("there");
                format!("{} {}", bound(s, "c"), claim["metadata"]["annotations"])
            },
            r#"Bound v {"pv.kubernetes.io/bind-completed":"yes"}"#,
        ),
        (
            "S-STO-17",
            |s| {
                create(
                    s,
                    [
                        pv("v", "1Mi", json!({})),
                        pvc("c", json!({"volumeName": "v"})),
                    ],
                );
                event(s, "c", "VolumeMismatch")
            },
            "Warning VolumeMismatch Cannot bind to requested volume \"v\": requested PV is too small",
        ),
        (
            "S-STO-18",
            |s| {
                create(s, [pv("v", "1Gi", json!({})), pvc("a", json!({}))]);
                create(s, [pvc("b", json!({"volumeName": "v"}))]);
                event(s, "b", "FailedBinding")
            },
            "Warning FailedBinding volume \"v\" already bound to a different claim.",
        ),
        (
            "S-STO-37, S-STO-38",
            |s| {
                create(s, [pv("v", "1Gi", json!({})), pvc("c", json!({}))]);
                let uid = s.get(CLAIM, "c").expect("there")["metadata"]["uid"].clone();
                let second = |name: &str, annotation: &str| {
                    let mut volume = pv(
                        name,
                        "1Gi",
                        json!({"persistentVolumeReclaimPolicy": "Delete", "claimRef": {"namespace": "default", "name": "c", "uid": uid}}),
                    );
                    volume["metadata"]["annotations"] =
                        json!({annotation: "kubernetes.io/host-path"});
                    volume
                };
                let volumes = [
                    second("made", "pv.kubernetes.io/provisioned-by"),
                    second("lost", "pv.kubernetes.io/bound-by-controller"),
                ];
                create(s, volumes);
                s.pass(2);
                format!(
                    "{}, {} {}",
                    phase(s, VOLUME, "made"),
                    phase(s, VOLUME, "lost"),
                    s.get(VOLUME, "lost").expect("there")["spec"]["claimRef"]
                )
            },
            "gone, Available null",
        ),
        (
            "S-STO-39",
            |s| {
                create(
                    s,
                    [
                        pv(
                            "v",
                            "1Gi",
                            json!({"accessModes": ["ReadWriteOnce", "ReadOnlyMany"]}),
                        ),
                        pvc("c", json!({})),
                    ],
                );
                s.get(CLAIM, "c").expect("there")["status"]["accessModes"].to_string()
            },
            r#"["ReadWriteOnce","ReadOnlyMany"]"#,
        ),
        (
            "S-STO-40",
            |s| {
                create(s, [pvc("c", json!({}))]);
                let uid = s.get(CLAIM, "c").expect("there")["metadata"]["uid"].clone();
                create(
                    s,
                    [pv(
                        "v",
                        "1Gi",
                        json!({"volumeMode": "Block", "claimRef": {"namespace": "default", "name": "c", "uid": uid}}),
                    )],
                );
                format!(
                    "{} | {}",
                    event(s, "v", "VolumeMismatch"),
                    event(s, "c", "VolumeMismatch")
                )
            },
            "Warning VolumeMismatch Cannot bind PersistentVolume to requested PersistentVolumeClaim \"c\" due to incompatible volumeMode. | Warning VolumeMismatch Cannot bind PersistentVolume \"v\" to requested PersistentVolumeClaim due to incompatible volumeMode.",
        ),
        (
            "S-STO-43",
            |s| {
                create(s, [pv("v", "1Gi", json!({}))]);
                phase(s, VOLUME, "v")
            },
            "Available",
        ),
    ]);
}

#[test]
fn provisioning_and_classes() {
    check(&[
        (
            "S-STO-09",
            |s| {
                create(
                    s,
                    [
                        late("l", "kubernetes.io/host-path"),
                        pvc("c", json!({"storageClassName": "l"})),
                    ],
                );
                s.pass(40);
                let events = s.cluster.store().list(Kind::Event, None);
                let seen = events
                    .map(|event| event.to_json())
                    .find(|event| event["involvedObject"]["name"] == "c");
                let seen = seen.expect("an event");
                format!(
                    "{} {} {}",
                    seen["reason"],
                    seen["message"],
                    seen["count"].as_i64() > Some(1)
                )
            },
            r#""WaitForFirstConsumer" "waiting for first consumer to be created before binding" true"#,
        ),
        (
            "S-STO-10",
            |s| {
                create(
                    s,
                    [
                        late("l", "kubernetes.io/host-path"),
                        pod("p", "c", json!({"nodeSelector": {"no": "node"}})),
                        pvc("c", json!({"storageClassName": "l"})),
                    ],
                );
                event(s, "c", "WaitForPodScheduled")
            },
            "Normal WaitForPodScheduled waiting for pod p to be scheduled",
        ),
        (
            "S-STO-11",
            |s| {
                create(
                    s,
                    [
                        late("l", "kubernetes.io/no-provisioner"),
                        pv("v", "1Gi", json!({"storageClassName": "l"})),
                        pvc("c", json!({"storageClassName": "l"})),
                    ],
                );
                let before = bound(s, "c");
                create(s, [pod("p", "c", json!({}))]);
                s.settle();
                format!("{before}, {}", bound(s, "c"))
            },
            "Pending -, Bound v",
        ),
        (
            "S-STO-12",
            |s| {
                create(s, [pvc("c", json!({"storageClassName": "x"}))]);
                event(s, "c", "ProvisioningFailed")
            },
            "Warning ProvisioningFailed storageclass.storage.k8s.io \"x\" not found",
        ),
        (
            "S-STO-13",
            |s| {
                create(
                    s,
                    [
                        class("x", "example.com/x", json!({})),
                        pvc("c", json!({"storageClassName": "x"})),
                    ],
                );
                let claim = s.get(CLAIM, "c").expect("there");
                format!(
                    "{} {}",
                    claim["metadata"]["annotations"],
                    event(s, "c", "ExternalProvisioning")
                )
            },
            "{\"volume.beta.kubernetes.io/storage-provisioner\":\"example.com/x\",\"volume.kubernetes.io/storage-provisioner\":\"example.com/x\"} Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'example.com/x' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
        ),
        (
            "S-STO-14",
            |s| {
                create(s, [pvc("c", json!({"storageClassName": null}))]);
                let claim = s.get(CLAIM, "c").expect("there");
                (made(s, "c") == format!("pvc-{}", claim["metadata"]["uid"].as_str().unwrap_or("")))
                    .to_string()
            },
            "true",
        ),
        (
            "S-STO-28",
            |s| {
                create(
                    s,
                    [
                        pvc("a", json!({"storageClassName": null})),
                        pvc("b", json!({})),
                    ],
                );
                let class = |name: &str| {
                    s.get(CLAIM, name).expect("there")["spec"]["storageClassName"].to_string()
                };
                format!("{} {}", class("a"), class("b"))
            },
            "\"standard\" \"\"",
        ),
        (
            "S-STO-29",
            |s| {
                s.delete(Kind::StorageClass, "standard");
                create(s, [pvc("c", json!({"storageClassName": null}))]);
                let before = bound(s, "c");
                create(
                    s,
                    [class(
                        "new",
                        "docker.io/hostpath",
                        json!({"metadata": {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}),
                    )],
                );
                s.pass(20);
                format!(
                    "{before} {} {}",
                    s.get(CLAIM, "c").expect("there")["spec"]["storageClassName"],
                    phase(s, CLAIM, "c")
                )
            },
            "Pending - \"new\" Bound",
        ),
        (
            "S-STO-30",
            |s| {
                s.pass(5);
                create(
                    s,
                    [
                        class(
                            "newer",
                            "docker.io/hostpath",
                            json!({"metadata": {"annotations": {"storageclass.beta.kubernetes.io/is-default-class": "true"}}}),
                        ),
                        pvc("c", json!({"storageClassName": null})),
                    ],
                );
                s.get(CLAIM, "c").expect("there")["spec"]["storageClassName"].to_string()
            },
            "\"newer\"",
        ),
        (
            "S-STO-41",
            |s| {
                create(
                    s,
                    [
                        late("l", "rancher.io/local-path"),
                        pvc("c", json!({"storageClassName": "l"})),
                        pod("p", "c", json!({"nodeName": "node-1"})),
                    ],
                );
                s.pass(60);
                bound(s, "c")
            },
            "Pending -",
        ),
        (
            "S-STO-45",
            |s| {
                create(
                    s,
                    [
                        class("n", "kubernetes.io/no-provisioner", json!({})),
                        pvc("c", json!({"storageClassName": "n"})),
                    ],
                );
                event(s, "c", "ProvisioningFailed")
            },
            "Warning ProvisioningFailed no volume plugin matched name: kubernetes.io/no-provisioner",
        ),
        (
            "section 6.5: local-path",
            |s| {
                create(
                    s,
                    [
                        late("l", "rancher.io/local-path"),
                        pvc("c", json!({"storageClassName": "l"})),
                        pod("p", "c", on("node-2")),
                    ],
                );
                s.settle();
                let volume = s.get(VOLUME, &made(s, "c")).expect("there");
                let path = volume["spec"]["hostPath"]["path"]
                    .as_str()
                    .unwrap_or("")
                    .ends_with("_default_c");
                format!(
                    "{path} {} {}",
                    volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"]
                        [0]["values"],
                    phase(s, Kind::Pod, "p")
                )
            },
            "true [\"node-2\"] Running",
        ),
        (
            "section 6.5: local-path refuses",
            |s| {
                create(
                    s,
                    [
                        class("l", "rancher.io/local-path", json!({})),
                        pvc("c", json!({"storageClassName": "l"})),
                    ],
                );
                event(s, "c", "ProvisioningFailed")
            },
            "Warning ProvisioningFailed failed to provision volume with StorageClass \"l\": configuration error, no node was specified",
        ),
        (
            "section 6: minikube",
            |s| {
                create(
                    s,
                    [
                        class("m", "k8s.io/minikube-hostpath", json!({})),
                        pvc("c", json!({"storageClassName": "m"})),
                    ],
                );
                s.get(VOLUME, &made(s, "c")).expect("there")["spec"]["hostPath"]["path"].to_string()
            },
            "\"/tmp/hostpath-provisioner/default/c\"",
        ),
        (
            "section 6: block storage comes in GiB",
            |s| {
                create(
                    s,
                    [
                        class("e", "ebs.csi.aws.com", json!({})),
                        pvc(
                            "c",
                            json!({"storageClassName": "e", "resources": {"requests": {"storage": "1500Mi"}}}),
                        ),
                    ],
                );
                s.get(CLAIM, "c").expect("there")["status"]["capacity"]["storage"].to_string()
            },
            "\"2Gi\"",
        ),
        (
            "S-STO-44",
            |s| {
                crate::kubelet::lab3(s);
                let volumes = |s: &Stage| {
                    [0, 1, 2]
                        .map(|n| made(s, &format!("data-nginx-ss-{n}")))
                        .join(" ")
                };
                let before = volumes(s);
                for replicas in [1, 3] {
                    s.update(Kind::StatefulSet, "nginx-ss", |set| {
                        set["spec"]["replicas"] = replicas.into()
                    });
                    s.settle();
                }
                format!(
                    "{} {}",
                    volumes(s) == before,
                    phase(s, Kind::Pod, "nginx-ss-2")
                )
            },
            "true Running",
        ),
        (
            "S-STO-57",
            |s| {
                create(s, [pvc("c", json!({"volumeName": "v"}))]);
                row(s, CLAIM, "c").join("|")
            },
            "c|Pending|v|0|||<unset>",
        ),
        (
            "S-STO-58",
            |s| {
                let object = pv(
                    "v",
                    "1Gi",
                    json!({"persistentVolumeReclaimPolicy": "Recycle"}),
                );
                let request =
                    Request::new(Verb::Create, VOLUME, "", "v").with_body(Body::Json(object));
                s.cluster.handle(request).warnings.join(" ")
            },
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
        ),
        (
            "ephemeral volumes",
            |s| {
                create(
                    s,
                    [pod(
                        "p",
                        "-",
                        json!({"volumes": [{"name": "d", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}]}),
                    )],
                );
                s.settle();
                let running = format!("{} {}", phase(s, Kind::Pod, "p"), phase(s, CLAIM, "p-d"));
                s.delete(Kind::Pod, "p");
                s.settle();
                format!("{running} {}", phase(s, CLAIM, "p-d"))
            },
            "Running Bound gone",
        ),
    ]);
}

#[test]
fn release_and_protection() {
    check(&[
        (
            "S-STO-19",
            |s| {
                create(s, [pv("v", "1Gi", json!({})), pvc("c", json!({}))]);
                s.delete(CLAIM, "c");
                s.pass(1);
                create(s, [pvc("c", json!({}))]);
                s.pass(20);
                format!(
                    "{} {}, {}",
                    phase(s, VOLUME, "v"),
                    s.get(VOLUME, "v").expect("there")["spec"]["claimRef"]["name"],
                    bound(s, "c")
                )
            },
            "Released \"c\", Pending -",
        ),
        (
            "S-STO-20",
            |s| {
                create(s, [pv("v", "1Gi", json!({})), pvc("c", json!({}))]);
                s.delete(CLAIM, "c");
                s.pass(2);
                let text = change(s, VOLUME, "v", json!({"spec": {"claimRef": null}}));
                s.pass(2);
                format!("{text}{}", phase(s, VOLUME, "v"))
            },
            "Available",
        ),
        (
            "S-STO-21",
            |s| {
                create(
                    s,
                    [
                        pvc("c", json!({"storageClassName": null})),
                        pod("p", "c", json!({})),
                    ],
                );
                s.settle();
                s.exec("p", &["write", "/d/f", "x"]);
                let name = made(s, "c");
                let volume = s
                    .cluster
                    .store()
                    .get(VOLUME, &Key::new("", &name))
                    .expect("there")
                    .clone();
                let disk = disk_of_volume(Resource::from_object(&volume).expect("a volume"));
                let before = s.cluster.disks().get(&disk).is_some();
                s.delete(Kind::Pod, "p");
                s.delete(CLAIM, "c");
                s.settle();
                format!(
                    "{before} {} {}",
                    phase(s, VOLUME, &name),
                    s.cluster.disks().get(&disk).is_some()
                )
            },
            "true gone false",
        ),
        (
            "S-STO-22, S-STO-46",
            |s| {
                create(
                    s,
                    [
                        pv(
                            "v",
                            "1Gi",
                            json!({"hostPath": {"path": "/x"}, "persistentVolumeReclaimPolicy": "Delete"}),
                        ),
                        pvc("c", json!({})),
                    ],
                );
                s.delete(CLAIM, "c");
                s.pass(40);
                let volume = s.get(VOLUME, "v").expect("there");
                format!(
                    "{} {} {}",
                    volume["status"]["phase"],
                    volume["status"]["message"],
                    count(s, "v", "VolumeFailedDelete")
                )
            },
            "\"Failed\" \"host_path deleter only supports /tmp/.+ but received provided /x\" 1",
        ),
        (
            "S-STO-46: local",
            |s| {
                create(s, [local("v", "node-1", "Delete"), pvc("c", json!({}))]);
                s.delete(CLAIM, "c");
                s.pass(2);
                s.get(VOLUME, "v").expect("there")["status"]["message"].to_string()
            },
            r#""error getting deleter volume plugin for volume \"v\": no volume plugin matched""#,
        ),
        (
            "S-STO-23",
            |s| {
                create(s, [pv("v", "1Gi", json!({})), pvc("c", json!({}))]);
                s.delete(VOLUME, "v");
                let text = change(s, VOLUME, "v", json!({"metadata": {"finalizers": null}}));
                s.pass(2);
                format!(
                    "{text}{} {}",
                    phase(s, CLAIM, "c"),
                    event(s, "c", "ClaimLost")
                )
            },
            "Lost Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!",
        ),
        (
            "S-STO-24, S-STO-25",
            |s| {
                create(
                    s,
                    [
                        pvc("c", json!({"storageClassName": null})),
                        pod(
                            "p",
                            "c",
                            json!({"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox", "command": ["exit", "0"]}]}),
                        ),
                    ],
                );
                s.settle();
                s.delete(CLAIM, "c");
                s.pass(5);
                let held = format!("{} {}", phase(s, Kind::Pod, "p"), phase(s, CLAIM, "c"));
                s.delete(Kind::Pod, "p");
                s.settle();
                format!("{held}, {}", phase(s, CLAIM, "c"))
            },
            "Succeeded Bound, gone",
        ),
        (
            "S-STO-26",
            |s| {
                create(s, [pvc("c", json!({})), pod("p", "c", json!({}))]);
                s.pass(3);
                s.delete(CLAIM, "c");
                s.pass(2);
                format!("{} {}", phase(s, Kind::Pod, "p"), phase(s, CLAIM, "c"))
            },
            "Pending gone",
        ),
        (
            "S-STO-27, S-STO-42",
            |s| {
                create(s, [pv("v", "1Gi", json!({})), pvc("c", json!({}))]);
                s.delete(VOLUME, "v");
                s.pass(20);
                let held = format!(
                    "{} {}",
                    phase(s, VOLUME, "v"),
                    s.get(VOLUME, "v").expect("there")["metadata"]["deletionTimestamp"].is_string()
                );
                s.delete(CLAIM, "c");
                s.pass(2);
                format!("{held}, {}", phase(s, VOLUME, "v"))
            },
            "Bound true, gone",
        ),
        (
            "section 7: Recycle",
            |s| {
                create(
                    s,
                    [
                        pv(
                            "v",
                            "1Gi",
                            json!({"persistentVolumeReclaimPolicy": "Recycle", "hostPath": null, "nfs": {"server": "n", "path": "/"}, "mountOptions": ["ro"]}),
                        ),
                        pvc("c", json!({})),
                    ],
                );
                s.delete(CLAIM, "c");
                s.pass(2);
                let scrubber = s.get(Kind::Pod, "recycler-for-v").expect("there");
                format!(
                    "{} {}",
                    phase(s, VOLUME, "v"),
                    scrubber["spec"]["containers"][0]["args"][1]
                )
            },
            r#"Released "test -e /scrub && find /scrub -mindepth 1 -delete && test -z \"$(ls -A /scrub)\" || exit 1""#,
        ),
        (
            "section 7: Recycle of a volume that nothing scrubs",
            |s| {
                let mut volume = local("v", "node-1", "Recycle");
                volume["spec"]["accessModes"] = json!(["ReadWriteOnce"]);
                create(s, [volume, pvc("c", json!({}))]);
                s.delete(CLAIM, "c");
                s.pass(2);
                format!(
                    "{} {}",
                    phase(s, VOLUME, "v"),
                    event(s, "v", "VolumeFailedRecycle")
                )
            },
            "Failed Warning VolumeFailedRecycle No recycler plugin found for the volume!",
        ),
    ]);
}

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

#[test]
fn expansion_and_updates() {
    check(&[
        (
            "S-STO-35",
            |s| {
                create(s, [pvc("c", json!({"storageClassName": null}))]);
                change(
                    s,
                    CLAIM,
                    "c",
                    json!({"spec": {"resources": {"requests": {"storage": "2Gi"}}}}),
                )
            },
            "persistentvolumeclaims \"c\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
        ),
        (
            "S-STO-36",
            |s| {
                create(s, [pv("v", "1Gi", json!({})), pvc("c", json!({}))]);
                change(
                    s,
                    CLAIM,
                    "c",
                    json!({"spec": {"accessModes": ["ReadOnlyMany"]}}),
                )
            },
            "PersistentVolumeClaim \"c\" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        ),
        (
            "S-STO-49",
            |s| {
                create(
                    s,
                    [
                        class(
                            "x",
                            "docker.io/hostpath",
                            json!({"allowVolumeExpansion": true}),
                        ),
                        pvc("c", json!({"storageClassName": "x"})),
                    ],
                );
                let grow =
                    |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}});
                format!(
                    "{}|{}|{}",
                    change(s, CLAIM, "c", grow("3Gi")),
                    change(s, CLAIM, "c", grow("2Gi")),
                    change(s, CLAIM, "c", grow("1Gi"))
                )
            },
            "||PersistentVolumeClaim \"c\" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
        ),
        (
            "S-STO-50",
            |s| {
                create(
                    s,
                    [
                        class("x", "example.com/x", json!({"allowVolumeExpansion": true})),
                        pvc("c", json!({"storageClassName": "x"})),
                    ],
                );
                change(
                    s,
                    CLAIM,
                    "c",
                    json!({"spec": {"resources": {"requests": {"storage": "2Gi"}}}}),
                )
            },
            "PersistentVolumeClaim \"c\" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        ),
        (
            "S-STO-51",
            |s| {
                create(
                    s,
                    [
                        class(
                            "x",
                            "docker.io/hostpath",
                            json!({"allowVolumeExpansion": true}),
                        ),
                        pvc("c", json!({"storageClassName": "x"})),
                    ],
                );
                change(
                    s,
                    CLAIM,
                    "c",
                    json!({"spec": {"resources": {"requests": {"storage": "2Gi"}}}}),
                );
                s.pass(60);
                format!(
                    "{} {}",
                    event(s, "c", "Expanding"),
                    s.get(CLAIM, "c").expect("there")["status"]["capacity"]["storage"]
                )
            },
            "Normal ExternalExpanding waiting for an external controller to expand this PVC \"1Gi\"",
        ),
        (
            "section 11.4",
            |s| {
                create(
                    s,
                    [
                        class(
                            "e",
                            "ebs.csi.aws.com",
                            json!({"allowVolumeExpansion": true}),
                        ),
                        pvc(
                            "c",
                            json!({"storageClassName": "e", "resources": {"requests": {"storage": "1Gi"}}}),
                        ),
                        pod("p", "c", json!({})),
                    ],
                );
                s.settle();
                change(
                    s,
                    CLAIM,
                    "c",
                    json!({"spec": {"resources": {"requests": {"storage": "2Gi"}}}}),
                );
                s.settle();
                let claim = s.get(CLAIM, "c").expect("there");
                let done = event(s, "c", "FileSystemResizeSuccessful")
                    .contains("MountVolume.NodeExpandVolume succeeded for volume");
                format!(
                    "{} {} {done} {}",
                    claim["status"]["capacity"]["storage"],
                    claim["status"]["conditions"],
                    event(s, "c", "FileSystemResizeRequired")
                )
            },
            "\"2Gi\" null true Normal FileSystemResizeRequired Require file system resize of volume on node",
        ),
        (
            "S-STO-47",
            |s| {
                create(s, [class("x", "example.com/x", json!({}))]);
                change(s, Kind::StorageClass, "x", json!({"provisioner": "other"}))
            },
            "StorageClass.storage.k8s.io \"x\" is invalid: provisioner: Invalid value: \"other\": field is immutable",
        ),
        (
            "S-STO-48",
            |s| {
                create(
                    s,
                    [local("v", "node-1", "Retain"), pv("w", "1Gi", json!({}))],
                );
                let other = local("v", "node-2", "Retain")["spec"]["nodeAffinity"].clone();
                let changed = change(
                    s,
                    VOLUME,
                    "v",
                    json!({"spec": {"nodeAffinity": other.clone()}}),
                );
                format!(
                    "{} {:?}",
                    changed
                        .contains("field is immutable, except for updating from beta label to GA"),
                    change(s, VOLUME, "w", json!({"spec": {"nodeAffinity": other}}))
                )
            },
            "true \"\"",
        ),
    ]);
}
