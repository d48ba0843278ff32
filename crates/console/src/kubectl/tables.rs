//! From objects to rows of the server's tables.

use super::printers::{Row, Table};
use petset_cluster::api::{Server, duration, table as server_table};
use petset_cluster::{Kind, Object};
use std::sync::Arc;

/// The table of some objects of one kind.
pub(crate) fn table(server: &Server, kind: Kind, objects: &[Arc<Object>], wide: bool) -> Table {
    let now = server.calendar().timestamp(server.now());
    let made = server_table::table(kind, objects, now, wide);
    let columns = made.columns.iter();
    let rows = objects.iter().zip(made.rows);
    Table {
        columns: columns
            .map(|column| (column.name.to_owned(), column.priority))
            .collect(),
        rows: rows
            .map(|(object, cells)| row(kind, object, cells))
            .collect(),
    }
}

/// The table that kubectl makes by itself: names and ages (upstream: `printObjectMeta` in `cli-runtime/pkg/printers/tableprinter.go`).
pub(crate) fn plain(server: &Server, kind: Kind, objects: &[Arc<Object>]) -> Table {
    let now = server.calendar().timestamp(server.now());
    let rows = objects.iter().map(|object| {
        let created = object.meta().creation_timestamp.as_ref();
        let age = duration::age(created.map(|time| &time.0), now);
        row(kind, object, vec![object.name().to_owned(), age])
    });
    Table {
        columns: vec![("Name".to_owned(), 0), ("Age".to_owned(), 0)],
        rows: rows.collect(),
    }
}

fn row(kind: Kind, object: &Object, cells: Vec<String>) -> Row {
    let labels = object.meta().labels.iter().flatten();
    Row {
        cells,
        namespace: object.namespace().to_owned(),
        kind: kind.info().qualified_singular(),
        labels: labels.map(|(k, v)| (k.clone(), v.clone())).collect(),
        event: "",
    }
}
