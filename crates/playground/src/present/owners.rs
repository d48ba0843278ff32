//! The tree of owners, by the index of owner references.

use super::timeline::state;
use super::{Since, reference};
use crate::twin::ordinal_name;
use crate::view::{Meaning, NodeFate, OwnerNode, OwnersView, Tie};
use petset_cluster::store::{Index, Store};
use petset_cluster::{Key, Kind, Object, sort};
use std::sync::Arc;

/// How many roots are drawn, and how many objects below each.
const ROOTS: usize = 40;
const BELOW: usize = 24;

/// The kinds that own others or stand for themselves.
const ROOT_KINDS: [Kind; 7] = [
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::CronJob,
    Kind::ReplicaSet,
    Kind::Job,
    Kind::Pod,
];

/// The kinds that are owned, in the order in which they are drawn.
const OWNED_KINDS: [Kind; 5] = [
    Kind::ControllerRevision,
    Kind::ReplicaSet,
    Kind::Job,
    Kind::Pod,
    Kind::PersistentVolumeClaim,
];

/// All trees outside of the system's namespaces.
pub(crate) fn owners_view(store: &Store, since: Since) -> OwnersView {
    let tree = Tree { store, since };
    let mut view = OwnersView::default();
    for kind in ROOT_KINDS {
        for object in roots(store, kind) {
            if view.roots.len() < ROOTS {
                view.roots
                    .push(tree.node(object, Tie::None, FATES_OF_ROOT, 0));
            } else {
                view.left_out += 1;
            }
        }
    }
    sort::by(&mut view.roots, |a, b| {
        let key = |node: &OwnerNode| (node.object.namespace.clone(), node.object.name.clone());
        key(a).cmp(&key(b))
    });
    view
}

/// The objects of a kind that no controller manages.
fn roots(store: &Store, kind: Kind) -> Box<dyn Iterator<Item = &Arc<Object>> + '_> {
    let own = |object: &&Arc<Object>| {
        let mut owners = object.meta().owner_references.iter().flatten();
        object.namespace() != "kube-system" && owners.all(|owner| owner.controller != Some(true))
    };
    match kind {
        // The index knows which of ten thousand these are.
        Kind::Pod | Kind::ReplicaSet => {
            Box::new(store.by_index(kind, Index::OwnerUid, "").filter(own))
        }
        _ => Box::new(store.list(kind, None).filter(own)),
    }
}

/// By [`crate::view::Cascade::ALL`].
type Fates = [NodeFate; 3];

const FATES_OF_ROOT: Fates = [
    NodeFate::GoesAtOnce,
    NodeFate::GoesLast,
    NodeFate::GoesAtOnce,
];

struct Tree<'a> {
    store: &'a Store,
    since: Since,
}

impl Tree<'_> {
    fn node(&self, object: &Arc<Object>, tie: Tie, fates: Fates, depth: u32) -> OwnerNode {
        let (state, meaning) = state(object);
        let mut node = OwnerNode {
            object: reference(object),
            state,
            meaning: match (object.is_terminating(), object.kind()) {
                (true, _) => Meaning::Gone,
                _ => meaning,
            },
            tie,
            finalizers: object.meta().finalizers.clone().unwrap_or_default(),
            changed: self.since.touched(object),
            below: Vec::new(),
            left_out: 0,
            fates,
        };
        // Nothing simulated owns deeper than a CronJob's pods with their claims and volumes.
        if depth < 5 {
            self.owned(object, &mut node, depth);
            self.used(object, &mut node, depth);
        }
        node
    }

    fn add(&self, node: &mut OwnerNode, below: &Arc<Object>, tie: Tie, fates: Fates, depth: u32) {
        if node.below.len() < BELOW {
            node.below.push(self.node(below, tie, fates, depth + 1));
        } else {
            node.left_out += 1;
        }
    }

    fn owned(&self, object: &Object, node: &mut OwnerNode, depth: u32) {
        for kind in OWNED_KINDS {
            let mut all: Vec<&Arc<Object>> = self
                .store
                .by_index(kind, Index::OwnerUid, object.uid())
                .collect();
            sort::by(&mut all, |a, b| order(a).cmp(&order(b)));
            for below in all {
                let owners = below.meta().owner_references.iter().flatten();
                let controls = owners
                    .clone()
                    .any(|owner| owner.uid == object.uid() && owner.controller == Some(true));
                let others = owners.filter(|owner| owner.uid != object.uid()).count();
                let tie = if controls {
                    Tie::Controlled
                } else {
                    Tie::Owned
                };
                let fates = below_of(node.fates, others > 0);
                self.add(node, below, tie, fates, depth);
            }
        }
    }

    /// What an object uses and does not own: the claims of a set's places and of a pod, the volume of a claim.
    fn used(&self, object: &Object, node: &mut OwnerNode, depth: u32) {
        const STAYS: Fates = [NodeFate::Stays; 3];
        match object {
            Object::StatefulSet(set) => {
                let spec = set.spec.as_ref();
                let templates = spec.and_then(|spec| spec.volume_claim_templates.as_ref());
                let prefixes: Vec<String> = templates
                    .into_iter()
                    .flatten()
                    .filter_map(|template| template.metadata.name.as_deref())
                    .map(|template| format!("{template}-{}", object.name()))
                    .collect();
                if prefixes.is_empty() {
                    return;
                }
                let kind = Kind::PersistentVolumeClaim;
                let keys = self.store.keys(kind, object.namespace());
                let mut keys: Vec<&Key> = keys
                    .filter(|key| {
                        let parent = ordinal_name(key.name()).map(|(parent, _)| parent);
                        parent.is_some_and(|parent| prefixes.iter().any(|prefix| prefix == parent))
                    })
                    .collect();
                sort::by(&mut keys, |a, b| {
                    ordinal_name(a.name()).cmp(&ordinal_name(b.name()))
                });
                for claim in keys.into_iter().filter_map(|key| self.store.get(kind, key)) {
                    let mut owners = claim.meta().owner_references.iter().flatten();
                    if owners.all(|owner| owner.uid != object.uid()) {
                        self.add(node, claim, Tie::Used, STAYS, depth);
                    }
                }
            }
            Object::PersistentVolumeClaim(claim) => {
                let volume = claim
                    .spec
                    .as_ref()
                    .and_then(|spec| spec.volume_name.as_deref());
                let key = Key::new("", volume.unwrap_or(""));
                let Some(volume) = self.store.get(Kind::PersistentVolume, &key) else {
                    return;
                };
                let Object::PersistentVolume(stored) = &**volume else {
                    return;
                };
                let spec = stored.spec.as_ref();
                let policy = spec.and_then(|s| s.persistent_volume_reclaim_policy.as_deref());
                let fates = node
                    .fates
                    .map(|fate| match fate.goes() && policy == Some("Delete") {
                        true => NodeFate::Reclaimed,
                        false => NodeFate::Stays,
                    });
                self.add(node, volume, Tie::Used, fates, depth);
            }
            _ => {}
        }
    }
}

/// What becomes of something owned, by what becomes of its owner.
fn below_of(owner: Fates, has_other_owner: bool) -> Fates {
    let collected = match has_other_owner {
        true => NodeFate::OtherOwner,
        false => NodeFate::Collected,
    };
    let fate = |fate: NodeFate| match fate.goes() {
        true => collected,
        false => NodeFate::Stays,
    };
    // Whatever goes as the first of an orphaning deletion leaves what is directly below it behind.
    let orphaned = match owner[2] {
        NodeFate::GoesAtOnce => NodeFate::Orphaned,
        _ => NodeFate::Stays,
    };
    [fate(owner[0]), fate(owner[1]), orphaned]
}

/// By ordinal where names have one.
fn order(object: &Object) -> (&str, u32) {
    ordinal_name(object.name()).unwrap_or((object.name(), 0))
}
