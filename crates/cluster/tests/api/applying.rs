//! Server-side apply: who owns which field, and what happens when two want one.

use crate::door::{ok, request, server};
use petset_cluster::Kind;
use petset_cluster::api::{
    Body, FieldValidation, PatchType, Reply, Response, Server, Status, Tracking, Verb,
};
use serde_json::{Value, json};

fn apply(server: &mut Server, manager: &str, force: bool, manifest: Value) -> Response {
    let mut request = request(Verb::Patch, Kind::ConfigMap, "m")
        .with_body(Body::Patch(PatchType::Apply, manifest));
    request.options.field_manager = Some(manager.to_owned());
    request.options.tracking = Tracking::Tracked;
    request.options.force = force;
    server.handle(request)
}

fn change(server: &mut Server, manager: &str, patch: Value) -> Response {
    let mut request =
        request(Verb::Patch, Kind::ConfigMap, "m").with_body(Body::Patch(PatchType::Merge, patch));
    request.options.field_manager = Some(manager.to_owned());
    request.options.tracking = Tracking::Tracked;
    request.options.field_validation = FieldValidation::Ignore;
    server.handle(request)
}

fn manifest(data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data})
}

/// The data, and the managers by name with their operations and keys.
fn state(response: Response) -> (Value, Vec<String>) {
    let Ok(Reply::Object(object)) = response.result else {
        panic!("{response:?}");
    };
    let value = object.to_json();
    let entries = value["metadata"]["managedFields"].as_array().cloned();
    let managers = entries.unwrap_or_default().into_iter().map(|entry| {
        let keys = entry["fieldsV1"]["f:data"].as_object().cloned();
        let keys: Vec<String> = keys
            .unwrap_or_default()
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        let word = |name: &str| entry[name].as_str().unwrap_or("").to_owned();
        format!(
            "{} {} {}",
            word("manager"),
            word("operation"),
            keys.join(" ")
        )
    });
    (value["data"].clone(), managers.collect())
}

fn refused(response: Response) -> Status {
    response.result.expect_err("a refusal")
}

#[test]
fn what_a_manager_no_longer_says_goes_unless_another_says_it() {
    let mut server = server();
    let first = apply(
        &mut server,
        "a",
        false,
        manifest(json!({"x": "1", "y": "1", "z": "1"})),
    );
    assert_eq!(state(first).1, ["a Apply f:x f:y f:z"]);
    let second = apply(&mut server, "b", false, manifest(json!({"y": "1"})));
    assert_eq!(state(second).1, ["a Apply f:x f:y f:z", "b Apply f:y"]);
    let third = apply(&mut server, "a", false, manifest(json!({"x": "2"})));
    let (data, managers) = state(third);
    assert_eq!(data, json!({"x": "2", "y": "1"}));
    assert_eq!(managers, ["b Apply f:y", "a Apply f:x"]);
}

#[test]
fn a_field_of_another_manager_is_a_conflict_until_it_is_taken_over() {
    let mut server = server();
    ok(apply(
        &mut server,
        "a",
        false,
        manifest(json!({"x": "1", "y": "1"})),
    ));
    ok(change(&mut server, "hand", json!({"data": {"x": "2"}})));
    // The same value is no conflict.
    ok(apply(&mut server, "b", false, manifest(json!({"x": "2"}))));
    let one = refused(apply(&mut server, "c", false, manifest(json!({"y": "3"}))));
    assert_eq!(
        one.message,
        "Apply failed with 1 conflict: conflict with \"a\": .data.y"
    );
    assert_eq!(one.causes[0].reason, "FieldManagerConflict");
    let several = refused(apply(
        &mut server,
        "a",
        false,
        manifest(json!({"x": "4", "y": "1"})),
    ));
    assert_eq!(
        several.message,
        "Apply failed with 2 conflicts: conflicts with \"b\":\n- .data.x\nconflicts with \"hand\" using v1:\n- .data.x"
    );
    let (data, managers) = state(apply(
        &mut server,
        "a",
        true,
        manifest(json!({"x": "4", "y": "1"})),
    ));
    assert_eq!(data, json!({"x": "4", "y": "1"}));
    assert_eq!(managers, ["a Apply f:x f:y"]);
}

#[test]
fn what_does_not_fit_the_schema_is_named() {
    let mut server = server();
    let unknown =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "dat": {}});
    let refusal = refused(apply(&mut server, "a", false, unknown));
    let want = "failed to create typed patch object (/m; /v1, Kind=ConfigMap): .dat: field not declared in schema";
    assert_eq!(refusal.message, want);
}
