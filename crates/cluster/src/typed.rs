//! Between JSON values and the typed objects of the API.
//!
//! Each kind brings hundreds of fields, and the code of serde is made once for every type and format. The two sides here
//! borrow, and their error carries nothing, so that what is made for each field stays small: the page loads it all.
//! What does not fit is told before, by [`crate::api::decode`].

mod de;
mod ser;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A value that does not have the shape of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch;

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value does not have the shape of the type")
    }
}

impl std::error::Error for Mismatch {}

/// Reads a `T`; fields that it does not have are passed over.
///
/// # Errors
/// When a value is not of its field's type.
pub fn from_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Mismatch> {
    T::deserialize(de::Source(value))
}

/// Writes `object` as JSON.
///
/// # Errors
/// When `object` has no form in JSON, such as a map whose keys are not strings; objects of the API all have one.
pub fn to_value<T: Serialize>(object: &T) -> Result<Value, Mismatch> {
    let mut value = Value::Null;
    object.serialize(ser::Slot(&mut value))?;
    Ok(value)
}
