//! Whether an object belongs to what a command watches.

use super::builder::Selection;
use super::errors::Error;
use petset_cluster::{Kind, Object};

/// What belongs to a watch.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// The kind.
    pub(crate) kind: Kind,
    namespace: String,
    name: String,
    labels: String,
    fields: String,
}

impl Filter {
    /// The filter that a selection of one kind makes.
    ///
    /// # Errors
    /// Nothing was selected.
    pub(crate) fn of(selection: &Selection) -> Result<Filter, Error> {
        let none = || Error::plain("Required resource not specified.");
        match selection {
            Selection::Named { targets, .. } => {
                let target = targets.first().ok_or_else(none)?;
                Ok(Filter {
                    kind: target.kind,
                    namespace: target.namespace.clone(),
                    name: target.name.clone(),
                    labels: String::new(),
                    fields: String::new(),
                })
            }
            Selection::Listed {
                kinds,
                labels,
                fields,
            } => {
                let (kind, namespace) = kinds.first().ok_or_else(none)?;
                Ok(Filter {
                    kind: *kind,
                    namespace: namespace.clone(),
                    name: String::new(),
                    labels: labels.clone(),
                    fields: fields.clone(),
                })
            }
            Selection::Nothing => Err(none()),
        }
    }

    /// Whether an object belongs.
    pub(crate) fn fits(&self, object: &Object) -> bool {
        object.kind() == self.kind
            && (self.namespace.is_empty() || object.namespace() == self.namespace)
            && (self.name.is_empty() || object.name() == self.name)
            && self.labels.is_empty()
            && self.fields.is_empty()
    }
}
