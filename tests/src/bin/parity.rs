//! Prints how near the simulation is to the real cluster: `parity [-v] [SCENARIO…]`; `-v` shows what differs.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's purpose is to print"
)]

use std::process::ExitCode;

use petset_tests::parity::{explain, measure, table};
use petset_tests::record::references;
use petset_tests::simulated::Simulated;

fn main() -> ExitCode {
    let (flags, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word == "-v");
    let wanted = |name: &String| names.is_empty() || names.contains(name);
    let results: Result<Vec<_>, String> = references().and_then(|all| {
        all.iter()
            .filter(|reference| wanted(&reference.name))
            .map(|reference| measure(reference, &mut Simulated::default()))
            .collect()
    });
    match results {
        Ok(results) => {
            if !flags.is_empty() {
                results
                    .iter()
                    .for_each(|result| print!("{}", explain(result)));
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
