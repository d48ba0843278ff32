//! Prints how near the simulation is to the real cluster.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's purpose is to print"
)]

use std::process::ExitCode;

use petset_scenario::Simulated;
use petset_tests::parity::{Parity, explain, explain_traces, measure, table};
use petset_tests::record::references;

const USAGE: &str = "parity [--answers] [--traces] [SCENARIO…]: how many answers and traces equal the real cluster's; the options show what differs";

#[derive(Default)]
struct Options {
    answers: bool,
    traces: bool,
    scenarios: Vec<String>,
}

fn main() -> ExitCode {
    match options().and_then(|options| Ok((results(&options)?, options))) {
        Ok((results, options)) => {
            for result in &results {
                if options.answers {
                    print!("{}", explain(result));
                }
                if options.traces {
                    print!("{}", explain_traces(result));
                }
            }
            print!("{}", table(&results));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--answers" => options.answers = true,
            "--traces" => options.traces = true,
            flag if flag.starts_with('-') => return Err(USAGE.to_owned()),
            _ => options.scenarios.push(word),
        }
    }
    Ok(options)
}

fn results(options: &Options) -> Result<Vec<Parity>, String> {
    let all = references()?;
    if let Some(name) = options
        .scenarios
        .iter()
        .find(|name| all.iter().all(|reference| reference.name != **name))
    {
        return Err(format!("no scenario is named {name}"));
    }
    let wanted = all.iter().filter(|reference| {
        options.scenarios.is_empty() || options.scenarios.contains(&reference.name)
    });
    wanted
        .map(|reference| measure(reference, &mut Simulated::default()))
        .collect()
}
