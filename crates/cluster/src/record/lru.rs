//! A map that forgets what was used longest ago.

use rpds::RedBlackTreeMapSync;
use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

/// How many keys are remembered.
///
/// Upstream: `maxLruCacheEntries` in `staging/src/k8s.io/client-go/tools/record/events_cache.go`.
const LIMIT: usize = 4096;

/// A map that forgets what was used longest ago; copies of it share what they have in common, as each moment of a session that is
/// kept holds one. Keys are hashes of texts: if two texts ever met, two events would be counted as one.
#[derive(Clone, Debug)]
pub(super) struct Lru<V> {
    shelf: Shelf,
    values: PhantomData<V>,
}

/// The map for values of every type: there is one copy of its code.
#[derive(Clone, Debug, Default)]
struct Shelf {
    entries: RedBlackTreeMapSync<u64, (u64, Arc<dyn Any + Send + Sync>)>,
    by_age: RedBlackTreeMapSync<u64, u64>,
    clock: u64,
}

impl Shelf {
    /// Keeps `value` as the freshest, and forgets the stalest if there are too many.
    fn put(&mut self, key: u64, value: Arc<dyn Any + Send + Sync>) {
        self.clock += 1;
        if let Some((age, _)) = self.entries.get(&key) {
            self.by_age.remove_mut(age);
        }
        self.entries.insert_mut(key, (self.clock, value));
        self.by_age.insert_mut(self.clock, key);
        if self.entries.size() > LIMIT
            && let Some((age, stale)) = self.by_age.first().map(|(age, stale)| (*age, *stale))
        {
            self.by_age.remove_mut(&age);
            self.entries.remove_mut(&stale);
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
        let (_, value) = self.shelf.entries.get(&key)?;
        value.downcast_ref()
    }

    /// Keeps `value`; if there are too many, the stalest is forgotten.
    pub(super) fn put(&mut self, key: u64, value: V) {
        self.shelf.put(key, Arc::new(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
