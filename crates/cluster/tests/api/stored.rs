//! Objects come out of the API door as a real API server stores them.

use crate::door::{create, object, ok, server, stored};
use petset_cluster::Kind;
use serde_json::json;

#[test]
fn a_stateful_set_is_defaulted_as_recorded() {
    let mut server = server();
    let set = create(&mut server, Kind::StatefulSet, object("stateful_set.json"));
    let mut found = ok(set).to_json();
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        found["metadata"]
            .as_object_mut()
            .map(|meta| meta.remove(field));
    }
    assert_eq!(found, object("stateful_set_stored.json"));
}

#[test]
fn a_pod_gets_what_admission_gives() {
    let mut server = server();
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
    });
    ok(create(&mut server, Kind::Pod, pod));
    let found = stored(&server, Kind::Pod, "p");
    assert_eq!(found["spec"]["containers"][0]["imagePullPolicy"], "Always");
    assert_eq!(found["spec"]["serviceAccount"], "default");
    assert_eq!(
        found["spec"]["tolerations"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(
        found["spec"]["containers"][0]["volumeMounts"][0]["mountPath"],
        "/var/run/secrets/kubernetes.io/serviceaccount"
    );
    assert_eq!(
        found["status"],
        json!({"phase": "Pending", "qosClass": "BestEffort"})
    );
}

#[test]
fn texts_of_a_secret_become_data() {
    let cases = [
        (json!({"stringData": {"a": "x"}}), json!({"a": "eA=="})),
        (
            json!({"data": {"a": "eQ==", "b": "eg=="}, "stringData": {"a": "x"}}),
            json!({"a": "eA==", "b": "eg=="}),
        ),
        (json!({"data": {"b": "eg=="}}), json!({"b": "eg=="})),
    ];
    for (mut secret, data) in cases {
        let mut server = server();
        secret["apiVersion"] = json!("v1");
        secret["kind"] = json!("Secret");
        secret["metadata"] = json!({"name": "s"});
        ok(create(&mut server, Kind::Secret, secret));
        let found = stored(&server, Kind::Secret, "s");
        assert_eq!(found["data"], data);
        assert_eq!(found.get("stringData"), None);
    }
}
