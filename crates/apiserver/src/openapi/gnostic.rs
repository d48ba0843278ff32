//! Swagger 2.0 in the protobuf form that client-go asks for.
//!
//! Upstream: `github.com/google/gnostic-models/openapiv2/OpenAPIv2.proto`.

use serde_json::Value;

/// Bytes of a message.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        const LENGTH_BEFORE: u64 = 2;
        self.number(field << 3 | LENGTH_BEFORE);
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u64, message: &Message) {
        self.bytes(field, &message.0);
    }

    /// A text, if there is one.
    fn text(&mut self, field: u64, value: &Value) {
        if let Some(text) = value.as_str() {
            self.bytes(field, text.as_bytes());
        }
    }

    fn texts(&mut self, field: u64, values: &Value) {
        for value in values.as_array().into_iter().flatten() {
            self.text(field, value);
        }
    }

    fn flag(&mut self, field: u64, value: &Value) {
        if value.as_bool() == Some(true) {
            self.number(field << 3);
            self.number(1);
        }
    }

    /// All members of an object, each as a name with a value.
    fn named(&mut self, field: u64, members: &Value, write: impl Fn(&Value) -> Message) {
        for (name, value) in members.as_object().into_iter().flatten() {
            let mut named = Message::default();
            named.bytes(1, name.as_bytes());
            named.message(2, &write(value));
            self.message(field, &named);
        }
    }

    fn extensions(&mut self, field: u64, members: &Value) {
        for (name, value) in members.as_object().into_iter().flatten() {
            if name.starts_with("x-") {
                let mut named = Message::default();
                named.bytes(1, name.as_bytes());
                named.message(2, &any(value));
                self.message(field, &named);
            }
        }
    }
}

/// A value as YAML, of which JSON is a part.
fn any(value: &Value) -> Message {
    let mut message = Message::default();
    message.bytes(2, format!("{value}\n").as_bytes());
    message
}

/// A document in bytes.
pub(crate) fn encode(document: &Value) -> Vec<u8> {
    let mut message = Message::default();
    message.text(1, &document["swagger"]);
    let mut info = Message::default();
    info.text(1, &document["info"]["title"]);
    info.text(2, &document["info"]["version"]);
    message.message(2, &info);
    let mut paths = Message::default();
    paths.named(2, &document["paths"], |path| {
        let mut item = Message::default();
        item.message(8, &operation(&path["patch"]));
        item
    });
    message.message(8, &paths);
    let mut definitions = Message::default();
    definitions.named(1, &document["definitions"], schema);
    message.message(9, &definitions);
    message.0
}

fn operation(value: &Value) -> Message {
    let mut message = Message::default();
    message.texts(6, &value["produces"]);
    message.texts(7, &value["consumes"]);
    for value in value["parameters"].as_array().into_iter().flatten() {
        let mut query = Message::default();
        query.text(2, &value["in"]);
        query.text(4, &value["name"]);
        query.text(6, &value["type"]);
        query.flag(20, &value["uniqueItems"]);
        // One of several, three times.
        let mut parameter = query;
        for field in [3, 2, 1] {
            let mut around = Message::default();
            around.message(field, &parameter);
            parameter = around;
        }
        message.message(8, &parameter);
    }
    let mut responses = Message::default();
    responses.named(1, &value["responses"], |response| {
        let (mut one, mut around) = (Message::default(), Message::default());
        one.text(1, &response["description"]);
        around.message(1, &one);
        around
    });
    message.message(9, &responses);
    message.extensions(13, value);
    message
}

fn schema(value: &Value) -> Message {
    let mut message = Message::default();
    message.text(1, &value["$ref"]);
    message.text(2, &value["format"]);
    message.text(4, &value["description"]);
    message.texts(19, &value["required"]);
    for allowed in value["enum"].as_array().into_iter().flatten() {
        message.message(20, &any(allowed));
    }
    let inner = |value: &Value| {
        let mut around = Message::default();
        around.message(1, &schema(value));
        around
    };
    if value["additionalProperties"].is_object() {
        message.message(21, &inner(&value["additionalProperties"]));
    }
    if value["type"].is_string() {
        let mut types = Message::default();
        types.text(1, &value["type"]);
        message.message(22, &types);
    }
    if value["items"].is_object() {
        message.message(23, &inner(&value["items"]));
    }
    if value["properties"].is_object() {
        let mut properties = Message::default();
        properties.named(1, &value["properties"], schema);
        message.message(25, &properties);
    }
    message.extensions(31, value);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn messages_are_what_protoc_makes_of_them() {
        let table = [
            (json!({"$ref": "#/a"}), &b"\x0a\x03#/a"[..]),
            (json!({"type": "string"}), b"\xb2\x01\x08\x0a\x06string"),
            (
                json!({"items": {"format": "x"}}),
                b"\xba\x01\x05\x0a\x03\x12\x01x",
            ),
            (
                json!({"properties": {"p": {"$ref": "r"}}}),
                b"\xca\x01\x0a\x0a\x08\x0a\x01p\x12\x03\x0a\x01r",
            ),
            (json!({"enum": ["v"]}), b"\xa2\x01\x06\x12\x04\"v\"\n"),
        ];
        for (value, want) in table {
            assert_eq!(schema(&value).0, want, "{value}");
        }
        let long = "x".repeat(200);
        let bytes = schema(&json!({"description": long})).0;
        assert_eq!(bytes[..3], [0x22, 0xc8, 0x01]);
    }
}
