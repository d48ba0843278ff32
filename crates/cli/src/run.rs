//! `petset run`: a scenario through the built-in console, written down in the recorder's format.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use petset_scenario::record::{changes_jsonl, commands_json};
use petset_scenario::{Record, Runner, Simulated, play};

use crate::failure::{Failure, Outcome};

const USAGE: &str = "\
Runs a scenario on a fresh simulated cluster and writes down what happened, in the form in which a real cluster is recorded.

Usage: petset run SCENARIO.md --out DIR [--seed N]

DIR gets commands.json (each command with its output, exit code, start and end), changes.jsonl (every change of every object)
and a copy of the scenario.

A scenario is Markdown; its fenced blocks are files (```yaml NAME) and commands, one a line (```sh). The cluster settles before
and after each block of commands; ```sh now does not wait afterwards, ```sh watch runs until the scenario ends.

Options:
      --out DIR    where the files go; it is made if it is not there
      --seed N     the seed of all chance (1)
  -h, --help       this text

Exit codes: 0 written, whatever the commands answered; 1 a file could not be read or written; 2 wrong arguments
";

struct Options {
    scenario: PathBuf,
    out: PathBuf,
    seed: u64,
}

/// Runs the command with what follows its name.
pub fn main(parser: lexopt::Parser) -> Outcome<ExitCode> {
    let Some(options) = options(parser)? else {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    let text = fs::read_to_string(&options.scenario)
        .map_err(|error| Failure::at(&options.scenario, &error))?;
    let mut runner = Simulated::new(options.seed);
    let records = play(&text, &mut runner);
    write(&options.out, &text, &records, &runner)?;
    let failed = records
        .iter()
        .filter(|record| record.code.is_some_and(|code| code != 0))
        .count();
    println!(
        "{} commands, {failed} of them with a nonzero exit code; {}",
        records.len(),
        options.out.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn options(mut parser: lexopt::Parser) -> Outcome<Option<Options>> {
    use lexopt::ValueExt as _;
    use lexopt::prelude::{Long, Short, Value};
    let (mut scenario, mut out, mut seed) = (None, None, 1);
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Long("seed") => seed = parser.value()?.parse()?,
            Value(path) if scenario.is_none() => scenario = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    match (scenario, out) {
        (Some(scenario), Some(out)) => Ok(Some(Options {
            scenario,
            out,
            seed,
        })),
        (None, _) => Err(Failure::usage("petset run: which scenario?")),
        (_, None) => Err(Failure::usage("petset run: --out says where the files go")),
    }
}

fn write(out: &Path, text: &str, records: &[Record], runner: &dyn Runner) -> Outcome<()> {
    let commands = commands_json(records).map_err(|error| Failure::new(error.to_string()))?;
    fs::create_dir_all(out).map_err(|error| Failure::at(out, &error))?;
    for (name, content) in [
        ("commands.json", commands.as_str()),
        ("changes.jsonl", &changes_jsonl(&runner.changes())),
        ("scenario.md", text),
    ] {
        let path = out.join(name);
        fs::write(&path, content).map_err(|error| Failure::at(&path, &error))?;
    }
    Ok(())
}
