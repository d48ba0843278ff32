//! Versioned objects in persistent maps, with indexes and a watch log: what etcd and the watch cache are upstream.
//!
//! Cloning a store is cheap (the maps share their nodes), so a clone is a snapshot.

mod watch_log;

use crate::object::{Key, Kind, Object, Resource};
use crate::storage::claim_names;
use crate::time::Instant;
use rpds::{RedBlackTreeMapSync, RedBlackTreeSetSync};
use std::ops::Bound;
use std::sync::Arc;
use watch_log::WatchLog;

/// How many changes the watch log keeps; a watch from before them is answered with 410 Gone. Each holds an object as it
/// was, so this bounds the memory of what is past.
pub const WATCH_LOG_LIMIT: usize = 20_000;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeType {
    /// It came into being.
    Added,
    /// It was written.
    Modified,
    /// It is gone; the change holds its last state.
    Deleted,
}

/// One entry of the watch log.
#[derive(Clone, Debug)]
pub struct Change {
    /// The version that this change made; every change has its own.
    pub resource_version: u64,
    /// When it happened.
    pub at: Instant,
    /// What happened.
    pub change: ChangeType,
    /// The object after the change (its last state when deleted).
    pub object: Arc<Object>,
    /// The object before the change; none when it was added.
    pub old: Option<Arc<Object>>,
}

/// What objects can be found by without looking at all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Index {
    /// The uid of any owner; besides, the empty text for pods, revisions and replica sets that no controller manages.
    OwnerUid,
    /// `key=value` of each label.
    Label,
    /// The node a pod is bound to; the empty text for pods that wait for one.
    Node,
    /// The uid of the object an event is about.
    InvolvedObject,
    /// Each claim that a pod mounts, the claim of a volume: `namespace/name`.
    Claim,
}

impl Index {
    /// How many indexes there are.
    const COUNT: usize = Index::Claim as usize + 1;
}

/// One index of one kind: the keys under each value. In two steps, because many objects share their values:
/// a long value is compared once on the way, and not with every entry that has it.
type IndexMap = RedBlackTreeMapSync<Arc<str>, RedBlackTreeSetSync<Key>>;

/// All objects of a cluster.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Vec<RedBlackTreeMapSync<Key, Arc<Object>>>,
    /// By kind and index, see [`place`].
    indexes: Vec<IndexMap>,
    log: WatchLog,
    resource_version: u64,
    /// The moment of the request that is under way.
    now: Instant,
}

impl Default for Store {
    fn default() -> Store {
        Store {
            objects: Kind::ALL
                .iter()
                .map(|_| RedBlackTreeMapSync::new_sync())
                .collect(),
            indexes: vec![IndexMap::new_sync(); Kind::ALL.len() * Index::COUNT],
            log: WatchLog::default(),
            resource_version: 0,
            now: Instant::ZERO,
        }
    }
}

impl Store {
    /// The version of the last change.
    pub fn resource_version(&self) -> u64 {
        self.resource_version
    }

    /// The object stored under `key`.
    pub fn get(&self, kind: Kind, key: &Key) -> Option<&Arc<Object>> {
        self.objects[kind as usize].get(key)
    }

    /// The object stored under `key`, by type.
    pub fn get_as<T: Resource>(&self, key: &Key) -> Option<&T> {
        self.get(T::SIMULATED_KIND, key)
            .and_then(|object| T::from_object(object))
    }

    /// All objects of a kind in etcd's order, of one namespace or (with `None`) of all.
    pub fn list<'a>(
        &'a self,
        kind: Kind,
        namespace: Option<&str>,
    ) -> Box<dyn Iterator<Item = &'a Arc<Object>> + 'a> {
        let map = &self.objects[kind as usize];
        match namespace {
            None => Box::new(map.values()),
            Some(namespace) => {
                let namespace = namespace.to_owned();
                let from = Key::new(&namespace, "");
                Box::new(
                    map.range((Bound::Included(from), Bound::Unbounded))
                        .take_while(move |(key, _)| key.namespace() == namespace)
                        .map(|(_, object)| object),
                )
            }
        }
    }

    /// All objects of a kind from a key on, in etcd's order.
    pub fn list_from(&self, kind: Kind, from: Key) -> impl Iterator<Item = (&Key, &Arc<Object>)> {
        self.objects[kind as usize].range((Bound::Included(from), Bound::Unbounded))
    }

    /// The keys of all objects of a kind in one namespace, in etcd's order.
    pub fn keys<'a>(
        &'a self,
        kind: Kind,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a Key> + 'a {
        let from = Key::new(namespace, "");
        self.objects[kind as usize]
            .range((Bound::Included(from), Bound::Unbounded))
            .map(|(key, _)| key)
            .take_while(move |key| key.namespace() == namespace)
    }

    /// All objects of a type, of one namespace or (with `None`) of all.
    pub fn list_as<'a, T: Resource>(
        &'a self,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = &'a T> + 'a {
        self.list(T::SIMULATED_KIND, namespace)
            .filter_map(|object| T::from_object(object))
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.objects[kind as usize].size()
    }

    /// The objects that an index holds under `value`, in etcd's order.
    pub fn by_index<'a>(
        &'a self,
        kind: Kind,
        index: Index,
        value: &str,
    ) -> impl Iterator<Item = &'a Arc<Object>> + 'a {
        self.keys_by_index(kind, index, value)
            .filter_map(move |key| self.get(kind, key))
    }

    /// The keys that an index holds under `value`, in etcd's order: cheaper than the objects where names are enough.
    pub fn keys_by_index<'a>(
        &'a self,
        kind: Kind,
        index: Index,
        value: &str,
    ) -> impl Iterator<Item = &'a Key> + use<'a> {
        let keys = self.indexes[place(kind, index)].get(value);
        keys.into_iter().flat_map(|keys| keys.iter())
    }

    /// The objects that an index holds under `value`, by type.
    pub fn by_index_as<'a, T: Resource>(
        &'a self,
        index: Index,
        value: &str,
    ) -> impl Iterator<Item = &'a T> + 'a {
        self.by_index(T::SIMULATED_KIND, index, value)
            .filter_map(|object| T::from_object(object))
    }

    /// The changes after `resource_version`, or `None` if the log no longer reaches back so far.
    pub fn changes_since(&self, resource_version: u64) -> Option<impl Iterator<Item = &Change>> {
        let first = self
            .log
            .first()
            .map_or(self.resource_version + 1, |change| change.resource_version);
        let skip = (resource_version + 1).checked_sub(first)?;
        Some(self.log.skip(usize::try_from(skip).unwrap_or(usize::MAX)))
    }

    /// The last change of an object, unless the log no longer reaches back so far.
    pub fn last_change(&self, kind: Kind, key: &Key) -> Option<&Change> {
        let mut changes = self.log.iter().rev();
        changes.find(|change| change.object.kind() == kind && change.object.key() == *key)
    }

    /// The version from which on the watch log knows all changes.
    pub fn oldest_version(&self) -> u64 {
        let first = self.log.first();
        first.map_or(self.resource_version, |change| change.resource_version - 1)
    }

    /// Changes from now on happen at `now`.
    pub(crate) fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    /// Writes an object and gives it the next resource version. The only ways to change a store are this and [`Store::remove`];
    /// both are called by the API door alone.
    pub(crate) fn put(&mut self, mut object: Object) -> Arc<Object> {
        self.resource_version += 1;
        object.meta_mut().resource_version = Some(self.resource_version.to_string());
        let (kind, key) = (object.kind(), object.key());
        let object = Arc::new(object);
        let old = self.get(kind, &key).cloned();
        self.reindex(kind, &key, old.as_deref(), Some(&object));
        self.objects[kind as usize].insert_mut(key, object.clone());
        let change = if old.is_some() {
            ChangeType::Modified
        } else {
            ChangeType::Added
        };
        self.append(change, object.clone(), old);
        object
    }

    /// Removes an object. Its last state gets the next resource version, as the watch event of a deletion carries it.
    pub(crate) fn remove(&mut self, kind: Kind, key: &Key) -> Option<Arc<Object>> {
        let old = self.get(kind, key).cloned()?;
        self.objects[kind as usize].remove_mut(key);
        self.reindex(kind, key, Some(&old), None);
        self.resource_version += 1;
        let mut last = Object::clone(&old);
        last.meta_mut().resource_version = Some(self.resource_version.to_string());
        let last = Arc::new(last);
        self.append(ChangeType::Deleted, last.clone(), Some(old));
        Some(last)
    }

    /// Puts an object in place as it was, with the version that it had. Nobody hears of it; [`Store::compact_to`] follows.
    pub(crate) fn restore(&mut self, object: Object) {
        let (kind, key) = (object.kind(), object.key());
        self.reindex(kind, &key, None, Some(&object));
        self.objects[kind as usize].insert_mut(key, Arc::new(object));
    }

    /// Forgets the watch log and goes on counting from `resource_version`, if that is later.
    pub(crate) fn compact_to(&mut self, resource_version: u64) {
        self.log.clear();
        self.resource_version = self.resource_version.max(resource_version);
    }

    /// Forgets the oldest changes beyond what the watch log keeps; called when the components have seen them all,
    /// so that none is lost to them however much one request changes.
    pub(crate) fn trim_log(&mut self) {
        self.log.trim(WATCH_LOG_LIMIT);
    }

    fn append(&mut self, change: ChangeType, object: Arc<Object>, old: Option<Arc<Object>>) {
        self.log.push(Change {
            resource_version: self.resource_version,
            at: self.now,
            change,
            object,
            old,
        });
    }

    fn reindex(&mut self, kind: Kind, key: &Key, old: Option<&Object>, new: Option<&Object>) {
        if let (Some(old), Some(new)) = (old, new)
            && is_indexed_alike(old, new)
        {
            return;
        }
        let before = old.map(index_values).unwrap_or_default();
        let after = new.map(index_values).unwrap_or_default();
        for (index, value) in before.iter().filter(|value| !after.contains(value)) {
            leave(&mut self.indexes[place(kind, *index)], value, key);
        }
        for (index, value) in after.iter().filter(|value| !before.contains(value)) {
            enter(&mut self.indexes[place(kind, *index)], value, key);
        }
    }
}

fn enter(index: &mut IndexMap, value: &str, key: &Key) {
    if let Some(keys) = index.get_mut(value) {
        keys.insert_mut(key.clone());
        return;
    }
    let mut keys = RedBlackTreeSetSync::new_sync();
    keys.insert_mut(key.clone());
    index.insert_mut(value.into(), keys);
}

fn leave(index: &mut IndexMap, value: &str, key: &Key) {
    let Some(keys) = index.get_mut(value) else {
        return;
    };
    keys.remove_mut(key);
    if keys.is_empty() {
        index.remove_mut(value);
    }
}

/// Where an index of a kind is kept.
fn place(kind: Kind, index: Index) -> usize {
    kind as usize * Index::COUNT + index as usize
}

/// Whether two states of one object surely have the same index values; most writes change only the status.
fn is_indexed_alike(old: &Object, new: &Object) -> bool {
    let (before, after) = (old.meta(), new.meta());
    if before.labels != after.labels || before.owner_references != after.owner_references {
        return false;
    }
    match (old, new) {
        (Object::Pod(old), Object::Pod(new)) => match (&old.spec, &new.spec) {
            (Some(old), Some(new)) => old.node_name == new.node_name && old.volumes == new.volumes,
            (old, new) => old.is_none() && new.is_none(),
        },
        (Object::PersistentVolume(old), Object::PersistentVolume(new)) => {
            match (&old.spec, &new.spec) {
                (Some(old), Some(new)) => old.claim_ref == new.claim_ref,
                (old, new) => old.is_none() && new.is_none(),
            }
        }
        (Object::Event(old), Object::Event(new)) => old.involved_object == new.involved_object,
        _ => true,
    }
}

/// What an object is found by.
fn index_values(object: &Object) -> Vec<(Index, String)> {
    let meta = object.meta();
    let mut values: Vec<(Index, String)> = Vec::new();
    for owner in meta.owner_references.iter().flatten() {
        values.push((Index::OwnerUid, owner.uid.clone()));
    }
    if matches!(
        object,
        Object::Pod(_) | Object::ControllerRevision(_) | Object::ReplicaSet(_)
    ) {
        let mut owners = meta.owner_references.iter().flatten();
        if owners.all(|owner| owner.controller != Some(true)) {
            values.push((Index::OwnerUid, String::new()));
        }
    }
    for (key, value) in meta.labels.iter().flatten() {
        values.push((Index::Label, [key, "=", value].concat()));
    }
    match object {
        Object::Pod(pod) => {
            let spec = pod.spec.as_ref();
            values.push((
                Index::Node,
                spec.and_then(|s| s.node_name.clone()).unwrap_or_default(),
            ));
            for claim in claim_names(pod) {
                let claim = format!("{}/{claim}", object.namespace());
                values.push((Index::Claim, claim));
            }
        }
        Object::PersistentVolume(volume) => {
            // A volume without a claim is found under the empty one.
            let claim = volume.spec.as_ref().and_then(|s| s.claim_ref.as_ref());
            let namespace = claim.and_then(|claim| claim.namespace.as_deref());
            let name = claim.and_then(|claim| claim.name.as_deref());
            values.push((
                Index::Claim,
                format!("{}/{}", namespace.unwrap_or(""), name.unwrap_or("")),
            ));
        }
        Object::Event(event) => {
            values.push((
                Index::InvolvedObject,
                event.involved_object.uid.clone().unwrap_or_default(),
            ));
        }
        _ => {}
    }
    values
}
