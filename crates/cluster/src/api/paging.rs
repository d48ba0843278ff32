//! Lists in pages, and lists as they were at an earlier version.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/storage/{continue.go,etcd3/store.go}`.

use super::selectors::{self, FieldSelector, Selector};
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
        let all = if version >= present {
            selectors::list(self, request)?
        } else {
            self.list_at(request, version, &paging.token)?
        };
        let prefix = match request.namespace.as_str() {
            "" => String::new(),
            namespace => format!("{namespace}/"),
        };
        let from = format!("{prefix}{start}");
        let first = match start.as_str() {
            "" => 0,
            _ => all.partition_point(|object| object.key().to_string() < from),
        };
        let limit = match paging.limit {
            0 => usize::MAX,
            limit => limit,
        };
        let rest = all.len() - first;
        let items: Vec<Arc<Object>> = all.into_iter().skip(first).take(limit).collect();
        let left = rest - items.len();
        let last = items.last().filter(|_| left > 0);
        let token = last.map(|object| {
            let key = object.key().to_string();
            encode(key.strip_prefix(&prefix).unwrap_or(&key), version)
        });
        let selects = !options.label_selector.is_empty() || !options.field_selector.is_empty();
        Ok(Page {
            items,
            resource_version: version,
            token,
            remaining: (left > 0 && !selects).then_some(left),
            warnings: warnings::on_read(request.kind),
        })
    }

    /// What fits a request's selectors, as it was at `version`.
    fn list_at(
        &self,
        request: &Request,
        version: u64,
        token: &str,
    ) -> Result<Vec<Arc<Object>>, Status> {
        let options = &request.options;
        let labels = Selector::parse(&options.label_selector).map_err(Status::bad_request)?;
        let fields = FieldSelector::parse(request.kind, &options.field_selector)
            .map_err(Status::bad_request)?;
        let expired = if token.is_empty() { EXPIRED } else { TOO_OLD };
        let objects = self.at(request, version).ok_or_else(|| Status {
            reason: Some(Reason::Expired),
            ..Status::bad_request(expired)
        })?;
        let fits = |object: &Arc<Object>| {
            labels.matches(object.meta().labels.as_ref()) && fields.matches(object)
        };
        Ok(objects.into_values().filter(fits).collect())
    }

    /// The objects of a request's kind and namespace as they were at `version`; none when the changes since are forgotten.
    fn at(&self, request: &Request, version: u64) -> Option<BTreeMap<Key, Arc<Object>>> {
        let within = Some(request.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let present = self.store.list(request.kind, within);
        let mut objects: BTreeMap<Key, Arc<Object>> = present
            .map(|object| (object.key(), object.clone()))
            .collect();
        let changes: Vec<_> = self.store.changes_since(version)?.collect();
        let own = changes.into_iter().rev().filter(|change| {
            change.object.kind() == request.kind
                && within.is_none_or(|namespace| change.object.namespace() == namespace)
        });
        for change in own {
            let key = change.object.key();
            match (&change.old, change.change) {
                (Some(old), ChangeType::Modified | ChangeType::Deleted) => {
                    objects.insert(key, old.clone());
                }
                (_, ChangeType::Added) | (None, _) => {
                    objects.remove(&key);
                }
            }
        }
        Some(objects)
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
