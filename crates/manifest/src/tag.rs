//! Commas in tags, which Go's reader takes as part of the tag and the parser used here does not.
//!
//! upstream: go.yaml.in/yaml/v2 scannerc.go, yaml_parser_scan_tag_uri: `,`, `[` and `]` belong to every tag.

use std::borrow::Cow;

use libyaml_safer::{Encoding, Mark, Scanner, TokenData};

/// So many commas in tags are read in one document.
const MOST: usize = 16;

/// So many commas are looked at one by one in a document that is broken behind them.
const MOST_ALONE: usize = 64;

/// More commas than are read.
struct TooMany;

/// The text with another letter in place of each comma that is part of a tag, which nobody reads. The parser would end such a tag at
/// the comma; between brackets it would even panic.
///
/// `None`: there are more of them than are read.
pub(crate) fn without_commas(text: &str) -> Option<Cow<'_, str>> {
    let mut candidates = candidates(text);
    let mut text = Cow::Borrowed(text);
    for _ in 0..=MOST {
        let Some(found) = first_behind_tag(&text, &candidates).ok()? else {
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
    let mut behind_mark = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'!' => behind_mark = true,
            b',' if behind_mark => found.push(at),
            b',' | b'[' | b']' | b'<' => {}
            _ if byte.is_ascii_alphanumeric() || b"-_;/?:@&=+$.%~*'()>".contains(&byte) => {}
            _ => behind_mark = false,
        }
    }
    found
}

/// The first of `candidates` that stands directly behind a tag. What is scanned has a space before each of them: it means the same
/// to everything but tags.
///
/// # Errors
/// More of them would have to be looked at one by one than [`MOST_ALONE`].
fn first_behind_tag(text: &str, candidates: &[usize]) -> Result<Option<usize>, TooMany> {
    if candidates.is_empty() {
        return Ok(None);
    }
    let mut spaced = String::with_capacity(text.len() + candidates.len() + 1);
    let mut from = 0;
    for at in candidates.iter().copied() {
        spaced.push_str(text.get(from..at).unwrap_or_default());
        spaced.push(' ');
        from = at;
    }
    spaced.push_str(text.get(from..).unwrap_or_default());
    spaced.push('\n');
    let mut input = spaced.as_bytes();
    let mut ahead = candidates.iter().enumerate().peekable();
    let mut seen = 0;
    for token in scanner(&mut input) {
        let Ok(token) = token else {
            // Tokens are told with a delay, so that the text is refused before a tag was told that stands in front of the fault.
            let unseen = ahead.skip_while(|(n, at)| **at + n < seen);
            return first_alone(text, unseen.map(|(n, at)| (n, *at)));
        };
        let end = byte(&token.end_mark);
        seen = seen.max(end);
        if matches!(token.data, TokenData::Tag { .. }) {
            // The place of the n-th candidate has n spaces before it.
            while ahead.next_if(|(n, at)| *at + n < end).is_some() {}
            if let Some((n, _)) = ahead.next_if(|(n, at)| *at + n == end) {
                return Ok(Some(n));
            }
        }
    }
    Ok(None)
}

/// The first of some candidates that stands directly behind a tag, in a text that cannot be scanned to its end: each is looked at
/// in what stands before it.
fn first_alone(
    text: &str,
    candidates: impl Iterator<Item = (usize, usize)>,
) -> Result<Option<usize>, TooMany> {
    for (looked_at, (n, at)) in candidates.enumerate() {
        if looked_at == MOST_ALONE {
            return Err(TooMany);
        }
        if ends_in_tag(text.get(..at).unwrap_or_default()) {
            return Ok(Some(n));
        }
    }
    Ok(None)
}

/// Whether the last thing in an unfinished text is a tag.
fn ends_in_tag(text: &str) -> bool {
    // Without the line's end the scanner would fall over the end of a block of text.
    let line = format!("{text}\n");
    let mut input = line.as_bytes();
    let mut is_tag = false;
    for token in scanner(&mut input) {
        match token {
            Ok(token) => {
                is_tag |= matches!(token.data, TokenData::Tag { .. })
                    && byte(&token.end_mark) == text.len();
            }
            // What could be a key wants a colon on its line, which may follow: then the words are all there is to go by.
            Err(error) => {
                let words = text.rsplit(|c: char| c.is_whitespace() || "[]{},".contains(c));
                return error.context() == Some("while scanning a simple key")
                    && words.take(1).any(|word| word.contains('!'));
            }
        }
    }
    is_tag
}

fn scanner<'i, 't>(input: &'i mut &'t [u8]) -> Scanner<&'i mut &'t [u8]> {
    let mut scanner = Scanner::new();
    scanner.set_encoding(Encoding::Utf8);
    scanner.set_input(input);
    scanner
}

fn byte(mark: &Mark) -> usize {
    usize::try_from(mark.index).unwrap_or(usize::MAX)
}
