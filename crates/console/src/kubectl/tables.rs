//! From objects to rows of the server's tables.

use super::printers::{Row, Table};
use petset_cluster::api::Server;
use petset_cluster::{Kind, Object};
use std::sync::Arc;

/// The table of some objects of one kind.
pub(crate) fn table(server: &Server, kind: Kind, objects: &[Arc<Object>]) -> Table {
    let _ = server;
    Table {
        columns: vec![("Name".to_owned(), 0)],
        rows: objects.iter().map(|object| row(kind, object, vec![object.name().to_owned()])).collect(),
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
