//! Events under their newer name: `events.k8s.io/v1` shows the objects of the core group's events in other words. There is one store.
//!
//! Upstream: `pkg/apis/events/v1/conversion.go`, `pkg/registry/core/event`.

use crate::path::Address;
use petset_cluster::Kind;
use petset_cluster::api::discovery::ApiResource;
use petset_cluster::api::field::quote;
use petset_cluster::api::{Body, PatchType, Status};
use serde_json::Value;

const GROUP: &str = "events.k8s.io";
/// The newer version of the API.
pub(crate) const NEWER: &str = "events.k8s.io/v1";
const OLDER: &str = "v1";

/// How a field is called by the newer name, and how it is stored.
const FIELDS: [(&str, &str); 7] = [
    ("regarding", "involvedObject"),
    ("note", "message"),
    ("reportingController", "reportingComponent"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
];
/// What a selector may ask for by the newer name, and what that is called in the core group.
const SELECTABLE: [(&str, &str); 12] = [
    ("reason", "reason"),
    ("regarding.kind", "involvedObject.kind"),
    ("regarding.namespace", "involvedObject.namespace"),
    ("regarding.name", "involvedObject.name"),
    ("regarding.uid", "involvedObject.uid"),
    ("regarding.apiVersion", "involvedObject.apiVersion"),
    (
        "regarding.resourceVersion",
        "involvedObject.resourceVersion",
    ),
    ("regarding.fieldPath", "involvedObject.fieldPath"),
    ("reportingController", "reportingComponent"),
    ("type", "type"),
    ("metadata.namespace", "metadata.namespace"),
    ("metadata.name", "metadata.name"),
];

/// The kind whose objects a resource shows in other words.
pub(crate) fn shown_by(resource: &ApiResource) -> Option<Kind> {
    (resource.api_version == NEWER && resource.kind == "Event").then_some(Kind::Event)
}

/// Whether an address asks for events by their newer name.
pub(crate) fn is_newer(address: &Address) -> bool {
    address.api_version == NEWER && address.plural == "events"
}

/// Puts an answer into the newer words: an event, a list or a table of them, or the event of a watch.
pub(crate) fn outward(value: &mut Value) {
    match value["kind"].as_str() {
        Some("EventList") => {
            value["apiVersion"] = NEWER.into();
            for item in value["items"].as_array_mut().into_iter().flatten() {
                rename(item, true);
            }
        }
        Some("Event") => {
            value["apiVersion"] = NEWER.into();
            rename(value, true);
        }
        Some("Table") => {
            for row in value["rows"].as_array_mut().into_iter().flatten() {
                if let Some(object) = row.get_mut("object").filter(|object| object.is_object()) {
                    outward(object);
                }
            }
        }
        _ => {}
    }
}

/// Puts an object from outside into the words of the core group.
pub(crate) fn inward(value: &mut Value) {
    if value["apiVersion"] == NEWER {
        value["apiVersion"] = OLDER.into();
    }
    rename(value, false);
}

fn rename(value: &mut Value, outward: bool) {
    let Value::Object(map) = value else { return };
    for (newer, older) in FIELDS {
        let (from, to) = if outward {
            (older, newer)
        } else {
            (newer, older)
        };
        if let Some(field) = map.remove(from) {
            map.insert(to.to_owned(), field);
        }
    }
}

/// Takes out the fields that are called otherwise by the newer name; what a strict reader says of them.
fn take_older(value: &mut Value) -> Vec<String> {
    let Value::Object(map) = value else {
        return Vec::new();
    };
    let older = FIELDS
        .iter()
        .filter(|(_, older)| map.remove(*older).is_some());
    older
        .map(|(_, older)| format!("unknown field {}", quote(older)))
        .collect()
}

/// The same for what a request carries; with what a strict reader says of fields that only the core group has.
pub(crate) fn body_inward(body: &mut Body) -> Vec<String> {
    let mut unknown = Vec::new();
    match body {
        Body::Json(value) => {
            unknown = take_older(value);
            inward(value);
        }
        Body::Patch(PatchType::Json, operations) => {
            for operation in operations.as_array_mut().into_iter().flatten() {
                for field in ["path", "from"] {
                    if let Some(Value::String(path)) = operation.get_mut(field) {
                        *path = pointer_inward(path);
                    }
                }
            }
        }
        Body::Patch(_, patch) if patch.is_object() => {
            unknown = take_older(patch);
            inward(patch);
        }
        Body::Patch(..) | Body::Typed(_) | Body::None => {}
    }
    unknown
}

fn pointer_inward(path: &str) -> String {
    for (newer, older) in FIELDS {
        let rest = path
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(newer));
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            return format!("/{older}{rest}");
        }
    }
    path.to_owned()
}

/// A field selector in the words of the core group.
///
/// # Errors
/// A field that events cannot be selected by under this name.
pub(crate) fn selector_inward(text: &str) -> Result<String, Status> {
    let terms = text.split(',').filter(|term| !term.is_empty());
    let terms: Result<Vec<String>, Status> = terms
        .map(|term| {
            let end = term.find(['=', '!']).unwrap_or(term.len());
            let (field, rest) = term.split_at(end);
            let found = SELECTABLE.iter().find(|(newer, _)| *newer == field);
            match found {
                Some((_, older)) => Ok(format!("{older}{rest}")),
                // What is no selector at all is told where selectors are read.
                None if rest.is_empty() => Ok(term.to_owned()),
                None => Err(Status::bad_request(format!(
                    "field label not supported: {field}"
                ))),
            }
        })
        .collect();
    Ok(terms?.join(","))
}

/// What a strict reader says of places in an event, by their newer names.
pub(crate) fn told_outward(told: &str) -> String {
    FIELDS.iter().fold(told.to_owned(), |told, (newer, older)| {
        told.replace(&format!("field \"{older}."), &format!("field \"{newer}."))
    })
}

/// An error in the newer group's name.
pub(crate) fn status_outward(mut status: Status) -> Status {
    status.message = told_outward(&status.message);
    if status.kind == "Event" && status.group.is_empty() {
        GROUP.clone_into(&mut status.group);
        let name = format!("Event.{GROUP} \"");
        status.message = status.message.replacen("Event \"", &name, 1);
    }
    if status.kind == "events" && status.group.is_empty() {
        GROUP.clone_into(&mut status.group);
        let name = format!("events.{GROUP} \"");
        status.message = status.message.replacen("events \"", &name, 1);
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_shown_in_other_words_and_read_back() {
        let older = json!({
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "a"},
            "involvedObject": {"kind": "Pod"},
            "message": "m",
            "reason": "r",
            "source": {"component": "c"},
            "firstTimestamp": null,
            "lastTimestamp": null,
            "count": 2,
            "reportingComponent": "rc",
            "reportingInstance": "ri",
        });
        let newer = json!({
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": "a"},
            "regarding": {"kind": "Pod"},
            "note": "m",
            "reason": "r",
            "deprecatedSource": {"component": "c"},
            "deprecatedFirstTimestamp": null,
            "deprecatedLastTimestamp": null,
            "deprecatedCount": 2,
            "reportingController": "rc",
            "reportingInstance": "ri",
        });
        let mut value = older.clone();
        outward(&mut value);
        assert_eq!(value, newer);
        inward(&mut value);
        assert_eq!(value, older);
    }

    #[test]
    fn selectors_and_patches_are_put_into_the_stored_words() {
        let table = [
            ("", Ok("")),
            (
                "regarding.name=a,type!=Normal",
                Ok("involvedObject.name=a,type!=Normal"),
            ),
            ("reportingController==x", Ok("reportingComponent==x")),
            ("nonsense", Ok("nonsense")),
            (
                "involvedObject.kind=Pod",
                Err("field label not supported: involvedObject.kind"),
            ),
        ];
        for (text, want) in table {
            let got = selector_inward(text).map_err(|status| status.message);
            assert_eq!(got, want.map(str::to_owned).map_err(str::to_owned));
        }
        let pointers = [
            ("/note", "/message"),
            ("/regarding/name", "/involvedObject/name"),
            ("/notes", "/notes"),
            ("/metadata/note", "/metadata/note"),
        ];
        for (newer, older) in pointers {
            assert_eq!(pointer_inward(newer), older);
        }
    }
}
