//! Rules notice what they are there for: somebody does wrong in a controller's name.

use super::{Look, Memory, rules};
use crate::api::{Body, PatchType, Request, Server, Subresource, Verb};
use crate::object::{Key, Kind};
use crate::queue::ControllerId;
use crate::time::Calendar;
use serde_json::{Value, json};

/// A set of three with its revision, its pods 0 to 2, all ready, and a claim.
struct Scene {
    server: Server,
    memory: Memory,
}

impl Scene {
    fn new() -> Scene {
        let mut scene = Scene {
            server: Server::new(1, Calendar::from_unix_seconds(1_767_571_200)),
            memory: Memory::default(),
        };
        let named = |name: &str| json!({ "metadata": { "name": name } });
        scene.create(Kind::Namespace, named("default"));
        scene.create(Kind::ServiceAccount, named("default"));
        let template = json!({
            "metadata": { "labels": { "app": "web" } },
            "spec": { "containers": [{ "name": "c", "image": "i" }] },
        });
        scene.create(
            Kind::StatefulSet,
            json!({
                "metadata": { "name": "web" },
                "spec": {
                    "replicas": 3,
                    "selector": { "matchLabels": { "app": "web" } },
                    "template": template,
                },
            }),
        );
        let mut revision = named("web-a");
        revision["metadata"]["ownerReferences"] = scene.owners();
        revision["data"] = json!({});
        revision["revision"] = json!(1);
        scene.create(Kind::ControllerRevision, revision);
        let claim = json!({ "metadata": { "name": "data-web-0" }, "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } } });
        scene.create(Kind::PersistentVolumeClaim, claim);
        for ordinal in 0..3 {
            scene.pod(ordinal);
            scene.ready(ordinal, "True");
        }
        scene
    }

    fn send(&mut self, request: Request) {
        self.server.handle(request).result.expect("accepted");
    }

    fn request(verb: Verb, kind: Kind, name: &str) -> Request {
        let namespace = if kind.info().namespaced {
            "default"
        } else {
            ""
        };
        Request::new(verb, kind, namespace, name)
    }

    fn create(&mut self, kind: Kind, object: Value) {
        let name = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
        self.send(Scene::request(Verb::Create, kind, &name).with_body(Body::Json(object)));
    }

    fn patch(&mut self, kind: Kind, name: &str, part: Option<Subresource>, patch: Value) {
        let mut request = Scene::request(Verb::Patch, kind, name);
        request.subresource = part;
        self.send(request.with_body(Body::Patch(PatchType::Merge, patch)));
    }

    fn delete(&mut self, kind: Kind, name: &str) {
        self.send(Scene::request(Verb::Delete, kind, name));
    }

    fn owners(&self) -> Value {
        let key = Key::new("default", "web");
        let set = self.server.store().get(Kind::StatefulSet, &key);
        let uid = set.expect("there").uid();
        json!([{ "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": uid, "controller": true }])
    }

    fn pod(&mut self, ordinal: u32) {
        let name = format!("web-{ordinal}");
        let pod = json!({
            "metadata": {
                "name": name,
                "labels": {
                    "app": "web",
                    "apps.kubernetes.io/pod-index": ordinal.to_string(),
                    "statefulset.kubernetes.io/pod-name": name,
                    "controller-revision-hash": "web-a",
                },
                "ownerReferences": self.owners(),
            },
            "spec": { "containers": [{ "name": "c", "image": "i" }] },
        });
        self.create(Kind::Pod, pod);
    }

    fn ready(&mut self, ordinal: u32, ready: &str) {
        let status = json!({ "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": ready }] } });
        let name = format!("web-{ordinal}");
        self.patch(Kind::Pod, &name, Some(Subresource::Status), status);
    }

    fn scale(&mut self, replicas: u32) {
        let spec = json!({ "spec": { "replicas": replicas } });
        self.patch(Kind::StatefulSet, "web", None, spec);
    }

    fn newer_revision(&mut self) {
        let revision = json!({
            "metadata": { "name": "web-b", "ownerReferences": self.owners() },
            "data": {}, "revision": 2,
        });
        self.create(Kind::ControllerRevision, revision);
    }

    fn observed(&mut self, generation: u32) {
        let status = json!({ "status": { "replicas": 0, "observedGeneration": generation } });
        self.patch(Kind::StatefulSet, "web", Some(Subresource::Status), status);
    }

    /// What the rules say of `deed`, done by `actor`.
    fn judge(&mut self, actor: ControllerId, deed: fn(&mut Scene)) -> Result<(), String> {
        let since = self.server.store().resource_version();
        deed(self);
        let look = Look {
            store: self.server.store(),
            now: self.server.now(),
            since,
            actor: Some(actor),
            worked: Some((actor, Key::new("default", "web"))),
            max_unavailable: false,
        };
        rules(&mut self.memory, &look)
    }
}

type Case = (fn(&mut Scene), ControllerId, fn(&mut Scene), &'static str);

const SET: ControllerId = ControllerId::StatefulSet;

#[test]
fn wrongs_are_noticed() {
    let cases: [Case; 14] = [
        (|s| s.scale(4), SET, |s| s.pod(3), ""),
        (
            |s| {
                s.scale(4);
                s.ready(1, "False");
            },
            SET,
            |s| s.pod(3),
            "web-3 was made although pod 1 is not ready",
        ),
        (|_| {}, SET, |s| s.pod(5), "nobody wants web-5"),
        (
            |_| {},
            SET,
            |s| s.delete(Kind::Pod, "web-2"),
            "web-2 was deleted although it is up to date",
        ),
        (|s| s.scale(2), SET, |s| s.delete(Kind::Pod, "web-2"), ""),
        (
            |s| s.scale(1),
            SET,
            |s| s.delete(Kind::Pod, "web-1"),
            "web-1 was scaled down before pod 2 was gone",
        ),
        (
            |s| {
                s.scale(2);
                s.ready(0, "False");
            },
            SET,
            |s| s.delete(Kind::Pod, "web-2"),
            "web-2 was scaled down although pod 0 is not ready",
        ),
        (
            Scene::newer_revision,
            SET,
            |s| s.delete(Kind::Pod, "web-2"),
            "",
        ),
        (
            Scene::newer_revision,
            SET,
            |s| s.delete(Kind::Pod, "web-1"),
            "web-1 was rolled out although pod 2 is not done",
        ),
        (
            |s| {
                s.newer_revision();
                s.ready(0, "False");
            },
            SET,
            |s| s.delete(Kind::Pod, "web-2"),
            "web-2 was rolled out although pod 0 is not done",
        ),
        (
            |_| {},
            SET,
            |s| s.delete(Kind::PersistentVolumeClaim, "data-web-0"),
            "default/data-web-0 was deleted by its set",
        ),
        (
            |_| {},
            SET,
            |s| s.observed(9),
            "observedGeneration 9 is in the future",
        ),
        (
            |s| {
                s.patch(
                    Kind::Pod,
                    "web-0",
                    Some(Subresource::Status),
                    json!({ "status": { "phase": "Failed" } }),
                )
            },
            ControllerId::Kubelet,
            |s| s.ready(0, "True"),
            "default/web-0 went from Some(\"Failed\") to Some(\"Running\")",
        ),
        (
            |_| {},
            ControllerId::PersistentVolume,
            |s| {
                let bound = json!({ "status": { "phase": "Bound" } });
                s.patch(
                    Kind::PersistentVolumeClaim,
                    "data-web-0",
                    Some(Subresource::Status),
                    bound,
                );
            },
            "default/data-web-0 is bound to , which belongs to None",
        ),
    ];
    for (before, actor, deed, expected) in cases {
        let mut scene = Scene::new();
        before(&mut scene);
        let found = scene.judge(actor, deed).err().unwrap_or_default();
        assert_eq!(found, expected);
    }
}

#[test]
fn circles_are_noticed() {
    let mut scene = Scene::new();
    for _ in 0..super::SYNCS_LIMIT {
        assert_eq!(scene.judge(SET, |_| {}), Ok(()));
    }
    assert!(scene.judge(SET, |_| {}).is_err());
    assert_eq!(
        scene.judge(SET, |s| s.scale(2)),
        Ok(()),
        "a change begins anew"
    );
}
