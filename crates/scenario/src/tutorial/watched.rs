//! What a command that runs on prints: each object's states, in whatever rhythm they came.

use std::collections::BTreeMap;

use super::matching::{line_matches, plain};
use super::{Expected, matches};

/// Whether the page shows what was printed: as it is, or each object's states in their order, some of them left out.
pub(super) fn shows(expected: &Expected, printed: &str) -> bool {
    matches(expected, printed) || {
        let wanted = states(expected.lines.iter().map(String::as_str));
        let got = states(printed.lines());
        !wanted.is_empty()
            && wanted.iter().all(|(name, wanted)| {
                got.get(name).is_some_and(|got| {
                    let mut got = got.iter();
                    wanted
                        .iter()
                        .all(|state| got.any(|printed| line_matches(state, printed)))
                })
            })
    }
}

/// Each object's rows, repeats dropped.
fn states<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, Vec<String>> {
    let mut states: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let row = plain(line);
        let Some((name, state)) = row.split_once(' ') else {
            continue;
        };
        let states = states.entry(name.to_owned()).or_default();
        if states.last().is_none_or(|last| last != state) {
            states.push(state.to_owned());
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use super::{Expected, shows};

    #[test]
    fn states_come_in_their_order_and_may_be_left_out() {
        let printed = "NAME  READY\na  0/1 Pending 0s\na  0/1 Pending 0s\nb  0/1 Pending 0s\na  1/1 Running 2s\n";
        let table = [
            ("a 0/1 Pending 1s\na 1/1 Running 1s", true),
            ("a 1/1 Running 1s\na 0/1 Pending 1s", false),
            ("b 0/1 Pending 3s\na 1/1 Running 3s", true),
            ("c 1/1 Running 1s", false),
            ("", false),
        ];
        for (page, expected) in table {
            let page = Expected {
                lines: page.lines().map(str::to_owned).collect(),
                ..Expected::default()
            };
            assert_eq!(shows(&page, printed), expected, "{page:?}");
        }
    }
}
