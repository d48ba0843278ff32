//! What the API server itself adds to objects: it notes who sets what before it does, so that nobody owns it.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/create.go`, the admission plug-ins and the strategies' `PrepareForCreate`.

use crate::object::Kind;
use serde_json::Value;

const TOKEN_MOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_VOLUME: &str = "kube-api-access-";
/// What every pod tolerates for a while.
const TOLERATED: [&str; 2] = [
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
];
/// Labels by which a job finds its pods.
const JOB_LABELS: [&str; 4] = [
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
];

/// Takes out of an object that a component made what the API server has added.
pub(super) fn take_out(kind: Kind, object: &mut Value) {
    match kind {
        Kind::Pod => pod(object),
        Kind::PersistentVolumeClaim | Kind::PersistentVolume => {
            retain(object, "/metadata/finalizers", |finalizer| {
                finalizer != "kubernetes.io/pvc-protection"
                    && finalizer != "kubernetes.io/pv-protection"
            });
        }
        Kind::Job => {
            remove(object, "/spec", &["selector"]);
            remove(object, "/spec/template/metadata/labels", &JOB_LABELS);
            remove(object, "/metadata/labels", &JOB_LABELS);
        }
        _ => {}
    }
}

fn pod(object: &mut Value) {
    remove(
        object,
        "/spec",
        &["nodeName", "priority", "preemptionPolicy"],
    );
    remove(object, "/status", &["qosClass"]);
    if object
        .pointer("/spec/serviceAccountName")
        .is_some_and(|name| name == "default")
    {
        remove(object, "/spec", &["serviceAccountName", "serviceAccount"]);
    }
    let tolerations = object
        .pointer("/spec/tolerations")
        .and_then(Value::as_array);
    let own = |toleration: &Value| {
        let key = toleration["key"].as_str().unwrap_or("");
        TOLERATED.contains(&key) && toleration.get("tolerationSeconds").is_some()
    };
    if tolerations.is_some_and(|all| all.iter().all(own)) {
        remove(object, "/spec", &["tolerations"]);
    }
    retain(object, "/spec/volumes", |volume| {
        !volume["name"]
            .as_str()
            .unwrap_or("")
            .starts_with(TOKEN_VOLUME)
    });
    for list in ["/spec/containers", "/spec/initContainers"] {
        let containers = object.pointer_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            retain(container, "/volumeMounts", |mount| {
                mount["mountPath"] != TOKEN_MOUNT
            });
        }
    }
}

fn remove(object: &mut Value, place: &str, names: &[&str]) {
    if let Some(Value::Object(map)) = object.pointer_mut(place) {
        for name in names {
            map.remove(*name);
        }
    }
}

fn retain(object: &mut Value, place: &str, keep: impl Fn(&Value) -> bool) {
    if let Some(Value::Array(list)) = object.pointer_mut(place) {
        list.retain(keep);
    }
}
