//! Which volume a claim gets.

use super::*;
use crate::statements::check;

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
