//! What tables say of their columns: type, form and description, and the type of their cells.
//!
//! `columns.txt` is what a Kubernetes 1.36.3 API server answers: kind, column, type, format, what its cells are (a text, if nothing is said),
//! description. A description `*` is the one that the column has in most tables; these stand first.
//!
//! Upstream: `pkg/printers/internalversion/printers.go`.

use petset_cluster::Kind;
use petset_cluster::api::table::Column;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What is known of a column besides its name and priority.
#[derive(Clone, Copy, Default)]
pub(crate) struct Definition {
    ty: &'static str,
    format: &'static str,
    cell: &'static str,
    description: &'static str,
}

fn definitions() -> &'static BTreeMap<(&'static str, &'static str), Definition> {
    static ALL: OnceLock<BTreeMap<(&str, &str), Definition>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut usual = BTreeMap::new();
        let mut all = BTreeMap::new();
        for line in include_str!("columns.txt").lines() {
            let fields: Vec<&str> = line.split('|').collect();
            match fields[..] {
                ["*", name, description] => {
                    usual.insert(name, description);
                }
                [kind, name, ty, format, cell, description] => {
                    let description = match description {
                        "*" => usual.get(name).copied().unwrap_or(""),
                        own => own,
                    };
                    let definition = Definition {
                        ty,
                        format,
                        cell,
                        description,
                    };
                    all.insert((kind, name), definition);
                }
                _ => {}
            }
        }
        all
    })
}

/// What is known of a column of a kind's table.
pub(crate) fn definition(kind: Kind, column: &Column) -> Definition {
    let found = definitions().get(&(kind.info().kind, column.name));
    found.copied().unwrap_or(Definition {
        ty: "string",
        ..Definition::default()
    })
}

impl Definition {
    /// The column as a table tells of it.
    pub(crate) fn told(&self, column: &Column) -> Value {
        json!({
            "name": column.name,
            "type": self.ty,
            "format": self.format,
            "description": self.description.replace("\\n", "\n"),
            "priority": column.priority,
        })
    }

    /// A cell in the column's type.
    pub(crate) fn cell(&self, text: &str) -> Value {
        let typed = match self.cell {
            "number" => text.parse::<i64>().ok().map(Value::from),
            "flag" => text.parse::<bool>().ok().map(Value::from),
            _ => None,
        };
        typed.unwrap_or_else(|| Value::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use petset_cluster::api::table;

    #[test]
    fn every_column_has_its_definition_and_no_definition_is_left_over() {
        let mut known = 0;
        for kind in Kind::ALL {
            for column in table::columns(*kind) {
                let found = definitions().get(&(kind.info().kind, column.name));
                let found = found.unwrap_or_else(|| panic!("{kind:?} {}", column.name));
                assert!(!found.description.is_empty(), "{kind:?} {}", column.name);
                let types = ["string", "integer", "boolean"];
                assert!(types.contains(&found.ty), "{kind:?} {}", column.name);
                known += 1;
            }
        }
        assert_eq!(definitions().len(), known);
    }

    #[test]
    fn cells_have_the_type_that_the_server_gives_them() {
        let table = [
            (Kind::ConfigMap, "Data", "3", json!(3)),
            (Kind::Deployment, "Ready", "1/2", json!("1/2")),
            (Kind::Deployment, "Up-to-date", "2", json!(2)),
            (
                Kind::StorageClass,
                "AllowVolumeExpansion",
                "false",
                json!(false),
            ),
            (Kind::CronJob, "Suspend", "False", json!("False")),
            (Kind::Pod, "Restarts", "3", json!("3")),
            (Kind::Event, "Count", "<none>", json!("<none>")),
        ];
        for (kind, name, text, want) in table {
            let columns = table::columns(kind);
            let column = columns.iter().find(|column| column.name == name);
            let column = column.expect("the column");
            assert_eq!(definition(kind, column).cell(text), want, "{name}");
        }
    }
}
