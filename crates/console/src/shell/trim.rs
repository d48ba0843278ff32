//! What `${name…}` cuts and replaces.

use super::ast::Anchor;
use super::expand::SEARCH_LIMIT;
use super::pattern;
use super::state::VALUE_LIMIT;

fn too_long() -> String {
    format!("not simulated here: searching a pattern in more than {SEARCH_LIMIT} characters")
}

pub(super) fn trim(
    value: &str,
    pattern: &str,
    suffix: bool,
    longest: bool,
) -> Result<String, String> {
    let chars: Vec<char> = value.chars().collect();
    if chars.len() > SEARCH_LIMIT {
        return Err(too_long());
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let lengths: Vec<usize> = if longest {
        (0..=chars.len()).rev().collect()
    } else {
        (0..=chars.len()).collect()
    };
    for length in lengths {
        let (cut, kept) = if suffix {
            let (kept, cut) = chars.split_at(chars.len() - length);
            (cut, kept)
        } else {
            chars.split_at(length)
        };
        if pattern::matches_chars(&pattern, cut) {
            return Ok(kept.iter().collect());
        }
    }
    Ok(value.to_owned())
}

pub(super) fn replace(
    value: &str,
    pattern: &str,
    replacement: &str,
    all: bool,
    anchor: Anchor,
) -> Result<String, String> {
    if anchor != Anchor::None {
        let suffix = anchor == Anchor::End;
        let kept = trim(value, pattern, suffix, true)?;
        return Ok(
            match (kept.len() == value.len() && !pattern.is_empty(), suffix) {
                (true, _) => value.to_owned(),
                (false, true) => format!("{kept}{replacement}"),
                (false, false) => format!("{replacement}{kept}"),
            },
        );
    }
    if pattern.is_empty() {
        return Ok(value.to_owned());
    }
    if !pattern::is_pattern(pattern) {
        let plain = pattern::unescape(pattern);
        if !all {
            return Ok(value.replacen(&plain, replacement, 1));
        }
        let count = value.matches(&plain).count();
        if count.saturating_mul(replacement.len()) > VALUE_LIMIT {
            return Err("not simulated here: a value of more than 1 MiB".to_owned());
        }
        return Ok(value.replace(&plain, replacement));
    }
    let chars: Vec<char> = value.chars().collect();
    if chars.len() > SEARCH_LIMIT / 4 {
        return Err(too_long());
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    let mut replaced = false;
    while at < chars.len() {
        let end = (at + 1..=chars.len())
            .rev()
            .find(|&end| pattern::matches_chars(&pattern, &chars[at..end]));
        match end {
            Some(end) if all || !replaced => {
                out.push_str(replacement);
                if out.len() > VALUE_LIMIT + replacement.len() {
                    return Err("not simulated here: a value of more than 1 MiB".to_owned());
                }
                replaced = true;
                at = end;
            }
            _ => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    Ok(out)
}

pub(super) fn slice(value: &str, offset: &str, length: Option<&str>) -> Result<String, String> {
    let count = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    let start = match number(offset) {
        n if n < 0 => count + n,
        n => n,
    };
    if start < 0 || start > count {
        return Ok(String::new());
    }
    let end = match length.map(number) {
        None => count,
        Some(n) if n < 0 => count + n,
        Some(n) => start.saturating_add(n).min(count),
    };
    if end < start {
        return Err(format!(
            "{}: substring expression < 0",
            length.unwrap_or("")
        ));
    }
    let skip = usize::try_from(start).unwrap_or(0);
    let take = usize::try_from(end - start).unwrap_or(0);
    Ok(value.chars().skip(skip).take(take).collect())
}

/// A value in capitals or small letters: all of it or its first letter, where a pattern matches.
pub(super) fn changed_case(value: &str, upper: bool, all: bool, pattern: &str) -> String {
    let mut out = String::new();
    for (i, c) in value.chars().enumerate() {
        let hit = (all || i == 0)
            && (pattern.is_empty() || pattern::matches(pattern, c.encode_utf8(&mut [0; 4])));
        match (hit, upper) {
            (true, true) => out.extend(c.to_uppercase()),
            (true, false) => out.extend(c.to_lowercase()),
            (false, _) => out.push(c),
        }
    }
    out
}
