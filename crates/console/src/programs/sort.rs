//! `sort`.

use super::Io;
use super::options::Options;
use super::text::texts;
use crate::command::{Poll, Until};
use petset_cluster::sort;

/// `sort`.
pub(super) fn sort(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "kto");
    let Some((texts, failed)) = texts("sort", &options.operands, io) else {
        return Poll::Pending(Until::Input);
    };
    let mut lines: Vec<&str> = texts.iter().flat_map(|(_, text)| text.lines()).collect();
    let key = options.value('k').unwrap_or("");
    let human = options.has('h') || key.contains('h');
    let numeric = options.has('n') || key.contains('n') || human;
    let versions = options.has('V') || key.contains('V');
    let folds = options.has('f') || key.contains('f');
    let reverse = options.has('r') || key.contains('r');
    let field: Option<usize> = key
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|n| n.parse().ok());
    let separator = options.value('t');
    let pick = |line: &str| -> String {
        match (field, separator) {
            (None, _) => line.to_owned(),
            (Some(n), Some(separator)) => line
                .split(separator)
                .nth(n.saturating_sub(1))
                .unwrap_or("")
                .to_owned(),
            (Some(n), None) => line
                .split_whitespace()
                .skip(n.saturating_sub(1))
                .collect::<Vec<_>>()
                .join(" "),
        }
    };
    let number = |text: &str| -> f64 {
        let text = text.trim_start();
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
            .unwrap_or(text.len());
        let factor = match text[end..].chars().next().filter(|_| human) {
            Some('k' | 'K') => 1024.0,
            Some('M') => 1024.0 * 1024.0,
            Some('G') => 1024.0 * 1024.0 * 1024.0,
            Some('T') => 1024.0 * 1024.0 * 1024.0 * 1024.0,
            _ => 1.0,
        };
        text[..end].parse().unwrap_or(0.0) * factor
    };
    let stable = options.has('s');
    let mut sorted = lines.clone();
    let lines_before = lines.len();
    sort::by(&mut sorted, |a, b| {
        let (x, y) = (pick(a), pick(b));
        let order = if numeric {
            number(&x).total_cmp(&number(&y))
        } else if versions {
            by_version(&x, &y)
        } else if folds {
            x.to_uppercase().cmp(&y.to_uppercase())
        } else {
            x.cmp(&y)
        };
        let order = if stable {
            order
        } else {
            order.then_with(|| a.cmp(b))
        };
        if reverse { order.reverse() } else { order }
    });
    if options.has('c') {
        let at = (0..lines_before).find(|&at| lines[at] != sorted[at]);
        let Some(at) = at else {
            return Poll::Done(0);
        };
        let file = options.operands.first().map_or("-", String::as_str);
        let wrong = (at + 1..lines_before)
            .find(|&at| lines[at] < lines[at - 1])
            .unwrap_or(at);
        let words = format!("sort: {file}:{}: disorder: {}", wrong + 1, lines[wrong]);
        return io.fail(&words, 1);
    }
    lines = sorted;
    if options.has('u') {
        lines.dedup();
    }
    let mut out = String::new();
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
    match options.value('o') {
        None => io.stdout.push_str(&out),
        Some(file) => {
            let path = io.path(file);
            if let Err(error) = io.system.write(&path, out.as_bytes(), false) {
                io.complain("sort", file, error);
                return Poll::Done(2);
            }
        }
    }
    Poll::Done(if failed { 2 } else { 0 })
}

/// Versions: digits as numbers, the rest as text.
fn by_version(left: &str, right: &str) -> std::cmp::Ordering {
    let parts = |text: &str| {
        let mut parts: Vec<(String, u64)> = vec![(String::new(), 0)];
        for c in text.chars() {
            let Some((_, number)) = parts.last_mut() else {
                continue;
            };
            match c.to_digit(10) {
                Some(digit) => *number = number.saturating_mul(10).saturating_add(u64::from(digit)),
                None if *number > 0 => parts.push((c.to_string(), 0)),
                None => {
                    if let Some((text, _)) = parts.last_mut() {
                        text.push(c);
                    }
                }
            }
        }
        parts
    };
    parts(left).cmp(&parts(right))
}
