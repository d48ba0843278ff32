//! Objects in Kubernetes' protobuf form, which typed clients send: read into JSON.
//!
//! `protobuf.txt` is made by `schema/main.go` from the types of `k8s.io/api` v0.36.3, one Go struct a line: `Name|number field type|…`. A field named `+` is a
//! struct whose fields stand among those of the struct around it. `[]T` is a list, `{}T` a map. Lines that begin with `=` say which struct a kind is.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/runtime/serializer/protobuf`.

use k8s_openapi::jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What every document begins with.
const MAGIC: [u8; 4] = [b'k', b'8', b's', 0];
/// How deep messages may lie in each other.
const DEEPEST: usize = 64;

struct Field {
    name: &'static str,
    ty: &'static str,
}

struct Table {
    structs: BTreeMap<&'static str, BTreeMap<u64, Field>>,
    kinds: BTreeMap<(&'static str, &'static str), &'static str>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table {
            structs: BTreeMap::new(),
            kinds: BTreeMap::new(),
        };
        for line in include_str!("protobuf.txt").lines() {
            let mut parts = line.split('|');
            let name = parts.next().unwrap_or("");
            if let Some(version) = name.strip_prefix('=') {
                if let (Some(kind), Some(id)) = (parts.next(), parts.next()) {
                    table.kinds.insert((version, kind), id);
                }
                continue;
            }
            table
                .structs
                .insert(name, parts.filter_map(field).collect());
        }
        table
    })
}

fn field(text: &'static str) -> Option<(u64, Field)> {
    let mut words = text.split(' ');
    let number = words.next()?.parse().ok()?;
    let (name, ty) = (words.next()?, words.next()?);
    Some((number, Field { name, ty }))
}

/// Reads a document.
///
/// # Errors
/// When it is none, or holds an object of a kind that clients are not known to send so.
pub(crate) fn read(document: &[u8]) -> Result<Value, String> {
    let envelope = document.strip_prefix(&MAGIC).ok_or(
        "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
    )?;
    let (mut type_meta, mut raw) = (&[][..], &[][..]);
    for item in items(envelope)? {
        match item {
            (1, Wire::Bytes(bytes)) => type_meta = bytes,
            (2, Wire::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let (mut api_version, mut kind) = (String::new(), String::new());
    for item in items(type_meta)? {
        match item {
            (1, Wire::Bytes(bytes)) => api_version = text(bytes),
            (2, Wire::Bytes(bytes)) => kind = text(bytes),
            _ => {}
        }
    }
    // Every group has its own name for the same options.
    let version = if kind == "DeleteOptions" {
        "v1"
    } else {
        &api_version
    };
    let id = table().kinds.get(&(version, kind.as_str()));
    let id = id
        .ok_or_else(|| format!("no kind \"{kind}\" is registered for version \"{api_version}\""))?;
    let mut object = Map::new();
    structure(id, raw, &mut object, 0)?;
    object.insert("apiVersion".to_owned(), api_version.into());
    object.insert("kind".to_owned(), kind.into());
    Ok(Value::Object(object))
}

enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// The fields of a message.
fn items(bytes: &[u8]) -> Result<Vec<(u64, Wire<'_>)>, String> {
    let mut rest = bytes;
    let mut items = Vec::new();
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        let value = match key & 7 {
            0 => Wire::Number(varint(&mut rest)?),
            1 => take(&mut rest, 8).map(|_| Wire::Fixed)?,
            2 => {
                let length = usize::try_from(varint(&mut rest)?).unwrap_or(usize::MAX);
                Wire::Bytes(take(&mut rest, length)?)
            }
            5 => take(&mut rest, 4).map(|_| Wire::Fixed)?,
            other => return Err(format!("proto: illegal wireType {other}")),
        };
        items.push((key >> 3, value));
    }
    Ok(items)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], String> {
    let (taken, left) = rest.split_at_checked(length).ok_or("unexpected EOF")?;
    *rest = left;
    Ok(taken)
}

fn varint(rest: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("proto: integer overflow".to_owned())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn structure(
    id: &str,
    bytes: &[u8],
    object: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err("proto: too deep".to_owned());
    }
    let Some(fields) = table().structs.get(id) else {
        return Ok(());
    };
    for (number, wire) in items(bytes)? {
        let Some(field) = fields.get(&number) else {
            continue;
        };
        if field.name == "+" {
            if let Wire::Bytes(bytes) = wire {
                structure(field.ty, bytes, object, depth + 1)?;
            }
        } else if let Some(element) = field.ty.strip_prefix("[]") {
            let value = value(element, &wire, depth)?;
            if let Value::Array(list) = entry(object, field.name, || Value::Array(Vec::new())) {
                list.push(value);
            }
        } else if let Some(element) = field.ty.strip_prefix("{}") {
            let (key, value) = pair(element, &wire, depth)?;
            if let Value::Object(map) = entry(object, field.name, || Value::Object(Map::new())) {
                map.insert(key, value);
            }
        } else {
            let value = value(field.ty, &wire, depth)?;
            object.insert(field.name.to_owned(), value);
        }
    }
    Ok(())
}

fn entry<'a>(
    object: &'a mut Map<String, Value>,
    name: &str,
    new: impl FnOnce() -> Value,
) -> &'a mut Value {
    object.entry(name.to_owned()).or_insert_with(new)
}

/// One pair of a map.
fn pair(ty: &str, wire: &Wire<'_>, depth: usize) -> Result<(String, Value), String> {
    let Wire::Bytes(bytes) = wire else {
        return Err(wrong_type(ty));
    };
    let mut key = String::new();
    let mut found = Wire::Bytes(&[]);
    for (number, wire) in items(bytes)? {
        match (number, wire) {
            (1, Wire::Bytes(bytes)) => key = text(bytes),
            (2, wire) => found = wire,
            _ => {}
        }
    }
    Ok((key, value(ty, &found, depth)?))
}

fn wrong_type(ty: &str) -> String {
    format!("proto: wrong wireType for a field of type {ty}")
}

fn value(ty: &str, wire: &Wire<'_>, depth: usize) -> Result<Value, String> {
    Ok(match (ty, wire) {
        ("bool", Wire::Number(number)) => Value::Bool(*number != 0),
        // Negative numbers are written as their two's complement.
        ("int", Wire::Number(number)) => Value::from(number.cast_signed()),
        ("string", Wire::Bytes(bytes)) => text(bytes).into(),
        ("bytes", Wire::Bytes(bytes)) => base64(bytes).into(),
        ("time", Wire::Bytes(bytes)) => time(bytes)?,
        ("quantity", Wire::Bytes(bytes)) => inner_text(bytes)?.into(),
        ("raw", Wire::Bytes(bytes)) => raw(bytes)?,
        ("intorstring", Wire::Bytes(bytes)) => int_or_string(bytes)?,
        ("bool" | "int" | "string" | "bytes", _) | (_, Wire::Number(_) | Wire::Fixed) => {
            return Err(wrong_type(ty));
        }
        (id, Wire::Bytes(bytes)) => {
            let mut object = Map::new();
            structure(id, bytes, &mut object, depth + 1)?;
            Value::Object(object)
        }
    })
}

fn numbers(bytes: &[u8]) -> Result<BTreeMap<u64, i64>, String> {
    let items = items(bytes)?.into_iter();
    Ok(items
        .filter_map(|(field, wire)| match wire {
            Wire::Number(number) => Some((field, number.cast_signed())),
            Wire::Bytes(_) | Wire::Fixed => None,
        })
        .collect())
}

/// A date; none was set when nothing is written.
fn time(bytes: &[u8]) -> Result<Value, String> {
    let numbers = numbers(bytes)?;
    if numbers.is_empty() {
        return Ok(Value::Null);
    }
    let part = |field| numbers.get(&field).copied().unwrap_or(0);
    let nanos = i32::try_from(part(2)).unwrap_or(0);
    let date = Timestamp::new(part(1), nanos).map_err(|error| error.to_string())?;
    Ok(date.to_string().into())
}

fn inner_text(bytes: &[u8]) -> Result<String, String> {
    let found = items(bytes)?.into_iter().find_map(|item| match item {
        (1, Wire::Bytes(bytes)) => Some(text(bytes)),
        _ => None,
    });
    Ok(found.unwrap_or_default())
}

fn raw(bytes: &[u8]) -> Result<Value, String> {
    let found = inner_text(bytes)?;
    if found.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&found).map_err(|error| error.to_string())
}

fn int_or_string(bytes: &[u8]) -> Result<Value, String> {
    let is_text = numbers(bytes)?.get(&1) == Some(&1);
    if !is_text {
        return Ok(numbers(bytes)?.get(&2).copied().unwrap_or(0).into());
    }
    let found = items(bytes)?.into_iter().find_map(|item| match item {
        (3, Wire::Bytes(bytes)) => Some(text(bytes)),
        _ => None,
    });
    Ok(found.unwrap_or_default().into())
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            let filled = place <= chunk.len();
            text.push(if filled { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(fields: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (number, value) in fields {
            bytes.push(number << 3 | 2);
            bytes.push(u8::try_from(value.len()).expect("a short value"));
            bytes.extend_from_slice(value);
        }
        bytes
    }

    fn document(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
        let type_meta = message(&[(1, api_version.as_bytes()), (2, kind.as_bytes())]);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(message(&[(1, &type_meta), (2, raw)]));
        bytes
    }

    #[test]
    fn a_config_map_a_secret_and_a_service_are_read() {
        let meta = message(&[(1, b"c"), (8, b"")]);
        let pair = message(&[(1, b"a"), (2, b"b")]);
        let port = [
            message(&[(2, b"TCP")]),
            vec![3 << 3, 80],
            message(&[(4, &[8, 1, 26, 1, b'w'])]),
        ];
        let spec = message(&[(1, &port.concat())]);
        let table = [
            (
                document("v1", "ConfigMap", &message(&[(1, &meta), (2, &pair)])),
                json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "creationTimestamp": null}, "data": {"a": "b"}}),
            ),
            (
                document("v1", "Secret", &message(&[(2, &pair)])),
                json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "Yg=="}}),
            ),
            (
                document("v1", "Service", &message(&[(2, &spec)])),
                json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"protocol": "TCP", "port": 80, "targetPort": "w"}]}}),
            ),
        ];
        for (bytes, want) in table {
            assert_eq!(read(&bytes), Ok(want));
        }
    }

    #[test]
    fn what_is_cut_short_or_of_no_kind_is_refused() {
        let whole = document("v1", "ConfigMap", &message(&[(1, &message(&[(1, b"c")]))]));
        for length in 0..whole.len() {
            // Some beginnings are documents themselves; none may do harm.
            let _ = read(&whole[..length]);
        }
        assert!(read(b"{}").is_err());
        assert!(read(&document("v1", "Nothing", &[])).is_err());
        assert!(read(&document("v1", "Pod", &[0xff; 12])).is_err());
        let mut deep = Vec::new();
        for _ in 0..40 {
            deep = message(&[(1, &deep[..deep.len().min(100)])]);
        }
        let _ = read(&document("v1", "Pod", &deep));
    }
}
