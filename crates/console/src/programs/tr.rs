//! `tr`.

use super::Io;
use super::options::Options;
use crate::command::{Poll, Until};
use crate::shell::in_class;

/// `tr`.
pub(super) fn tr(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let Some(text) = io.input() else {
        return Poll::Pending(Until::Input);
    };
    match translate(arguments, &text) {
        Ok(out) => {
            io.stdout.push_str(&out);
            Poll::Done(0)
        }
        Err(words) => io.fail(&words, 1),
    }
}

/// The characters that a `tr` set stands for.
fn set(text: &str) -> Vec<char> {
    let mut rest: Vec<char> = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        rest.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            _ => c,
        });
    }
    let mut out = Vec::new();
    let mut at = 0;
    while at < rest.len() {
        let tail: String = rest[at..].iter().take(12).collect();
        if let Some(class) = tail.strip_prefix("[:")
            && let Some((name, _)) = class.split_once(":]")
        {
            out.extend((0..128u8).map(char::from).filter(|&c| in_class(name, c)));
            at += name.len() + 4;
        } else if rest.get(at + 1) == Some(&'-') && at + 2 < rest.len() {
            out.extend((rest[at]..=rest[at + 2]).take(1 << 16));
            at += 3;
        } else {
            out.push(rest[at]);
            at += 1;
        }
    }
    out
}

/// `tr`, on a whole text.
///
/// # Errors
/// The complaint.
fn translate(arguments: &[String], text: &str) -> Result<String, String> {
    let options = Options::parse(arguments, "");
    let (delete, squeeze) = (options.has('d'), options.has('s'));
    let complement = options.has('c') || options.has('C');
    let sets: Vec<Vec<char>> = options.operands.iter().map(|s| set(s)).collect();
    let needed = if delete || squeeze { 1 } else { 2 };
    if sets.len() < needed {
        return Err(match options.operands.first() {
            None => "tr: missing operand\nTry 'tr --help' for more information.".to_owned(),
            Some(first) => format!(
                "tr: missing operand after '{first}'\nTwo strings must be given when translating.\nTry 'tr --help' for more information."
            ),
        });
    }
    let first = &sets[0];
    let mut out = String::new();
    let mut last = None;
    for c in text.chars() {
        let position = first.iter().position(|&x| x == c);
        let hit = position.is_some() != complement;
        if hit && delete {
            continue;
        }
        let mapped = match sets.get(1) {
            Some(second) if hit && !delete && !second.is_empty() => {
                let index = position.unwrap_or(usize::MAX).min(second.len() - 1);
                second[index]
            }
            _ => c,
        };
        let squeezed = if sets.len() > 1 && !delete {
            sets[1].contains(&mapped)
        } else {
            hit
        };
        if squeeze && squeezed && last == Some(mapped) {
            continue;
        }
        last = Some(mapped);
        out.push(mapped);
    }
    Ok(out)
}
