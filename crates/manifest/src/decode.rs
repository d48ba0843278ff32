//! A document's tree to its value, by upstream's rules for aliases, merges and keys.
//!
//! upstream: go.yaml.in/yaml/v2 decode.go, then sigs.k8s.io/yaml convertToJSONableObject, then encoding/json

use std::collections::BTreeSet;

use crate::resolve::{Scalar, resolve, resolve_tagged};
use crate::spans::{Below, SpanNode};
use crate::tree::{Kind, NodeId, Tree};
use crate::{Hint, Span, Value, float, json};

/// Why a well-formed document has no value; offsets are within the document.
pub(crate) struct DecodeError {
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) hint: Option<Hint>,
}

/// What decoding a whole document gives.
pub(crate) struct Decoded {
    pub(crate) value: Value,
    pub(crate) spans: SpanNode,
    /// Keys that stand a second time in their mapping, with the first one's place.
    pub(crate) duplicates: Vec<(String, Span, Span, Span)>,
}

/// Decodes a document.
///
/// # Errors
/// With upstream's words: tags that do not fit, aliases that contain themselves or grow too far, keys that cannot be text, infinities.
pub(crate) fn decode(tree: &Tree) -> Result<Decoded, DecodeError> {
    let mut decoder = Decoder {
        tree,
        duplicates: Vec::new(),
        later: None,
        unsupported: None,
        decoded: 0,
        aliased: 0,
        alias_depth: 0,
        expanding: BTreeSet::new(),
    };
    let Some(root) = tree.root else {
        return Ok(Decoded {
            value: Value::Null,
            spans: SpanNode::default(),
            duplicates: Vec::new(),
        });
    };
    // The document counts as a step of its own.
    decoder.decoded = 1;
    let (value, spans) = decoder.node(root)?;
    match decoder.later.or(decoder.unsupported) {
        Some(error) => Err(error),
        None => Ok(Decoded {
            value,
            spans,
            duplicates: decoder.duplicates,
        }),
    }
}

struct Decoder<'t> {
    tree: &'t Tree,
    duplicates: Vec<(String, Span, Span, Span)>,
    /// The first failure of the step after decoding, and of the step after that.
    later: Option<DecodeError>,
    unsupported: Option<DecodeError>,
    decoded: u32,
    aliased: u32,
    alias_depth: u32,
    expanding: BTreeSet<NodeId>,
}

type Fields = (
    serde_json::Map<String, Value>,
    std::collections::BTreeMap<String, SpanNode>,
);

impl Decoder<'_> {
    fn node(&mut self, id: NodeId) -> Result<(Value, SpanNode), DecodeError> {
        let tree = self.tree;
        let Some(node) = tree.nodes.get(id) else {
            return Ok((Value::Null, SpanNode::default()));
        };
        self.count(node.span)?;
        let (value, below) = match &node.kind {
            Kind::Scalar { .. } => {
                let value = self.scalar(id)?;
                (self.number(value, node.span), Below::Nothing)
            }
            Kind::Alias { name, to } => {
                self.enter_alias(id, name, node.span)?;
                let (value, spans) = self.node(*to)?;
                self.leave_alias(id);
                (value, spans.below)
            }
            Kind::Sequence(items) => {
                let mut values = Vec::with_capacity(items.len());
                let mut spans = Vec::with_capacity(items.len());
                for item in items {
                    let (value, span) = self.node(*item)?;
                    values.push(value);
                    spans.push(span);
                }
                (Value::Array(values), Below::Items(spans))
            }
            Kind::Mapping(_) => {
                let mut fields = Fields::default();
                self.mapping(id, &mut fields, false)?;
                (Value::Object(fields.0), Below::Fields(fields.1))
            }
        };
        Ok((
            value,
            SpanNode {
                key: None,
                value: node.span,
                merged: false,
                below,
            },
        ))
    }

    /// Each mapping, list, scalar and alias costs one; what aliases cost may be most of a small document and little of a large one.
    fn count(&mut self, span: Span) -> Result<(), DecodeError> {
        self.decoded = self.decoded.saturating_add(1);
        if self.alias_depth > 0 {
            self.aliased = self.aliased.saturating_add(1);
        }
        let allowed = match self.decoded {
            ..=400_000 => 0.99,
            4_000_000.. => 0.10,
            between => 0.99 - 0.89 * (f64::from(between - 400_000) / 3_600_000.0),
        };
        if self.aliased > 100
            && self.decoded > 1000
            && f64::from(self.aliased) / f64::from(self.decoded) > allowed
        {
            return Err(fatal(
                "document contains excessive aliasing".to_owned(),
                span,
                Some(Hint::TooLarge),
            ));
        }
        Ok(())
    }

    fn enter_alias(&mut self, id: NodeId, name: &str, span: Span) -> Result<(), DecodeError> {
        if !self.expanding.insert(id) {
            return Err(fatal(
                format!("anchor '{name}' value contains itself"),
                span,
                Some(Hint::UnknownAnchor),
            ));
        }
        self.alias_depth += 1;
        Ok(())
    }

    fn leave_alias(&mut self, id: NodeId) {
        self.alias_depth = self.alias_depth.saturating_sub(1);
        self.expanding.remove(&id);
    }

    fn scalar(&self, id: NodeId) -> Result<Atom, DecodeError> {
        let Some(node) = self.tree.nodes.get(id) else {
            return Ok(Atom::Null);
        };
        let Kind::Scalar { text, tag, plain } = &node.kind else {
            return Ok(Atom::Null);
        };
        let meaning = match tag.as_deref() {
            Some("tag:yaml.org,2002:binary") => {
                return match base64(text) {
                    Some(bytes) => Ok(Atom::Text(String::from_utf8_lossy(&bytes).into_owned())),
                    None => Err(fatal(
                        "!!binary value contains invalid base64 data".to_owned(),
                        node.span,
                        None,
                    )),
                };
            }
            Some(tag) => {
                resolve_tagged(tag, text).map_err(|message| fatal(message, node.span, None))?
            }
            None if *plain => resolve(text),
            None => Scalar::Text,
        };
        Ok(match meaning {
            Scalar::Null => Atom::Null,
            Scalar::Bool(yes) => Atom::Bool(yes),
            Scalar::Int(number) => Atom::Int(number),
            Scalar::Unsigned(number) => Atom::Unsigned(number),
            Scalar::Float(number) => Atom::Float(number),
            Scalar::Timestamp | Scalar::Text => Atom::Text(text.clone()),
        })
    }

    /// A scalar as the API's JSON decoder sees it: whole numbers are `i64` where they fit, whatever way they were written.
    fn number(&mut self, scalar: Atom, span: Span) -> Value {
        match scalar {
            Atom::Null => Value::Null,
            Atom::Bool(yes) => Value::Bool(yes),
            Atom::Text(text) => Value::String(text),
            Atom::Int(number) => number.into(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "upstream: apimachinery pkg/util/json reads numbers beyond int64 as float64"
            )]
            Atom::Unsigned(number) => (number as f64).into(),
            Atom::Float(number) if !number.is_finite() => {
                let name = if number.is_nan() {
                    "NaN"
                } else if number > 0.0 {
                    "+Inf"
                } else {
                    "-Inf"
                };
                self.unsupported.get_or_insert(DecodeError {
                    message: format!("json: unsupported value: {name}"),
                    span,
                    hint: None,
                });
                Value::Null
            }
            Atom::Float(number) => match float::json(number).parse::<i64>() {
                Ok(whole) => whole.into(),
                Err(_) => number.into(),
            },
        }
    }

    fn mapping(
        &mut self,
        id: NodeId,
        fields: &mut Fields,
        merged: bool,
    ) -> Result<(), DecodeError> {
        let tree = self.tree;
        let Some(Kind::Mapping(entries)) = tree.nodes.get(id).map(|node| &node.kind) else {
            return Ok(());
        };
        for (key, value) in entries {
            if self.is_merge(*key) {
                self.merge(*value, fields)?;
                continue;
            }
            let key_span = self.span(*key);
            let name = self.key(*key)?;
            let (value, mut spans) = self.node(*value)?;
            let name = match name {
                Ok(name) => name,
                Err(refused) => {
                    let shown = if value.is_null() {
                        "<nil>".to_owned()
                    } else {
                        go_syntax(&value)
                    };
                    let message = format!("unsupported map key of type: {refused}, value: {shown}");
                    self.later.get_or_insert(DecodeError {
                        message,
                        span: key_span,
                        hint: None,
                    });
                    continue;
                }
            };
            spans.key = Some(key_span);
            spans.merged = merged;
            fields.0.insert(name.clone(), value);
            match fields.1.entry(name) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(spans);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    let value_span = spans.value;
                    let first = entry.insert(spans);
                    if !first.merged && !merged {
                        self.duplicates.push((
                            entry.key().clone(),
                            key_span,
                            value_span,
                            first.key.unwrap_or_default(),
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    fn span(&self, id: NodeId) -> Span {
        self.tree
            .nodes
            .get(id)
            .map(|node| node.span)
            .unwrap_or_default()
    }

    fn is_merge(&self, key: NodeId) -> bool {
        match self.tree.nodes.get(key).map(|node| &node.kind) {
            Some(Kind::Scalar { text, tag, plain }) => {
                text == "<<" && (*plain || tag.as_deref() == Some("tag:yaml.org,2002:merge"))
            }
            _ => false,
        }
    }

    /// A merge overwrites what came before it in the mapping and is overwritten by what comes after; of a list, the first wins.
    fn merge(&mut self, id: NodeId, fields: &mut Fields) -> Result<(), DecodeError> {
        let tree = self.tree;
        match tree.nodes.get(id).map(|node| &node.kind) {
            Some(Kind::Mapping(_) | Kind::Alias { .. }) => self.merge_one(id, fields),
            Some(Kind::Sequence(items)) => items
                .iter()
                .rev()
                .try_for_each(|item| self.merge_one(*item, fields)),
            _ => Err(self.want_map(id)),
        }
    }

    fn merge_one(&mut self, id: NodeId, fields: &mut Fields) -> Result<(), DecodeError> {
        let tree = self.tree;
        let is_mapping = |id: NodeId| {
            matches!(
                tree.nodes.get(id).map(|node| &node.kind),
                Some(Kind::Mapping(_))
            )
        };
        let span = self.span(id);
        match tree.nodes.get(id).map(|node| &node.kind) {
            Some(Kind::Mapping(_)) => {
                self.count(span)?;
                self.mapping(id, fields, true)
            }
            Some(Kind::Alias { name, to }) if is_mapping(*to) => {
                self.count(span)?;
                self.enter_alias(id, name, span)?;
                self.count(span)?;
                self.mapping(*to, fields, true)?;
                self.leave_alias(id);
                Ok(())
            }
            _ => Err(self.want_map(id)),
        }
    }

    fn want_map(&self, id: NodeId) -> DecodeError {
        fatal(
            "map merge requires map or sequence of maps as the value".to_owned(),
            self.span(id),
            None,
        )
    }

    /// A key as text, or the words of the step after decoding, which refuses it.
    fn key(&mut self, id: NodeId) -> Result<Result<String, String>, DecodeError> {
        let tree = self.tree;
        let span = self.span(id);
        let scalar = match tree.nodes.get(id).map(|node| &node.kind) {
            Some(Kind::Scalar { .. }) => {
                self.count(span)?;
                self.scalar(id)?
            }
            Some(Kind::Alias { to, name })
                if matches!(
                    tree.nodes.get(*to).map(|node| &node.kind),
                    Some(Kind::Scalar { .. })
                ) =>
            {
                self.count(span)?;
                self.enter_alias(id, name, span)?;
                self.count(span)?;
                let scalar = self.scalar(*to)?;
                self.leave_alias(id);
                scalar
            }
            _ => {
                let (value, _) = self.node(id)?;
                let hint = matches!(value, Value::Object(_)).then_some(Hint::TemplateBraces);
                return Err(fatal(
                    format!("invalid map key: {}", go_syntax(&value)),
                    span,
                    hint,
                ));
            }
        };
        Ok(match scalar {
            Atom::Text(text) => Ok(text),
            Atom::Int(number) => Ok(number.to_string()),
            Atom::Float(number) => Ok(float::shortest_g32(number)),
            Atom::Bool(yes) => Ok(yes.to_string()),
            Atom::Null => Err("%!s(<nil>), key: <nil>".to_owned()),
            Atom::Unsigned(number) => Err(format!("uint64, key: {number:#x}")),
        })
    }
}

/// A scalar with its type still told apart, as keys need it.
enum Atom {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
}

fn fatal(message: String, span: Span, hint: Option<Hint>) -> DecodeError {
    DecodeError {
        message: format!("yaml: {message}"),
        span,
        hint,
    }
}

/// A value in Go's own syntax, as `%#v` prints it.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(_) => json::to_json_compact_go(value),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), go_syntax(value)))
                .collect();
            format!("map[interface {{}}]interface {{}}{{{}}}", fields.join(", "))
        }
    }
}

/// Standard base64 with padding; line ends are skipped, as Go's decoder does.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'\n' | b'\r'))
        .collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let padding = digits
        .iter()
        .rev()
        .take_while(|byte| **byte == b'=')
        .count();
    let body = digits.get(..digits.len().checked_sub(padding)?)?;
    if padding > 2 {
        return None;
    }
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::with_capacity(body.len()));
    for byte in body {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(out)
}
