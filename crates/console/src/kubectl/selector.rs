//! Whether an object belongs to what a command watches.

use super::builder::Selection;
use super::errors::Error;
use petset_cluster::api::selectors::{FieldSelector, Selector};
use petset_cluster::{Kind, Object};

/// What belongs to a watch.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// The kind.
    pub(crate) kind: Kind,
    namespace: String,
    name: String,
    labels: Selector,
    fields: FieldSelector,
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
                    labels: Selector::parse("").map_err(Error::plain)?,
                    fields: FieldSelector::parse(target.kind, "").map_err(Error::plain)?,
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
                    labels: Selector::parse(labels).map_err(Error::plain)?,
                    fields: FieldSelector::parse(*kind, fields).map_err(Error::plain)?,
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
            && self.labels.matches(object.meta().labels.as_ref())
            && self.fields.matches(object)
    }
}
