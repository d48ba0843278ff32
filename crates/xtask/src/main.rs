//! The project's tasks: `cargo xtask serve`, `cargo xtask test` and the rest.
//!
//! Everything a task needs is looked for first and installed into a cache when it is missing
//! (see [`setup`]), so that the same two commands work on a fresh machine and on an old one.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task talks to a person in a terminal"
)]

mod api_bench;
mod bench;
mod browser;
mod checks;
mod client_go;
mod debian;
mod doctor;
mod failure;
mod kubectl;
mod machine;
mod need;
mod npm;
mod page_bench;
mod process;
mod project;
mod serve;
mod setup;
mod size;
mod test;
mod tools;

use std::process::ExitCode;

use failure::{Failure, Outcome};
use project::Project;

const USAGE: &str = "\
cargo xtask TASK

  serve [--port N] [--no-open] [--release]   set up, build and open the playground
  build                                      the page, optimised, in dist/
  test [--fast] [STEP…]                      every check; --fast leaves browsers and the page out
  looks                                      take the pictures anew that the browser tests compare views with
  setup                                      install whatever any task needs
  doctor                                     what is there, what is missing, how to get it
  size [--check] [--write]                   what the browser loads from dist/
  bench [--quick] [--write] [--limit S]      time and memory for many pods, beside a peer
  bench --api [--reference FOLDER] [--quick] [--write]
                                             requests per second, beside the etcd and kube-apiserver in FOLDER
  bench --page [--write]                     how the page in dist/ answers, from the browser's traces
  parity [--traces] [--answers] [--kubectl] [SCENARIO…]
                                             scenarios against the recorded cluster; by the real kubectl too
  soak [--seeds N] [--from S] [--threads N] [--seed S]
                                             random actions and faults, after which all must converge
  editor-bundle                              the editor's JavaScript and the embed script (Trunk calls this)
  finish-page                                what Trunk leaves out of a page (Trunk calls this)
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let mut parser = lexopt::Parser::from_env();
    let task = match parser.next()? {
        Some(lexopt::Arg::Value(task)) => task.to_string_lossy().into_owned(),
        Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help")) | None => {
            print!("{USAGE}");
            return Ok(());
        }
        Some(other) => return Err(other.unexpected().into()),
    };
    let project = Project::open()?;
    match task.as_str() {
        "serve" => serve::serve(&project, &serve::Options::parse(parser)?),
        "build" => nothing_more(parser).and_then(|()| serve::build(&project)),
        "test" => test::test(&project, &test::Options::parse(parser)?),
        "looks" => nothing_more(parser).and_then(|()| test::looks(&project)),
        "setup" => nothing_more(parser).and_then(|()| setup::all(&project)),
        "doctor" => nothing_more(parser).and_then(|()| doctor::doctor(&project)),
        "size" => size::size(&project, &size::Options::parse(parser)?),
        "bench" => bench::bench(&project, &bench::Options::parse(parser)?),
        "parity" => parity(&project, parser),
        "soak" => soak(&project, parser),
        "editor-bundle" => nothing_more(parser).and_then(|()| npm::editor_bundle(&project)),
        "finish-page" => nothing_more(parser).and_then(|()| serve::finish(&project)),
        other => Err(Failure::new(format!("there is no task '{other}'")).with_fix(USAGE)),
    }
}

fn nothing_more(mut parser: lexopt::Parser) -> Outcome<()> {
    match parser.next()? {
        Some(argument) => Err(argument.unexpected().into()),
        None => Ok(()),
    }
}

fn parity(project: &Project, mut parser: lexopt::Parser) -> Outcome<()> {
    let mut arguments: Vec<std::ffi::OsString> = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long("traces") => arguments.push("--traces".into()),
            lexopt::Arg::Long("answers") => arguments.push("--answers".into()),
            lexopt::Arg::Long("kubectl") => {
                setup::ensure(project, &setup::for_kubectl())?;
                let program = kubectl::find(project)
                    .ok_or_else(|| Failure::new(format!("no kubectl: {}", kubectl::NO_GO)))?;
                arguments.extend(["--kubectl".into(), program.into()]);
            }
            lexopt::Arg::Value(scenario) => arguments.push(scenario),
            other => return Err(other.unexpected().into()),
        }
    }
    process::run(parity_command(project, &arguments))
}

/// The harness that compares scenarios with their recordings.
fn parity_command(project: &Project, arguments: &[std::ffi::OsString]) -> std::process::Command {
    let mut command = project.cargo();
    command.args([
        "run",
        "--quiet",
        "--package",
        "petset-tests",
        "--bin",
        "parity",
        "--",
    ]);
    command.args(arguments);
    command
}

/// The random driver, built for speed: a hundred thousand runs are a matter of minutes.
fn soak(project: &Project, mut parser: lexopt::Parser) -> Outcome<()> {
    let mut command = project.cargo();
    command.args(["run", "--quiet", "--profile", "soak"]);
    command.args(["--package", "petset-tests", "--bin", "soak", "--"]);
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Long(name @ ("seeds" | "from" | "seed" | "threads")) => {
                command.arg(format!("--{name}"));
            }
            other => return Err(other.unexpected().into()),
        }
        command.arg(parser.value()?);
    }
    process::run(command)
}
