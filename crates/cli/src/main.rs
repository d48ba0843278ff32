//! `petset`: the simulated cluster as a native program.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program's output goes to whoever started it"
)]

mod failure;
mod run;
mod serve;
mod shell;
mod test;

use std::process::ExitCode;

use mimalloc::MiMalloc;

use crate::failure::{Failure, Outcome};

/// A cluster is millions of small texts; the watch log lets go of them long after they have left the processor's caches. The C
/// library's allocator then reads its notes on both neighbours of each; this one reads none.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USAGE: &str = "\
petset: Kubernetes 1.36 in one process, on virtual time, for learning StatefulSets

Usage: petset COMMAND [ARGUMENTS]

Commands:
  serve [FILES…]               serve the API of a simulated cluster to kubectl
  shell [FOLDER]               a shell with kubectl in this terminal
  run SCENARIO.md --out DIR    run a scenario and write down what happened
  test FILE.md...              say whether tutorials are true

Options:
  -h, --help       this text; after a command, that command's
  -V, --version    the version

Exit codes:
  0  success
  1  something did not work
  2  the command line was not understood
";

fn main() -> ExitCode {
    match dispatch(lexopt::Parser::from_env()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("petset: {failure}");
            failure.exit_code()
        }
    }
}

fn dispatch(mut parser: lexopt::Parser) -> Outcome<ExitCode> {
    use lexopt::prelude::{Long, Short, Value};
    let Some(argument) = parser.next()? else {
        eprint!("{USAGE}");
        return Ok(ExitCode::from(failure::USAGE_CODE));
    };
    match argument {
        Short('h') | Long("help") => print!("{USAGE}"),
        Short('V') | Long("version") => println!("petset {}", env!("CARGO_PKG_VERSION")),
        Value(command) => match command.to_string_lossy().as_ref() {
            "run" => return run::main(parser),
            "serve" => return serve::main(parser),
            "shell" => return shell::main(parser),
            "test" => return test::main(parser),
            other => return Err(Failure::usage(format!("no command is named '{other}'"))),
        },
        other => return Err(other.unexpected().into()),
    }
    Ok(ExitCode::SUCCESS)
}
