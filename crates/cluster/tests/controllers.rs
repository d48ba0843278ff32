//! Garbage collection, namespaces and the cluster at rest, through the API alone.

use k8s_openapi::api::core::v1::ConfigMap;
use petset_cluster::api::{Body, Propagation, Reply, Request, Status, Verb};
use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use petset_cluster::store::ChangeType;
use petset_cluster::{Cluster, Config, Duration, Key, Kind, Object};
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

struct Stage {
    cluster: Cluster,
}

impl Stage {
    fn new() -> Stage {
        Stage {
            cluster: Cluster::new(Config::default(), Arc::new(NoRuntime)),
        }
    }

    fn send(&mut self, request: Request) -> Result<Reply, Status> {
        self.cluster.handle(request).result
    }

    fn run(&mut self, span: Duration) {
        let until = self.cluster.now() + span;
        self.cluster.run_until(until);
    }

    /// Creates a config map with owners, given as (name, whether it blocks the owner).
    fn map(&mut self, name: &str, owners: &[(&str, bool)]) {
        let owners: Vec<Value> = owners
            .iter()
            .map(|(owner, blocks)| {
                let uid = self.uid(owner).unwrap_or_else(|| "gone".to_owned());
                json!({ "apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": uid,
                    "blockOwnerDeletion": blocks })
            })
            .collect();
        let value = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": name, "namespace": "default", "ownerReferences": owners },
        });
        let request = Request::new(Verb::Create, Kind::ConfigMap, "default", name);
        self.send(request.with_body(Body::Json(value))).unwrap();
    }

    fn uid(&self, name: &str) -> Option<String> {
        let key = Key::new("default", name);
        let map = self.cluster.store().get_as::<ConfigMap>(&key)?;
        map.metadata.uid.clone()
    }

    fn delete(&mut self, kind: Kind, namespace: &str, name: &str, how: Propagation) {
        let mut request = Request::new(Verb::Delete, kind, namespace, name);
        request.options.propagation = Some(how);
        self.send(request).unwrap();
    }

    /// What happened to the config maps since a version: `a!` begins to end, `a-` is gone, `a free` lost its owners.
    fn told(&self, since: u64) -> Vec<String> {
        let changes = self.cluster.store().changes_since(since).unwrap();
        let maps = changes.filter(|change| change.object.kind() == Kind::ConfigMap);
        let told = maps.filter_map(|change| {
            let name = change.object.name();
            let old = change.old.as_ref()?;
            let owned = |object: &Object| object.meta().owner_references.is_some();
            if change.change == ChangeType::Deleted {
                Some(format!("{name}-"))
            } else if change.object.is_terminating() && !old.is_terminating() {
                Some(format!("{name}!"))
            } else if owned(old) && !owned(&change.object) {
                Some(format!("{name} free"))
            } else {
                None
            }
        });
        told.collect()
    }

    /// The config maps of the test, each with its owners, `!` for those being deleted.
    fn show(&self) -> String {
        let maps = self.cluster.store().list_as::<ConfigMap>(Some("default"));
        let shown = maps.filter_map(|map| {
            let name = map.metadata.name.as_deref()?;
            if name == "kube-root-ca.crt" {
                return None;
            }
            let owners = map.metadata.owner_references.iter().flatten();
            let owners: Vec<&str> = owners.map(|owner| owner.name.as_str()).collect();
            let going = if map.metadata.deletion_timestamp.is_some() {
                "!"
            } else {
                ""
            };
            Some(format!("{name}{going}({})", owners.join(",")))
        });
        shown.collect::<Vec<_>>().join(" ")
    }
}

/// S-GC-11, S-GC-13, S-GC-30, and what is left by S-GC-08, S-GC-09 and S-GC-10.
#[test]
fn dependents_follow_their_owners() {
    use Propagation::{Background, Foreground, Orphan};
    type Map<'a> = (&'a str, &'a [(&'a str, bool)]);
    let chain: &[Map<'_>] = &[("a", &[]), ("b", &[("a", true)]), ("c", &[("b", true)])];
    let two: &[Map<'_>] = &[("a", &[]), ("x", &[]), ("b", &[("a", true), ("x", true)])];
    let cases: &[(&str, &[Map<'_>], Propagation, &str)] = &[
        ("background takes all below", chain, Background, ""),
        ("foreground takes all below first", chain, Foreground, ""),
        ("orphans stay without the owner", chain, Orphan, "b() c(b)"),
        (
            "another owner keeps the dependent",
            two,
            Background,
            "b(x) x()",
        ),
        (
            "another owner frees the waiting one",
            two,
            Foreground,
            "b(x) x()",
        ),
        (
            "an owner that never was",
            &[("a", &[]), ("b", &[("no", false)])],
            Orphan,
            "",
        ),
    ];
    for (name, maps, how, expected) in cases {
        let mut stage = Stage::new();
        for (map, owners) in *maps {
            stage.map(map, owners);
        }
        stage.delete(Kind::ConfigMap, "default", "a", *how);
        stage.run(Duration::secs(2));
        assert_eq!(stage.show(), *expected, "{name}");
        assert_eq!(stage.cluster.next_event(), None, "{name}");
    }
}

/// S-GC-08, S-GC-09, S-GC-10: who goes first, and what becomes of the references before.
#[test]
fn owners_and_dependents_go_in_order() {
    use Propagation::{Background, Foreground, Orphan};
    // (how `a` is deleted; `b` blocks it, `c` does not; `!` begins to end, `-` is gone, `free` has no owner any more)
    let cases = [
        (Background, "a-", "b- c-"),
        (Foreground, "a! b-", "a-"),
        (Orphan, "a! b free c free", "a-"),
    ];
    for (how, first, last) in cases {
        let mut stage = Stage::new();
        stage.map("a", &[]);
        stage.map("b", &[("a", true)]);
        stage.map("c", &[("a", false)]);
        let since = stage.cluster.store().resource_version();
        stage.delete(Kind::ConfigMap, "default", "a", how);
        stage.run(Duration::secs(2));
        let told = stage.told(since);
        let at = |what: &str| {
            let found = told.iter().position(|line| line == what);
            found.unwrap_or_else(|| panic!("{how:?}: no {what} in {told:?}"))
        };
        let words = |line: &'static str| {
            let marked = line.replace(" free", "~");
            let words = marked
                .split(' ')
                .map(|word| at(&word.replace('~', " free")));
            words.collect::<Vec<_>>()
        };
        let (before, after) = (words(first), words(last));
        assert!(
            before.iter().max() < after.iter().min(),
            "{how:?}: {told:?}"
        );
    }
}

/// S-GC-21
#[test]
fn a_namespace_goes_with_all_it_holds() {
    let mut stage = Stage::new();
    let value = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "n1" } });
    let request = Request::new(Verb::Create, Kind::Namespace, "", "n1");
    stage.send(request.with_body(Body::Json(value))).unwrap();
    stage.run(Duration::secs(1));
    let count = |stage: &Stage, kind: Kind| stage.cluster.store().list(kind, Some("n1")).count();
    assert_eq!(
        (
            count(&stage, Kind::ServiceAccount),
            count(&stage, Kind::ConfigMap)
        ),
        (1, 1)
    );
    stage.delete(Kind::Namespace, "", "n1", Propagation::Background);
    stage.run(Duration::secs(4));
    assert_eq!(
        count(&stage, Kind::ConfigMap),
        1,
        "contents stay for five seconds"
    );
    stage.run(Duration::secs(2));
    let left = Kind::ALL.iter().filter(|kind| count(&stage, **kind) > 0);
    assert_eq!(left.count(), 0);
    let key = Key::new("", "n1");
    assert!(stage.cluster.store().get(Kind::Namespace, &key).is_none());
}

#[test]
fn a_lost_default_service_account_comes_back() {
    let mut stage = Stage::new();
    stage.delete(
        Kind::ServiceAccount,
        "default",
        "default",
        Propagation::Background,
    );
    stage.run(Duration::secs(1));
    let key = Key::new("default", "default");
    assert!(
        stage
            .cluster
            .store()
            .get(Kind::ServiceAccount, &key)
            .is_some()
    );
}

#[test]
fn a_new_cluster_is_whole_and_at_rest() {
    let mut stage = Stage::new();
    assert_eq!(stage.cluster.next_event(), None);
    let counts = [
        (Kind::Node, 3),
        (Kind::Namespace, 4),
        (Kind::Service, 2),
        (Kind::Endpoints, 2),
        (Kind::EndpointSlice, 2),
        (Kind::StorageClass, 1),
        (Kind::Pod, 1),
        (Kind::ServiceAccount, 4),
        (Kind::ConfigMap, 4),
        (Kind::Event, 0),
    ];
    for (kind, expected) in counts {
        assert_eq!(stage.cluster.store().count(kind), expected, "{kind:?}");
    }
    let age = stage
        .cluster
        .server()
        .calendar()
        .time(stage.cluster.now())
        .0;
    for object in stage.cluster.store().list(Kind::Node, None) {
        let created = object.meta().creation_timestamp.clone().unwrap().0;
        assert_eq!(age.duration_since(created).as_secs(), 68 * 60);
    }
    let before = stage.cluster.digest();
    assert_eq!(before, Stage::new().cluster.digest());
    stage.run(Duration::secs(60));
    assert_ne!(
        before,
        stage.cluster.digest(),
        "the moment is part of the state"
    );
}

#[test]
fn the_service_of_the_api_server_comes_back() {
    let mut stage = Stage::new();
    let key = Key::new("default", "kubernetes");
    let address = |stage: &Stage| {
        let service = stage.cluster.store().get(Kind::Service, &key)?.to_json();
        service["spec"]["clusterIP"].as_str().map(str::to_owned)
    };
    let before = address(&stage);
    assert_eq!(before.as_deref(), Some("10.96.0.1"));
    stage.delete(
        Kind::Service,
        "default",
        "kubernetes",
        Propagation::Background,
    );
    stage.run(Duration::secs(1));
    assert_eq!(address(&stage), None);
    stage.run(Duration::secs(11));
    assert_eq!(address(&stage), before);
    for kind in [Kind::Endpoints, Kind::EndpointSlice] {
        assert!(stage.cluster.store().get(kind, &key).is_some(), "{kind:?}");
    }
}
