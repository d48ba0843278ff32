//! Runs the random driver over many seeds, or shows one.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's purpose is to print"
)]

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use petset_tests::soak::{Plan, run, run_seed};

const USAGE: &str = "soak [--seeds N] [--from S] [--threads N] | --seed S: runs of the random driver; a single seed shows its plan";

/// After so many failures the rest is not looked at: one bug makes many of them.
const FAILURES_MAX: u64 = 20;
/// A line of progress comes after so many runs.
const PROGRESS: u64 = 1_000;
/// One of so many seeds is run twice, which must come to the same.
const TWICE: u64 = 100;

/// What the command line asks for.
enum Wanted {
    Many(Many),
    One(u64),
}

/// Many runs, shared among threads.
struct Many {
    from: u64,
    seeds: u64,
    threads: u64,
}

/// How far all threads together are.
#[derive(Default)]
struct Progress {
    started: u64,
    done: u64,
    failed: u64,
    steps: u64,
}

fn main() -> ExitCode {
    let result = match wanted() {
        Ok(Wanted::One(seed)) => one(seed),
        Ok(Wanted::Many(many)) => many.run(),
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
    let cores = std::thread::available_parallelism();
    let mut many = Many {
        from: 0,
        seeds: 100_000,
        threads: cores.map_or(1, |cores| cores.get() as u64),
    };
    while let Some(word) = words.next() {
        let number = words.next().and_then(|number| number.parse().ok());
        match (word.as_str(), number) {
            ("--seed", Some(seed)) => return Ok(Wanted::One(seed)),
            ("--seeds", Some(number)) => many.seeds = number,
            ("--from", Some(number)) => many.from = number,
            ("--threads", Some(number @ 1..)) => many.threads = number,
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(Wanted::Many(many))
}

fn one(seed: u64) -> Result<(), String> {
    println!("{:?}", Plan::of(seed));
    run_seed(seed)
        .map(|done| println!("{done:?}"))
        .map_err(|failure| failure.explain())
}

impl Many {
    fn run(&self) -> Result<(), String> {
        println!(
            "seeds {} to {}, {} threads",
            self.from,
            self.from + self.seeds - 1,
            self.threads
        );
        let began = Instant::now();
        let progress = Mutex::new(Progress::default());
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| self.work(&progress, began));
            }
        });
        let progress = lock(&progress);
        println!("{}", progress.line(began));
        match progress.failed {
            0 => Ok(()),
            failed => Err(format!("{failed} of {} runs failed", progress.done)),
        }
    }

    /// What one thread does: the next seed that nobody has taken, until there is none.
    fn work(&self, progress: &Mutex<Progress>, began: Instant) {
        while let Some(seed) = self.next(progress) {
            let result = run_seed(seed).map_err(|failure| failure.explain());
            let result = result.and_then(|done| match seed % TWICE {
                0 if run(&Plan::of(seed)).as_ref() != Ok(&done) => {
                    Err(format!("seed {seed} is not the same twice"))
                }
                _ => Ok(done),
            });
            let mut progress = lock(progress);
            progress.done += 1;
            match result {
                Ok(done) => progress.steps += done.steps,
                Err(why) => {
                    progress.failed += 1;
                    eprintln!("{why}");
                }
            }
            if progress.done.is_multiple_of(PROGRESS) {
                println!("{}", progress.line(began));
            }
        }
    }

    fn next(&self, progress: &Mutex<Progress>) -> Option<u64> {
        let mut progress = lock(progress);
        let more = progress.started < self.seeds && progress.failed < FAILURES_MAX;
        more.then(|| {
            progress.started += 1;
            self.from + progress.started - 1
        })
    }
}

impl Progress {
    fn line(&self, began: Instant) -> String {
        let seconds = began.elapsed().as_secs_f64();
        format!(
            "{} runs, {} failed, {} steps, {seconds:.0} s, {:.0} runs/s",
            self.done,
            self.failed,
            self.steps,
            self.done as f64 / seconds
        )
    }
}

fn lock(progress: &Mutex<Progress>) -> std::sync::MutexGuard<'_, Progress> {
    progress
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
