//! Statements about ownership, deletion and finalizers, through the API alone: no node exists, so nothing runs.

use petset_cluster::api::{
    Body, PatchType, Propagation, Reply, Request, Status, Subresource, Verb,
};
use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use petset_cluster::store::ChangeType;
use petset_cluster::{Cluster, Config, Duration, Key, Kind};
use serde_json::{Value, json};
use std::sync::Arc;

/// No image exists, and nothing can be started.
struct NoRuntime;

impl Runtime for NoRuntime {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::NotFound {
            message: format!("{reference}: not found"),
        }
    }

    fn start(&self, _: &ImageInfo, _: &[String], _: bool) -> Result<Box<dyn Process>, StartError> {
        Err(StartError {
            message: String::new(),
            exit_code: 128,
        })
    }
}

const HOLD: &str = "example.com/hold";

struct Stage {
    cluster: Cluster,
}

impl Stage {
    fn new() -> Stage {
        let config = Config {
            nodes: 0,
            ..Config::default()
        };
        Stage {
            cluster: Cluster::new(config, Arc::new(NoRuntime)),
        }
    }

    fn try_send(&mut self, request: Request) -> Result<Value, Status> {
        match self.cluster.handle(request).result? {
            Reply::Object(object) | Reply::Deleted(object) => Ok(object.to_json()),
            Reply::Json(value) => Ok(value),
            Reply::List { .. } => Ok(Value::Null),
        }
    }

    fn send(&mut self, request: Request) -> Value {
        self.try_send(request).unwrap()
    }

    fn request(verb: Verb, kind: Kind, name: &str) -> Request {
        let namespace = if kind.info().namespaced {
            "default"
        } else {
            ""
        };
        Request::new(verb, kind, namespace, name)
    }

    fn create(&mut self, kind: Kind, object: Value) -> Value {
        let name = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
        self.send(Stage::request(Verb::Create, kind, &name).with_body(Body::Json(object)))
    }

    fn patch(&mut self, kind: Kind, name: &str, patch: Value) -> Value {
        let body = Body::Patch(PatchType::Merge, patch);
        self.send(Stage::request(Verb::Patch, kind, name).with_body(body))
    }

    fn delete(&mut self, kind: Kind, name: &str, how: Option<Propagation>, grace: Option<i64>) {
        let mut request = Stage::request(Verb::Delete, kind, name);
        request.options.propagation = how;
        request.options.grace_period_seconds = grace;
        self.send(request);
    }

    fn get(&self, kind: Kind, name: &str) -> Option<Value> {
        let namespace = if kind.info().namespaced {
            "default"
        } else {
            ""
        };
        let object = self.cluster.store().get(kind, &Key::new(namespace, name));
        object.map(|object| object.to_json())
    }

    fn run(&mut self, millis: u64) {
        let until = self.cluster.now() + Duration::millis(millis);
        self.cluster.run_until(until);
    }

    fn map(&mut self, name: &str, metadata: Value) -> Value {
        let mut map = json!({ "metadata": metadata });
        map["metadata"]["name"] = json!(name);
        self.create(Kind::ConfigMap, map)
    }
}

fn owner(kind: &str, version: &str, name: &str, uid: &str) -> Value {
    json!([{ "apiVersion": version, "kind": kind, "name": name, "uid": uid }])
}

fn pod(name: &str) -> Value {
    json!({
        "metadata": { "name": name, "labels": { "app": "web" } },
        "spec": {
            "containers": [{ "name": "c", "image": "i", "volumeMounts": [{ "name": "d", "mountPath": "/d" }] }],
            "volumes": [{ "name": "d", "persistentVolumeClaim": { "claimName": "data" } }],
        },
    })
}

fn claim() -> Value {
    json!({ "metadata": { "name": "data" }, "spec": {
        "accessModes": ["ReadWriteOnce"], "storageClassName": "none",
        "resources": { "requests": { "storage": "1Gi" } } } })
}

fn set() -> Value {
    json!({
        "metadata": { "name": "web" },
        "spec": {
            "replicas": 0,
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "c", "image": "i" }] },
            },
        },
    })
}

fn bind(stage: &mut Stage, pod: &str) {
    let request = Stage::request(Verb::Create, Kind::Pod, pod);
    let body = Body::Json(json!({ "target": { "name": "node-1" } }));
    stage.send(
        request
            .with_subresource(Subresource::Binding)
            .with_body(body),
    );
}

fn phase(stage: &mut Stage, pod: &str, phase: &str) {
    let request = Stage::request(Verb::Patch, Kind::Pod, pod);
    let body = Body::Patch(PatchType::Merge, json!({ "status": { "phase": phase } }));
    stage.send(
        request
            .with_subresource(Subresource::Status)
            .with_body(body),
    );
}

/// S-GC-01, S-GC-02
#[test]
fn a_finalizer_holds_and_a_deletion_is_not_taken_back() {
    let mut stage = Stage::new();
    stage.map("a", json!({ "finalizers": [HOLD] }));
    stage.delete(Kind::ConfigMap, "a", None, None);
    let held = stage.get(Kind::ConfigMap, "a").unwrap();
    let since = held["metadata"]["deletionTimestamp"].clone();
    assert!(since.is_string());
    let change = json!({ "metadata": { "deletionTimestamp": null, "labels": { "x": "y" } } });
    let after = stage.patch(Kind::ConfigMap, "a", change);
    assert_eq!(after["metadata"]["deletionTimestamp"], since);
    assert_eq!(after["metadata"]["labels"]["x"], "y");
    stage.patch(
        Kind::ConfigMap,
        "a",
        json!({ "metadata": { "finalizers": null } }),
    );
    assert_eq!(stage.get(Kind::ConfigMap, "a"), None);
}

/// S-GC-03, S-GC-23
#[test]
fn versions_guard_writes() {
    let mut stage = Stage::new();
    let old = stage.map("a", json!({}));
    let same = stage.patch(
        Kind::ConfigMap,
        "a",
        json!({ "metadata": { "labels": null } }),
    );
    assert_eq!(
        same["metadata"]["resourceVersion"],
        old["metadata"]["resourceVersion"]
    );
    stage.patch(Kind::ConfigMap, "a", json!({ "data": { "k": "v" } }));
    let stale = Stage::request(Verb::Update, Kind::ConfigMap, "a").with_body(Body::Json(old));
    let why = stage.try_send(stale).unwrap_err().message;
    assert_eq!(
        why,
        "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again"
    );
}

/// S-GC-06
#[test]
fn the_generation_counts_one_deletion() {
    let mut stage = Stage::new();
    let mut held = set();
    held["metadata"]["finalizers"] = json!([HOLD]);
    stage.create(Kind::StatefulSet, held);
    for _ in 0..2 {
        stage.delete(Kind::StatefulSet, "web", None, None);
        let set = stage.get(Kind::StatefulSet, "web").unwrap();
        assert_eq!(set["metadata"]["generation"], 2);
    }
}

/// S-GC-12: an owner of the same name with another uid is none.
#[test]
fn a_namesake_is_no_owner() {
    let mut stage = Stage::new();
    stage.map("a", json!({}));
    let owners = owner("ConfigMap", "v1", "a", "another");
    stage.map("b", json!({ "ownerReferences": owners }));
    stage.run(2_000);
    assert_eq!(stage.get(Kind::ConfigMap, "b"), None);
    assert!(stage.get(Kind::ConfigMap, "a").is_some());
}

/// S-GC-14
#[test]
fn an_owner_in_another_namespace_is_reported() {
    let mut stage = Stage::new();
    let mut elsewhere = Request::new(Verb::Create, Kind::ConfigMap, "kube-system", "far");
    elsewhere.body = Body::Json(json!({ "metadata": { "name": "far" } }));
    let uid = stage.send(elsewhere)["metadata"]["uid"]
        .as_str()
        .unwrap()
        .to_owned();
    stage.map(
        "b",
        json!({ "ownerReferences": owner("ConfigMap", "v1", "far", &uid) }),
    );
    stage.run(2_000);
    assert_eq!(stage.get(Kind::ConfigMap, "b"), None);
    let mut events = stage.cluster.store().list(Kind::Event, Some("default"));
    let event = events.find_map(|event| {
        let event = event.to_json();
        (event["reason"] == "OwnerRefInvalidNamespace").then_some(event)
    });
    let event = event.unwrap();
    let expected = format!(
        "ownerRef [v1/ConfigMap, namespace: default, name: far, uid: {uid}] does not exist in namespace \"default\""
    );
    assert_eq!(event["message"], expected);
    assert_eq!(event["type"], "Warning");
    assert_eq!(event["source"]["component"], "garbage-collector-controller");
}

/// S-GC-15: a cluster-scoped object cannot have a namespaced owner, and is left alone.
#[test]
fn a_cluster_scoped_dependent_stays() {
    let mut stage = Stage::new();
    let volume = json!({
        "metadata": { "name": "v", "ownerReferences": owner("ConfigMap", "v1", "gone", "1") },
        "spec": {
            "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"],
            "hostPath": { "path": "/data" },
        },
    });
    stage.create(Kind::PersistentVolume, volume);
    stage.run(5_000);
    assert!(stage.get(Kind::PersistentVolume, "v").is_some());
}

/// S-GC-19: what is ending is not adopted.
#[test]
fn a_terminating_pod_is_not_adopted() {
    let mut stage = Stage::new();
    let mut ending = pod("web-0");
    ending["metadata"]["finalizers"] = json!([HOLD]);
    stage.create(Kind::Pod, ending);
    stage.delete(Kind::Pod, "web-0", None, Some(0));
    let mut one = set();
    one["spec"]["replicas"] = json!(1);
    stage.create(Kind::StatefulSet, one);
    stage.run(2_000);
    let found = stage.get(Kind::Pod, "web-0").unwrap();
    assert_eq!(found["metadata"]["ownerReferences"], Value::Null);
}

/// S-GC-19: a controller that is ending neither adopts nor releases.
#[test]
fn an_ending_controller_leaves_pods_as_they_are() {
    let mut stage = Stage::new();
    let mut held = set();
    held["metadata"]["finalizers"] = json!([HOLD]);
    held["spec"]["replicas"] = json!(1);
    stage.create(Kind::StatefulSet, held);
    stage.run(2_000);
    let owners = |stage: &Stage, name: &str| {
        let pod = stage.get(Kind::Pod, name).unwrap();
        pod["metadata"]["ownerReferences"].clone()
    };
    let owned = owners(&stage, "web-0");
    assert!(owned.is_array());
    stage.delete(Kind::StatefulSet, "web", Some(Propagation::Orphan), None);
    stage.run(2_000);
    // The orphan policy has freed the pod; one that would be adopted otherwise, and one that would be released.
    assert_eq!(owners(&stage, "web-0"), Value::Null);
    let mut stranger = pod("web-1");
    stranger["metadata"]["ownerReferences"] = owned.clone();
    stranger["metadata"]["labels"] = json!({ "app": "other" });
    stage.create(Kind::Pod, stranger);
    stage.run(2_000);
    assert_eq!(owners(&stage, "web-0"), Value::Null);
    assert_eq!(owners(&stage, "web-1"), owned);
}

/// S-GC-24
#[test]
fn generated_names_end_in_five_letters() {
    let mut stage = Stage::new();
    let map = json!({ "metadata": { "generateName": "x-" } });
    let made = stage.create(Kind::ConfigMap, map);
    let name = made["metadata"]["name"].as_str().unwrap();
    let suffix = name.strip_prefix("x-").unwrap();
    assert_eq!(suffix.len(), 5);
    assert!(
        suffix
            .chars()
            .all(|c| "bcdfghjklmnpqrstvwxz2456789".contains(c))
    );
}

/// S-GC-25, S-GC-27
#[test]
fn pods_end_at_once_or_in_time() {
    type Before = fn(&mut Stage);
    let cases: [(Before, Option<i64>, bool); 4] = [
        (|_| {}, Some(60), true),
        (|stage| bind(stage, "p"), None, false),
        (
            |stage| {
                bind(stage, "p");
                phase(stage, "p", "Succeeded");
            },
            Some(60),
            true,
        ),
        (|stage| bind(stage, "p"), Some(0), true),
    ];
    for (before, grace, at_once) in cases {
        let mut stage = Stage::new();
        stage.create(Kind::Pod, pod("p"));
        before(&mut stage);
        let since = stage.cluster.store().resource_version();
        stage.delete(Kind::Pod, "p", None, grace);
        assert_eq!(stage.get(Kind::Pod, "p").is_none(), at_once);
        if at_once {
            let changes = stage.cluster.store().changes_since(since).unwrap();
            let told: Vec<_> = changes
                .map(|change| {
                    (
                        change.change,
                        change.object.meta().deletion_grace_period_seconds,
                    )
                })
                .collect();
            let expected = [
                (ChangeType::Modified, Some(0)),
                (ChangeType::Deleted, Some(0)),
            ];
            assert_eq!(told, expected);
        }
    }
}

/// S-GC-26: who says nothing about a job's pods leaves them; who asks for the background, as kubectl does, does not.
#[test]
fn a_job_that_is_deleted_without_a_word_leaves_its_pods() {
    for (how, left) in [(None, 1), (Some(Propagation::Background), 0)] {
        let mut stage = Stage::new();
        let job = json!({
            "metadata": { "name": "j" },
            "spec": { "template": { "spec": {
                "restartPolicy": "Never", "containers": [{ "name": "c", "image": "i" }] } } },
        });
        stage.create(Kind::Job, job);
        stage.run(2_000);
        stage.delete(Kind::Job, "j", how, None);
        stage.run(5_000);
        assert_eq!(stage.get(Kind::Job, "j"), None);
        let pods = stage.cluster.store().list(Kind::Pod, Some("default"));
        let owners: Vec<_> = pods
            .map(|pod| pod.meta().owner_references.clone())
            .collect();
        assert_eq!(owners, vec![None; left], "{how:?}");
    }
}

/// S-GC-28
#[test]
fn a_finished_pod_keeps_its_claim() {
    let mut stage = Stage::new();
    stage.create(Kind::PersistentVolumeClaim, claim());
    stage.create(Kind::Pod, pod("p"));
    bind(&mut stage, "p");
    phase(&mut stage, "p", "Succeeded");
    stage.delete(Kind::PersistentVolumeClaim, "data", None, None);
    stage.run(30_000);
    let held = stage.get(Kind::PersistentVolumeClaim, "data").unwrap();
    assert!(held["metadata"]["deletionTimestamp"].is_string());
    stage.delete(Kind::Pod, "p", None, None);
    stage.run(30_000);
    assert_eq!(stage.get(Kind::PersistentVolumeClaim, "data"), None);
}

/// S-GC-22
#[test]
fn a_finalizer_holds_a_namespace() {
    let mut stage = Stage::new();
    stage.create(Kind::Namespace, json!({ "metadata": { "name": "n1" } }));
    let mut held = Request::new(Verb::Create, Kind::ConfigMap, "n1", "c");
    held.body = Body::Json(json!({ "metadata": { "name": "c", "finalizers": [HOLD] } }));
    stage.send(held);
    stage.delete(Kind::Namespace, "n1", None, None);
    stage.run(30_000);
    let namespace = stage.get(Kind::Namespace, "n1").unwrap();
    assert_eq!(namespace["status"]["phase"], "Terminating");
    let conditions = namespace["status"]["conditions"].as_array().unwrap();
    let told = |name: &str| {
        let found = conditions
            .iter()
            .find(|condition| condition["type"] == name);
        let found = found.unwrap();
        format!(
            "{} {} {}",
            found["status"], found["reason"], found["message"]
        )
        .replace('"', "")
    };
    assert_eq!(
        told("NamespaceFinalizersRemaining"),
        "True SomeFinalizersRemain Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"
    );
    assert_eq!(
        told("NamespaceContentRemaining"),
        "True SomeResourcesRemain Some resources are remaining: configmaps. has 1 resource instances"
    );
}

/// S-GC-29
#[test]
fn pods_go_before_the_rest_of_a_namespace() {
    let mut stage = Stage::new();
    stage.create(Kind::Namespace, json!({ "metadata": { "name": "n1" } }));
    let account = json!({ "metadata": { "name": "default" } });
    let mut request = Request::new(Verb::Create, Kind::ServiceAccount, "n1", "default");
    request.body = Body::Json(account);
    // The controller of namespaces makes it too, a moment later.
    let _ = stage.try_send(request);
    let mut held = pod("p");
    held["metadata"]["finalizers"] = json!([HOLD]);
    let mut request = Request::new(Verb::Create, Kind::Pod, "n1", "p");
    request.body = Body::Json(held);
    stage.send(request);
    let mut request = Request::new(Verb::Create, Kind::ConfigMap, "n1", "c");
    request.body = Body::Json(json!({ "metadata": { "name": "c" } }));
    stage.send(request);
    stage.delete(Kind::Namespace, "n1", None, None);
    stage.run(20_000);
    let there = stage
        .cluster
        .store()
        .get(Kind::ConfigMap, &Key::new("n1", "c"));
    assert!(there.is_some());
    let namespace = stage.get(Kind::Namespace, "n1").unwrap();
    let conditions = namespace["status"]["conditions"].as_array().unwrap();
    let content = conditions
        .iter()
        .find(|c| c["type"] == "NamespaceContentRemaining");
    assert_eq!(content.unwrap()["status"], "False");
}
