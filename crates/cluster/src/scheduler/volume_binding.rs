//! Claims of a pod: bound ones hold it to nodes, delayed ones are bound for the node that is chosen.
//!
//! Upstream: `pkg/scheduler/framework/plugins/volumebinding`.

use super::filter::fits_terms;
use super::node_info::{NodeInfo, PodInfo};
use crate::client::Client;
use crate::object::{Key, Kind, Object};
use crate::record::reference;
use crate::storage::claim_names;
use crate::store::{Index, Store};
use crate::trace::{ClaimLack, NodeLack};
use crate::volume::matching::{Offer, offer};
use k8s_openapi::api::core::v1::{
    PersistentVolume, PersistentVolumeClaim, Pod, TopologySelectorTerm, VolumeNodeAffinity,
};
use k8s_openapi::api::storage::v1::StorageClass;
use std::borrow::Cow;
use std::sync::Arc;

const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// The claims of a pod.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    /// The volumes of bound claims that hold the pod to some nodes; none for one that does not exist.
    holding: Vec<Option<Arc<Object>>>,
    /// Claims that are bound when the pod has a node.
    delayed: Vec<Key>,
}

/// What is to be written so that delayed claims are bound.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Claims with the volumes that are taken for them; none for one that has to be made.
    claims: Vec<(Key, Option<Key>)>,
}

/// Looks at the claims of a pod before any node is looked at.
///
/// # Errors
/// The reason why no node would do.
pub(super) fn pre_filter(store: &Store, pod: &Pod) -> Result<Claims, ClaimLack> {
    let mut claims = Claims::default();
    let namespace = pod.metadata.namespace.as_deref().unwrap_or("");
    let mut unbound = false;
    for name in claim_names(pod) {
        let key = Key::new(namespace, &name);
        let Some(claim) = store.get_as::<PersistentVolumeClaim>(&key) else {
            return Err(match name {
                Cow::Borrowed(name) => ClaimLack::Missing {
                    claim: name.to_owned(),
                },
                Cow::Owned(claim) => ClaimLack::NotMadeYet { claim },
            });
        };
        let volume = volume_of(claim).unwrap_or("");
        if claim
            .status
            .as_ref()
            .and_then(|status| status.phase.as_deref())
            == Some("Lost")
        {
            return Err(ClaimLack::Lost {
                claim: name.into_owned(),
                volume: volume.to_owned(),
            });
        }
        if claim.metadata.deletion_timestamp.is_some() {
            return Err(ClaimLack::Going {
                claim: name.into_owned(),
            });
        }
        if is_bound(claim) {
            let volume = store.get(Kind::PersistentVolume, &Key::new("", volume));
            if volume.is_none_or(|volume| volume.as_kind().and_then(affinity).is_some()) {
                claims.holding.push(volume.cloned());
            }
        } else if volume.is_empty() && is_delayed(store, claim) {
            claims.delayed.push(key);
        } else {
            unbound = true;
        }
    }
    if unbound {
        Err(ClaimLack::Unbound)
    } else {
        Ok(claims)
    }
}

/// The names of the claims of a pod that are not bound.
pub(super) fn unbound_claims(store: &Store, object: &Object) -> Vec<String> {
    let Object::Pod(pod) = object else {
        return Vec::new();
    };
    claim_names(pod)
        .filter(|name| {
            let key = Key::new(object.namespace(), name.as_ref());
            !store
                .get_as::<PersistentVolumeClaim>(&key)
                .is_some_and(is_bound)
        })
        .map(Cow::into_owned)
        .collect()
}

fn volume_of(claim: &PersistentVolumeClaim) -> Option<&str> {
    claim.spec.as_ref()?.volume_name.as_deref()
}

fn is_bound(claim: &PersistentVolumeClaim) -> bool {
    let annotations = claim.metadata.annotations.as_ref();
    volume_of(claim).is_some_and(|name| !name.is_empty())
        && annotations.is_some_and(|map| map.contains_key(BIND_COMPLETED))
}

fn class<'s>(store: &'s Store, claim: &PersistentVolumeClaim) -> Option<&'s StorageClass> {
    let name = claim.spec.as_ref()?.storage_class_name.as_deref()?;
    store.get_as::<StorageClass>(&Key::new("", name))
}

fn is_delayed(store: &Store, claim: &PersistentVolumeClaim) -> bool {
    class(store, claim)
        .is_some_and(|class| class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"))
}

impl Claims {
    /// Whether there is nothing left to bind.
    pub fn all_bound(&self) -> bool {
        self.delayed.is_empty()
    }

    /// Whether a claim that allows a single pod at a time has one already.
    ///
    /// Upstream: `pkg/scheduler/framework/plugins/volumerestrictions`.
    pub fn in_use_elsewhere(&self, store: &Store, pod: &PodInfo) -> bool {
        let Some(object) = pod.object.as_kind::<Pod>() else {
            return false;
        };
        let namespace = pod.object.namespace();
        claim_names(object).any(|name| {
            let claim = store.get_as::<PersistentVolumeClaim>(&Key::new(namespace, &name));
            let modes = claim.and_then(|claim| claim.spec.as_ref()?.access_modes.as_ref());
            if !modes.is_some_and(|modes| modes.iter().any(|mode| mode == "ReadWriteOncePod")) {
                return false;
            }
            let users = store.by_index(Kind::Pod, Index::Claim, &format!("{namespace}/{name}"));
            users.into_iter().any(|user| {
                let user = user.as_kind::<Pod>();
                user.is_some_and(|user| is_placed(user) && user.metadata.uid != object.metadata.uid)
            })
        })
    }

    /// Why a node does not do for the claims; none when it does.
    pub fn refusal(&self, store: &Store, node: &NodeInfo) -> Option<NodeLack> {
        for volume in &self.holding {
            let Some(volume) = volume else {
                return Some(NodeLack::VolumeMissing);
            };
            if !reaches(volume.as_kind().and_then(affinity), node) {
                return Some(NodeLack::VolumeAffinity);
            }
        }
        if self.delayed.is_empty() {
            return None;
        }
        let plan = self.plan(store, node);
        let missing = plan
            .claims
            .iter()
            .any(|(key, volume)| volume.is_none() && !is_provisionable(store, key, node));
        missing.then_some(NodeLack::NoVolume)
    }

    /// What would be written if the pod were put on `node`.
    pub fn plan(&self, store: &Store, node: &NodeInfo) -> Plan {
        let mut plan = Plan::default();
        for key in &self.delayed {
            let Some(claim) = store.get_as::<PersistentVolumeClaim>(key) else {
                continue;
            };
            let taken: Vec<&Key> = plan
                .claims
                .iter()
                .filter_map(|(_, volume)| volume.as_ref())
                .collect();
            let volume = find_volume(store, claim, node, &taken);
            plan.claims.push((key.clone(), volume));
        }
        plan
    }
}

/// Whether a pod has a node and is not over.
fn is_placed(pod: &Pod) -> bool {
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    node.is_some_and(|node| !node.is_empty()) && !matches!(phase, Some("Succeeded" | "Failed"))
}

/// Whether a claim's class makes volumes that a node reaches.
fn is_provisionable(store: &Store, key: &Key, node: &NodeInfo) -> bool {
    let claim = store.get_as::<PersistentVolumeClaim>(key);
    claim
        .and_then(|claim| class(store, claim))
        .is_some_and(|class| {
            class.provisioner != "kubernetes.io/no-provisioner" && is_allowed(class, node)
        })
}

/// Whether a node is in one of the places that a class is limited to.
///
/// Upstream: `MatchTopologySelectorTerms`.
fn is_allowed(class: &StorageClass, node: &NodeInfo) -> bool {
    let terms = class.allowed_topologies.as_deref().unwrap_or_default();
    let fits = |term: &TopologySelectorTerm| {
        let labels = term.match_label_expressions.as_deref().unwrap_or_default();
        let mut labels = labels.iter();
        labels.all(|wanted| {
            let value = node.labels.get(&wanted.key);
            value.is_some_and(|value| wanted.values.contains(value))
        })
    };
    terms.is_empty() || terms.iter().any(fits)
}

/// Which nodes a volume is there for.
fn affinity(volume: &PersistentVolume) -> Option<&VolumeNodeAffinity> {
    volume.spec.as_ref()?.node_affinity.as_ref()
}

/// Whether programs on a node can use a volume.
fn reaches(affinity: Option<&VolumeNodeAffinity>, node: &NodeInfo) -> bool {
    let required = affinity.and_then(|affinity| affinity.required.as_ref());
    required.is_none_or(|required| fits_terms(node, &required.node_selector_terms))
}

/// The smallest free volume that a node reaches.
fn find_volume(
    store: &Store,
    claim: &PersistentVolumeClaim,
    node: &NodeInfo,
    taken: &[&Key],
) -> Option<Key> {
    let modes = claim
        .spec
        .as_ref()?
        .access_modes
        .as_deref()
        .unwrap_or_default();
    let mut best: Option<(i128, Key)> = None;
    for volume in store.list_as::<PersistentVolume>(None) {
        let offered = volume
            .spec
            .as_ref()
            .and_then(|spec| spec.access_modes.as_ref());
        let key = Key::new("", volume.metadata.name.as_deref().unwrap_or(""));
        let fits = modes
            .iter()
            .all(|mode| offered.into_iter().flatten().any(|m| m == mode))
            && !taken.contains(&&key)
            && reaches(affinity(volume), node);
        match offer(volume, claim).filter(|_| fits) {
            Some(Offer::Reserved) => return Some(key),
            Some(Offer::Free(size)) if best.as_ref().is_none_or(|(least, _)| size < *least) => {
                best = Some((size, key));
            }
            _ => {}
        }
    }
    best.map(|(_, key)| key)
}

/// Why volumes that are waited for will not come for a pod on `node`; none as long as they may.
///
/// Upstream: `checkBindings`.
pub(super) fn hopeless(
    store: &Store,
    claims: &Claims,
    node: &str,
    overdue: bool,
) -> Option<String> {
    let reset = claims.delayed.iter().find_map(|key| {
        let claim = store.get_as::<PersistentVolumeClaim>(key)?;
        let mut reserved = store.by_index(Kind::PersistentVolume, Index::Claim, &key.to_string());
        if reserved.next().is_some() {
            return None;
        }
        let name = key.name();
        let annotations = claim.metadata.annotations.as_ref();
        match annotations.map(|all| all.get(SELECTED_NODE)) {
            None => Some(format!("selectedNode annotation reset for PVC \"{name}\"")),
            Some(chosen) if chosen.is_none_or(|chosen| chosen != node) => {
                Some(format!("provisioning failed for PVC \"{name}\""))
            }
            Some(_) => None,
        }
    });
    reset.or_else(|| overdue.then(|| "context deadline exceeded".to_owned()))
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// Writes the plan; whether all of it could be written.
    pub fn apply(self, node: &str, client: &mut Client<'_>) -> bool {
        let mut written = true;
        for (key, volume) in self.claims {
            let Some(claim) = client.get::<PersistentVolumeClaim>(&key).cloned() else {
                written = false;
                continue;
            };
            let result = match volume.and_then(|key| client.get::<PersistentVolume>(&key).cloned())
            {
                Some(mut volume) => {
                    let spec = volume.spec.get_or_insert_default();
                    spec.claim_ref = Some(reference(&Object::from(claim)));
                    let annotations = volume.metadata.annotations.get_or_insert_default();
                    annotations.insert(BOUND_BY_CONTROLLER.to_owned(), "yes".to_owned());
                    client.update(volume).map(|_| ())
                }
                None => {
                    let mut claim = claim;
                    let annotations = claim.metadata.annotations.get_or_insert_default();
                    annotations.insert(SELECTED_NODE.to_owned(), node.to_owned());
                    client.update(claim).map(|_| ())
                }
            };
            written &= result.is_ok();
        }
        written
    }
}
