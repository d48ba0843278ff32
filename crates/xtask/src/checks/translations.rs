//! Korean and English documents come in pairs of the same shape.

use crate::checks::{self, Text};
use crate::failure::Outcome;
use crate::project::Project;

/// The document that must have a translation.
const MUST: &str = "README.md";

/// Compares every `NAME.ko.md` with its `NAME.md`.
pub fn check(project: &Project) -> Outcome<()> {
    checks::outcome(findings(&checks::texts(project)?))
}

fn findings(texts: &[Text]) -> Vec<String> {
    let find = |path: &str| texts.iter().find(|text| text.path == path);
    let mut findings = Vec::new();
    if find(MUST).is_some() && find("README.ko.md").is_none() {
        findings.push(format!("{MUST} has no README.ko.md"));
    }
    for korean in texts {
        let Some(stem) = korean.path.strip_suffix(".ko.md") else {
            continue;
        };
        let Some(english) = find(&format!("{stem}.md")) else {
            findings.push(format!("{} has no {stem}.md", korean.path));
            continue;
        };
        let (theirs, ours) = (shape(&english.content), shape(&korean.content));
        if theirs != ours {
            findings.push(format!(
                "{} has {ours}, but {} has {theirs}",
                korean.path, english.path
            ));
        }
    }
    findings
}

/// Heading levels in order, and how many fenced blocks there are: what a translation keeps.
fn shape(markdown: &str) -> String {
    let level = |line: &str| line.chars().take_while(|c| *c == '#').count();
    let headings: Vec<String> = checks::prose(markdown)
        .map(|(_, line)| level(line))
        .filter(|level| *level > 0)
        .map(|level| level.to_string())
        .collect();
    let lines = markdown.lines().count();
    let fenced = lines - checks::prose(markdown).count();
    format!(
        "headings of levels {} and {fenced} lines of code",
        headings.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::{Text, findings};

    #[test]
    fn pairs_keep_their_shape() {
        let english = "# A\n## B\n```sh\ncargo xtask serve\n```\n";
        let cases = [
            (&[("README.md", english)][..], 1),
            (
                &[
                    ("README.md", english),
                    (
                        "README.ko.md",
                        "# 가\n\n글\n## 나\n```sh\ncargo xtask serve\n```\n",
                    ),
                ],
                0,
            ),
            (
                &[
                    ("README.md", english),
                    ("README.ko.md", "# 가\n```sh\ncargo xtask serve\n```\n"),
                ],
                1,
            ),
            (
                &[("README.md", english), ("README.ko.md", "# 가\n## 나\n")],
                1,
            ),
            (&[("docs/a.ko.md", "# 가\n")], 1),
        ];
        for (files, expected) in cases {
            let texts: Vec<Text> = files
                .iter()
                .map(|(path, content)| Text {
                    path: (*path).into(),
                    content: (*content).into(),
                })
                .collect();
            let found = findings(&texts);
            assert_eq!(found.len(), expected, "{found:?}");
        }
    }
}
