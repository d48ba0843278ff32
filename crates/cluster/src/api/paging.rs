//! Lists in pages, and lists as they were at an earlier version.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/storage/{continue.go,etcd3/store.go}`.

use super::selectors;
use super::{Reason, Request, Server, Status, warnings};
use crate::object::{Key, Object};
use crate::store::ChangeType;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// At most so many objects; 0 for all of them.
    pub limit: usize,
    /// Where the page before ended, in the server's own words; empty for the first page.
    pub token: String,
    /// The version whose list is wanted; none for the newest.
    pub exact: Option<u64>,
    /// The list must not be older than this.
    pub at_least: u64,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The objects, in etcd's order.
    pub items: Vec<Arc<Object>>,
    /// The version of which all pages tell.
    pub resource_version: u64,
    /// What to ask the next page with; none after the last.
    pub token: Option<String>,
    /// How many objects come after this page, where selectors leave none out.
    pub remaining: Option<usize>,
    /// Warnings, as those of [`super::Response`].
    pub warnings: Vec<String>,
}

const TOKEN_VERSION: &str = "meta.k8s.io/v1";
const TOO_OLD: &str = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.";
const EXPIRED: &str = "The resourceVersion for the provided list is too old.";

impl Server {
    /// A part of what `request` lists. The later pages show the version of the first, as far back as the watch log reaches.
    ///
    /// # Errors
    /// Selectors or tokens that are none; `Expired` for a version that is forgotten.
    pub fn page(&self, request: &Request, paging: &Paging) -> Result<Page, Status> {
        let options = &request.options;
        let present = self.store.resource_version();
        let (start, version) = if paging.token.is_empty() {
            (String::new(), paging.exact.unwrap_or(present))
        } else {
            let (start, version) = decode(&paging.token)?;
            (start, version.unwrap_or(present))
        };
        let wanted = paging.exact.unwrap_or(0).max(paging.at_least);
        if wanted > present {
            return Err(Status::too_large(wanted, present));
        }
        let past = match version >= present {
            true => BTreeMap::new(),
            false => self.past(request, version).ok_or_else(|| Status {
                reason: Some(Reason::Expired),
                ..Status::bad_request(match paging.token.is_empty() {
                    true => EXPIRED,
                    false => TOO_OLD,
                })
            })?,
        };
        let fits = selectors::fits(request)?;
        let from = first_key(&request.namespace, &start);
        let objects = self.objects_from(request, from, &past);
        let limit = match paging.limit {
            0 => usize::MAX,
            limit => limit,
        };
        let mut objects = objects.filter(|object| fits(object)).cloned();
        let items: Vec<Arc<Object>> = objects.by_ref().take(limit).collect();
        let more = objects.next().is_some();
        let token = items.last().filter(|_| more).map(|object| {
            let key = object.key().to_string();
            let within = match request.namespace.as_str() {
                "" => key.as_str(),
                _ => object.name(),
            };
            encode(within, version)
        });
        let selects = !options.label_selector.is_empty() || !options.field_selector.is_empty();
        Ok(Page {
            resource_version: version,
            remaining: (more && !selects).then(|| 1 + objects.count()),
            token,
            warnings: warnings::on_read(request.kind),
            items,
        })
    }

    /// The objects of a request's kind and namespace from a key on, with what is known of the past in the place of the present.
    fn objects_from<'a>(
        &'a self,
        request: &Request,
        from: Key,
        past: &'a BTreeMap<Key, Option<Arc<Object>>>,
    ) -> impl Iterator<Item = &'a Arc<Object>> {
        let namespace = request.namespace.clone();
        let within = move |key: &Key| namespace.is_empty() || key.namespace() == namespace;
        let mut present = self.store.list_from(request.kind, from.clone()).peekable();
        let mut past = past.range(from..).peekable();
        std::iter::from_fn(move || {
            loop {
                let (now, then) = (present.peek().map(|(key, _)| *key), past.peek());
                let then = then.map(|(key, _)| *key);
                if now
                    .into_iter()
                    .chain(then)
                    .min()
                    .is_none_or(|key| !within(key))
                {
                    return None;
                }
                let of_past = match (now, then) {
                    (Some(now), Some(then)) => then <= now,
                    (_, then) => then.is_some(),
                };
                if !of_past {
                    return present.next().map(|(_, object)| object);
                }
                if now == then {
                    present.next();
                }
                if let Some((_, Some(object))) = past.next() {
                    return Some(object);
                }
            }
        })
    }

    /// How the objects of a request's kind and namespace that have changed since were at `version`, none for those that were not there; none at
    /// all when the changes since are forgotten.
    fn past(&self, request: &Request, version: u64) -> Option<BTreeMap<Key, Option<Arc<Object>>>> {
        let namespace = request.namespace.as_str();
        let changes = self.store.changes_since(version)?;
        let own = changes.filter(|change| {
            let object = &change.object;
            object.kind() == request.kind
                && (namespace.is_empty() || object.namespace() == namespace)
        });
        let mut past = BTreeMap::new();
        for change in own {
            // The first change after the version says what was before.
            past.entry(change.object.key())
                .or_insert_with(|| match change.change {
                    ChangeType::Added => None,
                    ChangeType::Modified | ChangeType::Deleted => change.old.clone(),
                });
        }
        Some(past)
    }
}

/// Where a list begins: at the namespace, and there where a token says.
fn first_key(namespace: &str, start: &str) -> Key {
    match (namespace, start.split_once('/')) {
        ("", Some((namespace, name))) => Key::new(namespace, name),
        (namespace, _) => Key::new(namespace, start),
    }
}

fn encode(last: &str, version: u64) -> String {
    let start = format!("{last}\0");
    let token = json!({"v": TOKEN_VERSION, "rv": version, "start": start});
    base64(token.to_string().as_bytes())
}

/// The key to start with, and the version; none for the newest.
fn decode(token: &str) -> Result<(String, Option<u64>), Status> {
    let refuse = |why: &str| Status::bad_request(format!("invalid continue token: {why}"));
    let wrong = "continue key is not valid";
    let value: Value = unbase64(token)
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| refuse(wrong))?;
    if value.get("v").and_then(Value::as_str) != Some(TOKEN_VERSION) {
        return Err(refuse(
            "continue key is not valid: server does not recognize this encoded version",
        ));
    }
    let start = value.get("start").and_then(Value::as_str).unwrap_or("");
    if start.is_empty() {
        return Err(refuse(
            "continue key is not valid: encoded start key empty (version meta.k8s.io/v1)",
        ));
    }
    if start.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(refuse(&format!("{wrong}: {start}")));
    }
    match value.get("rv").and_then(Value::as_i64) {
        None | Some(0) => Err(refuse(
            "continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
        )),
        Some(version) => Ok((start.to_owned(), u64::try_from(version).ok())),
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bytes in the alphabet for addresses, without padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=chunk.len() {
            text.push(char::from(
                LETTERS[(bits >> (18 - 6 * place)) as usize & 63],
            ));
        }
    }
    text
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    for chunk in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for letter in chunk {
            let place = LETTERS.iter().position(|known| known == letter)?;
            bits = bits << 6 | u32::try_from(place).ok()?;
        }
        bits <<= 6 * (4 - chunk.len());
        let made = chunk.len().checked_sub(1).filter(|made| *made > 0)?;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..=made]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_back_and_broken_ones_are_refused() {
        for key in ["a", "default/web-0", "kube-system/coredns", "ab", "abc"] {
            let token = encode(key, 7);
            assert_eq!(decode(&token), Ok((format!("{key}\0"), Some(7))));
        }
        let broken = [
            "",
            "!",
            "a",
            &base64(b"{}"),
            &base64(br#"{"v":"meta.k8s.io/v1","rv":0,"start":"a"}"#),
            &base64(br#"{"v":"meta.k8s.io/v1","rv":1,"start":""}"#),
            &base64(br#"{"v":"meta.k8s.io/v1","rv":1,"start":"../a"}"#),
        ];
        for token in broken {
            assert!(decode(token).is_err(), "{token}");
        }
    }
}
