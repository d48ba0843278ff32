//! Documents within a text.

/// One document's text within a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocText<'t> {
    /// The document's text as it stands, a leading `---` line included.
    pub text: &'t str,
    /// Where it starts in the whole text, in bytes.
    pub offset: usize,
    /// The line of the whole text it starts at, from 1.
    pub start_line: u32,
    /// What follows `---` on the line that ends this document, where that is neither blank nor a comment: kubectl refuses it.
    pub bad_separator: Option<(&'t str, usize)>,
}

/// Splits a text into documents at lines that start with `---`.
///
/// A separator belongs to the document only when it is its first line (so an error's line number counts it), as in
/// upstream: apimachinery pkg/util/yaml/decoder.go, YAMLReader. Reading stops at a separator with something behind it.
pub fn split_documents(text: &str) -> Vec<DocText<'_>> {
    let mut documents = Vec::new();
    let (mut start, mut start_line, mut offset) = (0, 1, 0);
    for (number, line) in (1u32..).zip(text.split_inclusive('\n')) {
        let next = offset + line.len();
        if let Some(behind) = line.strip_prefix("---") {
            let trimmed = behind.trim();
            let bad = !trimmed.is_empty() && !trimmed.starts_with('#');
            if bad {
                let at = next - behind.trim_start().len();
                documents.push(DocText {
                    text: &text[start..offset],
                    offset: start,
                    start_line,
                    bad_separator: Some((trimmed, at)),
                });
                return documents;
            }
            if offset > start {
                documents.push(DocText {
                    text: &text[start..offset],
                    offset: start,
                    start_line,
                    bad_separator: None,
                });
                (start, start_line) = (next, number + 1);
            }
        }
        offset = next;
    }
    if start < text.len() {
        documents.push(DocText {
            text: &text[start..],
            offset: start,
            start_line,
            bad_separator: None,
        });
    }
    documents
}
