//! The parts of a Markdown text that a tutorial is made of: fenced blocks with the name that stands before them, and directives.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A part of the text that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A fenced block.
    Fence(Fence),
    /// What a comment `<!-- petset: … -->` says.
    Directives {
        /// The words after the colon.
        text: String,
        /// Its line, from 1.
        line: usize,
    },
}

/// A fenced block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fence {
    /// What stands behind the opening fence.
    pub(super) info: String,
    /// The block's lines.
    pub(super) lines: Vec<String>,
    /// The line of the opening fence, from 1; the block's own lines follow it.
    pub(super) line: usize,
    /// A file name that the prose before it ends with or that its information names.
    pub(super) name: Option<String>,
}

/// The parts in their order.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let starts = line_starts(text);
    let line_of = |at: usize| starts.partition_point(|start| *start <= at);
    let mut parts = Vec::new();
    let mut fence: Option<Fence> = None;
    let (mut body, mut name) = (String::new(), None);
    let (mut comment, mut comment_line) = (String::new(), 0);
    let mut bold: Option<String> = None;
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        if !matches!(event, Event::Html(_)) {
            parts.extend(directives(&std::mem::take(&mut comment), comment_line));
        }
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let named = name_in_info(&info).or_else(|| name.take());
                fence = Some(Fence {
                    info: info.to_string(),
                    line: line_of(range.start),
                    name: named,
                    lines: Vec::new(),
                });
                body.clear();
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(mut fence) = fence.take() {
                    fence.lines = body.lines().map(str::to_owned).collect();
                    parts.push(Part::Fence(fence));
                }
                name = None;
            }
            Event::Text(words) if fence.is_some() => body.push_str(&words),
            Event::Html(html) | Event::InlineHtml(html) => {
                if comment.is_empty() {
                    comment_line = line_of(range.start);
                }
                comment.push_str(&html);
            }
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item) => name = None,
            Event::Start(Tag::Strong) => bold = Some(String::new()),
            Event::End(TagEnd::Strong) => {
                name = bold.take().and_then(|words| file_name(&words)).or(name);
            }
            Event::Code(words) => name = file_name(&words).or(name),
            Event::Text(words) => {
                if let Some(bold) = bold.as_mut() {
                    bold.push_str(&words);
                } else if let Some(found) = words.trim().strip_suffix(':').and_then(file_name) {
                    name = Some(found);
                }
            }
            _ => {}
        }
    }
    parts.extend(directives(&comment, comment_line));
    parts
}

fn line_starts(text: &str) -> Vec<usize> {
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).collect()
}

/// The directives in comments.
fn directives(html: &str, line: usize) -> Vec<Part> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find("<!--") {
        let inside = &rest[at + 4..];
        let Some(end) = inside.find("-->") else {
            break;
        };
        let before = html.len() - rest.len() + at;
        if let Some(text) = inside[..end].trim().strip_prefix("petset:") {
            found.push(Part::Directives {
                text: text.trim().to_owned(),
                line: line + html[..before].matches('\n').count(),
            });
        }
        rest = &inside[end..];
    }
    found
}

/// `yaml web.yaml`, `yaml title="web.yaml"`, `yaml:web.yaml`, `yaml {file=web.yaml}`.
fn name_in_info(info: &str) -> Option<String> {
    let pieces = info.split(|c: char| c.is_whitespace() || "=:{}\"',".contains(c));
    pieces.skip(1).find_map(file_name)
}

/// The text as the name of a file, if it looks like one.
fn file_name(text: &str) -> Option<String> {
    const ENDINGS: [&str; 12] = [
        "yaml",
        "yml",
        "json",
        "sh",
        "txt",
        "conf",
        "cnf",
        "html",
        "properties",
        "env",
        "sql",
        "toml",
    ];
    let name = text
        .trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && !"./_".contains(c))
        .trim_end_matches([':', ' ', '`']);
    let plain = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
    let (stem, ending) = name.rsplit_once('.')?;
    let whole = !stem.is_empty() && name.chars().all(plain) && ENDINGS.contains(&ending);
    whole.then(|| name.trim_start_matches("./").to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    fn summary(text: &str) -> Vec<String> {
        let line = |part: &Part| match part {
            Part::Fence(fence) => format!(
                "{}: {} {} {:?}",
                fence.line,
                fence.info,
                fence.name.as_deref().unwrap_or("-"),
                fence.lines
            ),
            Part::Directives { text, line } => format!("{line}: <{text}>"),
        };
        parts(text).iter().map(line).collect()
    }

    #[test]
    fn fences_know_their_names() {
        let table = [
            (
                "```yaml web.yaml\na\n```\n",
                "1: yaml web.yaml web.yaml [\"a\"]",
            ),
            (
                "```yaml title=\"a/b.yaml\"\n```\n",
                "1: yaml title=\"a/b.yaml\" a/b.yaml []",
            ),
            (
                "**📄 `s.yaml`**\n\n```yaml\na: 1\n```\n",
                "3: yaml s.yaml [\"a: 1\"]",
            ),
            ("**s.yaml**\n```yaml\n```\n", "2: yaml s.yaml []"),
            ("s.yaml:\n```yaml\n```\n", "2: yaml s.yaml []"),
            ("Make `s.yaml` so:\n\n```yaml\n```\n", "3: yaml s.yaml []"),
            ("Make `s.yaml`.\n\nThen\n\n```yaml\n```\n", "5: yaml - []"),
            (
                "`kubectl apply -f s.yaml`\n\n```yaml\n```\n",
                "3: yaml - []",
            ),
            (
                "1. a\n   ```bash\n   x\n     y\n   ```\n",
                "2: bash - [\"x\", \"  y\"]",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(summary(text), [expected], "{text}");
        }
    }

    #[test]
    fn directives_are_comments() {
        let text = "<!-- petset: wait, skip -->\n\nwords <!-- petset: nodes 2 --> more\n\n<!--\npetset: a\n-->\n<!-- other -->\n";
        assert_eq!(summary(text), ["1: <wait, skip>", "3: <nodes 2>", "5: <a>"]);
    }
}
