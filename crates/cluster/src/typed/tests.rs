use super::{Mismatch, from_value, to_value};
use crate::object::{Kind, Object};
use k8s_openapi::api::core::v1::{ContainerPort, Pod};
use serde_json::{Value, json};

/// Objects that hold every sort of value: numbers, quantities, times, either-or values, raw JSON, lists and maps.
fn objects() -> Vec<(Kind, Value)> {
    vec![
        (
            Kind::Pod,
            json!({
                "metadata": { "name": "web-0", "creationTimestamp": "2026-01-02T03:04:05Z", "labels": { "a": "b" }, "generation": 1 },
                "spec": {
                    "hostNetwork": true,
                    "terminationGracePeriodSeconds": 30,
                    "containers": [{
                        "name": "nginx",
                        "ports": [{ "containerPort": 80, "name": "웹" }],
                        "readinessProbe": { "httpGet": { "port": "http" } },
                        "livenessProbe": { "httpGet": { "port": 8080 } },
                        "resources": { "limits": { "cpu": "500m" } }
                    }]
                }
            }),
        ),
        (
            Kind::ControllerRevision,
            json!({ "metadata": {}, "revision": 3, "data": { "spec": { "x": [1, null, "y", true, 1.5] } } }),
        ),
        (
            Kind::Secret,
            json!({ "metadata": {}, "data": { "password": "aHVudGVyMg==" } }),
        ),
        (
            Kind::Event,
            json!({ "metadata": {}, "involvedObject": {}, "eventTime": "2026-01-02T03:04:05.000006Z", "count": 2 }),
        ),
    ]
}

/// Whatever serde's own reader of values makes of an object is what is made here.
#[test]
fn reads_and_writes_as_the_general_format_does() {
    for (kind, value) in objects() {
        let object = Object::from_json(kind, &value).unwrap();
        let written = match &object {
            Object::Pod(object) => (to_value(&**object), serde_json::to_value(object)),
            Object::ControllerRevision(object) => {
                (to_value(&**object), serde_json::to_value(object))
            }
            Object::Secret(object) => (to_value(&**object), serde_json::to_value(object)),
            Object::Event(object) => (to_value(&**object), serde_json::to_value(object)),
            other => panic!("{:?} is not in the table", other.kind()),
        };
        assert_eq!(written.0, written.1.unwrap(), "{kind:?}");
        let again = Object::from_json(kind, &written.0).unwrap();
        assert_eq!(again, object, "{kind:?}");
        for (name, part) in value.as_object().unwrap() {
            if name != "metadata" && name != "involvedObject" {
                assert_eq!(&written.0[name.as_str()], part, "{kind:?} {name}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    for value in [
        json!([]),
        json!({ "containerPort": "80" }),
        json!({ "containerPort": 4_294_967_296_u64 }),
        json!({ "containerPort": 1.5 }),
        json!({ "name": 80 }),
        json!({ "name": ["http"] }),
    ] {
        let read: Result<ContainerPort, Mismatch> = from_value(&value);
        assert_eq!(read, Err(Mismatch), "{value}");
        assert!(
            serde_json::from_value::<ContainerPort>(value.clone()).is_err(),
            "{value}"
        );
    }
    for metadata in [
        json!({ "creationTimestamp": "today" }),
        json!({ "labels": [] }),
    ] {
        let read: Result<Pod, Mismatch> = from_value(&json!({ "metadata": metadata }));
        assert_eq!(read, Err(Mismatch));
    }
}
