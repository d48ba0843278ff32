//! The pods of each service, kept from change to change: a sync reads what changed, not what is there.

use super::{TargetPort, pod_ip, ready_condition, selected_pods, selects, target_ports};
use crate::object::{Key, Object};
use crate::sort;
use crate::store::{Change, ChangeType, Store};
use k8s_openapi::api::core::v1::{Pod, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A pod that a service selects, with what endpoints show of it.
#[derive(Clone, Debug)]
pub(in crate::controllers) struct Selected {
    object: Arc<Object>,
    /// Its address; empty if it has none.
    pub(in crate::controllers) ip: String,
    /// Whether it is ready.
    pub(in crate::controllers) ready: bool,
    /// Whether it will not run again.
    finished: bool,
    /// Whether it is being deleted.
    terminating: bool,
    /// The service's ports at this pod.
    pub(in crate::controllers) ports: Vec<TargetPort>,
}

impl Selected {
    /// Reads a pod; `None` if the object is none.
    pub(in crate::controllers) fn read(
        object: &Arc<Object>,
        spec: &ServiceSpec,
    ) -> Option<Selected> {
        let pod = object.as_kind::<Pod>()?;
        let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref());
        Some(Selected {
            object: object.clone(),
            ip: pod_ip(pod).unwrap_or("").to_owned(),
            ready: ready_condition(pod).0,
            finished: matches!(phase, Some("Succeeded" | "Failed")),
            terminating: object.is_terminating(),
            ports: target_ports(spec, pod),
        })
    }

    /// The pod.
    pub(in crate::controllers) fn pod(&self) -> Option<&Pod> {
        self.object.as_kind::<Pod>()
    }

    /// Its uid.
    pub(in crate::controllers) fn uid(&self) -> &str {
        self.object.uid()
    }

    /// Whether it is to be listed: it is not finished and has an address.
    pub(in crate::controllers) fn is_listed(&self, include_terminating: bool) -> bool {
        !self.finished && !self.ip.is_empty() && (include_terminating || !self.terminating)
    }
}

/// What is known of one service.
#[derive(Clone, Debug)]
pub(in crate::controllers) struct Selection {
    spec: ServiceSpec,
    /// Every selected pod, in etcd's order.
    pub(in crate::controllers) pods: BTreeMap<Key, Selected>,
    /// The pods that came, changed or went since the last sync.
    pub(in crate::controllers) changed: BTreeSet<Key>,
    /// Whether nothing was synced yet with this spec, so that all is news.
    pub(in crate::controllers) fresh: bool,
    /// When each pod last turned ready or not ready.
    triggers: BTreeMap<Key, Time>,
}

impl Selection {
    fn new(key: &Key, spec: &ServiceSpec, store: &Store) -> Selection {
        let selected = selected_pods(store, key.namespace(), spec);
        let pods = sort::map(
            selected.filter_map(|object| Some((object.key(), Selected::read(object, spec)?))),
        );
        Selection {
            spec: spec.clone(),
            changed: sort::set(pods.keys().cloned()),
            pods,
            fresh: true,
            triggers: BTreeMap::new(),
        }
    }

    fn note(&mut self, change: &Change, pod: &Pod) {
        let key = change.object.key();
        let here = change.change != ChangeType::Deleted && selects(&self.spec, &pod.metadata);
        let selected = here.then(|| Selected::read(&change.object, &self.spec));
        let known = match selected.flatten() {
            Some(selected) => {
                self.pods.insert(key.clone(), selected);
                true
            }
            None => self.pods.remove(&key).is_some(),
        };
        if known {
            self.changed.insert(key);
        }
    }

    /// The earliest moment among the pods that turned ready or not ready since the last sync; for a service that is
    /// seen for the first time, the moment of its creation.
    ///
    /// Upstream: `staging/src/k8s.io/endpointslice/util/trigger_time_tracker.go`.
    fn last_change(&mut self) -> Option<Time> {
        let mut earliest: Option<Time> = None;
        for key in &self.changed {
            let pod = self.pods.get(key).and_then(Selected::pod);
            let Some((_, Some(time))) = pod.map(ready_condition) else {
                continue;
            };
            if self.triggers.get(key).is_none_or(|old| old < time) {
                self.triggers.insert(key.clone(), time.clone());
                if earliest.as_ref().is_none_or(|earliest| time < earliest) {
                    earliest = Some(time.clone());
                }
            }
        }
        earliest
    }
}

/// What is known of all services.
#[derive(Clone, Debug, Default)]
pub(in crate::controllers) struct Selections {
    services: BTreeMap<Key, Arc<Selection>>,
}

impl Selections {
    /// Takes note of a changed pod.
    pub(in crate::controllers) fn observe(&mut self, change: &Change) {
        let Object::Pod(pod) = &*change.object else {
            return;
        };
        let namespace = change.object.namespace();
        let old = change.old.as_ref().map(|old| old.meta());
        for (key, selection) in &mut self.services {
            let concerns = key.namespace() == namespace
                && (selects(&selection.spec, &pod.metadata)
                    || old.is_some_and(|old| selects(&selection.spec, old)));
            if concerns {
                Arc::make_mut(selection).note(change, pod);
            }
        }
    }

    /// What is known of a service, and when the changes began that it is about to be synced for.
    pub(in crate::controllers) fn of(
        &mut self,
        key: &Key,
        meta: &ObjectMeta,
        spec: &ServiceSpec,
        store: &Store,
    ) -> (&mut Selection, Option<Time>) {
        let seen = self.services.get_mut(key);
        let known = seen.is_some();
        let outdated = seen.is_none_or(|selection| selection.spec != *spec);
        if outdated {
            let mut selection = Selection::new(key, spec, store);
            if let Some(old) = self.services.get(key) {
                selection.triggers.clone_from(&old.triggers);
            }
            self.services.insert(key.clone(), Arc::new(selection));
        }
        let entry = self.services.entry(key.clone());
        let selection =
            Arc::make_mut(entry.or_insert_with(|| Arc::new(Selection::new(key, spec, store))));
        let earliest = selection.last_change();
        let trigger = if known {
            earliest
        } else {
            meta.creation_timestamp.clone()
        };
        (selection, trigger)
    }

    /// Forgets a service that is gone.
    pub(in crate::controllers) fn forget(&mut self, key: &Key) {
        self.services.remove(key);
    }
}
