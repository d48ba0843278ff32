//! What both endpoint controllers know of services and their pods.
//!
//! Upstream: `staging/src/k8s.io/endpointslice/util` and `FindPort` of `staging/src/k8s.io/endpointslice/utils.go`.

mod selection;

use crate::annotation::LAST_CHANGE_TRIGGER_TIME;
use crate::controller::Wakes;
use crate::object::{Kind, Object};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Index, Store};
use k8s_openapi::api::core::v1::{Pod, Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
pub(super) use selection::{Selected, Selection, Selections};
use std::sync::Arc;

/// The mark of services without an address of their own.
pub(super) const HEADLESS_LABEL: &str = "service.kubernetes.io/headless";

/// One port of a pod that a service leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TargetPort {
    /// The service port's name; empty for the only one.
    pub(super) name: String,
    /// The number at the pod.
    pub(super) port: i32,
    /// `TCP`, `UDP` or `SCTP`.
    pub(super) protocol: String,
    /// A hint for proxies.
    pub(super) app_protocol: Option<String>,
}

/// Whether the controllers look after this service at all.
pub(super) fn managed_spec(service: &Service) -> Option<&ServiceSpec> {
    let spec = service.spec.as_ref()?;
    let external = spec.type_.as_deref() == Some("ExternalName");
    (spec.selector.is_some() && !external).then_some(spec)
}

/// Whether the service has no address of its own.
pub(super) fn is_headless(spec: &ServiceSpec) -> bool {
    matches!(spec.cluster_ip.as_deref(), None | Some("" | "None"))
}

/// The pods that a service selects, in etcd's order.
fn selected_pods<'a>(
    store: &'a Store,
    namespace: &'a str,
    spec: &'a ServiceSpec,
) -> impl Iterator<Item = &'a Arc<Object>> {
    let selector = spec.selector.as_ref();
    let first = selector.and_then(|selector| selector.iter().next());
    let candidates: Box<dyn Iterator<Item = &Arc<Object>>> = match first {
        // An empty selector selects every pod of the namespace.
        None => store.list(Kind::Pod, Some(namespace)),
        Some((key, value)) => {
            let label = format!("{key}={value}");
            Box::new(store.by_index(Kind::Pod, Index::Label, &label))
        }
    };
    candidates.filter(move |pod| pod.namespace() == namespace && selects(spec, pod.meta()))
}

fn selects(spec: &ServiceSpec, meta: &ObjectMeta) -> bool {
    spec.selector.as_ref().is_some_and(|selector| {
        selector.iter().all(|(key, value)| {
            let labels = meta.labels.as_ref();
            labels.and_then(|labels| labels.get(key)) == Some(value)
        })
    })
}

/// Whether a pod is to be listed: it is not finished and has an address.
pub(super) fn belongs_in_endpoints(pod: &Pod, include_terminating: bool) -> bool {
    let status = pod.status.as_ref();
    let phase = status.and_then(|status| status.phase.as_deref());
    !matches!(phase, Some("Succeeded" | "Failed"))
        && pod_ip(pod).is_some()
        && (include_terminating || pod.metadata.deletion_timestamp.is_none())
}

/// The pod's address.
pub(super) fn pod_ip(pod: &Pod) -> Option<&str> {
    let ip = pod.status.as_ref()?.pod_ip.as_deref()?;
    (!ip.is_empty()).then_some(ip)
}

/// Whether the pod is ready, and since when.
pub(super) fn ready_condition(pod: &Pod) -> (bool, Option<&Time>) {
    let status = pod.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_deref());
    let ready = conditions
        .unwrap_or_default()
        .iter()
        .find(|condition| condition.type_ == "Ready");
    (
        ready.is_some_and(|condition| condition.status == "True"),
        ready.and_then(|condition| condition.last_transition_time.as_ref()),
    )
}

/// The host name under which the service's domain knows the pod; only its governing service does.
pub(super) fn dns_hostname<'a>(pod: &'a Pod, service: &ObjectMeta) -> Option<&'a str> {
    let spec = pod.spec.as_ref()?;
    let hostname = spec.hostname.as_deref().filter(|name| !name.is_empty())?;
    let governed = spec.subdomain.is_some() && spec.subdomain.as_deref() == service.name.as_deref();
    (governed && pod.metadata.namespace == service.namespace).then_some(hostname)
}

/// The service's ports as they are at one pod; a named one that the pod lacks is left out.
pub(super) fn target_ports(spec: &ServiceSpec, pod: &Pod) -> Vec<TargetPort> {
    let ports = spec.ports.as_deref().unwrap_or_default();
    let resolved = |port: &ServicePort| {
        Some(TargetPort {
            name: port.name.clone().unwrap_or_default(),
            port: find_port(pod, port)?,
            protocol: protocol(port).to_owned(),
            app_protocol: port.app_protocol.clone(),
        })
    };
    ports.iter().filter_map(resolved).collect()
}

fn protocol(port: &ServicePort) -> &str {
    port.protocol.as_deref().unwrap_or("TCP")
}

fn find_port(pod: &Pod, port: &ServicePort) -> Option<i32> {
    let name = match port.target_port.as_ref() {
        None => return Some(port.port),
        Some(IntOrString::Int(number)) => return Some(*number),
        Some(IntOrString::String(name)) => name,
    };
    let spec = pod.spec.as_ref()?;
    let sidecars = spec.init_containers.iter().flatten();
    let sidecars = sidecars.filter(|init| init.restart_policy.as_deref() == Some("Always"));
    let mut ports = spec
        .containers
        .iter()
        .chain(sidecars)
        .flat_map(|container| container.ports.iter().flatten());
    ports
        .find(|declared| {
            declared.name.as_deref() == Some(name.as_str())
                && declared.protocol.as_deref().unwrap_or("TCP") == protocol(port)
        })
        .map(|declared| declared.container_port)
}

/// Wakes a controller for the services that a change of a pod or of a service itself concerns.
pub(super) fn wake_services(change: &Change, store: &Store, id: ControllerId, wakes: &mut Wakes) {
    match &*change.object {
        Object::Service(_) => wakes.add(id, change.object.key()),
        Object::Pod(pod) => {
            let old = change.old.as_ref().and_then(|old| old.as_kind::<Pod>());
            let change_concerns = match (change.change, old) {
                (ChangeType::Modified, Some(old)) => endpoints_changed(old, pod),
                _ => true,
            };
            if !change_concerns {
                return;
            }
            let old_meta = old.map(|old| &old.metadata);
            for service in store.list(Kind::Service, Some(change.object.namespace())) {
                let spec = service.as_kind::<Service>().and_then(managed_spec);
                let concerned = spec.is_some_and(|spec| {
                    selects(spec, &pod.metadata) || old_meta.is_some_and(|old| selects(spec, old))
                });
                if concerned {
                    wakes.add(id, service.key());
                }
            }
        }
        _ => {}
    }
}

fn endpoints_changed(old: &Pod, new: &Pod) -> bool {
    fn names(pod: &Pod) -> Option<[&Option<String>; 2]> {
        let spec = pod.spec.as_ref()?;
        Some([&spec.hostname, &spec.subdomain])
    }
    fn phase(pod: &Pod) -> Option<&String> {
        pod.status.as_ref()?.phase.as_ref()
    }
    old.metadata.labels != new.metadata.labels
        || new.metadata.deletion_timestamp != old.metadata.deletion_timestamp
        || ready_condition(old).0 != ready_condition(new).0
        || pod_ip(old) != pod_ip(new)
        || (new.metadata.deletion_timestamp.is_some() && phase(old) != phase(new))
        || names(old) != names(new)
}

/// Sets or takes away the annotation of the trigger time.
pub(super) fn annotate_trigger_time(meta: &mut ObjectMeta, time: Option<Time>) {
    let mut annotations = meta.annotations.take().unwrap_or_default();
    match time {
        Some(time) => {
            annotations.insert(LAST_CHANGE_TRIGGER_TIME.to_owned(), time.0.to_string());
        }
        None => {
            annotations.remove(LAST_CHANGE_TRIGGER_TIME);
        }
    }
    meta.annotations = (!annotations.is_empty()).then_some(annotations);
}
