//! The built-in kubectl beside the real one: the same lines, each program against a cluster of its own from the same seed.
//!
//! `beside/NAME.md` are scenarios without a recording; what the real program answers is what is expected. `beside/known.txt` names the
//! lines that differ, each with its reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::compare::{Comparison, compare};
use petset_scenario::{Record, Runner, play};
use regex::Regex;

/// A scenario of `beside`.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The file's name without its ending.
    pub name: String,
    /// The file's text.
    pub text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("beside")
}

/// The scenarios of `beside`, by name.
///
/// # Errors
/// When a file cannot be read.
pub fn all() -> Result<Vec<Lines>, String> {
    let told = |error: std::io::Error| format!("beside: {error}");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder()).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.extension().is_some_and(|ending| ending == "md") {
            let name = path.file_stem().unwrap_or_default();
            found.push(Lines {
                name: name.to_string_lossy().into_owned(),
                text: fs::read_to_string(&path).map_err(told)?,
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Runs the same lines by both; what the second answers is expected.
pub fn measure(lines: &Lines, built_in: &mut dyn Runner, real: &mut dyn Runner) -> Comparison {
    compare(
        &without_log_heads(play(&lines.text, real)),
        &without_log_heads(play(&lines.text, built_in)),
    )
}

/// Lines of kubectl's log without their moment and process.
fn without_log_heads(mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        record.stderr = LOG_HEAD
            .replace_all(&record.stderr, "${1}<log> ")
            .into_owned();
    }
    records
}

/// What a line of kubectl's log begins with.
static LOG_HEAD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^([IWE])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ").unwrap());

/// The lines that are known to differ, and why: `line # reason`. Where the reason begins with [`SOMETIMES`], they may be equal too.
///
/// # Errors
/// When the file cannot be read, or a line has no reason.
pub fn known() -> Result<BTreeMap<String, String>, String> {
    let text = fs::read_to_string(folder().join("known.txt"));
    let text = text.map_err(|error| format!("beside/known.txt: {error}"))?;
    let entries = text.lines().filter(|line| !line.trim().is_empty());
    entries
        .map(|entry| match entry.split_once(" # ") {
            Some((line, why)) => Ok((line.trim().to_owned(), why.trim().to_owned())),
            None => Err(format!("beside/known.txt: no reason beside `{entry}`")),
        })
        .collect()
}

/// How the reason of a line begins that differs in some runs only.
pub const SOMETIMES: &str = "sometimes: ";

/// Whether exactly the known lines differ.
///
/// # Errors
/// What to fix, or which lines to take off the list.
pub fn judge(
    results: &[(Lines, Comparison)],
    known: &BTreeMap<String, String>,
) -> Result<(), String> {
    let mut complaints = String::new();
    let differing = || {
        let all = results.iter().flat_map(|(_, result)| &result.differences);
        all.map(|difference| &difference.command)
    };
    for command in differing().filter(|command| !known.contains_key(*command)) {
        // Writing to a String cannot fail.
        let _ = writeln!(complaints, "differs: {command}");
    }
    let always = known.iter().filter(|(_, why)| !why.starts_with(SOMETIMES));
    for (command, _) in always {
        if !differing().any(|differs| differs == command) {
            let _ = writeln!(complaints, "equal, take it off known.txt: {command}");
        }
    }
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints)
    }
}
