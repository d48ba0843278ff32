//! Statements about the StatefulSet in the API: defaults, what a write may change, what is refused.

use crate::door::{create, ok, patch, refusals, request, server, stored};
use petset_cluster::Kind;
use petset_cluster::api::{Body, PatchType, Server, Subresource, Verb};
use serde_json::{Value, json};

const IMMUTABLE: &str = "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/// A small valid set, with `change` merged into it.
fn set(change: Value) -> Value {
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": "web" },
        "spec": {
            "serviceName": "nginx",
            "selector": { "matchLabels": { "app": "nginx" } },
            "template": {
                "metadata": { "labels": { "app": "nginx" } },
                "spec": { "containers": [{ "name": "nginx", "image": "nginx:1.25" }] },
            },
        },
    });
    merge(&mut set, change);
    set
}

fn merge(into: &mut Value, change: Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (name, value) in change {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change,
    }
}

fn with(change: Value) -> Server {
    let mut server = server();
    ok(create(&mut server, Kind::StatefulSet, set(change)));
    server
}

/// S-STS-51, S-STS-52
#[test]
fn what_is_left_out() {
    let retain = json!({ "whenDeleted": "Retain", "whenScaled": "Retain" });
    let rolling = json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 0 } });
    let cases = [
        (json!({}), "replicas", json!(1)),
        (json!({}), "podManagementPolicy", json!("OrderedReady")),
        (json!({}), "revisionHistoryLimit", json!(10)),
        (json!({}), "persistentVolumeClaimRetentionPolicy", retain),
        (json!({}), "updateStrategy", rolling.clone()),
        (
            json!({ "updateStrategy": {} }),
            "updateStrategy",
            rolling.clone(),
        ),
        (
            json!({ "updateStrategy": { "type": "RollingUpdate" } }),
            "updateStrategy",
            json!({ "type": "RollingUpdate" }),
        ),
        (
            json!({ "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": {} } }),
            "updateStrategy",
            rolling,
        ),
        (
            json!({ "updateStrategy": { "type": "OnDelete" } }),
            "updateStrategy",
            json!({ "type": "OnDelete" }),
        ),
        (
            json!({ "persistentVolumeClaimRetentionPolicy": { "whenScaled": "Delete" } }),
            "persistentVolumeClaimRetentionPolicy",
            json!({ "whenDeleted": "Retain", "whenScaled": "Delete" }),
        ),
        (json!({}), "minReadySeconds", Value::Null),
        (json!({}), "ordinals", Value::Null),
    ];
    for (spec, field, expected) in cases {
        let server = with(json!({ "spec": spec }));
        let found = stored(&server, Kind::StatefulSet, "web");
        assert_eq!(found["spec"][field], expected, "{spec} {field}");
    }
}

/// S-STS-53, S-STS-54, S-STS-60: what may be changed, and whether that counts as a new generation.
#[test]
fn changes() {
    let accepted = [
        (json!({ "metadata": { "labels": { "a": "b" } } }), 1),
        (json!({ "metadata": { "annotations": { "a": "b" } } }), 1),
        (json!({ "spec": { "replicas": 1 } }), 1),
        (json!({ "spec": { "replicas": 3 } }), 2),
        (json!({ "spec": { "ordinals": { "start": 2 } } }), 2),
        (json!({ "spec": { "minReadySeconds": 5 } }), 2),
        (json!({ "spec": { "revisionHistoryLimit": 3 } }), 2),
        (
            json!({ "spec": { "updateStrategy": { "rollingUpdate": { "partition": 2 } } } }),
            2,
        ),
        (
            json!({ "spec": { "updateStrategy": { "type": "OnDelete", "rollingUpdate": null } } }),
            2,
        ),
        (
            json!({ "spec": { "persistentVolumeClaimRetentionPolicy": { "whenScaled": "Delete" } } }),
            2,
        ),
        (
            json!({ "spec": { "template": { "spec": { "containers": [{ "name": "nginx", "image": "nginx:1.26" }] } } } }),
            2,
        ),
        (json!({ "status": { "replicas": 7 } }), 1),
    ];
    for (change, generation) in accepted {
        let mut server = with(json!({}));
        let merge = PatchType::Merge;
        let set = ok(patch(
            &mut server,
            Kind::StatefulSet,
            "web",
            merge,
            change.clone(),
        ));
        assert_eq!(set.meta().generation, Some(generation), "{change}");
        let status = stored(&server, Kind::StatefulSet, "web")["status"]["replicas"].clone();
        assert_eq!(status, 0, "{change}");
    }
    let claims = json!([{ "metadata": { "name": "www" }, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } } }]);
    let refused = [
        json!({ "spec": { "serviceName": "other" } }),
        json!({ "spec": { "podManagementPolicy": "Parallel" } }),
        json!({ "spec": { "volumeClaimTemplates": claims } }),
        json!({ "spec": {
            "selector": { "matchLabels": { "tier": "web" } },
            "template": { "metadata": { "labels": { "tier": "web" } } } } }),
    ];
    for change in refused {
        let mut server = with(json!({}));
        let merge = PatchType::Merge;
        let found = refusals(patch(
            &mut server,
            Kind::StatefulSet,
            "web",
            merge,
            change.clone(),
        ));
        assert_eq!(found, [IMMUTABLE], "{change}");
    }
}

/// A set needs no service; it can be changed and scaled like any other.
#[test]
fn a_set_without_a_service() {
    let mut server = with(json!({ "spec": { "serviceName": null } }));
    let merge = PatchType::Merge;
    let change = json!({ "metadata": { "labels": { "a": "b" } } });
    let set = ok(patch(&mut server, Kind::StatefulSet, "web", merge, change));
    assert_eq!(set.meta().generation, Some(1));
    let change = json!({ "spec": { "replicas": 4 } });
    let set = ok(patch(&mut server, Kind::StatefulSet, "web", merge, change));
    assert_eq!(set.meta().generation, Some(2));
}

/// S-STS-55, S-STS-56, S-STS-57, S-STS-58, S-STS-68, S-STS-72 and section 15
#[test]
fn refused_at_creation() {
    const NEGATIVE: &str = "Invalid value: -1: must be greater than or equal to 0";
    let strategy = |strategy: Value| json!({ "spec": { "updateStrategy": strategy } });
    let claim = |spec: Value| json!({ "spec": { "volumeClaimTemplates": [{ "metadata": { "name": "www" }, "spec": spec }] } });
    let cases: Vec<(Value, Vec<String>)> = vec![
        (json!({ "metadata": { "name": "web.a" } }), vec!["metadata.name: Invalid value: \"web.a\": must not contain dots".to_owned()]),
        (
            json!({ "metadata": { "name": "a".repeat(64) } }),
            vec![format!("metadata.name: Invalid value: \"{}\": must be no more than 63 characters", "a".repeat(64))],
        ),
        (
            json!({ "spec": { "selector": { "matchLabels": null } } }),
            vec!["spec.selector: Invalid value: {}: empty selector is invalid for statefulset".to_owned()],
        ),
        (
            json!({ "spec": { "template": { "metadata": { "labels": { "app": "x" } } } } }),
            vec!["spec.template.metadata.labels: Invalid value: {\"app\":\"x\"}: `selector` does not match template `labels`".to_owned()],
        ),
        (
            json!({ "spec": { "template": { "spec": { "restartPolicy": "Never" } } } }),
            vec!["spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"".to_owned()],
        ),
        (
            json!({ "spec": { "template": { "spec": { "activeDeadlineSeconds": 5 } } } }),
            vec!["spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported".to_owned()],
        ),
        (json!({ "spec": { "replicas": -1 } }), vec![format!("spec.replicas: {NEGATIVE}")]),
        (json!({ "spec": { "minReadySeconds": -1 } }), vec![format!("spec.minReadySeconds: {NEGATIVE}")]),
        (json!({ "spec": { "ordinals": { "start": -1 } } }), vec![format!("spec.ordinals.start: {NEGATIVE}")]),
        (
            strategy(json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": -1 } })),
            vec![format!("spec.updateStrategy.rollingUpdate.partition: {NEGATIVE}")],
        ),
        (
            strategy(json!({ "type": "OnDelete", "rollingUpdate": { "partition": 1 } })),
            vec!["spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":1,\"MaxUnavailable\":null}: only allowed for updateStrategy 'RollingUpdate'".to_owned()],
        ),
        (
            strategy(json!({ "type": "Recreate" })),
            vec!["spec.updateStrategy: Invalid value: {\"Type\":\"Recreate\",\"RollingUpdate\":null}: must be 'RollingUpdate' or 'OnDelete'".to_owned()],
        ),
        (
            json!({ "spec": { "podManagementPolicy": "Random" } }),
            vec!["spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'".to_owned()],
        ),
        (
            json!({ "spec": { "persistentVolumeClaimRetentionPolicy": { "whenDeleted": "Keep" } } }),
            vec!["spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: \"Keep\": supported values: \"Retain\", \"Delete\"".to_owned()],
        ),
        (
            claim(json!({ "resources": { "requests": { "storage": "1Gi" } } })),
            vec!["spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required".to_owned()],
        ),
        (
            claim(json!({ "accessModes": ["ReadWriteOnce"] })),
            vec!["spec.volumeClaimTemplates[0].spec.resources[storage]: Required value".to_owned()],
        ),
    ];
    for (change, expected) in cases {
        let found = refusals(create(&mut server(), Kind::StatefulSet, set(change)));
        assert_eq!(found, expected);
    }
}

/// S-STS-59: a status that is sent along is not taken.
#[test]
fn a_new_set_has_no_status() {
    let sent =
        json!({ "metadata": { "generation": 9 }, "status": { "replicas": 5, "readyReplicas": 5 } });
    let found = stored(&with(sent), Kind::StatefulSet, "web");
    assert_eq!(
        found["status"],
        json!({ "replicas": 0, "availableReplicas": 0 })
    );
    assert_eq!(found["metadata"]["generation"], 1);
}

/// S-STS-72: what is stored may keep its faults.
#[test]
fn a_stored_fault_does_not_block_updates() {
    use petset_cluster::Object;
    use petset_cluster::time::{Calendar, Instant};
    let claim = json!({ "metadata": { "name": "www" }, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } } });
    let sound = with(json!({ "spec": { "volumeClaimTemplates": [claim] } }));
    let mut faulty = stored(&sound, Kind::StatefulSet, "web");
    let template = faulty["spec"]["volumeClaimTemplates"][0]["spec"].as_object_mut();
    template.unwrap().remove("accessModes");
    let set: k8s_openapi::api::apps::v1::StatefulSet = serde_json::from_value(faulty).unwrap();
    let calendar = Calendar::from_unix_seconds(1_767_571_200);
    let mut server = Server::restored(calendar, Instant::ZERO, vec![Object::from(set)]);
    let change = json!({ "spec": { "minReadySeconds": 5 } });
    let merge = PatchType::Merge;
    let after = ok(patch(&mut server, Kind::StatefulSet, "web", merge, change));
    assert_eq!(after.meta().generation, Some(2));
}

/// S-STS-78 and section 15
#[test]
fn impossible_statuses() {
    let cases = [
        (
            json!({ "replicas": 2, "currentReplicas": -1 }),
            "status.currentReplicas: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            json!({ "replicas": 2, "readyReplicas": 1, "availableReplicas": 2 }),
            "status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas",
        ),
        (
            json!({ "replicas": 1, "readyReplicas": 2 }),
            "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
        ),
        (
            json!({ "replicas": 1, "updatedReplicas": 2 }),
            "status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas",
        ),
        (
            json!({ "replicas": 0, "observedGeneration": -1 }),
            "status.observedGeneration: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            json!({ "replicas": 0, "collisionCount": 1 }),
            "status.collisionCount: Invalid value: 1: cannot be decremented",
        ),
    ];
    for (status, expected) in cases {
        let mut server = with(json!({}));
        let write = |server: &mut Server, status: Value| {
            let mut set = stored(server, Kind::StatefulSet, "web");
            set["status"] = status;
            let update = request(Verb::Update, Kind::StatefulSet, "web");
            server.handle(
                update
                    .with_subresource(Subresource::Status)
                    .with_body(Body::Json(set)),
            )
        };
        ok(write(
            &mut server,
            json!({ "replicas": 0, "collisionCount": 2 }),
        ));
        let mut status = status;
        if status.get("collisionCount").is_none() {
            status["collisionCount"] = json!(2);
        }
        assert_eq!(refusals(write(&mut server, status)), [expected]);
    }
}
