//! Making patches out of two states of an object.

use super::{DIRECTIVE, Known, Place, RETAIN_KEYS, in_order, position, require_merge_key};
use crate::sort;
use serde_json::{Map, Value, json};

/// What a patch is to contain.
pub(super) struct Differ {
    changes: bool,
    deletions: bool,
}

impl Differ {
    pub(super) fn changes() -> Differ {
        Differ {
            changes: true,
            deletions: false,
        }
    }

    pub(super) fn deletions() -> Differ {
        Differ {
            changes: false,
            deletions: true,
        }
    }

    pub(super) fn both() -> Differ {
        Differ {
            changes: true,
            deletions: true,
        }
    }

    pub(super) fn maps(
        &self,
        original: &Map<String, Value>,
        modified: &Map<String, Value>,
        place: &Place,
        retain_keys: bool,
    ) -> Result<Map<String, Value>, String> {
        let mut patch = Map::new();
        let mut retained: Vec<&str> = Vec::new();
        for (key, after) in modified {
            if retain_keys && !after.is_null() {
                retained.push(key);
            }
            match (original.get(key), after) {
                (Some(Value::Object(before)), Value::Object(after)) => {
                    let known = place.field(key);
                    let inner = self.maps(before, after, &known.place, known.retain_keys)?;
                    if !inner.is_empty() {
                        patch.insert(key.clone(), Value::Object(inner));
                    }
                }
                (Some(Value::Array(before)), Value::Array(after)) => {
                    self.lists(key, before, after, place, &mut patch)?;
                }
                (Some(before), after) if before == after => {}
                _ if self.changes => {
                    patch.insert(key.clone(), after.clone());
                }
                _ => {}
            }
        }
        if self.deletions {
            for key in original.keys().filter(|key| !modified.contains_key(*key)) {
                patch.insert(key.clone(), Value::Null);
            }
        }
        let extra = original.keys().any(|key| !modified.contains_key(key));
        if !retained.is_empty() && (!patch.is_empty() || extra) {
            retained.sort_unstable();
            patch.insert(RETAIN_KEYS.to_owned(), json!(retained));
        }
        Ok(patch)
    }

    fn lists(
        &self,
        name: &str,
        before: &[Value],
        after: &[Value],
        place: &Place,
        patch: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let known = place.field(name);
        if !known.merge {
            if self.changes && before != after {
                patch.insert(name.to_owned(), json!(after));
            }
            return Ok(());
        }
        if before.is_empty() {
            if !after.is_empty() && self.changes {
                patch.insert(name.to_owned(), json!(after));
            }
            return Ok(());
        }
        if before.iter().chain(after).any(Value::is_object) {
            self.lists_of_maps(name, before, after, &known, patch)
        } else {
            self.lists_of_scalars(name, before, after, patch);
            Ok(())
        }
    }

    fn lists_of_maps(
        &self,
        name: &str,
        before: &[Value],
        after: &[Value],
        known: &Known,
        patch: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let key = known.merge_key;
        require_merge_key(before, key)?;
        require_merge_key(after, key)?;
        let mut changes = Vec::new();
        for item in after {
            let old = position(before, item, key).and_then(|at| before[at].as_object());
            match (old, item.as_object()) {
                (Some(old), Some(new)) => {
                    let mut inner = self.maps(old, new, &known.place, known.retain_keys)?;
                    if !inner.is_empty() {
                        inner.insert(key.to_owned(), item[key].clone());
                        changes.push(Value::Object(inner));
                    }
                }
                _ if self.changes => changes.push(item.clone()),
                _ => {}
            }
        }
        let mut list = in_order(changes, after, key);
        if self.deletions {
            let mut gone: Vec<&Value> = before
                .iter()
                .filter(|item| position(after, item, key).is_none())
                .collect();
            sort::by_key(&mut gone, |item| super::go_map(&item[key]));
            list.extend(gone.into_iter().map(|item| {
                let mut deletion = Map::new();
                deletion.insert(DIRECTIVE.to_owned(), json!("delete"));
                deletion.insert(key.to_owned(), item[key].clone());
                Value::Object(deletion)
            }));
        }
        let keys =
            |list: &[Value]| -> Vec<Value> { list.iter().map(|item| item[key].clone()).collect() };
        let reordered = keys(before) != keys(after);
        if (self.changes && (!list.is_empty() || reordered)) || (self.deletions && !list.is_empty())
        {
            let order: Vec<Value> = after
                .iter()
                .map(|item| Value::Object(sort::object([(key.to_owned(), item[key].clone())])))
                .collect();
            if !order.is_empty() {
                patch.insert(format!("{}{name}", super::SET_ELEMENT_ORDER), json!(order));
            }
        }
        if !list.is_empty() {
            patch.insert(name.to_owned(), Value::Array(list));
        }
        Ok(())
    }

    fn lists_of_scalars(
        &self,
        name: &str,
        before: &[Value],
        after: &[Value],
        patch: &mut Map<String, Value>,
    ) {
        let only_in = |one: &[Value], other: &[Value]| -> Vec<Value> {
            one.iter()
                .filter(|item| !other.contains(item))
                .cloned()
                .collect()
        };
        let added = only_in(after, before);
        let mut gone = only_in(before, after);
        sort::by_key(&mut gone, super::go_map);
        gone.dedup();
        let deletes = self.deletions && !gone.is_empty();
        if self.changes && !added.is_empty() {
            patch.insert(name.to_owned(), Value::Array(in_order(added, after, "")));
        }
        if deletes {
            let directive = format!("{}{name}", super::DELETE_FROM_PRIMITIVE_LIST);
            patch.insert(directive, Value::Array(gone));
        }
        if (deletes || (self.changes && before != after)) && !after.is_empty() {
            patch.insert(format!("{}{name}", super::SET_ELEMENT_ORDER), json!(after));
        }
    }
}
