//! What can go wrong with sessions and manifests that come from elsewhere.

/// Why something from elsewhere was not taken over. What was there before is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareTrouble {
    /// A link or file was made by a later version.
    Later,
    /// A link does not hold what it once held: cut off, or changed on the way.
    Damaged,
    /// What a link holds is larger than anything this page makes.
    TooLarge,
    /// The browser cannot compress.
    Unsupported,
    /// A file is not a session.
    NotASession {
        /// The file's name.
        name: String,
    },
    /// An address is none, or not one that starts with `http`.
    BadAddress,
    /// Nothing came from an address: no network, no such host, or the host does not let other pages read it.
    Unreachable,
    /// A server answered with an error.
    Status {
        /// The number of the answer, such as 404.
        code: u16,
    },
    /// A file is larger than files may be here.
    FileTooLarge {
        /// The limit, in bytes.
        limit_bytes: usize,
    },
    /// An address leads to a page for people, not to a manifest.
    WebPage,
    /// A text is not YAML.
    NotYaml {
        /// What the reader says about it.
        message: String,
    },
    /// A text is YAML, but holds no object with `apiVersion` and `kind`.
    NoManifest,
}

/// Whether a text that came from an address is a manifest.
///
/// # Errors
/// What it is instead.
pub fn check_manifest(text: &str) -> Result<(), ShareTrouble> {
    let start = text.trim_start().get(..14).unwrap_or_default();
    if start.eq_ignore_ascii_case("<!doctype html") || start.starts_with("<html") {
        return Err(ShareTrouble::WebPage);
    }
    let (documents, errors) = petset_manifest::read(text);
    if let Some(error) = errors.first() {
        let message = error.kubectl();
        return Err(ShareTrouble::NotYaml { message });
    }
    let named = |value: &petset_manifest::Value, name: &str| {
        value
            .get(name)
            .is_some_and(petset_manifest::Value::is_string)
    };
    let is_object =
        |value: &petset_manifest::Value| named(value, "apiVersion") && named(value, "kind");
    match documents.iter().any(|document| is_object(&document.value)) {
        true => Ok(()),
        false => Err(ShareTrouble::NoManifest),
    }
}
