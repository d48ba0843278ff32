//! Volumes: which one a claim gets, what is written in which order, and the bytes on them.

use crate::kubelet::lab3;
use crate::stage::Stage;
use petset_cluster::Kind;
use petset_cluster::kubelet::volumes::disk_of_volume;
use petset_cluster::object::Resource;
use serde_json::{Value, json};

fn claim(name: &str, class: Option<&str>, size: &str) -> Value {
    let mut claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}});
    if let Some(class) = class {
        claim["spec"]["storageClassName"] = class.into();
    }
    claim
}

fn volume(name: &str, size: &str, policy: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
        "spec": {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": "",
            "persistentVolumeReclaimPolicy": policy, "hostPath": {"path": format!("/tmp/{name}")}}})
}

fn class(name: &str, provisioner: &str, mode: &str) -> Value {
    json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name},
        "provisioner": provisioner, "volumeBindingMode": mode})
}

fn phase(object: Option<Value>) -> String {
    object.map_or("gone".to_owned(), |object| {
        object["status"]["phase"].as_str().unwrap_or("").to_owned()
    })
}

#[test]
fn a_claim_is_provisioned_and_bound_in_the_recorded_order() {
    let mut stage = Stage::new();
    stage.create(claim("data", None, "1Gi"));
    stage.settle();
    let tell = |object: &Value| {
        let annotations = object["metadata"]["annotations"].as_object();
        let names = annotations.map_or(0, |map| map.len());
        let phase = object["status"]["phase"].as_str().unwrap_or("");
        format!(
            "{phase} {names} {}",
            object["spec"]["volumeName"].is_string()
        )
    };
    let expected = [
        "Pending 0 false",
        "Pending 2 false",
        "Pending 4 true",
        "Bound 4 true",
    ];
    assert_eq!(
        stage.writes(Kind::PersistentVolumeClaim, "data", tell),
        expected
    );
    let object = stage
        .get(Kind::PersistentVolumeClaim, "data")
        .expect("there");
    let name = object["spec"]["volumeName"]
        .as_str()
        .expect("bound")
        .to_owned();
    assert_eq!(
        name,
        format!("pvc-{}", object["metadata"]["uid"].as_str().expect("a uid"))
    );
    assert_eq!(
        stage.writes(Kind::PersistentVolume, &name, tell),
        ["Pending 3 false", "Bound 3 false"]
    );
    assert_eq!(
        stage.events("data"),
        [format!(
            "Normal ProvisioningSucceeded Successfully provisioned volume {name} using kubernetes.io/host-path"
        )]
    );
}

#[test]
fn claims_that_get_no_volume_say_why() {
    let table = [
        (
            Some(""),
            "Normal FailedBinding no persistent volumes available for this claim and no storage class is set",
        ),
        (
            Some("x"),
            "Warning ProvisioningFailed storageclass.storage.k8s.io \"x\" not found",
        ),
        (
            Some("none"),
            "Warning ProvisioningFailed no volume plugin matched name: kubernetes.io/no-provisioner",
        ),
        (
            Some("late"),
            "Normal WaitForFirstConsumer waiting for first consumer to be created before binding",
        ),
        (
            Some("gp3"),
            "Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'example.com/gp3' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
        ),
    ];
    for (name, event) in table {
        let mut stage = Stage::new();
        stage.create(class("none", "kubernetes.io/no-provisioner", "Immediate"));
        stage.create(class(
            "late",
            "kubernetes.io/host-path",
            "WaitForFirstConsumer",
        ));
        stage.create(class("gp3", "example.com/gp3", "Immediate"));
        stage.create(claim("data", name, "1Gi"));
        stage.pass(10);
        assert_eq!(stage.events("data"), [event]);
        assert_eq!(
            phase(stage.get(Kind::PersistentVolumeClaim, "data")),
            "Pending"
        );
    }
}

#[test]
fn a_provisioner_beside_the_control_plane_makes_and_removes_volumes() {
    for (policy, after) in [("Retain", "Released"), ("Delete", "gone")] {
        let mut stage = Stage::new();
        let mut class = class("desktop", "docker.io/hostpath", "Immediate");
        class["reclaimPolicy"] = policy.into();
        stage.create(class);
        stage.create(claim("data", Some("desktop"), "1Gi"));
        stage.settle();
        let bound = stage
            .get(Kind::PersistentVolumeClaim, "data")
            .expect("there");
        assert_eq!(bound["status"]["phase"], "Bound");
        let name = bound["spec"]["volumeName"]
            .as_str()
            .expect("bound")
            .to_owned();
        let mut events = stage.events("data");
        events.sort();
        assert_eq!(
            events,
            [
                "Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'docker.io/hostpath' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.".to_owned(),
                "Normal Provisioning External provisioner is provisioning volume for claim \"default/data\"".to_owned(),
                format!("Normal ProvisioningSucceeded Successfully provisioned volume {name}"),
            ]
        );
        let volume = stage.get(Kind::PersistentVolume, &name).expect("there");
        assert_eq!(
            volume["metadata"]["annotations"],
            json!({"pv.kubernetes.io/provisioned-by": "docker.io/hostpath"})
        );
        assert_eq!(volume["spec"]["hostPath"]["type"], "DirectoryOrCreate");
        stage.delete(Kind::PersistentVolumeClaim, "data");
        stage.settle();
        assert_eq!(phase(stage.get(Kind::PersistentVolume, &name)), after);
    }
}

#[test]
fn the_smallest_volume_that_fits_is_taken_and_reclaimed_by_its_policy() {
    for (policy, after) in [("Retain", "Released"), ("Delete", "gone")] {
        let mut stage = Stage::new();
        for (name, size) in [("large", "5Gi"), ("middle", "2Gi"), ("small", "1Gi")] {
            stage.create(volume(name, size, policy));
        }
        stage.settle();
        stage.create(claim("data", Some(""), "1500Mi"));
        stage.pass(20);
        let bound = stage
            .get(Kind::PersistentVolumeClaim, "data")
            .expect("there");
        assert_eq!(bound["spec"]["volumeName"], "middle");
        assert_eq!(bound["status"]["capacity"]["storage"], "2Gi");
        stage.delete(Kind::PersistentVolumeClaim, "data");
        stage.settle();
        assert_eq!(
            phase(stage.get(Kind::PersistentVolumeClaim, "data")),
            "gone"
        );
        assert_eq!(phase(stage.get(Kind::PersistentVolume, "middle")), after);
    }
}

#[test]
fn only_paths_below_a_tmp_are_deleted() {
    let table = [
        ("/tmp/a", "gone"),
        ("/srv/tmp/a", "gone"),
        ("/srv/a", "Failed"),
        ("/tmp/", "Failed"),
    ];
    for (path, after) in table {
        let mut stage = Stage::new();
        let mut volume = volume("v", "1Gi", "Delete");
        volume["spec"]["hostPath"]["path"] = path.into();
        stage.create(volume);
        stage.create(claim("data", Some(""), "1Gi"));
        stage.settle();
        stage.delete(Kind::PersistentVolumeClaim, "data");
        stage.settle();
        assert_eq!(
            phase(stage.get(Kind::PersistentVolume, "v")),
            after,
            "{path}"
        );
    }
}

#[test]
fn a_delayed_claim_is_bound_with_its_pod() {
    let mut stage = Stage::new();
    stage.create(class(
        "late",
        "kubernetes.io/host-path",
        "WaitForFirstConsumer",
    ));
    stage.create(claim("data", Some("late"), "1Gi"));
    stage.create(
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "busybox"}],
            "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}}),
    );
    stage.settle();
    assert_eq!(
        phase(stage.get(Kind::PersistentVolumeClaim, "data")),
        "Bound"
    );
    assert_eq!(phase(stage.get(Kind::Pod, "p")), "Running");
}

#[test]
fn a_claim_in_use_is_kept_until_its_pod_is_gone() {
    let mut stage = Stage::new();
    lab3(&mut stage);
    stage.delete(Kind::PersistentVolumeClaim, "data-nginx-ss-2");
    stage.settle();
    assert_eq!(
        phase(stage.get(Kind::PersistentVolumeClaim, "data-nginx-ss-2")),
        "Bound"
    );
    stage.update(Kind::StatefulSet, "nginx-ss", |set| {
        set["spec"]["replicas"] = 2.into()
    });
    stage.settle();
    assert_eq!(
        phase(stage.get(Kind::PersistentVolumeClaim, "data-nginx-ss-2")),
        "gone"
    );
}

#[test]
fn bytes_stay_with_the_claim_and_go_with_the_container() {
    let mut stage = Stage::new();
    lab3(&mut stage);
    assert_eq!(
        stage
            .exec("nginx-ss-0", &["write", "/usr/share/nginx/html/me", "zero"])
            .2,
        0
    );
    assert_eq!(stage.exec("nginx-ss-0", &["write", "/tmp/me", "zero"]).2, 0);
    stage.delete(Kind::Pod, "nginx-ss-0");
    stage.settle();
    assert_eq!(
        stage
            .exec("nginx-ss-0", &["read", "/usr/share/nginx/html/me"])
            .0,
        "zero"
    );
    assert_eq!(stage.exec("nginx-ss-0", &["read", "/tmp/me"]).2, 1);
    assert_eq!(
        stage
            .exec("nginx-ss-1", &["read", "/usr/share/nginx/html/me"])
            .2,
        1
    );

    let claim = stage
        .get(Kind::PersistentVolumeClaim, "data-nginx-ss-0")
        .expect("there");
    let name = claim["spec"]["volumeName"].as_str().expect("bound");
    let key = petset_cluster::Key::new("", name);
    let store = stage.cluster.store();
    let object = store.get(Kind::PersistentVolume, &key).expect("there");
    let disk = disk_of_volume(Resource::from_object(object).expect("a volume"));
    let disk = stage.cluster.disks().get(&disk).expect("written to");
    assert_eq!(disk.files.bytes("/me"), Some(&b"zero"[..]));
    assert_eq!(
        disk.history
            .iter()
            .map(|entry| entry.path.as_str())
            .collect::<Vec<_>>(),
        ["/me"]
    );
    assert_eq!(
        disk.history.first().map(|entry| entry.writer.pod.as_str()),
        Some("nginx-ss-0")
    );
}

#[test]
fn a_full_disk_says_so() {
    let mut stage = Stage::new();
    stage.create(claim("data", None, "8"));
    stage.create(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "busybox", "volumeMounts": [
                {"name": "d", "mountPath": "/d"}, {"name": "r", "mountPath": "/r", "readOnly": true}]}],
            "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "r", "emptyDir": {}}]}}));
    stage.settle();
    let table = [
        ("/d/a", "12345678", ""),
        ("/d/b", "x", "/d/b: No space left on device\n"),
        ("/d", "x", "/d: Is a directory\n"),
        ("/d/a/b", "x", "/d/a/b: Not a directory\n"),
        ("/d/no/b", "x", "/d/no/b: No such file or directory\n"),
        ("/r/b", "x", "/r/b: Read-only file system\n"),
    ];
    for (path, text, error) in table {
        assert_eq!(stage.exec("p", &["write", path, text]).1, error);
    }
}
