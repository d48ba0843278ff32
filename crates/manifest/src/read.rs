//! A whole text to its documents.

use crate::decode::decode;
use crate::spans::SpanNode;
use crate::split::{DocText, split_documents};
use crate::tree::{Tree, compose};
use crate::{Hint, Place, Places, ReadError, Span, SpanMap, Value, hint};

/// How many lists and mappings may stand within one another.
pub const MAX_DEPTH: usize = 100;

/// The largest document that is read, in bytes: what an API server accepts as a request.
pub const MAX_DOCUMENT_BYTES: usize = 3 * 1024 * 1024;

/// One document that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its value; never `null`, for kubectl skips empty documents.
    pub value: Value,
    /// Where everything in it stands; offsets count from the start of the whole text.
    pub spans: SpanMap,
    /// The line of the whole text it starts at, from 1.
    pub start_line: u32,
    /// The document's own text, as it stands.
    pub text: String,
    /// Keys that stand twice in one mapping. kubectl reads on and takes the last.
    pub duplicate_keys: Vec<DuplicateKey>,
    /// Which document it is, from 0, empty ones counted.
    pub index: usize,
}

/// A key that stands a second time in its mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key.
    pub key: String,
    /// The later one, within the whole text.
    pub span: Span,
    /// Where the later one stands.
    pub place: Place,
    /// Where its value begins.
    pub value: Place,
    /// The earlier one, which does not count.
    pub first: Span,
}

/// Reads every document of a text, YAML or JSON, in order.
///
/// What can be read is returned even where other documents cannot. Documents that are empty or `null` are skipped.
pub fn read(text: &str) -> (Vec<Document>, Vec<ReadError>) {
    let places = Places::new(text);
    let (mut documents, mut errors) = (Vec::new(), Vec::new());
    for (index, part) in split(text).into_iter().enumerate() {
        // What stands before a separator that is refused is lost upstream too.
        let result = match part.bad_separator {
            Some((behind, at)) => Err(bad_separator(behind, at, index, &places)),
            None => read_one(&part, index, &places),
        };
        match result {
            Ok(document) if document.value.is_null() => {}
            Ok(document) => documents.push(document),
            Err(error) => errors.push(error),
        }
    }
    (documents, errors)
}

fn bad_separator(behind: &str, at: usize, document: usize, places: &Places<'_>) -> ReadError {
    ReadError {
        message: format!("invalid Yaml document separator: {behind}"),
        converting: false,
        span: Span {
            start: at,
            end: at + behind.len(),
        },
        place: places.of(at),
        hint: Some(Hint::BadSeparator),
        document,
    }
}

/// JSON values may follow one another with nothing between them.
fn split(text: &str) -> Vec<DocText<'_>> {
    if !text.trim_start().starts_with('{') {
        return split_documents(text);
    }
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let (mut documents, mut start, mut start_line) = (Vec::new(), 0, 1);
    while let Some(Ok(_)) = stream.next() {
        let blank = text[start..].len() - text[start..].trim_start().len();
        start_line += lines(&text[start..start + blank]);
        start += blank;
        let part = &text[start..stream.byte_offset()];
        documents.push(DocText {
            text: part,
            offset: start,
            start_line,
            bad_separator: None,
        });
        start += part.len();
        start_line += lines(part);
    }
    // A single value may be the first of several YAML documents: only a text that is JSON to its end counts as such.
    if text[start..].trim().is_empty() && documents.len() > 1 {
        documents
    } else {
        split_documents(text)
    }
}

fn lines(text: &str) -> u32 {
    // A text that large is refused before its lines matter.
    u32::try_from(text.matches('\n').count()).unwrap_or(0)
}

/// A document that is JSON. Its strings may hold what YAML's may not (halves of surrogate pairs, `\/`), so its value is read as JSON.
fn read_json(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut value = serde_json::from_str(text).ok()?;
    whole_numbers(&mut value);
    Some(value)
}

/// Numbers beyond `i64` are floating-point, as in the API's decoder.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_i64().is_none() && number.is_u64() => {
            *value = number.as_f64().into();
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

fn read_one(part: &DocText<'_>, index: usize, places: &Places<'_>) -> Result<Document, ReadError> {
    let error = |message: String, span: Span, hint: Option<Hint>| {
        let span = shift(hint::visible(part.text, span), part.offset);
        let place = places.of(span.start);
        ReadError {
            message,
            converting: true,
            span,
            place,
            hint,
            document: index,
        }
    };
    if part.text.len() > MAX_DOCUMENT_BYTES {
        let message = format!("Request entity too large: limit is {MAX_DOCUMENT_BYTES}");
        let error = error(message, Span::default(), Some(Hint::TooLarge));
        return Err(ReadError {
            converting: false,
            ..error
        });
    }
    let json = read_json(part.text);
    let tree = match compose(part.text) {
        Err(syntax) if json.is_none() || syntax.hint == Some(Hint::TooDeep) => {
            let (hint, span) = hint::explain(part.text, &syntax);
            return Err(error(syntax.message, span, hint));
        }
        Err(_) => Tree::default(),
        Ok(tree) => tree,
    };
    let mut decoded =
        decode(&tree).map_err(|refused| error(refused.message, refused.span, refused.hint))?;
    if let Some(json) = json {
        decoded.value = json;
    }
    let mut root = decoded.spans;
    shift_all(&mut root, part.offset);
    let duplicate_keys = decoded
        .duplicates
        .into_iter()
        .map(|(key, span, value, first)| {
            let span = shift(span, part.offset);
            DuplicateKey {
                key,
                span,
                place: places.of(span.start),
                value: places.of(value.start + part.offset),
                first: shift(first, part.offset),
            }
        });
    Ok(Document {
        value: decoded.value,
        spans: SpanMap { root },
        start_line: part.start_line,
        text: part.text.to_owned(),
        duplicate_keys: duplicate_keys.collect(),
        index,
    })
}

fn shift(span: Span, by: usize) -> Span {
    Span {
        start: span.start + by,
        end: span.end + by,
    }
}

fn shift_all(node: &mut SpanNode, by: usize) {
    use crate::spans::Below;
    node.key = node.key.map(|span| shift(span, by));
    node.value = shift(node.value, by);
    match &mut node.below {
        Below::Nothing => {}
        Below::Fields(fields) => fields.values_mut().for_each(|node| shift_all(node, by)),
        Below::Items(items) => items.iter_mut().for_each(|node| shift_all(node, by)),
    }
}
