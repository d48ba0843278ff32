//! Manifests that are refused, and in which words. `data/invalid.json` is recorded; the table below follows the source.

use crate::door::{create, object, refusals, server};
use petset_cluster::Kind;
use serde_json::{Value, json};

fn kind_of(manifest: &Value) -> Kind {
    let name = manifest["kind"].as_str().unwrap_or("");
    let found = Kind::ALL.iter().find(|kind| kind.info().kind == name);
    *found.unwrap_or_else(|| panic!("{name} is not simulated"))
}

#[test]
fn recorded_refusals() {
    let mut wrong = Vec::new();
    for case in object("invalid.json").as_array().into_iter().flatten() {
        let manifest = case["manifest"].clone();
        let found = json!(refusals(create(
            &mut server(),
            kind_of(&manifest),
            manifest
        )));
        if found != case["expected"] {
            wrong.push(format!("expected {}\nfound    {found}", case["expected"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn pod(container: Value) -> Value {
    json!({"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}})
}

fn service(spec: Value) -> Value {
    json!({"kind": "Service", "metadata": {"name": "s"}, "spec": spec})
}

fn claim(spec: Value) -> Value {
    json!({"kind": "PersistentVolumeClaim", "metadata": {"name": "c"}, "spec": spec})
}

fn pods() -> Vec<(Value, &'static [&'static str])> {
    vec![
        (
            pod(json!({"name": "c", "image": "i", "foo": 1, "ports": [{"containerport": 80}]})),
            &[
                "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown field \"spec.containers[0].foo\", unknown field \"spec.containers[0].ports[0].containerport\"",
            ],
        ),
        (
            pod(json!({"name": 5, "image": "i"})),
            &[
                "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string",
            ],
        ),
        (
            pod(json!({"name": "c", "image": "i", "env": [{"name": "A", "value": 1}]})),
            &[
                "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string",
            ],
        ),
        (
            pod(json!({"name": "c", "image": "i", "env": [{"name": "A", "value": true}]})),
            &[
                "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal bool into Go struct field EnvVar.spec.containers.env.value of type string",
            ],
        ),
        (
            pod(json!({"name": "c", "image": "i", "command": "sleep"})),
            &[
                "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field Container.spec.containers.command of type []string",
            ],
        ),
        (
            pod(json!({"name": "C_", "imagePullPolicy": "Sometimes"})),
            &[
                "spec.containers[0].name: Invalid value: \"C_\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "spec.containers[0].image: Required value",
                "spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\"",
            ],
        ),
        (
            pod(
                json!({"name": "c", "image": "i", "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}),
            ),
            &[
                "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
            ],
        ),
        (
            pod(json!({"name": "c", "image": "i", "readinessProbe": {"periodSeconds": -1}})),
            &[
                "spec.containers[0].readinessProbe: Required value: must specify a handler type",
                "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
            ],
        ),
    ]
}

fn others() -> Vec<(Value, &'static [&'static str])> {
    vec![
        (
            service(json!({"type": "ClusterIP"})),
            &["spec.ports: Required value"],
        ),
        (
            service(json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]})),
            &[
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
            ],
        ),
        (
            service(json!({"ports": [{"port": 80}, {"port": 81, "name": "a"}]})),
            &["spec.ports[0].name: Required value"],
        ),
        (
            service(json!({"clusterIP": "10.97.0.1", "ports": [{"port": 80}]})),
            &[
                "spec.clusterIPs: Invalid value: [\"10.97.0.1\"]: failed to allocate IP 10.97.0.1: the provided network does not match the current range",
            ],
        ),
        (
            claim(json!({})),
            &[
                "spec.accessModes: Required value: at least 1 access mode is required",
                "spec.resources[storage]: Required value",
            ],
        ),
        (
            claim(
                json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "0"}}}),
            ),
            &["spec.resources[storage]: Invalid value: \"0\": must be greater than zero"],
        ),
        (
            json!({"kind": "ConfigMap", "metadata": {"name": "c", "labels": {"a b": "x"}}}),
            &[
                "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ],
        ),
        (
            json!({"kind": "ConfigMap", "metadata": {}}),
            &["metadata.name: Required value: name or generateName is required"],
        ),
        (
            json!({"kind": "StatefulSet", "metadata": {"name": "web.a"}, "spec": {
            "selector": {}, "template": {"spec": {"containers": [{"name": "c", "image": "i"}], "restartPolicy": "Never"}}}}),
            &[
                "metadata.name: Invalid value: \"web.a\": must not contain dots",
                "spec.selector: Invalid value: {}: empty selector is invalid for statefulset",
                "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"",
            ],
        ),
    ]
}

#[test]
fn refusals_by_the_source() {
    let mut wrong = Vec::new();
    for (manifest, expected) in pods().into_iter().chain(others()) {
        let found = refusals(create(&mut server(), kind_of(&manifest), manifest));
        if found != expected {
            wrong.push(format!("expected {expected:#?}\nfound {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
