//! `{0..4}` and `{a,b}`.

use super::ast::{Part, Word};
use super::expand::{SEARCH_LIMIT, WORD_LIMIT};

/// `{0..4}` and `{a,b}`: every word that the first braces of a word stand for, and so on for the next ones.
pub(super) fn braces(word: &Word) -> Result<Vec<Word>, String> {
    let length = word.parts.iter().map(|part| match part {
        Part::Literal(text) => text.len(),
        _ => 0,
    });
    if length.max().unwrap_or(0) > SEARCH_LIMIT {
        return Ok(vec![word.clone()]);
    }
    let mut done = Vec::new();
    let mut waiting = vec![word.clone()];
    while let Some(word) = waiting.pop() {
        match first_braces(&word)? {
            None => done.push(word),
            Some(choices) => waiting.extend(choices.into_iter().rev()),
        }
        if done.len() + waiting.len() > WORD_LIMIT {
            return Err(format!(
                "not simulated here: more than {WORD_LIMIT} words in one command"
            ));
        }
    }
    Ok(done)
}

fn first_braces(word: &Word) -> Result<Option<Vec<Word>>, String> {
    for (i, part) in word.parts.iter().enumerate() {
        let Part::Literal(text) = part else { continue };
        for (open, _) in text.match_indices('{') {
            let Some((close, commas)) = closing(&text[open..]) else {
                continue;
            };
            let inner = &text[open + 1..open + close];
            let choices: Vec<String> = if !commas.is_empty() {
                let mut choices = Vec::new();
                let mut start = 1;
                for &comma in commas.iter().chain([&close]) {
                    choices.push(text[open + start..open + comma].to_owned());
                    start = comma + 1;
                }
                choices
            } else if let Some(range) = range(inner)? {
                range
            } else {
                continue;
            };
            let (before, after) = (&text[..open], &text[open + close + 1..]);
            let words = choices.into_iter().map(|choice| {
                let mut word = word.clone();
                word.parts[i] = Part::Literal(format!("{before}{choice}{after}"));
                word
            });
            return Ok(Some(words.collect()));
        }
    }
    Ok(None)
}

/// Where the brace at the beginning of `text` closes, and the commas between.
fn closing(text: &str) -> Option<(usize, Vec<usize>)> {
    let mut depth = 0;
    let mut commas = Vec::new();
    for (i, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some((i, commas));
                }
            }
            ',' if depth == 1 => commas.push(i),
            _ => {}
        }
    }
    None
}

fn range(inner: &str) -> Result<Option<Vec<String>>, String> {
    let mut pieces = inner.split("..");
    let (Some(first), Some(last)) = (pieces.next(), pieces.next()) else {
        return Ok(None);
    };
    let step = pieces.next();
    if let (Ok(from), Ok(to)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let step = match step.map(str::parse::<i64>) {
            None => 1,
            Some(Ok(n)) => n.saturating_abs().max(1),
            Some(Err(_)) => return Ok(None),
        };
        let width = if first.trim_start_matches('-').starts_with('0') && first.len() > 1 {
            first.len().max(last.len())
        } else {
            0
        };
        if to.abs_diff(from) / step.unsigned_abs() >= WORD_LIMIT as u64 {
            return Err(format!(
                "not simulated here: more than {WORD_LIMIT} words in one command"
            ));
        }
        let mut values = Vec::new();
        let mut at = from;
        while (from <= to && at <= to) || (from > to && at >= to) {
            values.push(format!("{at:0width$}"));
            at = if from <= to {
                at.saturating_add(step)
            } else {
                at.saturating_sub(step)
            };
        }
        return Ok(Some(values));
    }
    let (mut a, mut b) = (first.chars(), last.chars());
    if let (Some(from), None, Some(to), None) = (a.next(), a.next(), b.next(), b.next())
        && from.is_ascii_alphabetic()
        && to.is_ascii_alphabetic()
    {
        let values: Vec<String> = if from <= to {
            (from..=to).map(String::from).collect()
        } else {
            (to..=from).rev().map(String::from).collect()
        };
        return Ok(Some(values));
    }
    Ok(None)
}
