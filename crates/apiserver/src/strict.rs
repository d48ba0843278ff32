//! JSON as a strict reader sees it: fields that stand twice are told. The last of them counts.
//!
//! Upstream: `sigs.k8s.io/json/internal/golang/encoding/json/kubernetes_patch.go`.

use petset_cluster::api::field::quote;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// The most duplicates that are told.
const MOST: usize = 100;

/// Reads a document; the sentences about its duplicate fields in their order.
///
/// # Errors
/// It is no JSON.
pub(crate) fn read(bytes: &[u8]) -> Result<(Value, Vec<String>), serde_json::Error> {
    let mut reader = Reader::default();
    let mut input = serde_json::Deserializer::from_slice(bytes);
    let value = Place(&mut reader).deserialize(&mut input)?;
    input.end()?;
    Ok((value, reader.found))
}

#[derive(Default)]
struct Reader {
    path: String,
    found: Vec<String>,
}

struct Place<'a>(&'a mut Reader);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        let length = self.0.path.len();
        loop {
            self.0.path.push_str(&format!("[{}]", list.len()));
            let item = items.next_element_seed(Place(self.0))?;
            self.0.path.truncate(length);
            match item {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let length = self.0.path.len();
        while let Some(key) = entries.next_key::<String>()? {
            if length > 0 {
                self.0.path.push('.');
            }
            self.0.path.push_str(&key);
            if map.contains_key(&key) && self.0.found.len() < MOST {
                let told = format!("duplicate field {}", quote(&self.0.path));
                if !self.0.found.contains(&told) {
                    self.0.found.push(told);
                }
            }
            let value = entries.next_value_seed(Place(self.0))?;
            self.0.path.truncate(length);
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_are_told_with_their_place_and_the_last_counts() {
        let table = [
            ("{\"a\":1,\"b\":{\"a\":2}}", "{\"a\":1,\"b\":{\"a\":2}}", ""),
            ("{\"a\":1,\"a\":2}", "{\"a\":2}", "duplicate field \"a\""),
            (
                "{\"a\":[{\"b\":1,\"b\":2,\"b\":3}],\"a\":[]}",
                "{\"a\":[]}",
                "duplicate field \"a[0].b\", duplicate field \"a\"",
            ),
            (
                "[{\"op\":1,\"op\":2}]",
                "[{\"op\":2}]",
                "duplicate field \"[0].op\"",
            ),
            ("-1.5e3", "-1500.0", ""),
            ("18446744073709551615", "18446744073709551615", ""),
            ("[null,true,\"\\u0041\"]", "[null,true,\"A\"]", ""),
        ];
        for (text, want, told) in table {
            let (value, found) = read(text.as_bytes()).expect("JSON");
            assert_eq!(value.to_string(), want);
            assert_eq!(found.join(", "), told);
        }
        for text in ["", "{", "{} x", "{\"a\"}", "\u{1}"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
