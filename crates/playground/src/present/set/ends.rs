//! How far the places of sets go, kept from one look to the next: the views are made anew with every change, and a set may have
//! ten thousand pods and claims.

use super::{Places, ordinal_of};
use petset_cluster::store::{ChangeType, Index, Store};
use petset_cluster::{Key, Kind};
use std::collections::BTreeMap;

/// So many empty places at the end are passed over one by one; beyond that all names are looked at again.
const EMPTY_PLACES: u32 = 256;

/// For each set an ordinal above those of all its pods and claims. All names are looked at once; after that only what comes
/// into being, and places at the end that became empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends {
    /// The version of the store up to which this is true.
    version: u64,
    known: BTreeMap<Key, End>,
}

#[derive(Clone, Debug)]
struct End {
    /// What the names of the set's claims begin with.
    claims: Vec<String>,
    ordinal: u32,
}

impl Ends {
    /// The first ordinal from `least` on that neither a pod nor a claim of the set has, nor one above it.
    pub(super) fn of(&mut self, places: &Places<'_>, least: u32) -> u32 {
        let store = places.server.store();
        self.follow(store);
        let key = Key::new(places.namespace, places.name);
        let claims = places.templates.iter();
        let claims: Vec<String> = claims
            .map(|template| format!("{template}-{}", places.name))
            .collect();
        let known = self.known.get(&key).filter(|end| end.claims == claims);
        let mut ordinal = match known {
            Some(end) => end.ordinal,
            None => end_of_names(places, &claims),
        };
        for _ in 0..EMPTY_PLACES {
            if ordinal <= least || is_stored(places, &claims, ordinal - 1) {
                break;
            }
            ordinal -= 1;
        }
        if ordinal > least && !is_stored(places, &claims, ordinal - 1) {
            ordinal = end_of_names(places, &claims);
        }
        self.known.insert(key, End { claims, ordinal });
        ordinal.max(least)
    }

    /// Raises the ends for what has come since the last look.
    fn follow(&mut self, store: &Store) {
        if self.version == store.resource_version() {
            return;
        }
        match store.changes_since(self.version) {
            None => self.known.clear(),
            Some(changes) => {
                let added = changes.filter(|change| change.change == ChangeType::Added);
                for object in added.map(|change| &change.object) {
                    let claim = match object.kind() {
                        Kind::Pod => false,
                        Kind::PersistentVolumeClaim => true,
                        _ => continue,
                    };
                    for (key, end) in &mut self.known {
                        if key.namespace() == object.namespace() {
                            end.raise(claim, key.name(), object.name());
                        }
                    }
                }
            }
        }
        self.version = store.resource_version();
    }
}

impl End {
    fn raise(&mut self, claim: bool, set: &str, name: &str) {
        let ordinal = if claim {
            self.claims
                .iter()
                .find_map(|prefix| ordinal_of(name, prefix))
        } else {
            ordinal_of(name, set)
        };
        if let Some(ordinal) = ordinal {
            self.ordinal = self.ordinal.max(ordinal + 1);
        }
    }
}

fn is_stored(places: &Places<'_>, claims: &[String], ordinal: u32) -> bool {
    let store = places.server.store();
    let claim = |prefix: &String| {
        let key = Key::new(places.namespace, &format!("{prefix}-{ordinal}"));
        store.get(Kind::PersistentVolumeClaim, &key).is_some()
    };
    places.pod(ordinal).is_some() || claims.iter().any(claim)
}

/// The first ordinal above those of all names.
fn end_of_names(places: &Places<'_>, claims: &[String]) -> u32 {
    let store = places.server.store();
    let uid = places.set.metadata.uid.as_deref();
    let pods = uid
        .into_iter()
        .flat_map(|uid| store.keys_by_index(Kind::Pod, Index::OwnerUid, uid))
        .filter_map(|key| ordinal_of(key.name(), places.name));
    let claims = store
        .keys(Kind::PersistentVolumeClaim, places.namespace)
        .filter_map(|key| {
            let mut ordinals = claims.iter().map(|prefix| ordinal_of(key.name(), prefix));
            ordinals.find_map(|ordinal| ordinal)
        });
    pods.chain(claims).max().map_or(0, |last| last + 1)
}
