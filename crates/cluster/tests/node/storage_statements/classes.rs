//! Volumes that are made for claims.

use super::*;
use crate::statements::check;

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
