//! Words that must not be in the repository: leftovers, paths of one machine, addresses of one network.

use crate::checks::{self, Text};
use crate::failure::Outcome;
use crate::project::Project;

/// Recorded outputs of real clusters are kept as they were printed.
const RECORDED: &str = "tests/reference/";

/// What is looked for, and why it must not stay. Written in two pieces so that this file passes its own check.
const FORBIDDEN: [(&str, &str); 10] = [
    (concat!("TO", "DO"), "an issue says it better"),
    (concat!("FIX", "ME"), "an issue says it better"),
    (concat!("/ro", "ot/."), "a path of one machine"),
    (concat!("/Us", "ers/"), "a path of one machine"),
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/tm", "p/bash"), "a path of one machine"),
    (
        concat!("\"resolved\": \"", "http"),
        "lock files name no registry, so that every network can install from them",
    ),
    (concat!("registry.", "npmjs"), "an address of a registry"),
    (concat!("static.", "crates.io"), "an address of a registry"),
    (concat!("index.", "crates.io"), "an address of a registry"),
];

/// Searches every text file that git knows, also for the path of this very clone.
pub fn check(project: &Project) -> Outcome<()> {
    let root = project.root.to_string_lossy();
    let here = (root.as_ref(), "the path of this clone");
    checks::outcome(findings(&checks::texts(project)?, here))
}

fn findings(texts: &[Text], here: (&str, &str)) -> Vec<String> {
    let mut findings = Vec::new();
    for text in texts.iter().filter(|text| !text.path.starts_with(RECORDED)) {
        for (index, line) in text.content.lines().enumerate() {
            for (word, why) in FORBIDDEN
                .iter()
                .chain([&here])
                .filter(|(word, _)| line.contains(word))
            {
                findings.push(format!("{}:{}: '{word}': {why}", text.path, index + 1));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{FORBIDDEN, Text, findings};

    #[test]
    fn every_word_is_found_outside_recordings() {
        let here = ("/somebody/petset", "");
        for (word, _) in FORBIDDEN.into_iter().chain([here]) {
            let text = |path: &str| Text {
                path: path.into(),
                content: format!("first\nsee {word}x\n"),
            };
            assert_eq!(findings(&[text("src/a.rs")], here).len(), 1, "{word}");
            assert_eq!(
                findings(&[text("tests/reference/a.json")], here).len(),
                0,
                "{word}"
            );
        }
    }
}
