//! Objects as JSON text, kept for as long as they are asked for: lists and watches tell the same objects again and again.
//!
//! Upstream: `CacheableObject` of `staging/src/k8s.io/apiserver/pkg/storage/cacher/caching_object.go`.

use crate::form;
use petset_cluster::Object;
use serde_json::Value;
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

/// How much text is kept at most.
const LIMIT: usize = 64 << 20;

/// The texts of objects by their version, of which every state of an object has its own.
#[derive(Debug, Default)]
pub(crate) struct Texts(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// What was asked for lately.
    fresh: HashMap<u64, Arc<str>>,
    bytes: usize,
    /// What was asked for before that; goes when `fresh` is full.
    older: HashMap<u64, Arc<str>>,
}

impl Texts {
    /// The fields of an object but its kind and version, with the commas between them and without the braces around them.
    pub(crate) fn fields(&self, object: &Object) -> Arc<str> {
        let version = object.resource_version();
        if let Some(text) = self.kept().find(version) {
            return text;
        }
        let text: Arc<str> = fields(object).into();
        self.kept().keep(version, text.clone());
        text
    }

    /// The object whole. One that is `gone` has its own text: to a watch whose selector it has left, it is told as it was with the version of what
    /// it has become.
    pub(crate) fn whole(&self, object: &Object, gone: bool) -> String {
        let info = object.kind().info();
        let (kind, version) = (info.kind, info.api_version());
        let fields = match gone {
            true => fields(object).into(),
            false => self.fields(object),
        };
        format!("{{\"kind\":\"{kind}\",\"apiVersion\":\"{version}\",{fields}}}")
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // What is kept is whole at any moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn find(&mut self, version: u64) -> Option<Arc<str>> {
        if let Some(text) = self.fresh.get(&version) {
            return Some(text.clone());
        }
        let text = self.older.remove(&version)?;
        self.keep(version, text.clone());
        Some(text)
    }

    fn keep(&mut self, version: u64, text: Arc<str>) {
        if self.bytes + text.len() > LIMIT / 2 {
            self.older = mem::take(&mut self.fresh);
            self.bytes = 0;
        }
        self.bytes += text.len();
        self.fresh.insert(version, text);
    }
}

fn fields(object: &Object) -> String {
    let mut value = form::shown(object);
    if let Value::Object(map) = &mut value {
        map.remove("kind");
        map.remove("apiVersion");
    }
    let mut text = value.to_string();
    // Every object has its metadata, so that there is something between the braces.
    text.pop();
    text.remove(0);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use petset_cluster::Kind;
    use serde_json::json;

    fn map(version: u64, text: &str) -> Object {
        let value = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "a", "resourceVersion": version.to_string()},
            "data": {"a": text},
        });
        Object::from_json(Kind::ConfigMap, &value).expect("a map")
    }

    #[test]
    fn texts_are_what_the_objects_are() {
        let texts = Texts::default();
        for version in [7, 8, 7] {
            let object = map(version, "\"x\"");
            let value: Value = serde_json::from_str(&texts.whole(&object, false)).expect("JSON");
            assert_eq!(value, object.to_json());
        }
        let gone = map(7, "what it was");
        let value: Value = serde_json::from_str(&texts.whole(&gone, true)).expect("JSON");
        assert_eq!(value, gone.to_json());
    }

    #[test]
    fn what_is_kept_has_a_bound_and_what_is_asked_for_stays() {
        let texts = Texts::default();
        let large = "x".repeat(1 << 20);
        for version in 1..200 {
            texts.fields(&map(version, &large));
            texts.fields(&map(1, &large));
        }
        let kept = texts.kept();
        let all = kept.fresh.values().chain(kept.older.values());
        assert!(all.map(|text| text.len()).sum::<usize>() <= LIMIT);
        assert!(kept.fresh.contains_key(&1) || kept.older.contains_key(&1));
    }
}
