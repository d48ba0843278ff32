//! The forms in which objects are answered: whole, as tables, or their metadata alone.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/response.go`.

use crate::columns::{self, Definition};
use crate::status;
use crate::texts::Texts;
use k8s_openapi::jiff::Timestamp;
use petset_cluster::api::managed_fields::components;
use petset_cluster::api::paging::Page;
use petset_cluster::api::{Reply, duration, table};
use petset_cluster::{Kind, Object};
use serde_json::{Value, json};
use std::sync::Arc;

/// The form that a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The objects themselves.
    Whole,
    /// A table, with what each row holds of its object.
    Table(Include),
    /// Metadata alone.
    Partial,
}

/// What the row of a table holds of its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Include {
    /// Its metadata.
    Metadata,
    /// All of it.
    Object,
    /// Nothing.
    None,
}

impl Form {
    /// The first form of an `Accept` header that is known; none if there is no such form.
    pub(crate) fn accepted(header: &str, include: &str) -> Option<Form> {
        if header.trim().is_empty() {
            return Some(Form::Whole);
        }
        header.split(',').find_map(|choice| {
            let mut words = choice.split(';').map(str::trim);
            let media = words.next()?;
            if !matches!(media, "application/json" | "*/*" | "application/*") {
                return None;
            }
            match words.find_map(|word| word.strip_prefix("as=")) {
                None => Some(Form::Whole),
                Some("Table") => Some(Form::Table(match include {
                    "Object" => Include::Object,
                    "None" => Include::None,
                    _ => Include::Metadata,
                })),
                Some("PartialObjectMetadata" | "PartialObjectMetadataList") => Some(Form::Partial),
                Some(_) => None,
            }
        })
    }

    /// One object.
    pub(crate) fn object(self, object: &Arc<Object>, now: Timestamp) -> Value {
        match self {
            Form::Whole => shown(object),
            Form::Partial => metadata(object),
            Form::Table(include) => {
                let one = std::slice::from_ref(object);
                let version = object.resource_version();
                self::table(object.kind(), one, include, version, now)
            }
        }
    }

    /// A list of objects.
    pub(crate) fn list(
        self,
        kind: Kind,
        items: &[Arc<Object>],
        resource_version: u64,
        now: Timestamp,
    ) -> Value {
        let info = kind.info();
        let listed = |kind: &str, api_version: &str, items: Vec<Value>| {
            json!({
                "kind": kind,
                "apiVersion": api_version,
                "metadata": {"resourceVersion": resource_version.to_string()},
                "items": items,
            })
        };
        match self {
            Form::Whole => {
                // The items of a list do not repeat their kind.
                let items = items.iter().map(|object| {
                    let mut value = shown(object);
                    if let Value::Object(map) = &mut value {
                        map.remove("kind");
                        map.remove("apiVersion");
                    }
                    value
                });
                listed(
                    &format!("{}List", info.kind),
                    &info.api_version(),
                    items.collect(),
                )
            }
            Form::Partial => listed(
                "PartialObjectMetadataList",
                META,
                items.iter().map(metadata).collect(),
            ),
            Form::Table(include) => self::table(kind, items, include, resource_version, now),
        }
    }

    /// A page of a list.
    pub(crate) fn page(self, kind: Kind, page: &Page, now: Timestamp) -> Value {
        let mut value = self.list(kind, &page.items, page.resource_version, now);
        if let Some(token) = &page.token {
            value["metadata"]["continue"] = token.as_str().into();
        }
        if let Some(remaining) = page.remaining {
            value["metadata"]["remainingItemCount"] = remaining.into();
        }
        value
    }

    /// The same as text, where the objects are told as they are.
    pub(crate) fn page_text(kind: Kind, page: &Page, texts: &Texts) -> String {
        let info = kind.info();
        let mut meta = json!({"resourceVersion": page.resource_version.to_string()});
        if let Some(token) = &page.token {
            meta["continue"] = token.as_str().into();
        }
        if let Some(remaining) = page.remaining {
            meta["remainingItemCount"] = remaining.into();
        }
        let mut text = format!(
            "{{\"kind\":\"{}List\",\"apiVersion\":\"{}\",\"metadata\":{meta},\"items\":[",
            info.kind,
            info.api_version()
        );
        for (at, object) in page.items.iter().enumerate() {
            text.push_str(if at == 0 { "{" } else { ",{" });
            text.push_str(&texts.fields(object));
            text.push('}');
        }
        text.push_str("]}\n");
        text
    }

    /// What a successful request is answered with.
    pub(crate) fn reply(self, kind: Kind, reply: Reply, now: Timestamp) -> Value {
        match reply {
            Reply::Object(object) => self.object(&object, now),
            Reply::List {
                items,
                resource_version,
            } => self.list(kind, &items, resource_version, now),
            Reply::Json(value) => match self {
                Form::Table(_) if value["kind"] == "Scale" => scale_table(value, now),
                _ => value,
            },
            Reply::Deleted(object) => status::deleted(&object),
        }
    }
}

const META: &str = "meta.k8s.io/v1";

/// An object as clients see it: with all that is known of who set its fields.
pub(crate) fn shown(object: &Object) -> Value {
    let mut value = object.to_json();
    components::expand_as(object.kind(), &mut value);
    value
}

fn metadata(object: &Arc<Object>) -> Value {
    let mut whole = shown(object);
    json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": META,
        "metadata": whole["metadata"].take(),
    })
}

/// The table of a scale (upstream: `printScale` in `pkg/printers/internalversion/printers.go`).
fn scale_table(scale: Value, now: Timestamp) -> Value {
    let created = scale["metadata"]["creationTimestamp"].as_str();
    let created: Option<Timestamp> = created.and_then(|text| text.parse().ok());
    let cells = json!([
        scale["metadata"]["name"],
        scale["spec"]["replicas"].as_i64().unwrap_or(0),
        scale["status"]["replicas"].as_i64().unwrap_or(0),
        duration::age(created.as_ref(), now),
    ]);
    let columns = ["Name", "Desired", "Available", "Age"].map(|name| {
        let ty = match name {
            "Desired" | "Available" => "integer",
            _ => "string",
        };
        json!({"name": name, "type": ty, "format": "", "description": "", "priority": 0})
    });
    json!({
        "kind": "Table",
        "apiVersion": META,
        "metadata": {"resourceVersion": scale["metadata"]["resourceVersion"]},
        "columnDefinitions": columns,
        "rows": [{"cells": cells, "object": scale}],
    })
}

fn table(
    kind: Kind,
    items: &[Arc<Object>],
    include: Include,
    resource_version: u64,
    now: Timestamp,
) -> Value {
    let table = table::table(kind, items, now, true);
    let definitions: Vec<Definition> = table
        .columns
        .iter()
        .map(|column| columns::definition(kind, column))
        .collect();
    let columns = definitions.iter().zip(&table.columns);
    let columns = columns.map(|(definition, column)| definition.told(column));
    let rows = table.rows.iter().zip(items).map(|(cells, object)| {
        let cells = definitions.iter().zip(cells);
        let cells: Vec<Value> = cells
            .map(|(definition, text)| definition.cell(text))
            .collect();
        let mut row = json!({"cells": cells});
        match include {
            Include::Metadata => row["object"] = metadata(object),
            Include::Object => row["object"] = shown(object),
            Include::None => row["object"] = Value::Null,
        }
        row
    });
    json!({
        "kind": "Table",
        "apiVersion": META,
        "metadata": {"resourceVersion": resource_version.to_string()},
        "columnDefinitions": columns.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_that_is_known_is_taken() {
        let table = [
            ("", Some(Form::Whole)),
            ("*/*", Some(Form::Whole)),
            ("application/json", Some(Form::Whole)),
            (
                "application/vnd.kubernetes.protobuf,application/json",
                Some(Form::Whole),
            ),
            ("application/vnd.kubernetes.protobuf", None),
            (
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
                Some(Form::Table(Include::Metadata)),
            ),
            (
                "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
                Some(Form::Partial),
            ),
            ("text/html", None),
        ];
        for (header, want) in table {
            assert_eq!(Form::accepted(header, ""), want, "{header}");
        }
    }
}
