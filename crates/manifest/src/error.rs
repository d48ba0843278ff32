//! What went wrong while reading, as a value.

use crate::{Place, Span};

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// The parser's words. Its line counts from the start of the document.
    pub message: String,
    /// Whether it came up while YAML was turned to JSON, which kubectl says before the message.
    pub converting: bool,
    /// The words at fault, within the whole text.
    pub span: Span,
    /// Where they stand in the whole text.
    pub place: Place,
    /// What a person most likely did, where that can be told.
    pub hint: Option<Hint>,
    /// Which document it is, from 0, counted as [`crate::split_documents`] does.
    pub document: usize,
}

impl ReadError {
    /// What kubectl prints behind `error: error parsing FILE: `.
    pub fn kubectl(&self) -> String {
        let step = if self.converting {
            "error converting YAML to JSON: "
        } else {
            ""
        };
        format!("{step}{}", self.message)
    }
}

/// What a person most likely did. The words are made where they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// A tab stands where only spaces may.
    TabIndent,
    /// A quote is opened and never closed.
    UnclosedQuote,
    /// `[` or `{` is opened and never closed, or a comma is missing between two entries.
    UnclosedBracket,
    /// A second `: ` on one line (`a: b: c`), or a nested field right behind a value.
    MappingInScalar,
    /// This line starts in a column that belongs to none of the blocks around it.
    BadIndent,
    /// A list's items do not start in the same column, or one lacks its `-`.
    BadListIndent,
    /// A line in a mapping has no `: ` (a missing colon, or no space behind it).
    MissingColon,
    /// The same key stands twice in one mapping; the last one counts.
    DuplicateKey,
    /// A plain value may not start with this character; quote it.
    ReservedCharacter(char),
    /// `*name` stands where no `&name` is known.
    UnknownAnchor,
    /// Braces of a template language (`{{ … }}`) that were never filled in.
    TemplateBraces,
    /// An unknown escape within double quotes.
    BadEscape,
    /// Nested deeper than we read.
    TooDeep,
    /// Larger than an API server accepts, or grown so by aliases.
    TooLarge,
    /// Something stands behind `---` on its line.
    BadSeparator,
}
