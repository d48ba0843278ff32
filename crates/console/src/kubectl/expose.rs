//! `kubectl expose`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/expose`, `pkg/polymorphichelpers/canbeexposed.go`.

use super::builder::{MISSING, Query, Selection, fetch};
use super::change::Change;
use super::errors::Error;
use super::flags::{DryRun, Parsed};
use super::session::{Io, Once};
use petset_cluster::sort;
use petset_cluster::{Kind, Object};
use serde_json::{Value, json};

/// Begins `kubectl expose`.
pub(crate) fn start(parsed: Parsed) -> Once<Parsed> {
    Once::new(parsed, run)
}

fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let mut change = Change::new(parsed, "kubectl-expose")?;
    let selection = if parsed.changed("filename") {
        super::get::select(parsed, io, false)?
    } else {
        // The flag -l is the new service's selector, not a filter.
        let mut query = Query::new(parsed, io.session);
        query.labels.clear();
        query.select()?
    };
    if selection == Selection::Nothing {
        return Err(Error::plain(MISSING));
    }
    let (objects, errors) = fetch(&selection, io);
    Error::of(errors)?;
    for object in objects {
        expose(&object, parsed, &mut change, io)?;
    }
    Ok(())
}

fn expose(
    object: &Object,
    parsed: &Parsed,
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let (found_selector, found_ports) = introspect(object)?;
    let selector = match parsed.text("selector") {
        "" => found_selector,
        text => {
            let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
            sort::object(pairs.map(|(key, value)| (key.to_owned(), json!(value))))
        }
    };
    if selector.is_empty() {
        return Err(Error::plain(format!(
            "couldn't retrieve selectors via --selector flag or introspection: the {} has no labels and cannot be exposed",
            object.kind().info().singular
        )));
    }
    let headless = parsed.text("cluster-ip") == "None";
    let ports: Vec<Value> = match parsed.text("port") {
        "" => found_ports,
        text => text
            .split(',')
            .map(|port| json!(port.parse::<i64>().unwrap_or(0)))
            .collect(),
    };
    if ports.is_empty() && !headless {
        return Err(Error::plain(
            "couldn't find port via --port flag or introspection",
        ));
    }
    let mut name = match parsed.text("name") {
        "" => object.name().to_owned(),
        name => name.to_owned(),
    };
    name.truncate(name.char_indices().nth(63).map_or(name.len(), |(at, _)| at));
    let ports = service_ports(ports, parsed);
    let mut service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": selector},
        "status": {"loadBalancer": {}},
    });
    if let Some(labels) = object
        .meta()
        .labels
        .as_ref()
        .filter(|labels| !labels.is_empty())
    {
        service["metadata"]["labels"] = json!(labels);
    }
    if !parsed.text("labels").is_empty() {
        let pairs = parsed.text("labels").split(',');
        service["metadata"]["labels"] = pairs
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect();
    }
    if !parsed.text("session-affinity").is_empty() {
        service["spec"]["sessionAffinity"] = json!(parsed.text("session-affinity"));
    }
    if service["spec"]["type"] == "LoadBalancer" && !parsed.text("load-balancer-ip").is_empty() {
        service["spec"]["loadBalancerIP"] = json!(parsed.text("load-balancer-ip"));
    }
    if !parsed.text("external-ip").is_empty() {
        service["spec"]["externalIPs"] = json!([parsed.text("external-ip")]);
    }
    let address = parsed.text("cluster-ip");
    if !address.is_empty() {
        service["spec"]["clusterIP"] = json!(address);
    }
    if !ports.is_empty() {
        service["spec"]["ports"] = Value::Array(ports);
    }
    if !parsed.text("type").is_empty() {
        service["spec"]["type"] = json!(parsed.text("type"));
    }
    if change.dry_run != DryRun::Client {
        let namespace = object.namespace().to_owned();
        service = change
            .create(Kind::Service, &namespace, service, io)?
            .to_json();
    }
    change.tell(&service, "exposed", io)
}

/// Each port as the service lists it.
fn service_ports(ports: Vec<Value>, parsed: &Parsed) -> Vec<Value> {
    let several = ports.len() > 1;
    let protocol = match parsed.text("protocol") {
        "" => "TCP",
        protocol => protocol,
    };
    ports
        .into_iter()
        .enumerate()
        .map(|(at, port)| {
            let target = match parsed.text("target-port") {
                "" => port.clone(),
                text => text
                    .parse::<i64>()
                    .map_or_else(|_| json!(text), |number| json!(number)),
            };
            let mut entry = json!({"port": port, "protocol": protocol, "targetPort": target});
            if several {
                entry["name"] = json!(format!("port-{}", at + 1));
            }
            entry
        })
        .collect()
}

/// The selector and the ports that an object offers.
fn introspect(object: &Object) -> Result<(serde_json::Map<String, Value>, Vec<Value>), Error> {
    let value = object.to_json();
    let map = |pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let list = |pointer: &str, field: &str| -> Vec<Value> {
        let items = value.pointer(pointer).and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.get(field).cloned())
            .collect()
    };
    match object {
        Object::Pod(pod) => {
            let containers = pod.spec.as_ref().map_or(0, |spec| spec.containers.len());
            let ports = (0..containers)
                .flat_map(|at| list(&format!("/spec/containers/{at}/ports"), "containerPort"))
                .collect();
            Ok((map("/metadata/labels"), ports))
        }
        Object::Service(_) => Ok((map("/spec/selector"), list("/spec/ports", "port"))),
        Object::Deployment(_) | Object::ReplicaSet(_) => {
            let expressions = value.pointer("/spec/selector/matchExpressions");
            if let Some(expressions) = expressions.and_then(Value::as_array)
                && !expressions.is_empty()
            {
                return Err(Error::plain(format!(
                    "couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - \"{}\" to map-based selector format",
                    show_expressions(expressions)
                )));
            }
            let containers = value.pointer("/spec/template/spec/containers");
            let count = containers.and_then(Value::as_array).map_or(0, Vec::len);
            let ports = (0..count).flat_map(|at| {
                let place = format!("/spec/template/spec/containers/{at}/ports");
                list(&place, "containerPort")
            });
            let mut unique: Vec<Value> = Vec::new();
            for port in ports {
                if !unique.contains(&port) {
                    unique.push(port);
                }
            }
            Ok((map("/spec/selector/matchLabels"), unique))
        }
        other => {
            let info = other.kind().info();
            let group = if info.group.is_empty() {
                String::new()
            } else {
                format!(".{}", info.group)
            };
            Err(Error::plain(format!(
                "cannot expose a {}{group}",
                info.kind
            )))
        }
    }
}

/// Requirements in the notation of Go's `%+v`.
fn show_expressions(expressions: &[Value]) -> String {
    let word = |one: &Value, field: &str| one[field].as_str().unwrap_or("").to_owned();
    let shown: Vec<String> = expressions
        .iter()
        .map(|one| {
            let values = one["values"].as_array().into_iter().flatten();
            let values: Vec<&str> = values.filter_map(Value::as_str).collect();
            format!(
                "{{Key:{} Operator:{} Values:[{}]}}",
                word(one, "key"),
                word(one, "operator"),
                values.join(" ")
            )
        })
        .collect();
    format!("[{}]", shown.join(" "))
}
