//! Stable sorting whose code is made once, and not once for every type that is sorted; and maps and sets made without sorting: the
//! library's own `collect` sorts first, by code that is made anew for every iterator.

use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sorts `items` by `compare`; equal ones keep their order.
pub fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut from = order(items.len(), &|a, b| compare(&items[a], &items[b]));
    for first in 0..from.len() {
        let mut at = first;
        // Along the circle of places that `first` is part of; a place that is done points to itself.
        while from[at] != first {
            let next = from[at];
            items.swap(at, next);
            from[at] = at;
            at = next;
        }
        from[at] = at;
    }
}

/// Sorts `items` by the key of each; equal ones keep their order.
pub fn by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    by(items, |a, b| key(a).cmp(&key(b)));
}

/// A map of `pairs`; of two with the same key the later one counts.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(pairs);
    map
}

/// A JSON object of `pairs`; of two with the same name the later one counts.
pub fn object(pairs: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    object.extend(pairs);
    object
}

/// A set of `items`.
pub fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// For each place of the sorted list, the place in the given list that its item comes from.
#[inline(never)]
fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|a, b| compare(*a, *b));
    places
}

#[cfg(test)]
mod tests {
    use super::by_key;

    #[test]
    fn sorts_and_keeps_the_order_of_equals() {
        for given in [
            vec![],
            vec![1],
            vec![2, 1],
            vec![3, 1, 2],
            vec![1, 2, 3, 0],
            vec![9, 0, 1, 2, 3, 4, 5],
            vec![1, 0, 1, 0, 1, 0, 2, 2, 0],
            (0..100).map(|n| n * 37 % 11).collect(),
        ] {
            let mut items: Vec<(u32, usize)> = given.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(number, _)| *number);
            by_key(&mut items, |(number, _)| *number);
            assert_eq!(items, expected);
        }
    }
}
