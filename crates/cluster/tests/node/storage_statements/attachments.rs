//! Volumes that are attached to nodes, and the objects that say so.

use super::*;
use crate::statements::check;

fn attachments(s: &Stage) -> Vec<Value> {
    let all = s.cluster.store().list(Kind::VolumeAttachment, None);
    all.map(|object| object.to_json()).collect()
}

/// Node, driver, state and finalizers of each attachment.
fn tell(s: &Stage) -> String {
    let all = attachments(s).into_iter().map(|one| {
        format!(
            "{} {} {} {}",
            one["spec"]["nodeName"],
            one["spec"]["attacher"],
            one["status"]["attached"],
            one["metadata"]["finalizers"]
        )
    });
    all.collect::<Vec<_>>().join("; ").replace('"', "")
}

fn begin(s: &mut Stage) {
    create(
        s,
        [
            class("e", "ebs.csi.aws.com", json!({})),
            pvc("c", json!({"storageClassName": "e"})),
            pod("a", "c", on("node-1")),
        ],
    );
    s.settle();
}

#[test]
fn volume_attachments() {
    check(&[
        (
            "made for a CSI volume",
            |s| {
                begin(s);
                let one = attachments(s)[0].clone();
                let name = one["metadata"]["name"].as_str().unwrap_or("");
                let volume = made(s, "c");
                format!(
                    "{} | {} {} {} | {}",
                    tell(s),
                    name.len(),
                    one["spec"]["source"]["persistentVolumeName"] == volume.as_str(),
                    one["metadata"]["annotations"],
                    s.get(VOLUME, &volume).expect("there")["metadata"]["finalizers"]
                )
            },
            r#"node-1 ebs.csi.aws.com true [external-attacher/ebs-csi-aws-com] | 68 true {"csi.alpha.kubernetes.io/node-id":"node-1"} | ["external-provisioner.volume.kubernetes.io/finalizer","kubernetes.io/pv-protection","external-attacher/ebs-csi-aws-com"]"#,
        ),
        (
            "its row",
            |s| {
                begin(s);
                let volume = made(s, "c");
                let name = attachments(s)[0]["metadata"]["name"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                let cells = row(s, Kind::VolumeAttachment, &name).join(" ");
                cells.replace(&volume, "V").replace(&name, "A")
            },
            "A ebs.csi.aws.com V node-1 true",
        ),
        (
            "moves with the pod",
            |s| {
                begin(s);
                s.delete(Kind::Pod, "a");
                s.settle();
                let between = attachments(s).len();
                create(s, [pod("b", "c", on("node-2"))]);
                s.settle();
                format!("{between} {} {}", tell(s), phase(s, Kind::Pod, "b"))
            },
            "0 node-2 ebs.csi.aws.com true [external-attacher/ebs-csi-aws-com] Running",
        ),
        (
            "goes before its volume",
            |s| {
                begin(s);
                s.delete(CLAIM, "c");
                s.delete(Kind::Pod, "a");
                s.settle();
                s.pass(30);
                let volumes = s.cluster.store().list(VOLUME, None).count();
                format!("{} {volumes}", attachments(s).len())
            },
            "0 0",
        ),
        (
            "deleted by hand: the driver detaches, and the pod gets it again",
            |s| {
                begin(s);
                let name = attachments(s)[0]["metadata"]["name"]
                    .as_str()
                    .unwrap_or("")
                    .to_owned();
                s.delete(Kind::VolumeAttachment, &name);
                let during = attachments(s)[0]["metadata"]["deletionTimestamp"].is_string();
                s.pass(30);
                format!("{during} {}", tell(s))
            },
            "true node-1 ebs.csi.aws.com true [external-attacher/ebs-csi-aws-com]",
        ),
        (
            "none for volumes that are not attached",
            |s| {
                create(
                    s,
                    [
                        pvc("c", json!({"storageClassName": null})),
                        pod("a", "c", json!({})),
                    ],
                );
                s.settle();
                format!("{} {}", phase(s, Kind::Pod, "a"), attachments(s).len())
            },
            "Running 0",
        ),
        (
            "what is wrong with one",
            |s| {
                let wrong = json!({"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment", "metadata": {"name": "x"},
                    "spec": {"attacher": "", "nodeName": "node-1", "source": {}}});
                try_create(s, Kind::VolumeAttachment, wrong)
            },
            "VolumeAttachment.storage.k8s.io \"x\" is invalid: [spec.attacher: Required value, spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName]",
        ),
    ]);
}
