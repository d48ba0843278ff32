//! The long texts of `kubectl explain` and `--help`. They are large, and no part of this crate: its host provides them, a native one
//! those of `petset-openapi`, a page after it has fetched the same text from a file beside it.

use std::sync::OnceLock;

static TEXTS: OnceLock<&'static str> = OnceLock::new();

/// Gives kubectl its texts: what `petset_openapi::texts` holds. The first text given stays.
pub fn provide(text: &'static str) {
    // Another host in the same process has given the same text.
    let _ = TEXTS.set(text);
}

/// Whether the texts are there.
pub fn provided() -> bool {
    TEXTS.get().is_some()
}

/// The texts, if the host has given them.
pub(crate) fn all() -> Option<&'static str> {
    TEXTS.get().copied()
}

/// What `--help` says of one command beyond what its entry in `commands.txt` holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Help {
    texts: &'static str,
    section: &'static str,
}

/// The texts of the command with these words; empty ones if the host has given none.
pub(crate) fn help(path: &str) -> Help {
    let Some(texts) = all() else {
        return Help::default();
    };
    let head = format!("\n# {path}\n");
    let section = texts.find(&head).map_or("", |at| {
        let body = &texts[at + head.len()..];
        body.find("\n# ").map_or(body, |end| &body[..end])
    });
    Help { texts, section }
}

impl Help {
    /// Whether the host has given the texts.
    pub(crate) fn are_there(self) -> bool {
        !self.texts.is_empty()
    }

    /// The lines that begin with `sign`, without it.
    fn marked(self, sign: char) -> impl Iterator<Item = &'static str> {
        self.section
            .lines()
            .filter_map(move |line| line.strip_prefix(sign))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
    }

    /// What the command does.
    pub(crate) fn long(self) -> Vec<&'static str> {
        self.marked('|').collect()
    }

    /// The examples, line by line.
    pub(crate) fn examples(self) -> Vec<&'static str> {
        self.marked('>').collect()
    }

    /// What a flag does. A text that several commands share stands with the first of them.
    pub(crate) fn flag(self, name: &str) -> &'static str {
        let head = format!("flag {name} ");
        let line = |section: &'static str| {
            let at = match section.starts_with(&head) {
                true => 0,
                false => section.find(&format!("\n{head}"))? + 1,
            };
            section[at + head.len()..].lines().next()
        };
        line(self.section)
            .or_else(|| line(self.texts))
            .unwrap_or("")
    }
}
