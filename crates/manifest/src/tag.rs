//! Commas in tags, which Go's reader takes as part of the tag and the parser used here does not.
//!
//! upstream: go.yaml.in/yaml/v2 scannerc.go, yaml_parser_scan_tag_uri: `,`, `[` and `]` belong to every tag.

use std::borrow::Cow;

use libyaml_safer::{Encoding, Scanner, TokenData};

/// So many commas in tags are read in one document.
const MOST: usize = 16;

/// The text with another letter in place of each comma that is part of a tag, which nobody reads. The parser would end such a tag at
/// the comma; between brackets it would even panic.
///
/// `None`: there are more of them than are read.
pub(crate) fn without_commas(text: &str) -> Option<Cow<'_, str>> {
    let mut candidates = candidates(text);
    let mut text = Cow::Borrowed(text);
    for _ in 0..=MOST {
        let Some(found) = first_behind_tag(&text, &candidates) else {
            return Some(text);
        };
        let at = candidates.remove(found);
        text.to_mut().replace_range(at..=at, "_");
    }
    None
}

/// Where commas stand that would belong to a tag if the exclamation mark before them began one.
fn candidates(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let (mut behind_mark, mut in_angles) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'!' => behind_mark = true,
            b'<' if at > 0 && text.as_bytes()[at - 1] == b'!' => in_angles = true,
            b'>' => in_angles = false,
            b',' if behind_mark && !in_angles => found.push(at),
            b',' | b'[' | b']' | b'<' => {}
            _ if byte.is_ascii_alphanumeric() || b"-_;/?:@&=+$.%~*'()".contains(&byte) => {}
            _ => (behind_mark, in_angles) = (false, false),
        }
    }
    found
}

/// The first of `candidates` that stands directly behind a tag. What is scanned has a space before each of them: it means the same
/// to everything but tags.
fn first_behind_tag(text: &str, candidates: &[usize]) -> Option<usize> {
    if candidates.is_empty() {
        return None;
    }
    let mut spaced = String::with_capacity(text.len() + candidates.len() + 1);
    let mut from = 0;
    for at in candidates.iter().copied() {
        spaced.push_str(text.get(from..at)?);
        spaced.push(' ');
        from = at;
    }
    spaced.push_str(text.get(from..)?);
    spaced.push('\n');
    let mut input = spaced.as_bytes();
    let mut scanner = Scanner::new();
    scanner.set_encoding(Encoding::Utf8);
    scanner.set_input(&mut input);
    let mut ahead = candidates.iter().enumerate().peekable();
    for token in scanner {
        let token = token.ok()?;
        if matches!(token.data, TokenData::Tag { .. }) {
            let end = usize::try_from(token.end_mark.index).ok()?;
            // The place of the n-th candidate has n spaces before it.
            while ahead.next_if(|(n, at)| *at + n < end).is_some() {}
            if let Some((n, _)) = ahead.next_if(|(n, at)| *at + n == end) {
                return Some(n);
            }
        }
    }
    None
}
