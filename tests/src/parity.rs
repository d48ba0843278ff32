//! How near the simulation is to the real cluster, scenario by scenario.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::compare::{Comparison, compare_allowing};
use crate::record::{Reference, references};
use crate::trace::{self, Agreement, Trace};
use petset_scenario::{Runner, play};

/// One scenario's result.
#[derive(Debug, Clone)]
pub struct Parity {
    /// The scenario's name.
    pub scenario: String,
    /// Its commands.
    pub commands: Comparison,
    /// What its objects went through; none where the recording's changes are not kept.
    pub traces: Option<Agreement>,
}

impl Parity {
    /// Whether every command answered as the real cluster did, and every object went through the same.
    pub fn passes(&self) -> bool {
        let traces = self.traces.as_ref();
        self.commands.equal == self.commands.total
            && traces.is_none_or(|traces| traces.equal == traces.total)
    }
}

/// Runs one scenario from its beginning.
///
/// # Errors
/// When the recording cannot be read, or its allowances do not fit it.
pub fn measure(reference: &Reference, runner: &mut dyn Runner) -> Result<Parity, String> {
    let (text, expected, allowed) = (
        reference.scenario()?,
        reference.commands()?,
        reference.allowed()?,
    );
    let recorded = reference.changes()?.map(|changes| trace::project(&changes));
    let stale = allowed.iter().find(|entry| {
        expected
            .get(entry.index)
            .is_none_or(|record| record.command != entry.command)
    });
    if let Some(entry) = stale {
        return Err(format!(
            "{}/allowed.json: command {} is not `{}`",
            reference.name, entry.index, entry.command
        ));
    }
    let actual = play(&text, runner);
    let commands = compare_allowing(
        &expected,
        &actual,
        &allowed,
        recorded.as_ref().unwrap_or(&Trace::new()),
    );
    let steps = reference.allowed_steps()?;
    let traces = recorded.map(|recorded| {
        let simulated = trace::project(&runner.changes());
        trace::compare(
            &trace::without(&recorded, &steps),
            &trace::without(&simulated, &steps),
        )
    });
    Ok(Parity {
        scenario: reference.name.clone(),
        commands,
        traces,
    })
}

/// Runs every scenario, each on a new runner.
///
/// # Errors
/// When a recording cannot be read.
pub fn measure_all(
    mut runner: impl FnMut(&Reference) -> Box<dyn Runner>,
) -> Result<Vec<Parity>, String> {
    references()?
        .iter()
        .map(|reference| measure(reference, runner(reference).as_mut()))
        .collect()
}

/// The table: scenario, equal/total of commands and of traces, and the sums.
pub fn table(results: &[Parity]) -> String {
    let mut out = String::from("| scenario | commands | traces |\n|---|---|---|\n");
    let (mut commands, mut traces) = ((0, 0), (0, 0));
    for result in results {
        let (equal, total) = (result.commands.equal, result.commands.total);
        commands = (commands.0 + equal, commands.1 + total);
        let shown = result
            .traces
            .as_ref()
            .map(|traces| format!("{}/{}", traces.equal, traces.total));
        let shown = shown.unwrap_or_else(|| "-".to_owned());
        if let Some(agreement) = &result.traces {
            traces = (traces.0 + agreement.equal, traces.1 + agreement.total);
        }
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {} | {equal}/{total} | {shown} |", result.scenario);
    }
    let _ = writeln!(
        out,
        "| **all** | {}/{} | {}/{} |",
        commands.0, commands.1, traces.0, traces.1
    );
    out
}

/// The results of the built-in kubectl and of the real one side by side: equal/total of commands, and of the real one's traces.
pub fn tables(built_in: &[Parity], real: &[Parity]) -> String {
    let mut out =
        String::from("| scenario | built-in | real kubectl | its traces |\n|---|---|---|---|\n");
    let mut sums = [0; 6];
    for (built_in, real) in built_in.iter().zip(real) {
        let traces = real.traces.as_ref();
        let row = [
            built_in.commands.equal,
            built_in.commands.total,
            real.commands.equal,
            real.commands.total,
            traces.map_or(0, |traces| traces.equal),
            traces.map_or(0, |traces| traces.total),
        ];
        for (sum, number) in sums.iter_mut().zip(row) {
            *sum += number;
        }
        let _ = writeln!(out, "| {} | {} |", real.scenario, cells(row));
    }
    let _ = writeln!(out, "| **all** | {} |", cells(sums));
    out
}

fn cells(row: [usize; 6]) -> String {
    let pairs = row.chunks(2);
    let pairs: Vec<String> = pairs
        .map(|pair| format!("{}/{}", pair[0], pair[1]))
        .collect();
    pairs.join(" | ")
}

/// What differs, command by command, for reading.
pub fn explain(result: &Parity) -> String {
    differing(&result.scenario, &result.commands)
}

/// What differs between two runs of the scenario `name`, for reading.
pub fn differing(name: &str, commands: &Comparison) -> String {
    let mut out = String::new();
    for difference in &commands.differences {
        let _ = writeln!(
            out,
            "[{name} {}] $ {}",
            difference.index, difference.command
        );
        let gone = difference
            .want
            .iter()
            .filter(|line| !difference.got.contains(line))
            .map(|line| ('-', line));
        let new = difference
            .got
            .iter()
            .filter(|line| !difference.want.contains(line))
            .map(|line| ('+', line));
        let mut moved = true;
        for (sign, line) in gone.chain(new) {
            moved = false;
            let _ = writeln!(out, "  {sign} {line}");
        }
        if moved {
            out.push_str("  the same lines in another order or number\n");
        }
    }
    out
}

/// What objects went through differently, for reading.
pub fn explain_traces(result: &Parity) -> String {
    let differences = result.traces.iter().flat_map(|traces| &traces.differences);
    differences
        .map(|difference| format!("[{}] {difference}\n", result.scenario))
        .collect()
}

/// Scenarios known to fail: one name a line; `#` starts a comment.
pub fn known_failures(text: &str) -> BTreeSet<String> {
    let names = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim());
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether exactly the known failures fail, so that the list only shrinks.
///
/// # Errors
/// What to fix, or which lines to take off the list.
pub fn judge(results: &[Parity], known: &BTreeSet<String>) -> Result<(), String> {
    let mut complaints = String::new();
    for result in results {
        match (result.passes(), known.contains(&result.scenario)) {
            (false, false) => {
                let _ = writeln!(
                    complaints,
                    "{} fails:\n{}{}",
                    result.scenario,
                    explain(result),
                    explain_traces(result)
                );
            }
            (true, true) => {
                let _ = writeln!(
                    complaints,
                    "{} passes: take it off known-failures.txt",
                    result.scenario
                );
            }
            _ => {}
        }
    }
    let names: BTreeSet<&String> = results.iter().map(|result| &result.scenario).collect();
    for name in known.iter().filter(|name| !names.contains(name)) {
        let _ = writeln!(
            complaints,
            "{name} stands in known-failures.txt and is no scenario"
        );
    }
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(complaints)
    }
}
