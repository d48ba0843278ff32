//! Writes what was printed into the page, where the page shows something else.

use super::check::{Checked, Verdict};
use super::matching::Line;
use super::{Expected, Report, Tutorial};

/// An output that could not be written: it stands in the sidecar, or the sidecar changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten {
    /// The command.
    pub command: String,
    /// Its line on the page, from 1.
    pub line: usize,
}

/// The page with what was printed where it showed something else, and what could not be written. Lines that were right stay as they are.
pub fn updated(tutorial: &Tutorial, page: &str, report: &Report) -> (String, Vec<Unwritten>) {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let mut unwritten = Vec::new();
    let mut edits: Vec<(std::ops::Range<usize>, Vec<String>)> = Vec::new();
    for checked in report.failed() {
        let (Verdict::WrongOutput(difference), Some(expected)) =
            (&checked.verdict, &checked.expected)
        else {
            continue;
        };
        match edit(tutorial, expected, &lines) {
            Some((range, indent)) => edits.push((range, shown(difference, &indent))),
            None => unwritten.push(unwritten_of(checked)),
        }
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, shown) in edits {
        lines.splice(range, shown);
    }
    let mut text = lines.join("\n");
    if page.ends_with('\n') {
        text.push('\n');
    }
    (text, unwritten)
}

fn unwritten_of(checked: &Checked) -> Unwritten {
    Unwritten {
        command: checked.command.clone(),
        line: checked.line,
    }
}

/// Where an output stands on the page, from 0, and what stands before each of its lines.
fn edit(
    tutorial: &Tutorial,
    expected: &Expected,
    lines: &[String],
) -> Option<(std::ops::Range<usize>, String)> {
    let origins = tutorial
        .page
        .origins
        .get(expected.first - 1..expected.first - 1 + expected.lines.len())?;
    let first = (*origins.first()?)? - 1;
    let whole = origins
        .iter()
        .enumerate()
        .all(|(offset, origin)| *origin == Some(first + offset + 1));
    let line = lines.get(first)?;
    let indent = line.strip_suffix(expected.lines.first()?.as_str())?;
    whole.then(|| (first..first + origins.len(), indent.to_owned()))
}

fn shown(difference: &[Line], indent: &str) -> Vec<String> {
    let line = |line: &Line| match line {
        Line::Same(text) | Line::Extra(text) => {
            Some(format!("{indent}{text}").trim_end().to_owned())
        }
        Line::Missing(_) => None,
    };
    difference.iter().filter_map(line).collect()
}
