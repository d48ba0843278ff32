//! What becomes of a StatefulSet that lacks something, or whose name is too long for what is made of it.

use crate::stage::Stage;
use petset_cluster::Kind;
use petset_cluster::network::dns::RecordType;
use petset_cluster::network::zone::query;
use serde_json::{Value, json};

fn set(name: &str, class: Option<&str>) -> Value {
    let claims = class.map(|class| {
        json!([{"metadata": {"name": "data"}, "spec": {"storageClassName": class,
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}])
    });
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": {
        "serviceName": "nobody", "replicas": 2, "selector": {"matchLabels": {"app": "web"}},
        "volumeClaimTemplates": claims,
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {
            "containers": [{"name": "c", "image": "nginx:1.25", "args": ["serve"]}]}}}})
}

/// Name, phase and readiness of every pod.
fn pods(stage: &Stage) -> Vec<String> {
    let all = stage.cluster.store().list(Kind::Pod, Some("default"));
    let told = all.map(|pod| {
        let pod = pod.to_json();
        let conditions = pod["status"]["conditions"].as_array().cloned();
        let mut conditions = conditions.unwrap_or_default().into_iter();
        let ready = conditions.any(|c| c["type"] == "Ready" && c["status"] == "True");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let phase = text(&pod["status"]["phase"]);
        let name = text(&pod["metadata"]["name"]);
        format!("{name} {phase}{}", if ready { " ready" } else { "" })
    });
    told.collect()
}

#[test]
fn a_set_runs_without_its_service_and_its_pods_have_no_names() {
    let mut stage = Stage::new();
    stage.create(set("web", None));
    stage.pass(20);
    assert_eq!(pods(&stage), ["web-0 Running ready", "web-1 Running ready"]);
    let found = |stage: &Stage| {
        let name = "web-0.nobody.default.svc.cluster.local.";
        query(stage.cluster.store(), name, RecordType::A)
            .answers
            .len()
    };
    assert_eq!(found(&stage), 0);
    stage.create(
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "nobody"},
        "spec": {"clusterIP": "None", "selector": {"app": "web"}, "ports": [{"port": 80}]}}),
    );
    stage.pass(5);
    assert_eq!(found(&stage), 1, "the service may come later");
}

#[test]
fn a_set_whose_class_is_missing_waits_with_its_first_pod() {
    let mut stage = Stage::new();
    stage.create(set("web", Some("nosuch")));
    stage.pass(60);
    assert_eq!(pods(&stage), ["web-0 Pending"]);
    let claim = stage.get(Kind::PersistentVolumeClaim, "data-web-0");
    assert_eq!(claim.expect("made")["status"]["phase"], "Pending");
    assert_eq!(stage.get(Kind::PersistentVolumeClaim, "data-web-1"), None);
    let told = "Warning ProvisioningFailed storageclass.storage.k8s.io \"nosuch\" not found";
    assert!(stage.events("data-web-0").contains(&told.to_owned()));
    let told = stage.events("web-0").join("\n");
    let expected = "Warning FailedScheduling 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.";
    assert!(told.contains(expected), "{told}");
    stage.create(json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "nosuch"},
        "provisioner": "rancher.io/local-path", "volumeBindingMode": "WaitForFirstConsumer"}));
    stage.pass(120);
    assert_eq!(
        pods(&stage),
        ["web-0 Running ready", "web-1 Running ready"],
        "it goes on by itself"
    );
}

#[test]
fn a_name_that_is_too_long_for_the_revision_label_makes_no_pods() {
    // (the length of the set's name, pods)
    for (length, count) in [(52, 2), (55, 0), (63, 0)] {
        let name = "w".repeat(length);
        let mut stage = Stage::new();
        stage.create(set(&name, None));
        stage.pass(30);
        assert_eq!(pods(&stage).len(), count, "{length}");
        let told = stage.events(&name).join("\n");
        let revisions = stage.cluster.store().list(Kind::ControllerRevision, None);
        let hash = revisions.map(|revision| revision.name().to_owned()).last();
        let hash = hash.expect("a revision");
        let refused =
            format!("metadata.labels: Invalid value: \"{hash}\": must be no more than 63 bytes");
        let failed = format!(
            "Warning FailedCreate Create Pod {name}-0 in StatefulSet {name} failed error: Pod \"{name}-0\" is invalid: "
        );
        assert_eq!(told.contains(&failed), count == 0, "{length}: {told}");
        assert_eq!(told.contains(&refused), count == 0, "{length}: {told}");
    }
}
