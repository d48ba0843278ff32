//! Whether what was printed is what the page shows, apart from what differs from run to run.

use std::sync::LazyLock;

use regex::Regex;

use super::Expected;

/// What differs from run to run and from cluster to cluster, and what stands for it.
const KINDS: [(&str, &str); 18] = [
    (
        r"\b[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}\b",
        "<uid>",
    ),
    (r"(?:sha256:)?\b[0-9a-f]{64}\b", "<digest>"),
    (r"\b(?:containerd|docker|cri-o)://\S+", "<container>"),
    (
        r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?: [+-]\d{4}| GMT)?",
        "<date>",
    ),
    (
        r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d{4})?",
        "<date>",
    ),
    (
        r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}",
        "<date>",
    ),
    (
        r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [A-Z]{3} \d{4}",
        "<date>",
    ),
    (r"\b[A-Z][a-z]{2} [ \d]\d (?:\d\d:\d\d| \d{4})", "<date>"),
    (r" \(x\d+ over [0-9a-z]+\)", ""),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "<ip>"),
    (r"\b\d{1,3}(?:-\d{1,3}){3}\b", "<ip>"),
    (r"\bv\d+\.\d+\.\d+(?:[-+][\w.+-]+)?\b", "<version>"),
    (r":3[0-2]\d{3}\b", ":<nodeport>"),
    (r#"(resourceVersion"?:) "\d+""#, "${1} <n>"),
    (
        r"-[bcdfghjklmnpqrstvwxz2456789]{8,10}(?:-[bcdfghjklmnpqrstvwxz2456789]{5})?\b",
        "-<hash>",
    ),
    (r"-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-<hash>"),
    (r"\b\d+(?:\.\d+)?(?:ms|s|m|h|d|y)(?:\d+[smhd])*\b", "<age>"),
    (r"\s+", " "),
];

/// Quantities look like ages.
const QUANTITIES: &str = r"(?i)\b(?:cpu|memory|timeout|period|delay)\b";
/// What the simulated cluster calls its nodes: a page's own cluster has other names.
const NODE: &str = r"\bnode-\d+\b";

static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let compiled = KINDS.iter().map(|(pattern, to)| (regex(pattern), *to));
    compiled.collect()
});
static IS_QUANTITY: LazyLock<Regex> = LazyLock::new(|| regex(QUANTITIES));
static IS_NODE: LazyLock<Regex> = LazyLock::new(|| regex(NODE));

/// How many lines are compared exactly; more are compared one by one.
const LINE_LIMIT: usize = 3_000;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"))
}

/// A line with what varies put aside.
pub(super) fn plain(line: &str) -> String {
    let keeps_spans = IS_QUANTITY.is_match(line);
    let mut text = line.to_owned();
    for (pattern, to) in PATTERNS.iter() {
        if *to != "<age>" || !keeps_spans {
            text = pattern.replace_all(&text, *to).into_owned();
        }
    }
    text.trim_end().to_owned()
}

/// Whether a line of the page stands for any number of lines.
fn is_elision(line: &str) -> bool {
    matches!(
        line.trim().trim_start_matches("# "),
        "[...]" | "..." | "[…]" | "…"
    )
}

/// Whether the printed line is what the page's line says. Both are plain.
pub(super) fn line_matches(expected: &str, actual: &str) -> bool {
    if expected.contains("[..]") {
        return glob(&expected.split("[..]").collect::<Vec<_>>(), actual);
    }
    if expected == actual {
        return true;
    }
    let (wanted, got): (Vec<_>, Vec<_>) =
        (expected.split(' ').collect(), actual.split(' ').collect());
    wanted.len() == got.len()
        && wanted
            .iter()
            .zip(&got)
            .all(|(wanted, got)| wanted == got || (IS_NODE.is_match(got) && is_host(wanted, got)))
}

/// Whether the page's word is the name of a host where the printed one is that of a node of ours.
fn is_host(wanted: &str, got: &str) -> bool {
    let (before, after) = got.split_at(IS_NODE.find(got).map_or(0, |found| found.start()));
    let after = IS_NODE.replace(after, "");
    let host = wanted
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after.as_ref()));
    host.is_some_and(|host| {
        !host.is_empty()
            && host
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
    })
}

fn glob(pieces: &[&str], text: &str) -> bool {
    let [first, middle @ .., last] = pieces else {
        return false;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    for piece in middle {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// The compared lines of the page and of what was printed.
struct Pair {
    wanted: Vec<String>,
    got: Vec<String>,
}

fn pair(expected: &Expected, actual: &str) -> Pair {
    let mut actual = actual.to_owned();
    if expected.manner.columns {
        actual = only_columns(&expected.lines, &actual);
    }
    let lines = |text: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        let mut lines: Vec<String> = text.map(plain).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    };
    let mut pair = Pair {
        wanted: lines(&mut expected.lines.iter().map(String::as_str)),
        got: lines(&mut actual.lines()),
    };
    if expected.manner.unordered {
        pair.wanted.sort();
        pair.got.sort();
    } else {
        sort_random_rows(&mut pair.wanted);
        sort_random_rows(&mut pair.got);
    }
    pair
}

/// Rows named by something random stand in random order.
fn sort_random_rows(lines: &mut [String]) {
    let is_random = |line: &String| {
        let name = line.split(' ').next().unwrap_or_default();
        name.contains("<uid>") || name.contains("<hash>")
    };
    let mut at = 0;
    while at < lines.len() {
        let count = lines[at..]
            .iter()
            .take_while(|line| is_random(line))
            .count();
        lines[at..at + count].sort();
        at += count.max(1);
    }
}

/// Whether what was printed is what the page shows.
pub fn matches(expected: &Expected, actual: &str) -> bool {
    if expected.manner.ignored {
        return true;
    }
    let Pair { wanted, got } = pair(expected, actual);
    if wanted.len() > LINE_LIMIT || got.len() > LINE_LIMIT {
        return wanted == got;
    }
    // Whether the wanted lines so far can be what was printed so far; one row for each wanted line.
    let mut reached = vec![false; got.len() + 1];
    reached[0] = true;
    for line in &wanted {
        let mut next = vec![false; got.len() + 1];
        if is_elision(line) {
            let first = reached.iter().position(|reached| *reached);
            next[first.unwrap_or(got.len() + 1).min(got.len() + 1)..].fill(true);
        } else {
            for (at, printed) in got.iter().enumerate() {
                next[at + 1] = reached[at] && line_matches(line, printed);
            }
        }
        reached = next;
    }
    reached[got.len()]
}

/// A line of a difference, for reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// On the page and printed; as the page has it.
    Same(String),
    /// On the page and not printed.
    Missing(String),
    /// Printed and not on the page.
    Extra(String),
}

/// How the page and what was printed differ.
pub fn difference(expected: &Expected, actual: &str) -> Vec<Line> {
    let printed: Vec<String> = match expected.manner.columns {
        true => only_columns(&expected.lines, actual),
        false => actual.to_owned(),
    }
    .lines()
    .take(LINE_LIMIT)
    .map(str::to_owned)
    .collect();
    let page: Vec<&String> = expected.lines.iter().take(LINE_LIMIT).collect();
    let wanted: Vec<String> = page.iter().map(|line| plain(line)).collect();
    let got: Vec<String> = printed.iter().map(|line| plain(line)).collect();
    // The longest common subsequence; what an elision stands for counts little, so that lines that are there come first.
    let mut longest = vec![vec![0_u32; got.len() + 1]; wanted.len() + 1];
    let same = |i: usize, j: usize| line_matches(&wanted[i], &got[j]);
    for i in (0..wanted.len()).rev() {
        for j in (0..got.len()).rev() {
            longest[i][j] = if same(i, j) {
                longest[i + 1][j + 1] + 1_000
            } else if is_elision(&wanted[i]) {
                longest[i + 1][j].max(longest[i][j + 1] + 1)
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < wanted.len() || j < got.len() {
        if i < wanted.len() && j < got.len() && same(i, j) {
            lines.push(Line::Same(page[i].clone()));
            (i, j) = (i + 1, j + 1);
        } else if i < wanted.len()
            && j < got.len()
            && is_elision(&wanted[i])
            && longest[i][j + 1] >= longest[i + 1][j]
        {
            j += 1;
        } else if i < wanted.len() && (j == got.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            let line = page[i].clone();
            lines.push(if is_elision(&line) {
                Line::Same(line)
            } else {
                Line::Missing(line)
            });
            i += 1;
        } else {
            lines.push(Line::Extra(printed[j].clone()));
            j += 1;
        }
    }
    lines
}

/// The cells under a table's head: each column's name and where it begins, in characters.
fn columns(head: &str) -> Option<Vec<(String, usize)>> {
    let mut found: Vec<(String, usize)> = Vec::new();
    let characters: Vec<char> = head.chars().collect();
    let mut spaces = 2;
    for (at, c) in characters.iter().enumerate() {
        if c.is_whitespace() {
            spaces += 1;
            continue;
        }
        match found.last_mut() {
            Some((name, _)) if spaces < 2 => {
                name.extend(std::iter::repeat_n(' ', spaces));
                name.push(*c);
            }
            _ => found.push((c.to_string(), at)),
        }
        spaces = 0;
    }
    let is_head = found.len() > 1
        && found
            .iter()
            .all(|(name, _)| !name.chars().any(char::is_lowercase));
    is_head.then_some(found)
}

/// The printed tables with only those columns that the page's tables show, in their order.
fn only_columns(page: &[String], printed: &str) -> String {
    let mut heads = page.iter().filter_map(|line| columns(line));
    let mut shown: Option<Vec<(usize, Option<usize>)>> = None;
    let mut out = String::new();
    for line in printed.lines() {
        if let Some(own) = columns(line)
            && let Some(head) = heads.next()
        {
            let cell = |name: &String| {
                let at = own.iter().position(|(own, _)| own == name)?;
                Some((own[at].1, own.get(at + 1).map(|(_, start)| *start)))
            };
            shown = Some(head.iter().filter_map(|(name, _)| cell(name)).collect());
        } else if line.trim().is_empty() {
            shown = None;
        }
        match &shown {
            None => out.push_str(line),
            Some(cells) => {
                let characters: Vec<char> = line.chars().collect();
                let cells = cells.iter().map(|(from, to)| {
                    let to = to.unwrap_or(characters.len()).min(characters.len());
                    let cell: String = characters.get(*from..to).into_iter().flatten().collect();
                    cell.trim_end().to_owned()
                });
                let cells: Vec<String> = cells.collect();
                out.push_str(cells.join("   ").trim_end());
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Expected, Line, difference, matches};
    use crate::tutorial::Manner;

    fn expected(page: &str, manner: Manner) -> Expected {
        Expected {
            lines: page.lines().map(str::to_owned).collect(),
            manner,
            ..Expected::default()
        }
    }

    #[test]
    fn what_varies_is_matched_by_kind_and_nothing_else() {
        let table = [
            ("a  b", "a b", true),
            ("a b", "a c", false),
            (
                "web-0   1/1   Running   0   2m",
                "web-0   1/1     Running   0          3s",
                true,
            ),
            (
                "web-0   1/1   Running   0   2m",
                "web-0   0/1     Running   0          3s",
                false,
            ),
            ("web-0 0 2m", "web-0 1 2m", false),
            ("web-0 1 (2m ago) 5h3m", "web-0 1 (10s ago) 2d", true),
            (
                "pvc-1a2b3c4d-5e6f-7g8h-9i0j-1k2l3m4n5o6p Bound",
                "pvc-84bfa9ff-eaa8-4152-b102-aaa094cd52f8 Bound",
                true,
            ),
            ("Address: 10.32.1.24", "Address: 10.244.1.2", true),
            ("web-6d4cf56db6-x7kzq 1/1", "web-5c5f76fbbb-2bxlk 1/1", true),
            ("nginx-abcde 1/1", "nginx-fghij 1/1", false),
            ("80:30080/TCP", "80:31234/TCP", true),
            ("web-0 minikube", "web-0 node-2", true),
            ("web-0 <none>", "web-0 node-2", false),
            (
                "Node: kind-worker/172.18.0.2",
                "Node: node-1/10.10.0.11",
                true,
            ),
            ("cpu: 100m", "cpu: 200m", false),
            ("x [..] y", "x any thing y", true),
            ("x [..] y", "x any thing z", false),
            ("[..] created", "service/web created", true),
            ("a\n[...]\nd", "a\nb\nc\nd", true),
            ("a\n...\nd", "a\nd", true),
            ("a\n[...]\nd", "a\nb\nc", false),
            ("[...]\nb", "a\nb", true),
            ("b\n[...]", "a\nb", false),
            ("", "", true),
            ("a", "", false),
            (
                "-rw-r--r-- 1 root root 4 Oct 18 13:38 t",
                "-rw-r--r-- 1 root root 4 Jan  5 00:01 t",
                true,
            ),
            ("GitVersion:\"v1.19.3\"", "GitVersion:\"v1.36.3\"", true),
            (
                "pvc-aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa x\npvc-baaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa y",
                "pvc-0aaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa y\npvc-1aaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa x",
                true,
            ),
        ];
        for (page, printed, equal) in table {
            let page = expected(page, Manner::default());
            assert_eq!(matches(&page, printed), equal, "{page:?} {printed}");
            let shown = difference(&page, printed);
            if equal && page.lines.len() == 1 {
                assert!(
                    shown.iter().all(|line| matches!(line, Line::Same(_))),
                    "{shown:?}"
                );
            }
        }
    }

    #[test]
    fn columns_and_order_can_be_left_out() {
        let printed = "NAME   STATUS   VOLUMEATTRIBUTESCLASS   AGE\na      Bound    <unset>                 1s\nb               <unset>                 1s\n";
        let columns = Manner {
            columns: true,
            ..Manner::default()
        };
        let unordered = Manner {
            unordered: true,
            ..Manner::default()
        };
        let table = [
            (
                "NAME STATUS AGE\na Bound 3s\nb  3s",
                Manner::default(),
                false,
            ),
            (
                "NAME   STATUS   AGE\na      Bound    3s\nb               3s",
                columns,
                true,
            ),
            (
                "NAME   STATUS   AGE\na      Lost    3s\nb               3s",
                columns,
                false,
            ),
            ("NAME   AGE\na      3s\nb      3s", columns, true),
            ("NAME   REASON   AGE\na      3s\nb      3s", columns, false),
            (
                "b <unset> 1s\na Bound <unset> 2s\nNAME STATUS VOLUMEATTRIBUTESCLASS AGE",
                unordered,
                true,
            ),
            (
                "b <unset> 1s\nNAME STATUS VOLUMEATTRIBUTESCLASS AGE",
                unordered,
                false,
            ),
        ];
        for (page, manner, equal) in table {
            assert_eq!(matches(&expected(page, manner), printed), equal, "{page}");
        }
    }

    #[test]
    fn a_difference_shows_what_is_missing_and_what_is_new() {
        let page = expected("a\nb 1s\n[...]\nd", Manner::default());
        assert_eq!(
            difference(&page, "a\nb 2s\nx\ne\n"),
            [
                Line::Same("a".into()),
                Line::Same("b 1s".into()),
                Line::Same("[...]".into()),
                Line::Missing("d".into()),
            ]
        );
    }
}
