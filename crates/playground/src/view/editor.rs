//! Files and what is wrong in them.

use serde::{Deserialize, Serialize};

/// One file in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its name.
    pub name: String,
    /// Size of its text in UTF-8 bytes.
    pub bytes: usize,
}

/// Why a change to the files was refused. The text typed is never lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileError {
    /// There is no file of that name.
    NotFound {
        /// The name asked for.
        name: String,
    },
    /// There is one of that name already.
    Exists {
        /// The name asked for.
        name: String,
    },
    /// Empty, longer than 100 characters, or with a `/`, a space, a quote or a control character.
    BadName {
        /// The name asked for.
        name: String,
    },
    /// Larger than the limit.
    TooLarge {
        /// The limit in bytes.
        limit_bytes: usize,
    },
    /// No more files are allowed.
    TooMany {
        /// The limit.
        limit: usize,
    },
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// `kubectl apply` would fail.
    Error,
    /// It would be accepted, and surprise.
    Warning,
}

/// One thing wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Start in UTF-16 code units from the file's start.
    pub from: usize,
    /// End in UTF-16 code units, not before `from`.
    pub to: usize,
    /// Line from 1.
    pub line: usize,
    /// Column in characters from 1.
    pub column: usize,
    /// Error or warning.
    pub severity: Severity,
    /// The API server's, or kubectl's, own words.
    pub message: String,
    /// What to try.
    pub hint: Option<Hint>,
}

/// What to try. `text` has the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hint {
    /// A near name exists.
    DidYouMean {
        /// The near name.
        name: String,
    },
    /// A tab stands where YAML wants spaces.
    TabsAreNotAllowed,
    /// A quote was opened and not closed.
    CloseTheQuote,
    /// The line is indented differently from its neighbours.
    AlignIndentation,
    /// The value has another type than the field.
    ExpectedType {
        /// The type, such as `integer`.
        expected: String,
    },
    /// `selector.matchLabels` and the template's labels differ.
    MatchTemplateLabels,
    /// `serviceName` names a service that is neither in the cluster nor in a file.
    CreateService {
        /// The service's name.
        service: String,
    },
    /// The kind or field is real Kubernetes, and not simulated here.
    NotSimulated,
    /// The value must be zero or more.
    ZeroOrMore,
    /// A field is required.
    AddField {
        /// The field's path.
        path: String,
    },
    /// Names have lower-case letters, digits, `-` and `.`.
    UseDnsName,
}
