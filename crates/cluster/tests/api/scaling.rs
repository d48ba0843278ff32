//! The part `scale` and who set it; the words are those of a real API server 1.36.3.

use crate::door::{ok, request, server};
use petset_cluster::Kind;
use petset_cluster::api::{
    Body, PatchType, Reply, Response, Server, Status, Subresource, Tracking, Verb,
};
use serde_json::{Value, json};

fn deployment(server: &mut Server) {
    let template = json!({
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    });
    let value = json!({
        "metadata": {"name": "d"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template},
    });
    let mut request = request(Verb::Create, Kind::Deployment, "").with_body(Body::Json(value));
    request.options.tracking = Tracking::Tracked;
    request.options.field_manager = Some("creator".to_owned());
    ok(server.handle(request));
}

fn scale(server: &mut Server, manager: &str, of: PatchType, force: bool, to: u32) -> Response {
    let value = json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": "d"},
        "spec": {"replicas": to},
    });
    let mut request = request(Verb::Patch, Kind::Deployment, "d")
        .with_subresource(Subresource::Scale)
        .with_body(Body::Patch(of, value));
    request.options.tracking = Tracking::Tracked;
    request.options.field_manager = Some(manager.to_owned());
    request.options.force = force;
    server.handle(request)
}

fn replicas(response: Response) -> Value {
    match response.result {
        Ok(Reply::Json(scale)) => scale["spec"]["replicas"].clone(),
        other => panic!("{other:?}"),
    }
}

fn refused(response: Response) -> Status {
    response.result.expect_err("a refusal")
}

/// Who is noted for the number of replicas.
fn owners(server: &mut Server) -> Vec<String> {
    let object = ok(server.handle(request(Verb::Get, Kind::Deployment, "d")));
    let value = object.to_json();
    let entries = value["metadata"]["managedFields"].as_array().cloned();
    let entries = entries.unwrap_or_default().into_iter();
    let owners = entries.filter(|entry| !entry["fieldsV1"]["f:spec"]["f:replicas"].is_null());
    owners
        .map(|entry| {
            let word = |name: &str| entry[name].as_str().unwrap_or("-").to_owned();
            ["manager", "operation", "subresource", "apiVersion", "time"]
                .map(word)
                .join(" ")
        })
        .collect()
}

#[test]
fn an_apply_to_the_scale_conflicts_with_those_who_set_it() {
    let mut server = server();
    deployment(&mut server);
    let error = refused(scale(&mut server, "scaler", PatchType::Apply, false, 3));
    assert_eq!(
        error.message,
        "Apply failed with 1 conflict: conflict with \"creator\" using autoscaling/v1: .spec.replicas"
    );
    assert_eq!(
        replicas(scale(&mut server, "scaler", PatchType::Apply, true, 3)),
        3
    );
    assert_eq!(owners(&mut server), ["scaler Apply scale apps/v1 -"]);
    assert_eq!(
        replicas(scale(&mut server, "other", PatchType::Merge, false, 4)),
        4
    );
    assert_eq!(owners(&mut server), ["other Update scale apps/v1 -"]);
    let error = refused(scale(&mut server, "scaler", PatchType::Apply, false, 3));
    assert_eq!(
        error.message,
        "Apply failed with 1 conflict: conflict with \"other\" with subresource \"scale\" using autoscaling/v1: .spec.replicas"
    );
    // What is so already is shared.
    assert_eq!(
        replicas(scale(&mut server, "scaler", PatchType::Apply, false, 4)),
        4
    );
    assert_eq!(
        owners(&mut server),
        [
            "scaler Apply scale apps/v1 -",
            "other Update scale apps/v1 -"
        ]
    );
}

#[test]
fn who_applies_says_who_it_is() {
    let mut server = server();
    deployment(&mut server);
    let mut nobody = request(Verb::Patch, Kind::Deployment, "d")
        .with_subresource(Subresource::Scale)
        .with_body(Body::Patch(
            PatchType::Apply,
            json!({"spec": {"replicas": 2}}),
        ));
    nobody.options.tracking = Tracking::Tracked;
    let error = refused(server.handle(nobody));
    assert!(
        error.message.contains("fieldManager: Required value"),
        "{error:?}"
    );
}
