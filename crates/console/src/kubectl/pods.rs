//! Which pod and which container a command means.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/util/podcmd/podcmd.go`, `pkg/polymorphichelpers/attachablepodforobject.go`.

use super::builder::{Query, Selection, Target};
use super::errors::Error;
use super::resources;
use super::session::Io;
use k8s_openapi::api::core::v1::Pod;
use petset_cluster::api::selectors::Selector;
use petset_cluster::sort;
use petset_cluster::{Kind, Object};
use std::cmp::Reverse;

const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// `POD` or `TYPE/NAME`.
///
/// # Errors
/// A kind that is not there, or more than one object.
pub(crate) fn target(word: &str, io: &Io<'_, '_>) -> Result<Target, Error> {
    let mut args = vec![word.to_owned()];
    if !word.contains('/') {
        args.insert(0, "pods".to_owned());
    }
    let query = Query {
        args,
        namespace: io.session.namespace.clone(),
        ..Query::default()
    };
    let unknown = resources::find(word.split('/').next().unwrap_or(""));
    if word.contains('/')
        && let Some(resource) = unknown
        && resource.simulated().is_none()
    {
        return Err(Error::not_simulated(resources::qualified(resource)));
    }
    match query.select()? {
        Selection::Named { targets, .. } => targets
            .into_iter()
            .next()
            .ok_or_else(|| Error::plain("pod or type/name must be specified")),
        _ => Err(Error::plain("pod or type/name must be specified")),
    }
}

/// An object that is not there, in a namespace that is not there: the namespace is what is missing (upstream: `Info.Get` in
/// `k8s.io/cli-runtime/pkg/resource/visitor.go`).
fn missing_namespace(error: Error, namespace: &str, io: &mut Io<'_, '_>) -> Error {
    if !error.is_not_found() || matches!(namespace, "" | "default") {
        return error;
    }
    match io.get(Kind::Namespace, "", namespace) {
        Err(other) if other.is_not_found() => other,
        _ => error,
    }
}

/// The pods behind an object: itself, or those that it selects, the readiest and oldest first.
///
/// # Errors
/// The object is not there or selects no pods.
pub(crate) fn pods_of(target: &Target, io: &mut Io<'_, '_>) -> Result<Vec<Pod>, Error> {
    let object = io
        .get(target.kind, &target.namespace, &target.name)
        .map_err(|error| missing_namespace(error, &target.namespace, io))?;
    let selector = match object.as_ref() {
        Object::Pod(pod) => return Ok(vec![(**pod).clone()]),
        Object::Deployment(one) => {
            Selector::from_spec(one.spec.as_ref().map(|spec| &spec.selector))
        }
        Object::DaemonSet(set) => Selector::from_spec(set.spec.as_ref().map(|spec| &spec.selector)),
        Object::Job(job) => {
            Selector::from_spec(job.spec.as_ref().and_then(|spec| spec.selector.as_ref()))
        }
        Object::ReplicaSet(set) => {
            Selector::from_spec(set.spec.as_ref().map(|spec| &spec.selector))
        }
        Object::StatefulSet(set) => {
            Selector::from_spec(set.spec.as_ref().map(|spec| &spec.selector))
        }
        Object::Service(service) => {
            let pairs = service.spec.as_ref().and_then(|spec| spec.selector.clone());
            let pairs: Vec<String> = pairs
                .unwrap_or_default()
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            if pairs.is_empty() {
                return Err(Error::plain(format!(
                    "invalid service '{}': Service is defined without a selector",
                    target.name
                )));
            }
            Selector::parse(&pairs.join(",")).map_err(Error::plain)?
        }
        other => {
            let info = other.kind().info();
            return Err(Error::plain(format!(
                "cannot attach to *{}.{}: selector for *{}.{} not implemented",
                info.version, info.kind, info.version, info.kind
            )));
        }
    };
    let (all, _) = io.list(Kind::Pod, &target.namespace, "", "")?;
    let mut pods: Vec<Pod> = all
        .iter()
        .filter_map(|object| object.as_kind::<Pod>())
        .filter(|pod| selector.matches(pod.metadata.labels.as_ref()))
        .cloned()
        .collect();
    sort::by_key(&mut pods, |pod| {
        (
            Reverse(is_ready(pod)),
            pod.metadata.creation_timestamp.clone(),
            pod.metadata.name.clone(),
        )
    });
    Ok(pods)
}

/// Whether the pod's condition Ready is true.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|s| s.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// A pod's phase.
pub(crate) fn phase(pod: &Pod) -> &str {
    let status = pod.status.as_ref();
    status.and_then(|s| s.phase.as_deref()).unwrap_or("")
}

/// Every container's name: ordinary ones, then those that only initialise.
pub(crate) fn container_names(pod: &Pod) -> (Vec<String>, Vec<String>) {
    let spec = pod.spec.as_ref();
    let plain = spec.map(|s| s.containers.iter().map(|c| c.name.clone()).collect());
    let init = spec.and_then(|s| s.init_containers.as_ref());
    let init = init.map(|list| list.iter().map(|c| c.name.clone()).collect());
    (plain.unwrap_or_default(), init.unwrap_or_default())
}

fn listed(pod: &Pod) -> String {
    let (plain, init) = container_names(pod);
    let init = init.iter().map(|name| format!("{name} (init)"));
    let all: Vec<String> = plain.into_iter().chain(init).collect();
    all.join(", ")
}

/// The container that a command means; says so when it had to choose.
///
/// # Errors
/// The pod has no such container.
pub(crate) fn container(
    pod: &Pod,
    asked: &str,
    quiet: bool,
    io: &mut Io<'_, '_>,
) -> Result<String, Error> {
    let annotations = pod.metadata.annotations.as_ref();
    let default = annotations.and_then(|map| map.get(DEFAULT_CONTAINER));
    let asked = if asked.is_empty() {
        default.map_or("", String::as_str)
    } else {
        asked
    };
    let (plain, init) = container_names(pod);
    let pod_name = pod.metadata.name.as_deref().unwrap_or("");
    if !asked.is_empty() {
        if plain.iter().chain(&init).any(|name| name == asked) {
            return Ok(asked.to_owned());
        }
        return Err(Error::plain(format!(
            "container {asked} is not valid for pod {pod_name} out of: {}",
            listed(pod)
        )));
    }
    let first = plain.first().cloned().unwrap_or_default();
    if !quiet && plain.len() + init.len() > 1 {
        io.complain(&format!(
            "Defaulted container \"{first}\" out of: {}",
            listed(pod)
        ));
    }
    Ok(first)
}
