//! Two texts as `diff -u` shows them: three lines around each change.

const AROUND: usize = 3;

/// More lines than this are not compared one by one.
const LIMIT: usize = 5_000;

/// One line of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'t> {
    Same(&'t str),
    Gone(&'t str),
    New(&'t str),
}

/// The hunks, or none if the texts are the same.
pub(super) fn diff(from: &str, to: &str) -> Option<String> {
    if from == to {
        return None;
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (from.lines().collect(), to.lines().collect());
    let lines = compare(&a, &b);
    let changed: Vec<usize> = (0..lines.len())
        .filter(|at| !matches!(lines[*at], Line::Same(_)))
        .collect();
    let mut text = String::new();
    for run in changed.chunk_by(|x, y| y - x <= 2 * AROUND) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let start = first.saturating_sub(AROUND);
        let end = (last + AROUND + 1).min(lines.len());
        text.push_str(&hunk(&lines, start, end));
    }
    Some(text)
}

fn hunk(lines: &[Line<'_>], start: usize, end: usize) -> String {
    let old = |line: &&Line<'_>| !matches!(line, Line::New(_));
    let new = |line: &&Line<'_>| !matches!(line, Line::Gone(_));
    let (before, inside) = (&lines[..start], &lines[start..end]);
    let place = |skipped: usize, count: usize| match count {
        0 => format!("{skipped},0"),
        1 => format!("{}", skipped + 1),
        count => format!("{},{count}", skipped + 1),
    };
    let mut text = format!(
        "@@ -{} +{} @@\n",
        place(
            before.iter().filter(old).count(),
            inside.iter().filter(old).count()
        ),
        place(
            before.iter().filter(new).count(),
            inside.iter().filter(new).count()
        ),
    );
    for line in inside {
        let (mark, words) = match line {
            Line::Same(words) => (' ', words),
            Line::Gone(words) => ('-', words),
            Line::New(words) => ('+', words),
        };
        text.push(mark);
        text.push_str(words);
        text.push('\n');
    }
    text
}

/// The longest common run of lines, by table, between what the two have in common at both ends.
fn compare<'t>(a: &[&'t str], b: &[&'t str]) -> Vec<Line<'t>> {
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[front..], &b[front..]);
    let back = rest_a
        .iter()
        .rev()
        .zip(rest_b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (middle_a, middle_b) = (
        &rest_a[..rest_a.len() - back],
        &rest_b[..rest_b.len() - back],
    );
    let mut lines: Vec<Line<'t>> = a[..front].iter().map(|line| Line::Same(line)).collect();
    if middle_a.len() + middle_b.len() > LIMIT {
        lines.extend(middle_a.iter().map(|line| Line::Gone(line)));
        lines.extend(middle_b.iter().map(|line| Line::New(line)));
    } else {
        lines.extend(middle(middle_a, middle_b));
    }
    lines.extend(
        rest_a[rest_a.len() - back..]
            .iter()
            .map(|line| Line::Same(line)),
    );
    lines
}

fn middle<'t>(a: &[&'t str], b: &[&'t str]) -> Vec<Line<'t>> {
    let width = b.len() + 1;
    let mut common = vec![0_u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * width + j] = if a[i] == b[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            lines.push(Line::Same(a[i]));
            i += 1;
            j += 1;
        } else if i < a.len()
            && (j == b.len() || common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            lines.push(Line::Gone(a[i]));
            i += 1;
        } else {
            lines.push(Line::New(b[j]));
            j += 1;
        }
    }
    lines
}
