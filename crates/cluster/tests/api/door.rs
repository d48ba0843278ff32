//! A server with a namespace and an account, and short ways to ask it.

use petset_cluster::api::{
    Body, FieldValidation, PatchType, Reply, Request, Response, Server, Verb,
};
use petset_cluster::time::Calendar;
use petset_cluster::{Key, Kind, Object};
use serde_json::{Value, json};
use std::sync::Arc;

/// A server with the namespace `default`.
pub fn server() -> Server {
    let mut server = Server::new(1, Calendar::from_unix_seconds(1_767_571_200));
    for (kind, object) in [
        (Kind::Namespace, json!({"metadata": {"name": "default"}})),
        (
            Kind::ServiceAccount,
            json!({"metadata": {"name": "default"}}),
        ),
    ] {
        ok(create(&mut server, kind, object));
    }
    server
}

/// A file of `data`.
pub fn object(name: &str) -> Value {
    let text = match name {
        "invalid.json" => include_str!("data/invalid.json"),
        "pod_hostname.json" => include_str!("data/pod_hostname.json"),
        "stateful_set.json" => include_str!("data/stateful_set.json"),
        "stateful_set_stored.json" => include_str!("data/stateful_set_stored.json"),
        other => panic!("no file {other}"),
    };
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A request about an object in the namespace `default` (or in none, as its kind has it).
pub fn request(verb: Verb, kind: Kind, name: &str) -> Request {
    let namespace = if kind.info().namespaced {
        "default"
    } else {
        ""
    };
    let mut request = Request::new(verb, kind, namespace, name);
    request.options.field_validation = FieldValidation::Strict;
    request
}

/// Creates an object from JSON.
pub fn create(server: &mut Server, kind: Kind, object: Value) -> Response {
    let name = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
    server.handle(request(Verb::Create, kind, &name).with_body(Body::Json(object)))
}

/// Patches an object.
pub fn patch(
    server: &mut Server,
    kind: Kind,
    name: &str,
    how: PatchType,
    patch: Value,
) -> Response {
    server.handle(request(Verb::Patch, kind, name).with_body(Body::Patch(how, patch)))
}

/// The object of an answer that must be a success.
pub fn ok(response: Response) -> Arc<Object> {
    match response.result {
        Ok(Reply::Object(object) | Reply::Deleted(object)) => object,
        other => panic!("no object: {other:?}"),
    }
}

/// What an answer that must be a refusal says: each cause with its field, or the message when there are no causes.
pub fn refusals(response: Response) -> Vec<String> {
    match response.result {
        Err(status) if status.causes.is_empty() => vec![status.message],
        Err(status) => {
            let causes = status.causes.iter();
            causes
                .map(|cause| format!("{}: {}", cause.field, cause.message))
                .collect()
        }
        Ok(reply) => panic!("accepted: {reply:?}"),
    }
}

/// The stored object as JSON.
pub fn stored(server: &Server, kind: Kind, name: &str) -> Value {
    let namespace = if kind.info().namespaced {
        "default"
    } else {
        ""
    };
    server
        .store()
        .get(kind, &Key::new(namespace, name))
        .map_or(Value::Null, |object| object.to_json())
}
