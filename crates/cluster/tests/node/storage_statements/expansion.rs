//! Claims that grow, and what may change.

use super::*;
use crate::statements::check;

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
