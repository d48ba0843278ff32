//! Everything that a person made, as manifests for a real cluster.

use petset_cluster::{Cluster, Kind, Object, sort};
use petset_manifest::Value;
use serde_json::{Map, json};

/// The kinds that are exported, in an order in which each finds what it refers to.
const ORDER: [Kind; 17] = [
    Kind::Namespace,
    Kind::StorageClass,
    Kind::PersistentVolume,
    Kind::ServiceAccount,
    Kind::Secret,
    Kind::ConfigMap,
    Kind::PersistentVolumeClaim,
    Kind::Service,
    Kind::Endpoints,
    Kind::PodDisruptionBudget,
    Kind::Pod,
    Kind::ReplicaSet,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
    Kind::CronJob,
];

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Fields of `metadata` that only a server sets.
const SERVER_META: [&str; 9] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "generateName",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Beginnings of annotations that controllers and kubectl write.
const SERVER_ANNOTATIONS: [&str; 8] = [
    LAST_APPLIED,
    "deployment.kubernetes.io/",
    "deprecated.daemonset.template.generation",
    "endpoints.kubernetes.io/",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
    "volume.beta.kubernetes.io/storage-provisioner",
];

/// Fields inside a `spec` that say what is so anyway, or that a server sets.
fn is_default(name: &str, value: &Value) -> bool {
    match name {
        "creationTimestamp" => value.is_null(),
        "dnsPolicy" => value == "ClusterFirst",
        "protocol" => value == "TCP",
        "resources" | "securityContext" => value.as_object().is_some_and(Map::is_empty),
        // A template of a claim has a status, which no claim is made with.
        "status" => value.is_object(),
        "schedulerName" => value == "default-scheduler",
        "terminationMessagePath" => value == "/dev/termination-log",
        "terminationMessagePolicy" => value == "File",
        _ => false,
    }
}

/// All manifests as one YAML text; empty when there is nothing.
pub(crate) fn export(cluster: &Cluster, fresh: &Cluster) -> String {
    let mut documents: Vec<String> = Vec::new();
    for kind in ORDER {
        let mut own: Vec<&Object> = cluster
            .store()
            .list(kind, None)
            .map(|object| &**object)
            .filter(|object| is_own(cluster, fresh, object))
            .collect();
        sort::by_key(&mut own, |object| object.key());
        documents.extend(
            own.into_iter()
                .map(|object| petset_manifest::to_yaml(&cleaned(object))),
        );
    }
    documents.join("---\n")
}

/// Whether a person made it: no controller, and not the cluster itself when it began.
fn is_own(cluster: &Cluster, fresh: &Cluster, object: &Object) -> bool {
    let meta = object.meta();
    let annotated = |name: &str| {
        meta.annotations
            .iter()
            .flatten()
            .any(|(key, _)| key == name)
    };
    let made_by_cluster = object.namespace().starts_with("kube-")
        || fresh.store().get(object.kind(), &object.key()).is_some()
        || object.is_terminating()
        || meta
            .owner_references
            .as_ref()
            .is_some_and(|owners| !owners.is_empty());
    if made_by_cluster {
        return false;
    }
    match object {
        Object::Namespace(_) => !object.name().starts_with("kube-"),
        Object::ServiceAccount(_) => object.name() != "default",
        Object::ConfigMap(_) => object.name() != "kube-root-ca.crt",
        Object::Secret(secret) => {
            secret.type_.as_deref() != Some("kubernetes.io/service-account-token")
        }
        Object::PersistentVolume(_) => !annotated("pv.kubernetes.io/provisioned-by"),
        Object::PersistentVolumeClaim(_) => !is_of_a_set(cluster, object),
        Object::Endpoints(_) => is_written_by_hand(cluster, object),
        _ => true,
    }
}

/// Whether a StatefulSet makes this claim from a template.
fn is_of_a_set(cluster: &Cluster, claim: &Object) -> bool {
    let mut sets = cluster
        .store()
        .list(Kind::StatefulSet, Some(claim.namespace()));
    sets.any(|object| match &**object {
        Object::StatefulSet(set) => {
            let templates = set
                .spec
                .iter()
                .flat_map(|spec| spec.volume_claim_templates.iter().flatten());
            let mut names = templates.filter_map(|template| template.metadata.name.as_deref());
            names.any(|template| is_numbered(claim.name(), template, object.name()))
        }
        _ => false,
    })
}

/// Whether a claim has the name `TEMPLATE-SET-ORDINAL`.
fn is_numbered(claim: &str, template: &str, set: &str) -> bool {
    let part = |text: &'_ str, start: &str| {
        text.strip_prefix(start)?
            .strip_prefix('-')
            .map(str::to_owned)
    };
    let ordinal = part(claim, template).and_then(|rest| part(&rest, set));
    ordinal.is_some_and(|ordinal| ordinal.parse::<u32>().is_ok())
}

/// Whether no controller keeps these endpoints: their service selects nothing.
fn is_written_by_hand(cluster: &Cluster, endpoints: &Object) -> bool {
    match cluster
        .store()
        .get(Kind::Service, &endpoints.key())
        .map(|object| &**object)
    {
        Some(Object::Service(service)) => {
            let selector = service
                .spec
                .as_ref()
                .and_then(|spec| spec.selector.as_ref());
            selector.is_none_or(|selector| selector.is_empty())
        }
        _ => false,
    }
}

/// The object without what a server has set.
fn cleaned(object: &Object) -> Value {
    let mut value = object.to_json();
    let applied = value
        .pointer("/metadata/annotations")
        .and_then(|all| all.get(LAST_APPLIED)?.as_str())
        .and_then(|text| serde_json::from_str::<Value>(text).ok())
        .unwrap_or_default();
    if let Some(top) = value.as_object_mut() {
        top.remove("status");
        if let Some(Value::Object(meta)) = top.get_mut("metadata") {
            clean_meta(meta);
        }
        if let Some(spec) = top.get_mut("spec") {
            drop_defaults(spec);
        }
    }
    let asked = |path: &str| applied.pointer(path).is_some();
    match object.kind() {
        Kind::Namespace => remove(&mut value, "", "spec"),
        Kind::Service => clean_service(&mut value, asked),
        Kind::PersistentVolumeClaim if !asked("/spec/volumeName") => {
            remove(&mut value, "/spec", "volumeName")
        }
        Kind::PersistentVolume if !asked("/spec/claimRef") => {
            remove(&mut value, "/spec", "claimRef")
        }
        Kind::Pod => clean_pod(&mut value, asked),
        Kind::Job if applied.pointer("/spec/manualSelector") != Some(&Value::Bool(true)) => {
            clean_job(&mut value);
        }
        _ => {}
    }
    value
}

fn clean_meta(meta: &mut Map<String, Value>) {
    for name in SERVER_META {
        meta.remove(name);
    }
    if meta
        .get("namespace")
        .is_some_and(|namespace| namespace == "default")
    {
        meta.remove("namespace");
    }
    let server = |name: &str| {
        SERVER_ANNOTATIONS
            .iter()
            .any(|start| name.starts_with(start))
    };
    keep(meta, "annotations", |name| !server(name));
    keep(meta, "labels", |name| name != "kubernetes.io/metadata.name");
    if let Some(Value::Array(finalizers)) = meta.get_mut("finalizers") {
        finalizers.retain(|name| {
            name != "kubernetes.io/pvc-protection" && name != "kubernetes.io/pv-protection"
        });
        if finalizers.is_empty() {
            meta.remove("finalizers");
        }
    }
}

/// Keeps the entries of a map whose names are wanted, and the map when any are left.
fn keep(of: &mut Map<String, Value>, map: &str, wanted: impl Fn(&str) -> bool) {
    if let Some(Value::Object(entries)) = of.get_mut(map) {
        entries.retain(|name, _| wanted(name));
        if entries.is_empty() {
            of.remove(map);
        }
    }
}

fn drop_defaults(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| !is_default(name, value));
            fields.values_mut().for_each(drop_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_defaults),
        _ => {}
    }
}

fn remove(value: &mut Value, path: &str, name: &str) {
    if let Some(Value::Object(fields)) = value.pointer_mut(path) {
        fields.remove(name);
    }
}

fn clean_service(value: &mut Value, asked: impl Fn(&str) -> bool) {
    let headless = value
        .pointer("/spec/clusterIP")
        .is_some_and(|address| address == "None");
    for name in [
        "clusterIPs",
        "ipFamilies",
        "ipFamilyPolicy",
        "healthCheckNodePort",
    ] {
        if !asked(&format!("/spec/{name}")) {
            remove(value, "/spec", name);
        }
    }
    if !headless && !asked("/spec/clusterIP") {
        remove(value, "/spec", "clusterIP");
    }
    let ports = value
        .pointer_mut("/spec/ports")
        .and_then(Value::as_array_mut);
    for (index, port) in ports.into_iter().flatten().enumerate() {
        if !asked(&format!("/spec/ports/{index}/nodePort")) {
            remove(port, "", "nodePort");
        }
    }
}

fn clean_pod(value: &mut Value, asked: impl Fn(&str) -> bool) {
    let Some(Value::Object(spec)) = value.get_mut("spec") else {
        return;
    };
    for name in ["nodeName", "serviceAccount", "priority", "preemptionPolicy"] {
        if !asked(&format!("/spec/{name}")) {
            spec.remove(name);
        }
    }
    if spec
        .get("serviceAccountName")
        .is_some_and(|name| name == "default")
    {
        spec.remove("serviceAccountName");
    }
    let is_token = |entry: &Value| {
        let name = entry.get("name").and_then(Value::as_str);
        name.is_some_and(|name| name.starts_with("kube-api-access-"))
    };
    retain(spec, "volumes", |volume| !is_token(volume));
    retain(spec, "tolerations", |toleration| {
        let key = toleration
            .get("key")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let automatic = matches!(
            key,
            "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable"
        );
        !automatic || toleration.get("tolerationSeconds") != Some(&json!(300))
    });
    for list in ["containers", "initContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            if let Value::Object(container) = container {
                retain(container, "volumeMounts", |mount| !is_token(mount));
            }
        }
    }
}

/// Keeps the wanted entries of a list, and the list when any are left.
fn retain(of: &mut Map<String, Value>, list: &str, wanted: impl Fn(&Value) -> bool) {
    if let Some(Value::Array(entries)) = of.get_mut(list) {
        entries.retain(|entry| wanted(entry));
        if entries.is_empty() {
            of.remove(list);
        }
    }
}

/// A job's selector and the labels that belong to it hold its uid, which is another one elsewhere.
fn clean_job(value: &mut Value) {
    remove(value, "/spec", "selector");
    let own = [
        "job-name",
        "controller-uid",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/controller-uid",
    ];
    for meta in ["/metadata", "/spec/template/metadata"] {
        if let Some(Value::Object(meta)) = value.pointer_mut(meta) {
            keep(meta, "labels", |name| !own.contains(&name));
        }
    }
}
