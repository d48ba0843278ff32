//! Sidecar files: what a page's author left out or misprinted, said beside the page and not in it.
//!
//! A sidecar goes through the page from top to bottom. `at TEXT` finds the next line that contains TEXT. What follows it acts on that line:
//! `reads TEXT` puts TEXT where the found text stands, `before` and `after` put the indented lines that follow them before or behind it,
//! `drop N` takes it and the following lines, N in all, away. Lines that begin with `#` are comments.

/// A page as it is read: each line with its number on the page, if it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// The lines.
    pub(super) lines: Vec<String>,
    /// The line of the page that each is, from 1; none for one that the sidecar changed or put in.
    pub(super) origins: Vec<Option<usize>>,
    /// The line of the page that each belongs to, from 1, for messages.
    pub(super) places: Vec<usize>,
}

impl Page {
    /// The page as it stands.
    pub(super) fn new(text: &str) -> Page {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let places: Vec<usize> = (1..=lines.len()).collect();
        Page {
            origins: places.iter().copied().map(Some).collect(),
            lines,
            places,
        }
    }

    /// The page's text.
    pub(super) fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        text.push('\n');
        text
    }

    /// The line of the page that a line of the text belongs to.
    pub(super) fn place(&self, line: usize) -> usize {
        let index = line
            .saturating_sub(1)
            .min(self.places.len().saturating_sub(1));
        self.places.get(index).copied().unwrap_or(line)
    }

    fn insert(&mut self, at: usize, lines: &[String]) {
        let place = self.place(at.max(1));
        for (offset, line) in lines.iter().enumerate() {
            self.lines.insert(at + offset, line.clone());
            self.origins.insert(at + offset, None);
            self.places.insert(at + offset, place);
        }
    }

    fn remove(&mut self, at: usize) {
        self.lines.remove(at);
        self.origins.remove(at);
        self.places.remove(at);
    }
}

/// Does to the page what the sidecar says.
///
/// # Errors
/// The sidecar's line that does not fit, with its number.
pub(super) fn apply(page: &mut Page, sidecar: &str) -> Result<(), String> {
    let mut lines = sidecar.lines().enumerate().peekable();
    // The found line, what was found in it, and where the next search begins.
    let mut found: Option<(usize, String)> = None;
    let mut next = 0;
    while let Some((index, line)) = lines.next() {
        let wrong = |words: &str| Err(format!("sidecar line {}: {words}", index + 1));
        let (word, value) = line.split_once(' ').unwrap_or((line, ""));
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if word == "at" {
            let hit = page
                .lines
                .iter()
                .skip(next)
                .position(|line| line.contains(value));
            let Some(hit) = hit.filter(|_| !value.is_empty()) else {
                return wrong(&format!("the page has no '{value}' from here on"));
            };
            found = Some((next + hit, value.to_owned()));
            next += hit + 1;
            continue;
        }
        let Some((at, text)) = found.clone() else {
            return wrong("it must begin with 'at TEXT'");
        };
        let mut block = Vec::new();
        while matches!(word, "before" | "after")
            && let Some((_, line)) =
                lines.next_if(|(_, line)| line.starts_with("  ") || line.is_empty())
        {
            block.push(line.strip_prefix("  ").unwrap_or(line).to_owned());
        }
        match word {
            "reads" => {
                page.lines[at] = page.lines[at].replacen(&text, value, 1);
                page.origins[at] = None;
            }
            "before" => {
                page.insert(at, &block);
                found = Some((at + block.len(), text));
                next += block.len();
            }
            "after" => {
                page.insert(next, &block);
                next += block.len();
            }
            "drop" => {
                let count = value.parse::<usize>().unwrap_or(1);
                for _ in 0..count.min(page.lines.len() - at) {
                    page.remove(at);
                }
                (found, next) = (None, at);
            }
            _ => return wrong(&format!("'{word}' is not understood")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Page, apply};

    #[test]
    fn a_page_is_read_as_the_sidecar_says() {
        let table = [
            ("at b\nreads x", "a\nx x\nc b\n", vec![1, 2, 3]),
            ("at b\nat b\nreads x", "a\nb x\nc x\n", vec![1, 2, 3]),
            (
                "# why\nat b\nbefore\n  one\n\n  two\nreads y",
                "a\none\n\ntwo\ny x\nc b\n",
                vec![1, 1, 1, 1, 2, 3],
            ),
            (
                "at a\nafter\n  1\nafter\n  2\nat c\nreads d",
                "a\n1\n2\nb x\nd b\n",
                vec![1, 1, 1, 2, 3],
            ),
            ("at b\ndrop 2", "a\n", vec![1]),
            ("at b\ndrop 9", "a\n", vec![1]),
        ];
        for (sidecar, expected, places) in table {
            let mut page = Page::new("a\nb x\nc b\n");
            apply(&mut page, sidecar).expect(sidecar);
            assert_eq!(
                (page.text().as_str(), &page.places),
                (expected, &places),
                "{sidecar}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        for (sidecar, expected) in [
            ("at z", "sidecar line 1: the page has no 'z' from here on"),
            ("\nreads z", "sidecar line 2: it must begin with 'at TEXT'"),
            ("at a\nwhat", "sidecar line 2: 'what' is not understood"),
        ] {
            let error = apply(&mut Page::new("a\n"), sidecar).expect_err(sidecar);
            assert_eq!(error, expected);
        }
    }
}
