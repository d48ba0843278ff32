//! Checks of the repository itself: they read files and need no network.

pub mod dependencies;
pub mod hygiene;
pub mod links;
pub mod purity;
pub mod translations;

use std::path::PathBuf;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;

/// A file of the repository.
pub struct Text {
    /// Its path from the repository's top, with forward slashes.
    pub path: String,
    pub content: String,
}

/// The files that git knows or would add, in git's order, as paths from the top.
pub fn files(project: &Project) -> Outcome<Vec<String>> {
    let mut command = project.command("git");
    command.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = process::output(command)?;
    let is_there = |path: &&str| !path.is_empty() && project.path(path).is_file();
    Ok(listed
        .split('\0')
        .filter(is_there)
        .map(str::to_owned)
        .collect())
}

/// Those of the files that are text.
pub fn texts(project: &Project) -> Outcome<Vec<Text>> {
    let mut texts = Vec::new();
    for path in files(project)? {
        let bytes = std::fs::read(project.path(&path))?;
        if let Ok(content) = String::from_utf8(bytes)
            && !content.contains('\0')
        {
            texts.push(Text { path, content });
        }
    }
    Ok(texts)
}

/// The lines of a Markdown text that are prose, with their numbers from 1: fenced blocks are left out.
pub fn prose(markdown: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fence = None;
    markdown
        .lines()
        .enumerate()
        .filter_map(move |(index, line)| {
            let marker = ["```", "~~~"]
                .into_iter()
                .find(|marker| line.trim_start().starts_with(marker));
            match (fence, marker) {
                (None, None) => Some((index + 1, line)),
                (None, Some(_)) => {
                    fence = marker;
                    None
                }
                (Some(open), Some(marker)) if open == marker => {
                    fence = None;
                    None
                }
                (Some(_), _) => None,
            }
        })
}

/// Turns a list of findings into the outcome of a check.
pub fn outcome(findings: Vec<String>) -> Outcome<()> {
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} found\n  {}",
        findings.len(),
        findings.join("\n  ")
    )))
}

/// A path without `.` and with `..` taken back; none when it leaves the repository.
pub fn normalised(path: &str) -> Option<PathBuf> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.iter().collect())
}
