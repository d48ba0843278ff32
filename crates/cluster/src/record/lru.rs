//! A map that forgets what was used longest ago.

use crate::sort;
use std::any::Any;
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::Arc;

/// How many keys are remembered.
///
/// Upstream: `maxLruCacheEntries` in `staging/src/k8s.io/client-go/tools/record/events_cache.go`.
const LIMIT: usize = 4096;

/// Over how many drawers the keys are spread, by their first bits.
const DRAWERS: usize = 64;

/// How many uses one piece of the queue holds.
const PIECE: usize = 256;

/// A map that forgets what was used longest ago; copies of it share what they have in common, as each moment of a session that is
/// kept holds one. Keys are hashes of texts: if two texts ever met, two events would be counted as one.
#[derive(Clone, Debug)]
pub(super) struct Lru<V> {
    shelf: Shelf,
    values: PhantomData<V>,
}

/// What is kept under a key, and when it was put there, by the shelf's clock.
#[derive(Clone, Debug)]
struct Entry {
    key: u64,
    age: u64,
    value: Arc<dyn Any + Send + Sync>,
}

/// The map for values of every type: there is one copy of its code.
///
/// It is used four times for each event, with keys in no order. So an entry is two steps away, and not as many as a tree is deep,
/// and a copy shares all drawers but those that are written to.
#[derive(Clone, Debug, Default)]
struct Shelf {
    /// None, or [`DRAWERS`] of them, each in the order of its keys.
    drawers: Vec<Arc<Vec<Entry>>>,
    /// Keys in the order in which they were put, with their ages; those that were put again since are passed over.
    queue: VecDeque<Arc<Vec<(u64, u64)>>>,
    /// How many of the first piece are done with.
    done: usize,
    len: usize,
    clock: u64,
}

fn drawer(key: u64) -> usize {
    (key >> (u64::BITS - DRAWERS.ilog2())) as usize
}

impl Shelf {
    fn find(&self, key: u64) -> Option<&Entry> {
        let drawer = self.drawers.get(drawer(key))?;
        let at = drawer.binary_search_by_key(&key, |entry| entry.key).ok()?;
        drawer.get(at)
    }

    /// Keeps `value` as the freshest, and forgets the stalest if there are too many.
    fn put(&mut self, key: u64, value: Arc<dyn Any + Send + Sync>) {
        if self.drawers.is_empty() {
            self.drawers = vec![Arc::default(); DRAWERS];
        }
        self.clock += 1;
        let age = self.clock;
        let drawer = Arc::make_mut(&mut self.drawers[drawer(key)]);
        match drawer.binary_search_by_key(&key, |entry| entry.key) {
            Ok(at) => (drawer[at].age, drawer[at].value) = (age, value),
            Err(at) => {
                drawer.insert(at, Entry { key, age, value });
                self.len += 1;
            }
        }
        self.enqueue(key, age);
        while self.len > LIMIT {
            self.forget_stalest();
        }
    }

    fn enqueue(&mut self, key: u64, age: u64) {
        if self.queue.len() * PIECE > 4 * self.len.max(PIECE) {
            self.queue_anew();
        }
        match self.queue.back_mut() {
            Some(last) if last.len() < PIECE => Arc::make_mut(last).push((key, age)),
            _ => self.queue.push_back(Arc::new(vec![(key, age)])),
        }
    }

    /// Takes what was put again since out of the queue.
    fn queue_anew(&mut self) {
        let entries = self.drawers.iter().flat_map(|drawer| drawer.iter());
        // What is being put is enqueued by the caller.
        let old = entries.filter(|entry| entry.age < self.clock);
        let mut uses: Vec<(u64, u64)> = old.map(|entry| (entry.key, entry.age)).collect();
        sort::by_key(&mut uses, |(_, age)| *age);
        let pieces = uses.chunks(PIECE).map(|piece| Arc::new(piece.to_vec()));
        self.queue = pieces.collect();
        self.done = 0;
    }

    fn forget_stalest(&mut self) {
        let Some(first) = self.queue.front() else {
            return;
        };
        let Some((key, age)) = first.get(self.done).copied() else {
            self.queue.pop_front();
            self.done = 0;
            return;
        };
        self.done += 1;
        if self.find(key).is_some_and(|entry| entry.age == age) {
            let drawer = Arc::make_mut(&mut self.drawers[drawer(key)]);
            drawer.retain(|entry| entry.key != key);
            self.len -= 1;
        }
    }
}

impl<V> Default for Lru<V> {
    fn default() -> Lru<V> {
        Lru {
            shelf: Shelf::default(),
            values: PhantomData,
        }
    }
}

impl<V: Clone + Send + Sync + 'static> Lru<V> {
    /// What is kept under `key`.
    pub(super) fn get(&self, key: u64) -> Option<&V> {
        self.shelf.find(key)?.value.downcast_ref()
    }

    /// Keeps `value`; if there are too many, the stalest is forgotten.
    pub(super) fn put(&mut self, key: u64, value: V) {
        self.shelf.put(key, Arc::new(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_stalest_is_forgotten_and_copies_stay() {
        let mut lru = Lru::default();
        for key in 0..LIMIT as u64 {
            lru.put(key, key);
        }
        lru.put(0, 7);
        let copy = lru.clone();
        lru.put(LIMIT as u64, 1);
        let all = |lru: &Lru<u64>| [0, 1, 2, LIMIT as u64].map(|key| lru.get(key).copied());
        assert_eq!(all(&lru), [Some(7), None, Some(2), Some(1)]);
        assert_eq!(all(&copy), [Some(7), Some(1), Some(2), None]);
    }

    #[test]
    fn it_is_as_a_plain_map_that_looks_at_all_ages() {
        let mut lru = Lru::default();
        let mut plain: BTreeMap<u64, u64> = BTreeMap::new();
        let mut ages: BTreeMap<u64, u64> = BTreeMap::new();
        let mut chance = 1_u64;
        for age in 0..10 * LIMIT as u64 {
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Some keys come often, many come twice, all are spread over the drawers.
            let few = if age % 3 == 0 { 50 } else { 9_000 };
            let key = ((chance >> 33) % few).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            if let Some(before) = plain.insert(key, age) {
                ages.remove(&before);
            }
            ages.insert(age, key);
            if plain.len() > LIMIT
                && let Some((_, stale)) = ages.pop_first()
            {
                plain.remove(&stale);
            }
            lru.put(key, age);
            assert_eq!(lru.shelf.len, plain.len());
        }
        for key in (0..9_000_u64).map(|key| key.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
            assert_eq!(lru.get(key), plain.get(&key), "{key}");
        }
        assert!(lru.shelf.queue.len() * PIECE <= 5 * LIMIT);
    }
}
