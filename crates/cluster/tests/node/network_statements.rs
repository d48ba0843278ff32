//! The numbered statements about names and services, one row each: what is done, and what is seen then.

#[path = "network_statements/allocation.rs"]
mod allocation;
#[path = "network_statements/connections.rs"]
mod connections;
#[path = "network_statements/endpoints.rs"]
mod endpoints;
#[path = "network_statements/names.rs"]
mod names;

use crate::stage::Stage;
use petset_cluster::api::{Body, Request, Verb};
use petset_cluster::network::dns::{Answer, RecordType};
use petset_cluster::network::proxy::Choice;
use petset_cluster::network::way::Question;
use petset_cluster::network::zone::query;
use petset_cluster::{Key, Kind};
use serde_json::{Value, json};

fn service(name: &str, spec: Value) -> Value {
    let mut base = json!({"selector": {"app": "a"}, "ports": [{"name": "web", "port": 80}]});
    for (key, value) in spec.as_object().expect("a map") {
        if value.is_null() {
            base.as_object_mut().expect("a map").remove(key);
        } else {
            base[key] = value.clone();
        }
    }
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": base})
}

fn headless(name: &str, spec: Value) -> Value {
    let mut made = service(name, spec);
    made["spec"]["clusterIP"] = "None".into();
    made
}

/// A pod of the label `app: a`; `spec` is laid over the usual one.
fn pod(name: &str, spec: Value) -> Value {
    let mut base = json!({"terminationGracePeriodSeconds": 30, "containers": [{"name": "c", "image": "nginx", "ports": [{"containerPort": 80, "name": "http"}]}]});
    for (key, value) in spec.as_object().expect("a map") {
        base[key] = value.clone();
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": "a"}}, "spec": base})
}

fn named(name: &str, subdomain: &str) -> Value {
    pod(name, json!({"hostname": name, "subdomain": subdomain}))
}

fn unready() -> Value {
    json!({"hostname": "u", "subdomain": "h", "containers": [{"name": "c", "image": "nginx",
        "readinessProbe": {"tcpSocket": {"port": 81}, "periodSeconds": 1}}]})
}

fn create(s: &mut Stage, objects: impl IntoIterator<Item = Value>) {
    for object in objects {
        s.create(object);
    }
    s.pass(8);
}

fn try_create(s: &mut Stage, object: Value) -> String {
    let name = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
    let request =
        Request::new(Verb::Create, Kind::Service, "default", &name).with_body(Body::Json(object));
    match s.cluster.handle(request).result {
        Ok(_) => "created".to_owned(),
        Err(status) => status.message.clone(),
    }
}

/// `NOERROR A 10.0.0.1`, addresses of pods as `POD`.
fn tell(answer: &Answer) -> String {
    let mut records: Vec<String> = answer
        .answers
        .iter()
        .map(|record| {
            let text = record.data.to_text();
            let text = if text.starts_with("10.244.") {
                "POD".to_owned()
            } else {
                text
            };
            format!("{} {text}", record.data.record_type().as_str())
        })
        .collect();
    records.sort();
    format!("{} {}", answer.code.as_str(), records.join(", "))
        .trim_end()
        .to_owned()
}

fn ask(s: &Stage, name: &str, record_type: RecordType) -> String {
    let full = match name.ends_with('.') {
        true => name.to_owned(),
        false => format!("{name}.default.svc.cluster.local."),
    };
    tell(&query(s.cluster.store(), &full, record_type))
}

fn a(s: &Stage, name: &str) -> String {
    ask(s, name, RecordType::A)
}

fn slices(s: &Stage, service: &str) -> Vec<Value> {
    let all = s.cluster.store().list(Kind::EndpointSlice, Some("default"));
    all.filter(|slice| slice.name().starts_with(&format!("{service}-")))
        .map(|slice| slice.to_json())
        .collect()
}

fn endpoint(s: &Stage, service: &str) -> Value {
    slices(s, service)
        .first()
        .map(|slice| slice["endpoints"][0].clone())
        .unwrap_or_default()
}

/// How the last connection's endpoint was chosen.
fn choice(s: &Stage) -> Option<Choice> {
    let last = s
        .cluster
        .ways()
        .iter()
        .filter_map(|way| match &way.question {
            Question::Connection { route, .. } => Some(route.choice),
            Question::Name { .. } => None,
        });
    last.last()
}

/// What `kubectl get` prints of an object.
fn row(s: &Stage, kind: Kind, name: &str) -> Vec<String> {
    let object = s
        .cluster
        .store()
        .get(kind, &Key::new("default", name))
        .expect("there")
        .clone();
    let now = k8s_openapi::jiff::Timestamp::UNIX_EPOCH;
    petset_cluster::api::table::table(kind, &[object], now, false).rows[0].clone()
}
