//! Writes to stored objects: patches, immutable fields, generations, deletion.

use crate::door::{create, object, ok, patch, refusals, request, server, stored};
use petset_cluster::Kind;
use petset_cluster::api::{Body, PatchType, Propagation, Reply, Server, Subresource, Verb};
use serde_json::{Value, json};

const IMMUTABLE_SET: &str = "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

fn with_set() -> Server {
    let mut server = server();
    ok(create(
        &mut server,
        Kind::StatefulSet,
        object("stateful_set.json"),
    ));
    server
}

#[test]
fn immutable_fields_of_a_set() {
    let template = "spec.template.metadata.labels: Invalid value: {\"app\":\"nginx-ss\"}: `selector` does not match template `labels`";
    let table: [(PatchType, Value, &[&str]); 4] = [
        (
            PatchType::Strategic,
            json!({"spec": {"serviceName": "other"}}),
            &[IMMUTABLE_SET],
        ),
        (
            PatchType::Json,
            json!([{"op": "replace", "path": "/spec/volumeClaimTemplates/0/spec/resources/requests/storage", "value": "2Gi"}]),
            &[IMMUTABLE_SET],
        ),
        (
            PatchType::Strategic,
            json!({"spec": {"podManagementPolicy": "Parallel"}}),
            &[IMMUTABLE_SET],
        ),
        (
            PatchType::Strategic,
            json!({"spec": {"selector": {"matchLabels": {"app": "x"}}}}),
            &[template, IMMUTABLE_SET],
        ),
    ];
    for (how, change, expected) in table {
        let mut server = with_set();
        let found = refusals(patch(
            &mut server,
            Kind::StatefulSet,
            "nginx-ss",
            how,
            change,
        ));
        assert_eq!(found, expected);
    }
}

#[test]
fn a_pods_hostname_stays() {
    let case = object("pod_hostname.json");
    let mut server = server();
    ok(create(&mut server, Kind::Pod, case["pod"].clone()));
    let found = refusals(patch(
        &mut server,
        Kind::Pod,
        "web-0",
        PatchType::Strategic,
        case["patch"].clone(),
    ));
    assert_eq!(found, [case["expected"].as_str().unwrap_or("")]);
}

#[test]
fn generation_counts_changes_of_the_spec() {
    let table: [(Value, i64); 4] = [
        (json!({"metadata": {"labels": {"a": "b"}}}), 1),
        (json!({"spec": {"replicas": 2}}), 2),
        (json!({"spec": {"replicas": 2}}), 2),
        (
            json!({"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": "nginx:1.25"}]}}}}),
            3,
        ),
    ];
    let mut server = with_set();
    for (change, generation) in table {
        let after = ok(patch(
            &mut server,
            Kind::StatefulSet,
            "nginx-ss",
            PatchType::Strategic,
            change,
        ));
        assert_eq!(after.meta().generation, Some(generation));
    }
    let containers =
        stored(&server, Kind::StatefulSet, "nginx-ss")["spec"]["template"]["spec"]["containers"]
            .clone();
    assert_eq!(containers.as_array().map(Vec::len), Some(1));
    assert_eq!(containers[0]["image"], "nginx:1.25");
    assert_eq!(containers[0]["ports"][0]["containerPort"], 80);
}

#[test]
fn patches_that_do_not_fit() {
    let mut server = with_set();
    let table: [(PatchType, Value, &str); 4] = [
        (
            PatchType::Strategic,
            json!("nope"),
            "json: cannot unmarshal string into Go value of type map[string]interface {}",
        ),
        (
            PatchType::Strategic,
            json!({"spec": {"foo": 1}}),
            "patch: Invalid value: \"map[spec:map[foo:1]]\": strict decoding error: unknown field \"spec.foo\"",
        ),
        (
            PatchType::Json,
            json!([{"op": "test", "path": "/spec/replicas", "value": 9}]),
            "the server rejected our request due to an error in our request",
        ),
        (
            PatchType::Apply,
            json!({}),
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
        ),
    ];
    for (how, change, expected) in table {
        let found = refusals(patch(
            &mut server,
            Kind::StatefulSet,
            "nginx-ss",
            how,
            change,
        ));
        assert_eq!(found, [expected]);
    }
}

#[test]
fn scale_reads_and_writes_replicas() {
    let mut server = with_set();
    let scale =
        |verb| request(verb, Kind::StatefulSet, "nginx-ss").with_subresource(Subresource::Scale);
    let change = Body::Patch(PatchType::Merge, json!({"spec": {"replicas": 5}}));
    let reply = server.handle(scale(Verb::Patch).with_body(change)).result;
    let Ok(Reply::Json(after)) = reply else {
        panic!("{reply:?}")
    };
    assert_eq!(after["kind"], "Scale");
    assert_eq!(after["spec"], json!({"replicas": 5}));
    assert_eq!(
        after["status"],
        json!({"replicas": 0, "selector": "app=nginx-ss"})
    );
    assert_eq!(
        stored(&server, Kind::StatefulSet, "nginx-ss")["spec"]["replicas"],
        5
    );
    let change = Body::Patch(PatchType::Merge, json!({"spec": {"replicas": -1}}));
    let found = refusals(server.handle(scale(Verb::Patch).with_body(change)));
    assert_eq!(
        found,
        ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"]
    );
    let on_pod = request(Verb::Get, Kind::Pod, "p").with_subresource(Subresource::Scale);
    assert_eq!(
        refusals(server.handle(on_pod)),
        ["the server could not find the requested resource"]
    );
}

#[test]
fn too_many_replicas_are_refused() {
    const REFUSED: &str = "not simulated here: more than 10000 replicas in all workloads together";
    let set = |name: &str, replicas: i64| {
        let mut set = object("stateful_set.json");
        set["metadata"]["name"] = name.into();
        set["spec"]["replicas"] = replicas.into();
        set
    };
    let create = |server: &mut Server, name: &str, replicas| {
        create(server, Kind::StatefulSet, set(name, replicas))
    };
    let scale = |server: &mut Server, replicas: i64| {
        let body = Body::Patch(PatchType::Merge, json!({"spec": {"replicas": replicas}}));
        let request = request(Verb::Patch, Kind::StatefulSet, "a");
        server.handle(request.with_subresource(Subresource::Scale).with_body(body))
    };
    let mut server = server();
    assert_eq!(refusals(create(&mut server, "a", 2_147_483_647)), [REFUSED]);
    ok(create(&mut server, "a", 6_000));
    assert_eq!(refusals(create(&mut server, "b", 4_001)), [REFUSED]);
    ok(create(&mut server, "b", 4_000));
    assert_eq!(refusals(scale(&mut server, 1_000_000)), [REFUSED]);
    assert_eq!(refusals(scale(&mut server, 6_001)), [REFUSED]);
    let update = |replicas| {
        let body = Body::Json(set("a", replicas));
        request(Verb::Update, Kind::StatefulSet, "a").with_body(body)
    };
    assert_eq!(refusals(server.handle(update(6_001))), [REFUSED]);
    // Fewer than before is always welcome.
    ok(server.handle(update(5_000)));
    assert!(scale(&mut server, 6_000).result.is_ok());
}

#[test]
fn too_many_pods_are_refused() {
    let mut server = server();
    let pod = |number: u32| {
        json!({"metadata": {"name": format!("p{number}")},
            "spec": {"containers": [{"name": "c", "image": "busybox"}]}})
    };
    for number in 0..12_000 {
        ok(create(&mut server, Kind::Pod, pod(number)));
    }
    assert_eq!(
        refusals(create(&mut server, Kind::Pod, pod(12_000))),
        ["not simulated here: more than 12000 pods in one cluster"]
    );
}

#[test]
fn finalizers_hold_a_claim() {
    let mut server = server();
    let claim = json!({"kind": "PersistentVolumeClaim", "metadata": {"name": "c"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    ok(create(&mut server, Kind::PersistentVolumeClaim, claim));
    ok(server.handle(request(Verb::Delete, Kind::PersistentVolumeClaim, "c")));
    let waiting = stored(&server, Kind::PersistentVolumeClaim, "c");
    assert_eq!(waiting["metadata"]["deletionGracePeriodSeconds"], 0);
    let freed = json!({"metadata": {"finalizers": null}});
    ok(patch(
        &mut server,
        Kind::PersistentVolumeClaim,
        "c",
        PatchType::Merge,
        freed,
    ));
    assert_eq!(
        stored(&server, Kind::PersistentVolumeClaim, "c"),
        Value::Null
    );
}

/// S-GC-05
#[test]
fn a_bound_pod_is_given_time() {
    let mut server = server();
    let pod = json!({"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    ok(create(&mut server, Kind::Pod, pod));
    let binding = json!({"target": {"name": "node-1"}});
    let bind = request(Verb::Create, Kind::Pod, "p").with_subresource(Subresource::Binding);
    ok(server.handle(bind.clone().with_body(Body::Json(binding.clone()))));
    let again = refusals(server.handle(bind.with_body(Body::Json(binding))));
    assert_eq!(
        again,
        [
            "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"node-1\""
        ]
    );
    for (grace, left) in [
        (None, Some(30)),
        (Some(60), Some(30)),
        (Some(5), Some(5)),
        (Some(0), None),
    ] {
        let mut delete = request(Verb::Delete, Kind::Pod, "p");
        delete.options.grace_period_seconds = grace;
        ok(server.handle(delete));
        let after = stored(&server, Kind::Pod, "p");
        assert_eq!(
            after["metadata"]["deletionGracePeriodSeconds"].as_i64(),
            left
        );
    }
}

/// S-GC-07
#[test]
fn propagation_is_written_as_finalizers() {
    let table = [
        (Propagation::Background, Value::Null),
        (Propagation::Foreground, json!(["foregroundDeletion"])),
        (Propagation::Orphan, json!(["orphan"])),
    ];
    for (propagation, expected) in table {
        let mut server = with_set();
        let mut delete = request(Verb::Delete, Kind::StatefulSet, "nginx-ss");
        delete.options.propagation = Some(propagation);
        ok(server.handle(delete));
        let after = stored(&server, Kind::StatefulSet, "nginx-ss");
        assert_eq!(after["metadata"]["finalizers"], expected);
    }
}

#[test]
fn namespaces_end_slowly() {
    let mut server = server();
    ok(create(
        &mut server,
        Kind::Namespace,
        json!({"metadata": {"name": "n1"}}),
    ));
    ok(server.handle(request(Verb::Delete, Kind::Namespace, "n1")));
    assert_eq!(
        stored(&server, Kind::Namespace, "n1")["status"]["phase"],
        "Terminating"
    );
    let mut into = request(Verb::Create, Kind::ConfigMap, "c");
    "n1".clone_into(&mut into.namespace);
    let into = into.with_body(Body::Json(json!({"metadata": {"name": "c"}})));
    let message = server
        .handle(into)
        .result
        .err()
        .map(|status| status.message);
    let expected = "configmaps \"c\" is forbidden: unable to create new content in namespace n1 because it is being terminated";
    assert_eq!(message.as_deref(), Some(expected));
    let immortal = server.handle(request(Verb::Delete, Kind::Namespace, "default"));
    assert_eq!(
        refusals(immortal),
        ["namespaces \"default\" is forbidden: this namespace may not be deleted"]
    );
    let mut namespace = stored(&server, Kind::Namespace, "n1");
    namespace["spec"] = json!({});
    let finalize =
        request(Verb::Update, Kind::Namespace, "n1").with_subresource(Subresource::Finalize);
    ok(server.handle(finalize.with_body(Body::Json(namespace))));
    assert_eq!(stored(&server, Kind::Namespace, "n1"), Value::Null);
}

/// S-GC-04
#[test]
fn names_that_are_taken() {
    let mut server = server();
    let pod = json!({"metadata": {"name": "web-0", "generateName": "web-"}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    ok(create(&mut server, Kind::Pod, pod.clone()));
    let clash = refusals(create(&mut server, Kind::Pod, pod));
    assert_eq!(
        clash,
        [
            "pods \"web-0\" already exists, the server was not able to generate a unique name for the object"
        ]
    );
    let map = json!({"metadata": {"name": "c", "finalizers": ["example.com/hold"]}});
    ok(create(&mut server, Kind::ConfigMap, map.clone()));
    let clash = refusals(create(&mut server, Kind::ConfigMap, map.clone()));
    assert_eq!(clash, ["configmaps \"c\" already exists"]);
    ok(server.handle(request(Verb::Delete, Kind::ConfigMap, "c")));
    let clash = refusals(create(&mut server, Kind::ConfigMap, map));
    assert_eq!(
        clash,
        ["object is being deleted: configmaps \"c\" already exists"]
    );
}
