//! A large set in blocks of places, counted by state. Cost follows the change: what is known of a place stays until its pod changes.

use super::pod::pod_meaning;
use crate::twin::ordinal_name;
use crate::view::{BlockView, Meaning, SetView};
use petset_cluster::api::table;
use petset_cluster::store::Store;
use petset_cluster::{Key, Kind, Object};

/// How many places a block may have; the first with which there are few enough blocks is taken.
const SIZES: [u32; 7] = [10, 20, 50, 100, 200, 500, 1_000];

/// How many blocks there are at most.
const BLOCKS: u32 = 40;

/// What is known of the places of one set.
#[derive(Default)]
pub(crate) struct Known {
    /// Which set of which state of the session.
    of: (u64, String, String),
    version: u64,
    replicas: u32,
    meanings: Vec<Meaning>,
}

impl Known {
    /// The blocks of a set. `lineage` changes when another state of the session is shown.
    pub(crate) fn blocks(&mut self, store: &Store, lineage: u64, set: &SetView) -> Vec<BlockView> {
        let namespace = set.object.namespace.clone().unwrap_or_default();
        let name = set.object.name.clone();
        let start = set.start;
        let place = |position: u32| {
            let key = Key::new(&namespace, &format!("{name}-{}", start + position));
            let wanted = position < set.replicas;
            match store.get(Kind::Pod, &key).map(|pod| &**pod) {
                Some(Object::Pod(pod)) => {
                    let columns = table::pod_columns(pod);
                    let leaves = pod.metadata.deletion_timestamp.is_some();
                    pod_meaning(&columns.status, leaves, columns.ready, columns.total)
                }
                _ if wanted => Meaning::Waiting,
                _ => Meaning::Gone,
            }
        };
        let of = (lineage, namespace.clone(), name.clone());
        let changes = store.changes_since(self.version);
        match changes.filter(|_| self.of == of && self.replicas == set.replicas) {
            Some(changes) => {
                for change in changes.filter(|change| change.object.kind() == Kind::Pod) {
                    let pod = &change.object;
                    let ordinal = ordinal_name(pod.name()).filter(|(parent, _)| *parent == name);
                    let position = ordinal.and_then(|(_, ordinal)| ordinal.checked_sub(start));
                    let at = position.and_then(|position| usize::try_from(position).ok());
                    if let Some((known, position)) =
                        at.and_then(|at| self.meanings.get_mut(at)).zip(position)
                        && pod.namespace() == namespace
                    {
                        *known = place(position);
                    }
                }
            }
            None => self.meanings.clear(),
        }
        (self.of, self.version, self.replicas) = (of, store.resource_version(), set.replicas);
        let count = usize::try_from(set.place_count).unwrap_or(usize::MAX);
        self.meanings.truncate(count);
        let known = u32::try_from(self.meanings.len()).unwrap_or(u32::MAX);
        self.meanings.extend((known..set.place_count).map(place));
        in_blocks(&self.meanings, start)
    }
}

fn in_blocks(meanings: &[Meaning], start: u32) -> Vec<BlockView> {
    let count = u32::try_from(meanings.len()).unwrap_or(u32::MAX);
    let size = SIZES
        .into_iter()
        .find(|size| count.div_ceil(*size) <= BLOCKS);
    let size = size.unwrap_or(count.div_ceil(BLOCKS)).max(1);
    let length = usize::try_from(size).unwrap_or(usize::MAX);
    let blocks = meanings.chunks(length).zip(0u32..).map(|(places, at)| {
        let mut counts = [0; 5];
        for meaning in places {
            counts[*meaning as usize] += 1;
        }
        let position = at * size;
        let last = position + u32::try_from(places.len()).unwrap_or(u32::MAX) - 1;
        BlockView {
            position,
            first: start + position,
            last: start + last,
            counts,
        }
    });
    blocks.collect()
}
