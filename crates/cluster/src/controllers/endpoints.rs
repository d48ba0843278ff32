//! Endpoints: the older form of a service's addresses, all in one object of the service's name.
//!
//! Upstream: `pkg/controller/endpoint/endpoints_controller.go` and `pkg/api/v1/endpoints/util.go`.

#[cfg(test)]
mod tests;

use super::service_pods::{
    HEADLESS_LABEL, Selected, Selections, TargetPort, annotate_trigger_time, dns_hostname,
    is_headless, managed_spec, wake_services,
};
use crate::api::Status;
use crate::client::Client;
use crate::controller::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind, Object};
use crate::queue::ControllerId;
use crate::record::{EventType, Reporter, reference};
use crate::sort;
use crate::store::{Change, ChangeType, Store};
use k8s_openapi::api::core::v1::{
    EndpointAddress, EndpointPort, EndpointSubset, Endpoints, ObjectReference, Service, ServiceSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The label with the name of what manages the object.
const MANAGED_BY_LABEL: &str = "endpoints.kubernetes.io/managed-by";
/// This controller's name in that label.
const CONTROLLER_NAME: &str = "endpoint-controller";
/// Set when there are more addresses than the object may hold.
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
/// How many addresses the object holds at most.
const MAX_CAPACITY: usize = 1000;

/// The older Endpoints of services.
#[derive(Clone, Default)]
pub struct EndpointsController {
    selections: Selections,
}

impl Controller for EndpointsController {
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes) {
        if matches!(*change.object, Object::Endpoints(_)) {
            if change.change == ChangeType::Deleted {
                wakes.add(ControllerId::Endpoints, change.object.key());
            }
            return;
        }
        self.selections.observe(change);
        wake_services(change, store, ControllerId::Endpoints, wakes);
    }

    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome {
        let Some(object) = client.store().get(Kind::Service, key).cloned() else {
            self.selections.forget(key);
            if client.get::<Endpoints>(key).is_none() {
                return Outcome::DONE;
            }
            return match client.delete(Kind::Endpoints, key, None, None) {
                Err(status) if !status.is_not_found() => Outcome::RETRY,
                _ => Outcome::DONE,
            };
        };
        let Some(service) = object.as_kind::<Service>() else {
            return Outcome::DONE;
        };
        let Some(spec) = managed_spec(service) else {
            return Outcome::DONE;
        };
        let (selection, trigger) = self
            .selections
            .of(key, &service.metadata, spec, client.store());
        selection.changed.clear();
        let looked_at = 1 + selection.pods.len() as u64;
        let (subsets, truncated) = subsets(service, spec, selection.pods.values());
        let old = client.get::<Endpoints>(key);
        let Some(new) = better(old, service, spec, subsets, (truncated, trigger)) else {
            return Outcome {
                looked_at,
                ..Outcome::DONE
            };
        };
        let fresh = old.is_none();
        let outcome = match write(client, new, fresh) {
            Ok(()) => Outcome::DONE,
            Err(()) => Outcome::RETRY,
        };
        Outcome {
            looked_at,
            ..outcome
        }
    }
}

fn write(client: &mut Client<'_>, new: Endpoints, fresh: bool) -> Result<(), ()> {
    let object = Object::from(new.clone());
    let (key, about) = (object.key(), reference(&object));
    let (written, reason, verb) = if fresh {
        let verb = format!("Failed to create endpoint for service {key}");
        (client.create(new), "FailedToCreateEndpoint", verb)
    } else {
        let verb = format!("Failed to update endpoint {key}");
        (client.update(new), "FailedToUpdateEndpoint", verb)
    };
    match written {
        Ok(_) => Ok(()),
        Err(status) if is_namespace_terminating(&status) => Ok(()),
        Err(status) => {
            let by = Reporter::control_plane("endpoint-controller");
            let message = format!("{verb}: {}", status.message);
            client.event(&by, about, EventType::Warning, reason, message);
            Err(())
        }
    }
}

/// Whether the write was refused because the namespace is on its way out.
fn is_namespace_terminating(status: &Status) -> bool {
    let mut causes = status.causes.iter();
    causes.any(|cause| cause.reason == "NamespaceTerminating")
        || status.message.contains("because it is being terminated")
}

/// The object as it must be, if it is not so already.
fn better(
    old: Option<&Endpoints>,
    service: &Service,
    spec: &ServiceSpec,
    subsets: Vec<EndpointSubset>,
    (truncated, trigger): (bool, Option<Time>),
) -> Option<Endpoints> {
    let mut labels = service.metadata.labels.clone().unwrap_or_default();
    if is_headless(spec) {
        labels.insert(HEADLESS_LABEL.to_owned(), String::new());
    } else {
        labels.remove(HEADLESS_LABEL);
    }
    labels.insert(MANAGED_BY_LABEL.to_owned(), CONTROLLER_NAME.to_owned());
    if let Some(old) = old {
        let same = old.subsets.as_deref().unwrap_or_default() == subsets
            && old.metadata.labels.as_ref() == Some(&labels);
        if same {
            return None;
        }
    }
    let mut new = old.cloned().unwrap_or_else(|| Endpoints {
        metadata: ObjectMeta {
            name: service.metadata.name.clone(),
            namespace: service.metadata.namespace.clone(),
            ..ObjectMeta::default()
        },
        subsets: None,
    });
    new.metadata.labels = Some(labels);
    new.subsets = (!subsets.is_empty()).then_some(subsets);
    annotate_trigger_time(&mut new.metadata, trigger);
    let mut annotations = new.metadata.annotations.take().unwrap_or_default();
    if truncated {
        annotations.insert(OVER_CAPACITY.to_owned(), "truncated".to_owned());
    } else {
        annotations.remove(OVER_CAPACITY);
    }
    new.metadata.annotations = (!annotations.is_empty()).then_some(annotations);
    Some(new)
}

/// The subsets of a service (pods that share their ports in one), cut to what the object may hold, and whether
/// they were cut.
fn subsets<'a>(
    service: &Service,
    spec: &ServiceSpec,
    pods: impl Iterator<Item = &'a Selected>,
) -> (Vec<EndpointSubset>, bool) {
    let publish = spec.publish_not_ready_addresses == Some(true);
    let mut groups: BTreeMap<&[TargetPort], Vec<&Selected>> = BTreeMap::new();
    for pod in pods {
        if pod.is_listed(publish) {
            groups.entry(&pod.ports).or_default().push(pod);
        }
    }
    let no_ports = spec.ports.as_ref().is_none_or(Vec::is_empty);
    if no_ports && !is_headless(spec) {
        groups.clear();
    }
    let mut members: BTreeMap<Option<&TargetPort>, BTreeSet<usize>> = BTreeMap::new();
    for (index, ports) in groups.keys().enumerate() {
        if no_ports {
            members.entry(None).or_default().insert(index);
        }
        for port in *ports {
            members.entry(Some(port)).or_default().insert(index);
        }
    }
    let mut merged: BTreeMap<BTreeSet<usize>, Vec<&TargetPort>> = BTreeMap::new();
    for (port, indexes) in members {
        merged.entry(indexes).or_default().extend(port);
    }
    let pods: Vec<&Vec<&Selected>> = groups.values().collect();
    let mut all: Vec<Subset<'_>> = merged
        .into_iter()
        .map(|(indexes, ports)| {
            let pods = indexes.iter().filter_map(|index| pods.get(*index));
            Subset::new(pods.flat_map(|pods| pods.iter().copied()), ports, publish)
        })
        .collect();
    let truncated = truncate(&mut all);
    let subsets = all.into_iter().map(|subset| subset.build(service));
    (subsets.collect(), truncated)
}

/// A subset before its addresses are written out.
struct Subset<'a> {
    ready: Vec<&'a Selected>,
    not_ready: Vec<&'a Selected>,
    ports: Vec<&'a TargetPort>,
}

impl<'a> Subset<'a> {
    fn new(
        pods: impl Iterator<Item = &'a Selected>,
        ports: Vec<&'a TargetPort>,
        publish: bool,
    ) -> Self {
        let (mut ready, mut not_ready): (Vec<&Selected>, Vec<&Selected>) =
            pods.partition(|pod| publish || pod.ready);
        let order = |one: &&'a Selected, other: &&'a Selected| {
            let ips = one.ip.cmp(&other.ip);
            ips.then_with(|| one.uid().cmp(other.uid()))
        };
        sort::by(&mut ready, order);
        sort::by(&mut not_ready, order);
        Subset {
            ready,
            not_ready,
            ports,
        }
    }

    fn build(self, service: &Service) -> EndpointSubset {
        let address = |selected: &Selected| {
            let pod = selected.pod()?;
            Some(EndpointAddress {
                hostname: dns_hostname(pod, &service.metadata).map(str::to_owned),
                ip: selected.ip.clone(),
                node_name: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
                target_ref: Some(ObjectReference {
                    kind: Some("Pod".to_owned()),
                    namespace: pod.metadata.namespace.clone(),
                    name: pod.metadata.name.clone(),
                    uid: pod.metadata.uid.clone(),
                    ..ObjectReference::default()
                }),
            })
        };
        let port = |port: &TargetPort| EndpointPort {
            app_protocol: port.app_protocol.clone(),
            name: Some(port.name.clone()).filter(|name| !name.is_empty()),
            port: port.port,
            protocol: Some(port.protocol.clone()),
        };
        let addresses = |pods: Vec<&Selected>| {
            let addresses: Vec<EndpointAddress> = pods.into_iter().filter_map(address).collect();
            (!addresses.is_empty()).then_some(addresses)
        };
        let ports: Vec<EndpointPort> = self.ports.into_iter().map(port).collect();
        EndpointSubset {
            addresses: addresses(self.ready),
            not_ready_addresses: addresses(self.not_ready),
            ports: (!ports.is_empty()).then_some(ports),
        }
    }
}

/// Cuts addresses that are too many: those that are not ready first, each subset by its share.
fn truncate(subsets: &mut [Subset<'_>]) -> bool {
    let ready: usize = subsets.iter().map(|subset| subset.ready.len()).sum();
    let not_ready: usize = subsets.iter().map(|subset| subset.not_ready.len()).sum();
    if ready + not_ready <= MAX_CAPACITY {
        return false;
    }
    let cut_ready = ready > MAX_CAPACITY;
    let (max, total) = if cut_ready {
        (MAX_CAPACITY, ready)
    } else {
        (MAX_CAPACITY - ready, not_ready)
    };
    let mut left = max;
    for subset in subsets {
        if cut_ready {
            let share = (subset.ready.len() * max).div_ceil(total.max(1));
            subset.ready.truncate(share.min(left));
            subset.not_ready.clear();
            left -= subset.ready.len();
        } else {
            let share = (subset.not_ready.len() * max).div_ceil(total.max(1));
            subset.not_ready.truncate(share.min(left));
            left -= subset.not_ready.len();
        }
    }
    true
}
