//! Prints how near the simulation is to the real cluster.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's purpose is to print"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use petset_scenario::{Runner, Simulated};
use petset_tests::beside;
use petset_tests::parity::{
    Parity, differing, explain, explain_traces, judge, known_failures, measure, table, tables,
};
use petset_tests::record::{Reference, references};

const USAGE: &str = "\
parity [--answers] [--traces] [--kubectl PROGRAM [--check] [--beside]] [SCENARIO…]: how many answers and traces equal the real cluster's; --answers and --traces show what differs; with --kubectl the real program runs the scenarios as well, and --check holds its results against known-failures-kubectl.txt; --beside runs the lines of tests/beside by both instead";

#[derive(Default)]
struct Options {
    answers: bool,
    traces: bool,
    kubectl: Option<PathBuf>,
    check: bool,
    beside: bool,
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
    if options.beside {
        return run_beside(options);
    }
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

/// The lines of `tests/beside`, by the built-in kubectl and by the real one.
fn run_beside(options: &Options) -> Result<(), String> {
    let kubectl = options.kubectl.as_ref().ok_or(USAGE)?;
    let mut results = Vec::new();
    let (mut equal, mut total) = (0, 0);
    for lines in beside::all()? {
        if !options.scenarios.is_empty() && !options.scenarios.contains(&lines.name) {
            continue;
        }
        let mut real = real(kubectl)?;
        let result = beside::measure(&lines, &mut Simulated::default(), real.as_mut());
        if options.answers {
            print!("{}", differing(&lines.name, &result));
        }
        println!("{}: {}/{}", lines.name, result.equal, result.total);
        (equal, total) = (equal + result.equal, total + result.total);
        results.push((lines, result));
    }
    println!("beside the real kubectl: {equal}/{total}");
    if options.check {
        beside::judge(&results, &beside::known()?)?;
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
            "--beside" => options.beside = true,
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
