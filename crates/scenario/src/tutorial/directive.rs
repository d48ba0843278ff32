//! What `<!-- petset: … -->` may say.

/// How an expected output is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manner {
    /// Its lines may come in any order.
    pub unordered: bool,
    /// Only the columns of tables that the page shows are compared.
    pub columns: bool,
    /// It is not compared at all.
    pub ignored: bool,
}

/// What is said about the next block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// It is passed over.
    pub skip: bool,
    /// It is a file of this name.
    pub file: Option<String>,
    /// Its lines are commands, whatever its information says.
    pub run: bool,
    /// It is what the command before it prints.
    pub output: bool,
    /// Its commands run beside the others until the page ends.
    pub background: bool,
    /// The exit code of its last command; none: zero, or anything but zero if an error is shown.
    pub exit_code: Option<i32>,
    /// It is typed inside a pod: what follows `kubectl exec`.
    pub inside: Option<String>,
    /// How its outputs are compared.
    pub manner: Manner,
}

/// What is said about the page or the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Time passes here: until nothing changes, or this many milliseconds.
    Wait(Option<u64>),
    /// How many nodes the cluster has.
    Nodes(u32),
    /// The seed of all chance.
    Seed(u64),
}

/// Reads the words of one comment. What concerns the next block goes into `next`.
///
/// # Errors
/// The directive that is not understood.
pub(super) fn read(text: &str, next: &mut Directives) -> Result<Vec<Standing>, String> {
    let mut standing = Vec::new();
    for directive in text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let (word, value) = directive.split_once(' ').unwrap_or((directive, ""));
        let value = value.trim();
        let wrong = || format!("the directive '{directive}' is not understood");
        match (word, value) {
            ("skip", "") => next.skip = true,
            ("run", "") => next.run = true,
            ("output", "") => next.output = true,
            ("background", "") => next.background = true,
            ("unordered", "") => next.manner.unordered = true,
            ("columns", "") => next.manner.columns = true,
            ("any", "") => next.manner.ignored = true,
            ("file", name) if !name.is_empty() => next.file = Some(name.to_owned()),
            ("as", pod) if !pod.is_empty() => next.inside = Some(pod.to_owned()),
            ("expect-exit", code) => {
                next.exit_code = Some(code.parse().map_err(|_| wrong())?);
            }
            ("wait", "") => standing.push(Standing::Wait(None)),
            ("wait", span) => standing.push(Standing::Wait(Some(millis(span).ok_or_else(wrong)?))),
            ("nodes", count) => standing.push(Standing::Nodes(count.parse().map_err(|_| wrong())?)),
            ("seed", seed) => standing.push(Standing::Seed(seed.parse().map_err(|_| wrong())?)),
            _ => return Err(wrong()),
        }
    }
    Ok(standing)
}

/// `500ms`, `30s`, `5m`, `2h` in milliseconds; at most a day.
fn millis(span: &str) -> Option<u64> {
    let (number, unit) = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)]
        .into_iter()
        .find_map(|(unit, millis)| Some((span.strip_suffix(unit)?, millis)))?;
    let millis = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (millis <= 24 * 3_600_000).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::{Directives, Standing, read};

    #[test]
    fn directives_read_or_say_what_is_wrong() {
        let mut next = Directives::default();
        let standing = read("wait 30s, nodes 2, seed 7, wait", &mut next).expect("known");
        assert_eq!(
            standing,
            [
                Standing::Wait(Some(30_000)),
                Standing::Nodes(2),
                Standing::Seed(7),
                Standing::Wait(None)
            ]
        );
        assert_eq!(next, Directives::default());
        read("skip, as web-0 -c nginx, expect-exit 1, columns", &mut next).expect("known");
        assert!(next.skip && next.manner.columns);
        assert_eq!(next.inside.as_deref(), Some("web-0 -c nginx"));
        assert_eq!(next.exit_code, Some(1));
        for wrong in [
            "wait soon",
            "nodes",
            "expect-exit x",
            "what",
            "file",
            "wait 9999999h",
        ] {
            let error = read(wrong, &mut next).expect_err(wrong);
            assert_eq!(error, format!("the directive '{wrong}' is not understood"));
        }
    }
}
