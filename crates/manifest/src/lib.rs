//! YAML text to values and back, as kubectl reads and prints it.
//!
//! Reading never fails as a whole: [`read`] returns every document that could be read and an error,
//! in kubectl's own words, for every one that could not. Each value remembers where it stands in the text.
//! This crate knows nothing of Kubernetes' kinds.

mod decode;
mod emit;
mod error;
mod float;
mod hint;
mod json;
mod place;
mod read;
mod resolve;
mod scalar;
mod spans;
mod split;
mod tag;
mod tree;

pub use emit::to_yaml;
pub use error::{Hint, ReadError};
pub use json::{to_json_compact_go, to_json_pretty};
pub use place::{Place, Places, Span};
pub use read::{Document, DuplicateKey, MAX_DEPTH, MAX_DOCUMENT_BYTES, read};
pub use spans::{SpanMap, Spans};
pub use split::{DocText, split_documents};

/// A value as JSON knows it. Maps are sorted by key; whole numbers that fit are `i64`, as in the API's own decoder.
pub type Value = serde_json::Value;
