//! What is there before the first command: nodes, namespaces, system services, the storage class.
//!
//! Everything is made through the API as anybody would make it, with the clock set back, so that
//! the cluster is some time old when the visitor arrives.

mod nodes;
mod system;

use crate::api::{Body, Reply, Request, Server, Subresource, Verb};
use crate::config::Config;
use crate::controllers::kubernetes_service::kubernetes_service;
use crate::controllers::namespace;
use crate::kubelet::heartbeat;
use crate::object::{Kind, Object};
use crate::time::Calendar;
use serde_json::Value;

/// How old the cluster is at the beginning.
const AGE_SECS: i64 = 69 * 60;
/// Nodes joined so long after the control plane began.
const NODES_JOINED_SECS: i64 = 60;
/// The nodes reported their status last so long before the beginning.
const LAST_REPORT_SECS: i64 = 180;
/// The version that the last write has at the beginning. What came before has been compacted away.
const FIRST_RESOURCE_VERSION: u64 = 1000;

/// Fills a new cluster.
pub(crate) fn populate(server: &mut Server, config: &Config) {
    let begin = config.epoch_unix_seconds.saturating_sub(AGE_SECS);
    let calendar = server.calendar;
    server.calendar = Calendar::from_unix_seconds(begin);
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        create(server, system::namespace(name));
        for object in namespace::defaults(name) {
            create_typed(server, object);
        }
    }
    for object in kubernetes_service() {
        create(server, object);
    }
    server.calendar = Calendar::from_unix_seconds(begin.saturating_add(NODES_JOINED_SECS));
    let joined = server.calendar.time(server.now);
    let reported = Calendar::from_unix_seconds(config.epoch_unix_seconds - LAST_REPORT_SECS);
    let reported = reported.time(server.now);
    for index in 1..=config.nodes {
        let node = nodes::node(index, config.pods_per_node, &joined, &reported);
        if let Some(Object::Node(node)) = create(server, node) {
            create_typed(server, heartbeat::lease(&node, reported.0).into());
        }
    }
    create(server, system::storage_class());
    let service = create(server, system::dns_service());
    if config.nodes > 0 {
        let suffix = server.random.suffix(5);
        let pod = create(server, system::dns_pod(&suffix, &joined));
        if let (Some(service), Some(pod)) = (service, pod) {
            let suffix = server.random.suffix(5);
            for object in system::dns_endpoints(&service, &pod, &suffix, &joined) {
                create(server, object);
            }
        }
    }
    server.calendar = calendar;
}

/// Forgets the changes that made the cluster: nobody can watch from before the beginning.
pub(crate) fn compact(server: &mut Server) {
    server.store.compact_to(FIRST_RESOURCE_VERSION);
}

/// Creates an object from JSON and then writes the status in it. What the API refuses is missing;
/// a test compares what must be there.
fn create(server: &mut Server, (kind, value): (Kind, Value)) -> Option<Object> {
    let status = value.get("status").cloned();
    let text = |field: &str| {
        let meta = value.get("metadata");
        let text = meta.and_then(|meta| meta.get(field));
        text.and_then(Value::as_str).unwrap_or("").to_owned()
    };
    let (namespace, name) = (text("namespace"), text("name"));
    let request = Request::new(Verb::Create, kind, &namespace, &name);
    let created = server.handle(request.with_body(Body::Json(value))).result;
    let object = object(created.ok()?)?;
    let Some(status) = status else {
        return Some(object);
    };
    let mut whole = object.to_json();
    if let Value::Object(fields) = &mut whole {
        fields.insert("status".to_owned(), status);
    }
    let request = Request::new(Verb::Update, kind, &namespace, &name)
        .with_subresource(Subresource::Status)
        .with_body(Body::Json(whole));
    self::object(server.handle(request).result.ok()?)
}

fn create_typed(server: &mut Server, object: Object) {
    let request = Request::new(
        Verb::Create,
        object.kind(),
        object.namespace(),
        object.name(),
    );
    let _ = server.handle(request.with_body(Body::Typed(Box::new(object))));
}

fn object(reply: Reply) -> Option<Object> {
    reply.object().map(|object| Object::clone(object))
}
