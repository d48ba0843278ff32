//! Merging a patch into an object, or into another patch.

use super::{
    DELETE_FROM_PRIMITIVE_LIST, DIRECTIVE, Known, Place, RETAIN_KEYS, SET_ELEMENT_ORDER, go_map,
    in_order, position, require_merge_key, same,
};
use crate::sort;
use serde_json::{Map, Value};

/// How directives are treated.
pub(super) struct Merger {
    /// Directives are carried out (rather than carried over into the combined patch), and nulls delete.
    apply: bool,
}

impl Merger {
    pub(super) fn applying() -> Merger {
        Merger { apply: true }
    }

    pub(super) fn combining() -> Merger {
        Merger { apply: false }
    }

    pub(super) fn map(
        &self,
        mut original: Map<String, Value>,
        mut patch: Map<String, Value>,
        place: &Place,
    ) -> Result<Map<String, Value>, String> {
        if let Some(directive) = patch.remove(DIRECTIVE) {
            return match directive.as_str() {
                Some("replace") => Ok(patch),
                Some("delete") => Ok(Map::new()),
                _ => Err(format!(
                    "unknown patch type: {} in map: {}",
                    go_map(&directive),
                    go_map(&Value::Object(patch))
                )),
            };
        }
        self.retain_keys(&mut original, &mut patch)?;
        self.set_element_order(&mut original, &mut patch, place)?;
        for (key, value) in patch {
            self.field(&mut original, key, value, place)?;
        }
        Ok(original)
    }

    fn field(
        &self,
        original: &mut Map<String, Value>,
        key: String,
        value: Value,
        place: &Place,
    ) -> Result<(), String> {
        if let Some(list) = key.strip_prefix(DELETE_FROM_PRIMITIVE_LIST) {
            if !self.apply {
                original.insert(key, value);
            } else if let (Some(Value::Array(items)), Value::Array(gone)) =
                (original.get_mut(list), &value)
            {
                items.retain(|item| !gone.contains(item));
            }
            return Ok(());
        }
        if value.is_null() {
            original.remove(&key);
            if self.apply {
                return Ok(());
            }
        }
        let known = place.field(&key);
        let merged = match (original.remove(&key), value) {
            (Some(Value::Object(before)), Value::Object(patch)) => {
                Some(Value::Object(self.map(before, patch, &known.place)?))
            }
            (Some(Value::Array(before)), Value::Array(patch)) if known.merge => {
                Some(Value::Array(self.list(before, patch, &known)?))
            }
            (_, value) => self.plain(value),
        };
        if let Some(merged) = merged {
            original.insert(key, merged);
        }
        Ok(())
    }

    /// A value that is taken as it is, without the directives in it.
    fn plain(&self, value: Value) -> Option<Value> {
        match value {
            Value::Object(map) if map.contains_key(DIRECTIVE) => None,
            Value::Object(map) => {
                let kept = map
                    .into_iter()
                    .filter(|(_, value)| !(self.apply && value.is_null()))
                    .filter_map(|(key, value)| Some((key, self.plain(value)?)));
                Some(Value::Object(sort::object(kept)))
            }
            Value::Array(items) => Some(Value::Array(
                items
                    .into_iter()
                    .filter_map(|item| self.plain(item))
                    .collect(),
            )),
            other => Some(other),
        }
    }

    fn retain_keys(
        &self,
        original: &mut Map<String, Value>,
        patch: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let Some(directive) = patch.remove(RETAIN_KEYS) else {
            return Ok(());
        };
        if !self.apply {
            original.entry(RETAIN_KEYS).or_insert(directive);
            return Ok(());
        }
        let wrong = || {
            Err("invalid patch format of $retainKeys list; retainKeys list should be a superset of the patch".to_owned())
        };
        let Value::Array(keys) = directive else {
            return wrong();
        };
        let listed = |key: &str| keys.iter().any(|listed| listed.as_str() == Some(key));
        let stray = patch.iter().any(|(key, value)| {
            !value.is_null()
                && !key.starts_with(DELETE_FROM_PRIMITIVE_LIST)
                && !key.starts_with(SET_ELEMENT_ORDER)
                && !listed(key)
        });
        if stray {
            return wrong();
        }
        original.retain(|key, _| listed(key));
        Ok(())
    }

    fn set_element_order(
        &self,
        original: &mut Map<String, Value>,
        patch: &mut Map<String, Value>,
        place: &Place,
    ) -> Result<(), String> {
        let directives: Vec<String> = patch
            .keys()
            .filter(|key| key.starts_with(SET_ELEMENT_ORDER))
            .cloned()
            .collect();
        for directive in directives {
            let name = directive[SET_ELEMENT_ORDER.len()..].to_owned();
            let Some(Value::Array(order)) = patch.remove(&directive) else {
                return Err("invalid patch format of setElementOrder list".to_owned());
            };
            if !self.apply {
                let order = Value::Array(order.clone());
                original.entry(directive).or_insert(order);
            }
            let known = place.field(&name);
            let list = |value: Option<&Value>| match value {
                None | Some(Value::Null) => Ok(None),
                Some(Value::Array(items)) => Ok(Some(items.clone())),
                Some(other) => Err(format!(
                    "expected a []interface {{}}, but received a {}",
                    match other {
                        Value::Object(_) => "map[string]interface {}",
                        Value::String(_) => "string",
                        _ => "value",
                    }
                )),
            };
            let before = list(original.get(&name))?;
            let after = list(patch.get(&name))?;
            let merged = match (before.clone(), after.clone()) {
                (Some(before), None) => before,
                (None, Some(after)) => match self.plain(Value::Array(after)) {
                    Some(Value::Array(items)) => items,
                    _ => continue,
                },
                (Some(before), Some(after)) if known.merge => self.list(before, after, &known)?,
                (Some(_), Some(after)) => after,
                (None, None) => continue,
            };
            let server_order = before.unwrap_or_default();
            let ordered = arrange(merged, &order, &server_order, known.merge_key)?;
            original.insert(name.clone(), Value::Array(ordered));
            patch.remove(&name);
        }
        Ok(())
    }

    fn list(
        &self,
        mut original: Vec<Value>,
        patch: Vec<Value>,
        known: &Known,
    ) -> Result<Vec<Value>, String> {
        let of_maps = original.iter().chain(&patch).any(Value::is_object);
        let server_order = original.clone();
        if !of_maps {
            for item in &patch {
                if !original.contains(item) {
                    original.push(item.clone());
                }
            }
            return arrange(original, &patch, &server_order, "");
        }
        let key = known.merge_key;
        if key.is_empty() {
            return Err("cannot merge lists without merge key".to_owned());
        }
        let mut changes = Vec::new();
        let mut replace = false;
        for item in patch {
            match item.get(DIRECTIVE).cloned() {
                None => changes.push(item),
                Some(Value::String(word)) if word == "delete" => {
                    require_merge_key(std::slice::from_ref(&item), key)?;
                    original.retain(|other| !same(other, &item, key));
                }
                Some(Value::String(word)) if word == "replace" => replace = true,
                Some(Value::String(word)) if word == "merge" => {
                    return Err("merging lists cannot yet be specified in the patch".to_owned());
                }
                Some(other) => {
                    return Err(format!(
                        "unknown patch type: {} in map: {}",
                        go_map(&other),
                        go_map(&item)
                    ));
                }
            }
        }
        if replace {
            return Ok(changes);
        }
        require_merge_key(&changes, key)?;
        for change in &changes {
            match position(&original, change, key) {
                Some(at) => {
                    let (Value::Object(before), Value::Object(patch)) =
                        (original[at].take(), change.clone())
                    else {
                        continue;
                    };
                    original[at] = Value::Object(self.map(before, patch, &known.place)?);
                }
                None if self.apply => original.extend(self.plain(change.clone())),
                None => original.push(change.clone()),
            }
        }
        arrange(original, &changes, &server_order, key)
    }
}

/// Orders a merged list: the elements that the patch orders as it says, the others where they were among them.
fn arrange(
    merged: Vec<Value>,
    order: &[Value],
    server_order: &[Value],
    key: &str,
) -> Result<Vec<Value>, String> {
    if !key.is_empty() {
        require_merge_key(&merged, key)?;
    }
    let (patched, rest): (Vec<Value>, Vec<Value>) = merged
        .into_iter()
        .partition(|item| position(order, item, key).is_some());
    let mut patched = in_order(patched, order, key).into_iter().peekable();
    let mut rest = in_order(rest, server_order, key).into_iter().peekable();
    let mut all = Vec::new();
    loop {
        let rest_first = match (rest.peek(), patched.peek()) {
            (None, None) => return Ok(all),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(left), Some(right)) => {
                match (
                    position(server_order, left, key),
                    position(server_order, right, key),
                ) {
                    (Some(left), Some(right)) => left < right,
                    _ => false,
                }
            }
        };
        all.extend(if rest_first {
            rest.next()
        } else {
            patched.next()
        });
    }
}
