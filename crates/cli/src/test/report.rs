//! What is said of tested pages: for people, as JSON, and in JUnit's form.

use std::fmt::Write as _;

use petset_scenario::tutorial::{Checked, Line, Verdict};
use serde_json::{Value, json};

use super::Page;

/// How many equal lines are shown around a difference.
const AROUND: usize = 2;

/// A page's report for people: what failed, and one line that sums up.
pub(super) fn text(page: &Page) -> String {
    let name = page.path.display();
    let report = match &page.result {
        Ok(report) => report,
        Err(why) => return format!("{name}: {why}\n"),
    };
    let mut out = String::new();
    for checked in report.failed() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name}:{}", checked.line);
        for (index, line) in checked.command.lines().enumerate() {
            let _ = writeln!(out, "  {} {line}", if index == 0 { '$' } else { '>' });
        }
        for line in why(checked) {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }
    let (total, failed) = (report.commands.len(), report.failed().count());
    let verdict = if failed == 0 { "true" } else { "NOT true" };
    let shown = report
        .commands
        .iter()
        .filter(|checked| checked.expected.is_some())
        .count();
    let _ = writeln!(
        out,
        "{name}: {verdict}: {} of {total} commands do what the page says, {shown} outputs compared ({} ms)",
        total - failed,
        page.took.as_millis()
    );
    out
}

/// Why a command failed, line by line.
fn why(checked: &Checked) -> Vec<String> {
    match &checked.verdict {
        Verdict::Passed => Vec::new(),
        Verdict::NothingRan => vec!["nothing ran that could take this input".to_owned()],
        Verdict::WrongCode(wanted) => {
            let code = checked.code.unwrap_or_default();
            let printed = checked.printed.lines().take(20);
            std::iter::once(format!("exit code {code}, expected {wanted}"))
                .chain(printed.map(|line| format!("| {line}")))
                .collect()
        }
        Verdict::WrongOutput(lines) => difference(lines),
    }
}

fn difference(lines: &[Line]) -> Vec<String> {
    let is_same = |line: &Line| matches!(line, Line::Same(_));
    let near = |at: usize| {
        let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(lines.len());
        lines[around].iter().any(|line| !is_same(line))
    };
    let mut shown = vec!["- on the page   + printed".to_owned()];
    let mut left_out = false;
    for (at, line) in lines.iter().enumerate() {
        if !near(at) {
            left_out = true;
            continue;
        }
        if std::mem::take(&mut left_out) {
            shown.push("  …".to_owned());
        }
        shown.push(match line {
            Line::Same(text) => format!("  {text}"),
            Line::Missing(text) => format!("- {text}"),
            Line::Extra(text) => format!("+ {text}"),
        });
    }
    shown
}

/// All pages as JSON.
pub(super) fn json(pages: &[Page]) -> Value {
    let command = |checked: &Checked| {
        let verdict = match &checked.verdict {
            Verdict::Passed => "passed",
            Verdict::WrongCode(_) => "wrong exit code",
            Verdict::WrongOutput(_) => "wrong output",
            Verdict::NothingRan => "nothing ran",
        };
        json!({
            "command": checked.command,
            "line": checked.line,
            "code": checked.code,
            "printed": checked.printed,
            "expected": checked.expected.as_ref().map(|expected| expected.lines.join("\n")),
            "verdict": verdict,
            "why": why(checked),
        })
    };
    let page = |page: &Page| match &page.result {
        Ok(report) => json!({
            "page": page.path.display().to_string(),
            "true": report.failed().count() == 0,
            "ms": u64::try_from(page.took.as_millis()).unwrap_or(u64::MAX),
            "commands": report.commands.iter().map(command).collect::<Vec<_>>(),
        }),
        Err(why) => json!({
            "page": page.path.display().to_string(),
            "true": false,
            "error": why,
        }),
    };
    Value::Array(pages.iter().map(page).collect())
}

/// All pages in JUnit's form: a suite for each page, a case for each command.
pub(super) fn junit(pages: &[Page]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for page in pages {
        let name = xml(&page.path.display().to_string());
        let seconds = page.took.as_secs_f64();
        match &page.result {
            Err(why) => {
                let why = xml(why);
                let _ = writeln!(
                    out,
                    "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\" time=\"{seconds:.3}\">\n    <testcase classname=\"{name}\" name=\"page\"><error message=\"{why}\"/></testcase>\n  </testsuite>"
                );
            }
            Ok(report) => {
                let (tests, failures) = (report.commands.len(), report.failed().count());
                let _ = writeln!(
                    out,
                    "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"{seconds:.3}\">"
                );
                for checked in &report.commands {
                    out.push_str(&case(&name, checked));
                }
                out.push_str("  </testsuite>\n");
            }
        }
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(page: &str, checked: &Checked) -> String {
    let command = xml(&checked.command);
    let opening = format!(
        "    <testcase classname=\"{page}\" name=\"line {}: {command}\"",
        checked.line
    );
    match why(checked).as_slice() {
        [] => format!("{opening}/>\n"),
        why => format!(
            "{opening}>\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
            xml(&why[0]),
            xml(&why.join("\n"))
        ),
    }
}

/// Text that may stand in XML; characters that may not are replaced.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
