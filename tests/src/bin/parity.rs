//! Prints how near the simulation is to the real cluster.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's purpose is to print"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use petset_scenario::{Runner, Simulated};
use petset_tests::parity::{
    Parity, explain, explain_traces, judge, known_failures, measure, table, tables,
};
use petset_tests::record::{Reference, references};

const USAGE: &str = "\
parity [--answers] [--traces] [--kubectl PROGRAM [--check]] [SCENARIO…]: how many answers and traces equal the real cluster's; --answers and --traces show what differs; with --kubectl the real program runs the scenarios as well, and --check holds its results against known-failures-kubectl.txt";

#[derive(Default)]
struct Options {
    answers: bool,
    traces: bool,
    kubectl: Option<PathBuf>,
    check: bool,
    scenarios: Vec<String>,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let built_in = results(options, |_| Ok(Box::new(Simulated::default())))?;
    let Some(kubectl) = &options.kubectl else {
        show(options, &built_in);
        print!("{}", table(&built_in));
        return Ok(());
    };
    let real = results(options, |_| real(kubectl))?;
    show(options, &real);
    print!("{}", tables(&built_in, &real));
    if options.check {
        judge(
            &real,
            &known_failures(include_str!("../../known-failures-kubectl.txt")),
        )?;
    }
    Ok(())
}

#[cfg(unix)]
fn real(kubectl: &Path) -> Result<Box<dyn Runner>, String> {
    let runner = petset_tests::kubectl::RealKubectl::new(kubectl, 1)?;
    Ok(Box::new(runner))
}

#[cfg(not(unix))]
fn real(_: &Path) -> Result<Box<dyn Runner>, String> {
    Err("the real kubectl is driven on Unix alone".to_owned())
}

fn show(options: &Options, results: &[Parity]) {
    for result in results {
        if options.answers {
            print!("{}", explain(result));
        }
        if options.traces {
            print!("{}", explain_traces(result));
        }
    }
}

fn options() -> Result<Options, String> {
    let mut options = Options::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--answers" => options.answers = true,
            "--traces" => options.traces = true,
            "--check" => options.check = true,
            "--kubectl" => options.kubectl = Some(words.next().ok_or(USAGE)?.into()),
            flag if flag.starts_with('-') => return Err(USAGE.to_owned()),
            _ => options.scenarios.push(word),
        }
    }
    Ok(options)
}

fn results(
    options: &Options,
    runner: impl Fn(&Reference) -> Result<Box<dyn Runner>, String>,
) -> Result<Vec<Parity>, String> {
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
        .map(|reference| measure(reference, runner(reference)?.as_mut()))
        .collect()
}
