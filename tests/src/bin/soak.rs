//! Runs the random driver over many seeds, or shows one.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's purpose is to print"
)]

use std::process::ExitCode;

use petset_tests::soak::{Plan, run, run_seed};

const USAGE: &str = "soak [--seeds N] [--from S] | --seed S: runs of the random driver; a single seed shows its plan";

/// What the command line asks for.
enum Wanted {
    Many { from: u64, seeds: u64 },
    One(u64),
}

fn main() -> ExitCode {
    let result = match wanted() {
        Ok(Wanted::One(seed)) => one(seed),
        Ok(Wanted::Many { from, seeds }) => many(from, seeds),
        Err(why) => Err(why),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn wanted() -> Result<Wanted, String> {
    let mut words = std::env::args().skip(1);
    let (mut from, mut seeds) = (0, 10_000);
    while let Some(word) = words.next() {
        let number = words.next().and_then(|number| number.parse().ok());
        match (word.as_str(), number) {
            ("--seed", Some(seed)) => return Ok(Wanted::One(seed)),
            ("--seeds", Some(number)) => seeds = number,
            ("--from", Some(number)) => from = number,
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(Wanted::Many { from, seeds })
}

fn one(seed: u64) -> Result<(), String> {
    for action in Plan::of(seed).actions {
        println!("{action:?}");
    }
    run_seed(seed)
        .map(|done| println!("{done:?}"))
        .map_err(|failure| failure.explain())
}

fn many(from: u64, seeds: u64) -> Result<(), String> {
    println!("seeds {from} to {}", from + seeds);
    let (mut failed, mut steps) = (0, 0);
    for seed in from..from + seeds {
        match run_seed(seed) {
            Ok(done) => {
                steps += done.steps;
                if seed % 100 == 0 && run(&Plan::of(seed)).as_ref() != Ok(&done) {
                    return Err(format!("seed {seed} is not the same twice"));
                }
            }
            Err(failure) => {
                failed += 1;
                eprintln!("{}", failure.explain());
            }
        }
        if (seed - from) % 1_000 == 999 {
            println!("{} runs, {failed} failed, {steps} steps", seed - from + 1);
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(format!("{failed} of {seeds} runs failed")),
    }
}
