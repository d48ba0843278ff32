//! Writing: a place in a growing value as serde's serializer.

use super::Mismatch;
use serde::ser::{
    Error, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer,
};
use serde_json::{Map, Value};
use std::fmt::Display;

impl Error for Mismatch {
    fn custom<T: Display>(_: T) -> Self {
        Mismatch
    }
}

/// The place that a value is written to; it holds null before.
pub(super) struct Slot<'a>(pub(super) &'a mut Value);

impl Slot<'_> {
    fn put(self, value: Value) -> Result<(), Mismatch> {
        *self.0 = value;
        Ok(())
    }
}

/// A method for each type of number, all written alike.
macro_rules! numbers {
    ($($method:ident: $type:ty),*) => { $(
        fn $method(self, number: $type) -> Result<(), Mismatch> {
            self.put(Value::from(number))
        }
    )* };
}

impl<'a> Serializer for Slot<'a> {
    type Ok = ();
    type Error = Mismatch;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Impossible<(), Mismatch>;
    type SerializeTupleStruct = Impossible<(), Mismatch>;
    type SerializeTupleVariant = Impossible<(), Mismatch>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Impossible<(), Mismatch>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64, serialize_bool: bool
    }

    fn serialize_char(self, letter: char) -> Result<(), Mismatch> {
        self.put(Value::String(letter.to_string()))
    }

    fn serialize_str(self, text: &str) -> Result<(), Mismatch> {
        self.put(Value::String(text.to_owned()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Mismatch> {
        self.put(Value::from(bytes))
    }

    fn serialize_none(self) -> Result<(), Mismatch> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Mismatch> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Mismatch> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Mismatch> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Mismatch> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Mismatch> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Mismatch> {
        Err(Mismatch)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Mismatch> {
        *self.0 = Value::Array(Vec::new());
        match self.0 {
            Value::Array(items) => Ok(Items(items)),
            _ => Err(Mismatch),
        }
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Mismatch> {
        Err(Mismatch)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Mismatch> {
        *self.0 = Value::Object(Map::new());
        match self.0 {
            Value::Object(map) => Ok(Fields {
                map,
                key: String::new(),
            }),
            _ => Err(Mismatch),
        }
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, Mismatch> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Mismatch> {
        Err(Mismatch)
    }
}

pub(super) struct Items<'a>(&'a mut Vec<Value>);

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Mismatch;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Mismatch> {
        item.serialize(Slot(self.0.push_mut(Value::Null)))
    }

    fn end(self) -> Result<(), Mismatch> {
        Ok(())
    }
}

pub(super) struct Fields<'a> {
    map: &'a mut Map<String, Value>,
    /// The key whose value comes next.
    key: String,
}

impl Fields<'_> {
    /// The place of a new field. Kept out of line: it is the same for every type.
    #[inline(never)]
    fn slot(&mut self, key: &str) -> Slot<'_> {
        Slot(self.map.entry(key).or_insert(Value::Null))
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Mismatch;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Mismatch> {
        let mut text = Value::Null;
        key.serialize(Slot(&mut text))?;
        match text {
            Value::String(text) => {
                self.key = text;
                Ok(())
            }
            _ => Err(Mismatch),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        let key = std::mem::take(&mut self.key);
        value.serialize(self.slot(&key))
    }

    fn end(self) -> Result<(), Mismatch> {
        Ok(())
    }
}

impl SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Mismatch> {
        value.serialize(self.slot(name))
    }

    fn end(self) -> Result<(), Mismatch> {
        Ok(())
    }
}
