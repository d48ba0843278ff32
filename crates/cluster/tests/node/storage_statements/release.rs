//! What becomes of volumes, and what may not be deleted.

use super::*;
use crate::statements::check;

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
