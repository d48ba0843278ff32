//! Rules notice what they are there for: somebody does wrong in a controller's name.

use super::{Look, Memory, rules};
use crate::api::{Body, PatchType, Request, Server, Subresource, Verb};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::store::Change;
use crate::time::Calendar;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};
use std::sync::Arc;

/// A set of three with its revision, its pods 0 to 2, all ready, and a claim.
pub(super) struct Scene {
    pub(super) server: Server,
    memory: Memory,
}

impl Scene {
    pub(super) fn new() -> Scene {
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

    pub(super) fn create(&mut self, kind: Kind, object: Value) {
        let name = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
        self.send(Scene::request(Verb::Create, kind, &name).with_body(Body::Json(object)));
    }

    pub(super) fn patch(
        &mut self,
        kind: Kind,
        name: &str,
        part: Option<Subresource>,
        patch: Value,
    ) {
        let mut request = Scene::request(Verb::Patch, kind, name);
        request.subresource = part;
        self.send(request.with_body(Body::Patch(PatchType::Merge, patch)));
    }

    fn delete(&mut self, kind: Kind, name: &str) {
        self.send(Scene::request(Verb::Delete, kind, name));
    }

    pub(super) fn owners(&self) -> Value {
        let key = Key::new("default", "web");
        let set = self.server.store().get(Kind::StatefulSet, &key);
        let uid = set.expect("there").uid();
        json!([{ "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": uid, "controller": true }])
    }

    fn pod(&mut self, ordinal: u32) {
        self.named_pod(&format!("web-{ordinal}"), ordinal);
    }

    fn named_pod(&mut self, name: &str, ordinal: u32) {
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

    fn strategy(&mut self, strategy: Value) {
        let spec = json!({ "spec": { "updateStrategy": strategy } });
        self.patch(Kind::StatefulSet, "web", None, spec);
    }

    /// A volume of the claim, which is bound to it.
    fn bind(&mut self, claim: &str) {
        let key = Key::new("default", claim);
        let uid = self.server.store().get(Kind::PersistentVolumeClaim, &key);
        let uid = uid.expect("there").uid().to_owned();
        let claim_ref = json!({ "spec": { "claimRef": { "name": claim, "namespace": "default", "uid": uid } } });
        self.patch(Kind::PersistentVolume, "v", None, claim_ref);
        let bound = json!({ "status": { "phase": "Bound" } });
        let part = Some(Subresource::Status);
        self.patch(Kind::PersistentVolumeClaim, claim, part, bound);
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

    fn status(&mut self, kind: Kind, name: &str, status: Value) {
        let status = json!({ "status": status });
        self.patch(kind, name, Some(Subresource::Status), status);
    }

    fn deployment(&mut self) {
        let template = json!({
            "metadata": { "labels": { "app": "d" } },
            "spec": { "containers": [{ "name": "c", "image": "i" }] },
        });
        let spec = json!({ "selector": { "matchLabels": { "app": "d" } }, "template": template });
        let deployment = json!({ "metadata": { "name": "d" }, "spec": spec });
        self.create(Kind::Deployment, deployment);
    }

    pub(super) fn observed(&mut self, generation: u32) {
        let status = json!({ "status": { "replicas": 0, "observedGeneration": generation } });
        self.patch(Kind::StatefulSet, "web", Some(Subresource::Status), status);
    }

    /// What the rules say of `deed`, done by `actor`; by a person if it is none.
    fn judge(
        &mut self,
        actor: impl Into<Option<ControllerId>>,
        deed: fn(&mut Scene),
    ) -> Result<(), String> {
        let actor = actor.into();
        let since = self.server.store().resource_version();
        deed(self);
        let look = Look {
            store: self.server.store(),
            now: self.server.now(),
            since,
            actor,
            worked: actor.map(|actor| (actor, Key::new("default", "web"))),
            max_unavailable: false,
        };
        rules(&mut self.memory, &look)
    }
}

type Case = (fn(&mut Scene), ControllerId, fn(&mut Scene), &'static str);

const SET: ControllerId = ControllerId::StatefulSet;

#[test]
fn wrongs_are_noticed() {
    let cases: [Case; 25] = [
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
        (
            |s| {
                s.named_pod("web-03", 3);
                s.scale(4);
            },
            SET,
            |s| s.pod(3),
            "web-3 is not the only pod of its ordinal",
        ),
        (
            |s| {
                s.strategy(json!({ "type": "OnDelete", "rollingUpdate": null }));
                s.newer_revision();
            },
            SET,
            |s| s.delete(Kind::Pod, "web-2"),
            "web-2 was deleted by a set that updates on deletion",
        ),
        (
            |s| {
                s.strategy(json!({ "rollingUpdate": { "partition": 3 } }));
                s.newer_revision();
            },
            SET,
            |s| s.delete(Kind::Pod, "web-2"),
            "web-2 was deleted below the partition",
        ),
        (
            |s| {
                s.pod(3);
                s.ready(3, "True");
                s.newer_revision();
            },
            SET,
            |s| s.delete(Kind::Pod, "web-2"),
            "web-2 was rolled out before pod 3 was gone",
        ),
        (
            |_| {},
            SET,
            |s| {
                let mut pod = json!({
                    "metadata": { "name": "web-9", "ownerReferences": s.owners() },
                    "spec": { "containers": [{ "name": "c", "image": "i" }] },
                });
                pod["metadata"]["ownerReferences"][0]["uid"] = json!("of-another-time");
                s.create(Kind::Pod, pod);
            },
            "Pod default/web-9 was given an owner that is not there: StatefulSet web",
        ),
        (
            |s| s.scale(2),
            SET,
            |s| {
                let pod = s
                    .server
                    .store()
                    .get(Kind::Pod, &Key::new("default", "web-2"));
                let uid = pod.expect("there").uid().to_owned();
                let owner =
                    json!([{ "apiVersion": "v1", "kind": "Pod", "name": "web-2", "uid": uid }]);
                let owned = json!({ "metadata": { "ownerReferences": owner } });
                s.patch(Kind::PersistentVolumeClaim, "data-web-0", None, owned);
                // It is on no node, and gone at once.
                s.delete(Kind::Pod, "web-2");
            },
            "",
        ),
        (
            |_| {},
            SET,
            |s| {
                s.status(
                    Kind::StatefulSet,
                    "web",
                    json!({ "replicas": 7, "readyReplicas": 3 }),
                )
            },
            "the status of StatefulSet default/web counts 7 pods, 3 of them ready; there are 3 and 3",
        ),
        (
            |s| s.ready(1, "False"),
            SET,
            |s| {
                s.status(
                    Kind::StatefulSet,
                    "web",
                    json!({ "replicas": 3, "readyReplicas": 3 }),
                )
            },
            "the status of StatefulSet default/web counts 3 pods, 3 of them ready; there are 3 and 2",
        ),
        (
            |s| s.deployment(),
            ControllerId::Deployment,
            |s| s.status(Kind::Deployment, "d", json!({ "observedGeneration": 2 })),
            "observedGeneration 2 is in the future",
        ),
        (
            |s| {
                s.create(
                    Kind::Pod,
                    json!({ "metadata": { "name": "user" }, "spec": {
                        "nodeName": "n", "containers": [{ "name": "c", "image": "i" }],
                        "volumes": [{ "name": "d", "persistentVolumeClaim": { "claimName": "data-web-0" } }] } }),
                );
                s.delete(Kind::PersistentVolumeClaim, "data-web-0");
            },
            ControllerId::VolumeProtection,
            |s| {
                let free = json!({ "metadata": { "finalizers": null } });
                s.patch(Kind::PersistentVolumeClaim, "data-web-0", None, free);
            },
            "VolumeProtection let default/data-web-0 go, which user uses",
        ),
        (
            |s| s.ready(2, "False"),
            SET,
            |s| {
                s.scale(2);
                s.ready(1, "False");
                s.delete(Kind::Pod, "web-2");
            },
            "web-2 was scaled down although pod 1 is not ready",
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

#[test]
fn an_observed_generation_that_goes_back_is_noticed() {
    let mut scene = Scene::new();
    scene.scale(2);
    assert_eq!(scene.judge(SET, |s| s.observed(2)), Ok(()));
    assert_eq!(
        scene.judge(SET, |s| s.observed(1)),
        Err("observedGeneration went back from 2 to 1".to_owned())
    );
}

#[test]
fn people_may_write_any_observed_generation() {
    let mut scene = Scene::new();
    scene.scale(2);
    assert_eq!(scene.judge(SET, |s| s.observed(2)), Ok(()));
    assert_eq!(scene.judge(None, |s| s.observed(9)), Ok(()));
    assert_eq!(scene.judge(None, |s| s.observed(0)), Ok(()));
    assert_eq!(scene.judge(SET, |s| s.observed(2)), Ok(()));
}

#[test]
fn a_disk_of_two_claims_is_noticed() {
    let binder = ControllerId::PersistentVolume;
    let mut scene = Scene::new();
    let spec = json!({ "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"], "hostPath": { "path": "/tmp/v" } });
    let volume = json!({ "metadata": { "name": "v" }, "spec": spec });
    scene.create(Kind::PersistentVolume, volume);
    for claim in ["a", "b"] {
        let spec = json!({ "volumeName": "v", "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } });
        let claim = json!({ "metadata": { "name": claim }, "spec": spec });
        scene.create(Kind::PersistentVolumeClaim, claim);
    }
    assert_eq!(scene.judge(binder, |s| s.bind("a")), Ok(()));
    assert_eq!(
        scene.judge(binder, |s| s.bind("b")),
        Err("v is bound to default/b and to another claim".to_owned())
    );
}

/// What no request can do: the store itself would have to be broken.
#[test]
fn histories_that_cannot_be_are_noticed() {
    let mut scene = Scene::new();
    let since = scene.server.store().resource_version();
    scene.ready(0, "False");
    let mut changes = scene.server.store().changes_since(since).expect("kept");
    let change = changes.next().expect("one").clone();
    let told = |rule: &dyn Fn(&mut Memory, &Change) -> Result<(), String>, change: &Change| {
        let mut memory = Memory {
            seen: since,
            ..Memory::default()
        };
        rule(&mut memory, change).err().unwrap_or_default()
    };
    let with = |object: fn(&mut Pod)| {
        let mut pod = change.object.as_kind::<Pod>().expect("a pod").clone();
        object(&mut pod);
        Change {
            object: Arc::new(Object::from(pod)),
            ..change.clone()
        }
    };
    let look = Look {
        store: scene.server.store(),
        now: scene.server.now(),
        since,
        actor: Some(SET),
        worked: None,
        max_unavailable: false,
    };
    let versions = |change: &Change| told(&super::object::versions, change);
    let lives = |change: &Change| told(&|_, change| super::object::lives(&look, change), change);
    assert_eq!((versions(&change), lives(&change)), Default::default());
    let late = Change {
        resource_version: since,
        ..change.clone()
    };
    assert_eq!(versions(&late), format!("version {since} comes late"));
    let same = Change {
        old: Some(change.object.clone()),
        ..change.clone()
    };
    assert_eq!(versions(&same), "default/web-0 did not get a new version");
    let other = with(|pod| pod.metadata.uid = Some("other".to_owned()));
    assert_eq!(lives(&other), "default/web-0 became another object");
    let ending = with(|pod| {
        pod.metadata.deletion_timestamp = pod.metadata.creation_timestamp.clone();
    });
    let back = Change {
        old: Some(ending.object),
        ..change.clone()
    };
    assert_eq!(lives(&back), "the deletion of default/web-0 was taken back");
}
