//! Links between Markdown files: every relative link leads to a file, and every anchor to a heading.

use std::collections::BTreeMap;

use crate::checks::{self, Text};
use crate::failure::Outcome;
use crate::project::Project;

/// Follows the relative links of every Markdown file. Addresses on other hosts are not asked for.
pub fn check(project: &Project) -> Outcome<()> {
    let files = checks::files(project)?;
    let texts = checks::texts(project)?;
    let is_there =
        |path: &str| project.path(path).exists() && files.iter().any(|file| file.starts_with(path));
    checks::outcome(broken(&texts, is_there))
}

fn broken(texts: &[Text], is_there: impl Fn(&str) -> bool) -> Vec<String> {
    let documents: BTreeMap<&str, &str> = texts
        .iter()
        .filter(|text| text.path.ends_with(".md"))
        .map(|text| (text.path.as_str(), text.content.as_str()))
        .collect();
    let mut broken = Vec::new();
    for (path, content) in &documents {
        for (line, target) in links(content) {
            if let Err(why) = follow(path, target, &documents, &is_there) {
                broken.push(format!("{path}:{line}: ({target}) {why}"));
            }
        }
    }
    broken
}

fn follow(
    from: &str,
    target: &str,
    documents: &BTreeMap<&str, &str>,
    is_there: impl Fn(&str) -> bool,
) -> Result<(), &'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = if file.is_empty() {
        from.to_owned()
    } else {
        format!("{folder}/{file}")
    };
    let path = checks::normalised(&path).ok_or("leads out of the repository")?;
    let path = path.to_string_lossy().replace('\\', "/");
    if !is_there(&path) {
        return Err("no such file");
    }
    match documents.get(path.as_str()) {
        Some(document) if !anchor.is_empty() && !anchors(document).any(|known| known == anchor) => {
            Err("no such heading")
        }
        _ => Ok(()),
    }
}

/// The targets of inline links and images, with their lines.
fn links(markdown: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    for (line, text) in checks::prose(markdown) {
        // Odd pieces stand between backquotes: code, not links.
        for piece in text.split('`').step_by(2) {
            for rest in piece.split("](").skip(1) {
                let target = rest.split([')', ' ']).next().unwrap_or_default();
                links.push((line, target.trim_matches(['<', '>'])));
            }
        }
    }
    links
}

/// The anchors that headings get on code hosts: lower case, hyphens for spaces, no punctuation.
fn anchors(markdown: &str) -> impl Iterator<Item = String> {
    checks::prose(markdown)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            let title = line.trim_start_matches('#').trim();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        })
}

#[cfg(test)]
mod tests {
    use super::{Text, broken};

    fn found(readme: &str) -> Vec<String> {
        let text = |path: &str, content: &str| Text {
            path: path.into(),
            content: content.into(),
        };
        let texts = [
            text("README.md", readme),
            text("docs/a.md", "# One, two & `three`\n[up](../README.md)"),
        ];
        broken(&texts, |path| {
            ["README.md", "docs/a.md", "docs/a.png", "docs"].contains(&path)
        })
    }

    #[test]
    fn links_are_followed() {
        let cases = [
            ("[a](docs/a.md)", 0),
            (
                "![a](docs/a.png) and [b](./docs/../docs/a.md#one-two--three)",
                0,
            ),
            ("[outside](https://example.org/x) `[code](nowhere)`", 0),
            ("```\n[code](nowhere)\n```", 0),
            ("[a](docs/b.md)", 1),
            ("[a](docs/a.md#four)", 1),
            ("[a](#missing)", 1),
            ("[a](../README.md)", 1),
        ];
        for (readme, expected) in cases {
            let found = found(readme);
            assert_eq!(found.len(), expected, "{readme}: {found:?}");
        }
    }
}
