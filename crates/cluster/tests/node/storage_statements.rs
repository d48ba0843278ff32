//! The numbered statements about storage, one row each: what is done, and what is seen then.

#[path = "storage_statements/attachments.rs"]
mod attachments;
#[path = "storage_statements/binding.rs"]
mod binding;
#[path = "storage_statements/classes.rs"]
mod classes;
#[path = "storage_statements/expansion.rs"]
mod expansion;
#[path = "storage_statements/limits.rs"]
mod limits;
#[path = "storage_statements/owners.rs"]
mod owners;
#[path = "storage_statements/release.rs"]
mod release;
#[path = "storage_statements/volumes.rs"]
mod volumes;

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

/// Tries to make an object; the error's message, or nothing.
fn try_create(stage: &mut Stage, kind: Kind, object: Value) -> String {
    let namespace = match kind.info().namespaced {
        true => "default",
        false => "",
    };
    let name = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
    let request = Request::new(Verb::Create, kind, namespace, &name).with_body(Body::Json(object));
    let result = stage.cluster.handle(request).result;
    result.err().map_or(String::new(), |status| status.message)
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
