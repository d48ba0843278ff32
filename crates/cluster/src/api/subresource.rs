//! Parts of objects with rules of their own: the number of replicas, the node of a pod.
//!
//! Upstream: `pkg/registry/apps/statefulset/storage/storage.go`, `pkg/registry/core/pod/storage/storage.go`.

use super::field::{Errors, Path};
use super::selectors::Selector;
use super::{
    Body, PatchType, Reply, Request, Server, Status, Verb, managed_fields, patch, registry,
};
use crate::object::{Key, Kind, Object};
use k8s_openapi::api::core::v1::{Node, PodCondition};
use serde_json::{Value, json};
use std::sync::Arc;

/// Zone and region of a node go to its pods.
const TOPOLOGY_LABELS: [&str; 2] = [
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
];

/// The kinds whose number of replicas can be read and written by itself.
const SCALABLE: [Kind; 3] = [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet];

/// Reads or writes the number of replicas.
pub(super) fn scale(
    server: &mut Server,
    mut request: Request,
    warnings: &mut Vec<String>,
) -> Result<Reply, Status> {
    if !SCALABLE.contains(&request.kind) {
        return Err(Status::not_supported(request.kind));
    }
    let old = registry::get(server, &request)?;
    let present = scale_of(&old).unwrap_or_default();
    let mut applies = false;
    let wanted = match (request.verb, std::mem::take(&mut request.body)) {
        (Verb::Get, _) => return Ok(Reply::Json(present)),
        (Verb::Update, Body::Json(value)) => value,
        (Verb::Patch, Body::Patch(PatchType::Apply, value)) => {
            applies = true;
            value
        }
        (Verb::Patch, Body::Patch(kind, value)) => patch::apply_untyped(kind, &present, value)?,
        _ => return Err(Status::not_supported(request.kind)),
    };
    let replicas = wanted.pointer("/spec/replicas");
    let replicas = match replicas {
        None | Some(Value::Null) => 0,
        Some(Value::Number(number)) => number
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
            .ok_or_else(|| {
                Status::bad_request(format!(
                    "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal number {number} into Go struct field ScaleSpec.spec.replicas of type int32"
                ))
            })?,
        Some(_) => {
            return Err(Status::bad_request(
                "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32",
            ));
        }
    };
    if replicas < 0 {
        let mut errors = Errors::default();
        let spec = Path::new("spec");
        errors.invalid(
            &spec.child("replicas"),
            &replicas,
            "must be greater than or equal to 0",
        );
        let mut status = Status::invalid(request.kind, &request.name, errors.0);
        status.message = status.message.replacen(
            &request.kind.info().qualified_kind(),
            "Scale.autoscaling",
            1,
        );
        status.kind = "Scale".to_owned();
        status.group = "autoscaling".to_owned();
        return Err(status);
    }
    let mut object = Object::clone(&old);
    let version = wanted
        .pointer("/metadata/resourceVersion")
        .and_then(Value::as_str);
    object.meta_mut().resource_version = version.map(str::to_owned);
    match &mut object {
        Object::Deployment(one) => one.spec.get_or_insert_default().replicas = Some(replicas),
        Object::ReplicaSet(set) => set.spec.get_or_insert_default().replicas = Some(replicas),
        Object::StatefulSet(set) => set.spec.get_or_insert_default().replicas = Some(replicas),
        _ => {}
    }
    let changes = replicas_of(&object) != replicas_of(&old);
    request.options.tracking = match applies {
        true => managed_fields::applied_scale(&old, &request, changes)?,
        false => managed_fields::updated_scale(&old, &request, changes),
    };
    request.subresource = None;
    match registry::write(server, object, &old, &request, warnings)? {
        Reply::Object(object) => Ok(Reply::Json(scale_of(&object).unwrap_or_default())),
        other => Ok(other),
    }
}

fn replicas_of(object: &Object) -> Option<i32> {
    match object {
        Object::Deployment(one) => one.spec.as_ref()?.replicas,
        Object::ReplicaSet(set) => set.spec.as_ref()?.replicas,
        Object::StatefulSet(set) => set.spec.as_ref()?.replicas,
        _ => None,
    }
}

/// The `Scale` of an object; none if it cannot be scaled.
fn scale_of(object: &Arc<Object>) -> Option<Value> {
    let (replicas, selector, present) = match &**object {
        Object::Deployment(one) => {
            let (spec, status) = (one.spec.as_ref()?, one.status.as_ref());
            let present = status.and_then(|status| status.replicas);
            (spec.replicas, &spec.selector, present)
        }
        Object::ReplicaSet(set) => {
            let (spec, status) = (set.spec.as_ref()?, set.status.as_ref());
            let present = status.map(|status| status.replicas);
            (spec.replicas, &spec.selector, present)
        }
        Object::StatefulSet(set) => {
            let (spec, status) = (set.spec.as_ref()?, set.status.as_ref());
            let present = status.map(|status| status.replicas);
            (spec.replicas, &spec.selector, present)
        }
        _ => return None,
    };
    let whole = object.to_json();
    let mut meta = json!({});
    for field in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
    ] {
        if let Some(value) = whole.pointer(&format!("/metadata/{field}")) {
            meta[field] = value.clone();
        }
    }
    let selector = Selector::from_spec(Some(selector)).to_string();
    let replicas = replicas.unwrap_or(0);
    let mut scale = json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": meta,
        "spec": {},
        "status": { "replicas": present.unwrap_or(0) },
    });
    if replicas != 0 {
        scale["spec"]["replicas"] = replicas.into();
    }
    if !selector.is_empty() {
        scale["status"]["selector"] = selector.into();
    }
    Some(scale)
}

/// The node that a binding names.
fn target_of(body: Body) -> Result<String, Status> {
    let target = match body {
        Body::Json(value) => value
            .pointer("/target/name")
            .and_then(Value::as_str)
            .map(str::to_owned),
        Body::Typed(object) => match *object {
            Object::Pod(pod) => pod.spec.and_then(|spec| spec.node_name),
            _ => None,
        },
        Body::None | Body::Patch(..) => None,
    };
    target
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Status::bad_request("target.name: Required value"))
}

/// Puts a pod on a node. The body is a `Binding` as JSON, or from inside the cluster a pod whose `nodeName` says where.
pub(super) fn bind(server: &mut Server, mut request: Request) -> Result<Reply, Status> {
    if request.kind != Kind::Pod {
        return Err(Status::not_supported(request.kind));
    }
    let target = target_of(std::mem::take(&mut request.body))?;
    let old = registry::get(server, &request)?;
    let mut object = Object::clone(&old);
    let Object::Pod(pod) = &mut object else {
        return Err(Status::not_supported(request.kind));
    };
    let refuse = |why: String| {
        let message = format!(
            "Operation cannot be fulfilled on pods/binding \"{}\": {why}",
            request.name
        );
        let mut status = Status::conflict(Kind::Pod, &request.name, &why);
        status.message = message;
        Err(status)
    };
    let name = request.name.as_str();
    if pod.metadata.deletion_timestamp.is_some() {
        return refuse(format!(
            "pod {name} is being deleted, cannot be assigned to a host"
        ));
    }
    let spec = pod.spec.get_or_insert_default();
    if let Some(node) = spec.node_name.as_deref().filter(|node| !node.is_empty()) {
        return refuse(format!("pod {name} is already assigned to node \"{node}\""));
    }
    if spec
        .scheduling_gates
        .as_ref()
        .is_some_and(|g| !g.is_empty())
    {
        return refuse(format!("pod {name} has non-empty .spec.schedulingGates"));
    }
    spec.node_name = Some(target.clone());
    if let Some(node) = server.store.get_as::<Node>(&Key::new("", &target)) {
        for label in TOPOLOGY_LABELS {
            let value = node.metadata.labels.as_ref().and_then(|l| l.get(label));
            if let Some(value) = value {
                let labels = pod.metadata.labels.get_or_insert_default();
                labels.insert(label.to_owned(), value.clone());
            }
        }
    }
    let status = pod.status.get_or_insert_default();
    status.nominated_node_name = None;
    let now = server.calendar.time(server.now);
    let conditions = status.conditions.get_or_insert_default();
    conditions.retain(|condition| condition.type_ != "PodScheduled");
    conditions.push(PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "True".to_owned(),
        last_transition_time: Some(now),
        ..PodCondition::default()
    });
    if request.options.dry_run {
        return Ok(Reply::Object(Arc::new(object)));
    }
    Ok(Reply::Object(server.store.put(object)))
}
