//! What has to change so that an object becomes what its manifest says.

use crate::kubectl::change::LAST_APPLIED;
use crate::kubectl::errors::Error;
use petset_cluster::Kind;
use petset_cluster::api::strategic;
use serde_json::Value;

/// The patch from the manifest applied last, the one applied now and the object as it is.
///
/// # Errors
/// An annotation that cannot be read, or a list that cannot be merged.
pub(crate) fn three_way(kind: Kind, current: &Value, modified: &Value) -> Result<Value, Error> {
    let annotation = current
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(LAST_APPLIED))
        .and_then(Value::as_str);
    let original = match annotation {
        None => Value::Object(serde_json::Map::new()),
        Some(text) => serde_json::from_str(text).map_err(|error| {
            Error::plain(format!(
                "retrieving original configuration from:\n{text}\nfor: {error}"
            ))
        })?,
    };
    strategic::three_way(kind, &original, modified, current).map_err(Error::plain)
}

/// The object with the patch in it.
///
/// # Errors
/// A patch that does not fit.
pub(crate) fn locally(kind: Kind, current: &Value, patch: &Value) -> Result<Value, Error> {
    strategic::apply(kind, current, patch).map_err(Error::plain)
}
