//! Between JSON values and the typed objects of the API.
//!
//! Each kind brings hundreds of fields, and serde makes code of its own for every one of them, once for reading and once for
//! writing: the page would load it all. Here a struct only tells its fields by number, and one reader and one writer
//! do the rest. The build script takes names and fields out of the sources of `k8s-openapi`.
//! What does not fit is told before, by [`crate::api::decode`].

mod plain;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use std::collections::BTreeMap;
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

/// A part of an object, of any type: it can be written over from JSON, and tell itself as JSON.
pub trait Data {
    /// A value that nobody set.
    fn unset() -> Self
    where
        Self: Sized;

    /// Takes the state over that `value` tells.
    ///
    /// # Errors
    /// When a value is not of its field's type.
    fn read(&mut self, value: &Value) -> Result<(), Mismatch>;

    /// Its state; none for what is not set.
    fn write(&self) -> Option<Value>;
}

/// A struct, whose fields have numbers.
trait Structure {
    /// `apiVersion` and `kind` of what is a kind of its own.
    fn type_meta(&self) -> Option<[&'static str; 2]>;
    /// The names of the fields in JSON, parted by blanks.
    fn names(&self) -> &'static str;
    fn field(&self, number: usize) -> Option<&dyn Data>;
    fn field_mut(&mut self, number: usize) -> Option<&mut dyn Data>;
}

/// Reads a `T`; fields that it does not have are passed over.
///
/// # Errors
/// When a value is not of its field's type.
pub fn from_value<T: Data>(value: &Value) -> Result<T, Mismatch> {
    let mut object = T::unset();
    object.read(value)?;
    Ok(object)
}

/// Writes `object` as JSON.
pub fn to_value<T: Data>(object: &T) -> Value {
    object.write().unwrap_or_default()
}

const TYPE_META: [&str; 2] = ["apiVersion", "kind"];

fn read_structure(to: &mut dyn Structure, value: &Value, needed: &str) -> Result<(), Mismatch> {
    let map = value.as_object().ok_or(Mismatch)?;
    if let Some(own) = to.type_meta() {
        for (name, own) in TYPE_META.into_iter().zip(own) {
            if map
                .get(name)
                .is_some_and(|given| given.as_str() != Some(own))
            {
                return Err(Mismatch);
            }
        }
    }
    for (number, name) in to.names().split(' ').enumerate() {
        // Null is the same as nothing.
        if let Some(value) = map.get(name).filter(|value| !value.is_null()) {
            if let Some(field) = to.field_mut(number) {
                field.read(value)?;
            }
        } else if name == needed && !name.is_empty() {
            return Err(Mismatch);
        }
    }
    Ok(())
}

fn write_structure(from: &dyn Structure) -> Value {
    let mut map = Map::new();
    for (name, own) in TYPE_META
        .into_iter()
        .zip(from.type_meta().into_iter().flatten())
    {
        map.insert(name.to_owned(), Value::String(own.to_owned()));
    }
    for (number, name) in from.names().split(' ').enumerate() {
        if let Some(value) = from.field(number).and_then(Data::write) {
            map.insert(name.to_owned(), value);
        }
    }
    Value::Object(map)
}

/// A struct of the API: whether it is a kind of its own, or one that cannot be without a certain field; its type, its
/// fields' names in JSON, and its fields by number.
macro_rules! structure {
    (kind $type:ty, $($rest:tt)*) => {
        structure! { @ $type, Some([
            <$type as k8s_openapi::Resource>::API_VERSION,
            <$type as k8s_openapi::Resource>::KIND,
        ]), $($rest)* }
        structure! { data $type, Self::default(), "" }
    };
    (needs $needed:literal $type:ty, $names:literal $(, $number:literal: $field:ident)*) => {
        structure! { @ $type, None, $names $(, $number: $field)* }
        structure! { data $type, Self { $($field: Data::unset()),* }, $needed }
    };
    (@ $type:ty, $type_meta:expr, $names:literal $(, $number:literal: $field:ident)*) => {
        impl Structure for $type {
            fn type_meta(&self) -> Option<[&'static str; 2]> {
                $type_meta
            }
            fn names(&self) -> &'static str {
                $names
            }
            fn field(&self, number: usize) -> Option<&dyn Data> {
                match number {
                    $($number => Some(&self.$field),)*
                    _ => None,
                }
            }
            fn field_mut(&mut self, number: usize) -> Option<&mut dyn Data> {
                match number {
                    $($number => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
    (data $type:ty, $unset:expr, $needed:literal) => {
        impl Data for $type {
            fn unset() -> Self {
                $unset
            }
            fn read(&mut self, value: &Value) -> Result<(), Mismatch> {
                read_structure(self, value, $needed)
            }
            fn write(&self) -> Option<Value> {
                Some(write_structure(self))
            }
        }
    };
    ($type:ty, $($rest:tt)*) => {
        structure! { @ $type, None, $($rest)* }
        structure! { data $type, Self::default(), "" }
    };
}

include!(concat!(env!("OUT_DIR"), "/structures.rs"));

impl<T: Data> Data for Option<T> {
    fn unset() -> Self {
        None
    }

    fn read(&mut self, value: &Value) -> Result<(), Mismatch> {
        *self = None;
        if value.is_null() {
            return Ok(());
        }
        self.insert(T::unset()).read(value)
    }

    fn write(&self) -> Option<Value> {
        self.as_ref()?.write()
    }
}

impl<T: Data> Data for Vec<T> {
    fn unset() -> Self {
        Vec::new()
    }

    fn read(&mut self, value: &Value) -> Result<(), Mismatch> {
        let items = value.as_array().ok_or(Mismatch)?;
        self.clear();
        self.reserve_exact(items.len());
        for item in items {
            self.push_mut(T::unset()).read(item)?;
        }
        Ok(())
    }

    fn write(&self) -> Option<Value> {
        write_list(self.len(), &|at| self[at].write())
    }
}

fn write_list(count: usize, item: &dyn Fn(usize) -> Option<Value>) -> Option<Value> {
    let items = (0..count).map(|at| item(at).unwrap_or_default());
    Some(Value::Array(items.collect()))
}

impl<T: Data> Data for BTreeMap<String, T> {
    fn unset() -> Self {
        BTreeMap::new()
    }

    fn read(&mut self, value: &Value) -> Result<(), Mismatch> {
        self.clear();
        for (key, value) in value.as_object().ok_or(Mismatch)? {
            let mut item = T::unset();
            item.read(value)?;
            self.insert(key.clone(), item);
        }
        Ok(())
    }

    fn write(&self) -> Option<Value> {
        let mut map = Map::new();
        for (key, item) in self {
            map.insert(key.clone(), item.write().unwrap_or_default());
        }
        Some(Value::Object(map))
    }
}
