//! `--sort-by`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/get/sorter.go`.

use crate::kubectl::errors::{Error, quote};
use crate::kubectl::jsonpath::{self, JsonPath};
use petset_cluster::Object;
use serde_json::Value;
use std::cmp::Ordering;
use std::sync::Arc;

/// Sorts each run of objects of one kind by the value at a path; objects without it come first.
///
/// # Errors
/// A path that cannot be read, or that no object has.
pub(super) fn sort(objects: &mut [Arc<Object>], by: &str) -> Result<(), Error> {
    let text = jsonpath::relaxed(by).unwrap_or_else(|_| by.to_owned());
    let path = JsonPath::parse(&text).map_err(Error::plain)?;
    let value = |object: &Object| -> Option<Value> {
        let found = path.find(&object.to_json(), false).ok()?;
        found.into_iter().flatten().next()
    };
    if !objects.is_empty() && objects.iter().all(|object| value(object).is_none()) {
        return Err(Error::plain(format!(
            "couldn't find any field with path {} in the list of objects",
            quote(&text)
        )));
    }
    for block in objects.chunk_by_mut(|a, b| a.kind() == b.kind()) {
        block.sort_by_cached_key(|object| Sortable(value(object)));
    }
    Ok(())
}

#[derive(PartialEq)]
struct Sortable(Option<Value>);

impl Eq for Sortable {}

impl PartialOrd for Sortable {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sortable {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(Value::Number(a)), Some(Value::Number(b))) => {
                let (a, b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
                a.total_cmp(&b)
            }
            (Some(a), Some(b)) => natural(&jsonpath::plain(a), &jsonpath::plain(b)),
        }
    }
}

/// Runs of digits compare as numbers, so web-2 comes before web-10.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (x, y) = (number(a), number(b));
        if let (Some((x, rest_a)), Some((y, rest_b))) = (x, y) {
            let order = x.len().cmp(&y.len()).then(x.cmp(y));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (rest_a, rest_b);
            continue;
        }
        let (mut chars_a, mut chars_b) = (a.chars(), b.chars());
        match (chars_a.next(), chars_b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x != y => return x.cmp(&y),
            _ => (a, b) = (chars_a.as_str(), chars_b.as_str()),
        }
    }
}

/// The digits at the front, without leading zeros, and what follows.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    (end > 0).then(|| (text[..end].trim_start_matches('0'), &text[end..]))
}
