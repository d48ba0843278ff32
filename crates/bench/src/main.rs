//! `bench-native N lab|bare|deployment|sets`: brings N pods to Ready and prints one line of JSON, in the form of `tests/bench/peer.mjs`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the result goes to whoever started the measurement"
)]

use std::process::ExitCode;
use std::time::Instant;

use petset_bench::mass::{Form, Load};
use serde_json::json;

const SEED: u64 = 1;

/// As in `petset`, which this measures.
#[cfg(not(target_family = "wasm"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Some((pods, form)) = arguments() else {
        eprintln!("usage: bench-native N lab|bare|deployment|sets");
        return ExitCode::FAILURE;
    };
    let mut load = Load::new(pods, form, SEED);
    let cpu_before_ms = cpu_ms();
    let started = Instant::now();
    let done = load.run();
    let wall_ms = started.elapsed().as_secs_f64() * 1_000.0;
    let cpu_ms = cpu_ms() - cpu_before_ms;
    match done {
        Ok(done) => {
            let peak_rss_bytes = peak_rss_bytes();
            println!(
                "{}",
                json!({ "n": pods, "wall_ms": wall_ms, "cpu_ms": cpu_ms, "peak_rss_bytes": peak_rss_bytes, "events": done.events, "virtual_ms": done.virtual_ms })
            );
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Option<(u32, Form)> {
    let mut arguments = std::env::args().skip(1);
    let pods = arguments.next()?.parse().ok()?;
    Some((pods, Form::of(&arguments.next()?)?))
}

/// The time this process has had a processor, in milliseconds, as Linux tells; 0 elsewhere.
fn cpu_ms() -> f64 {
    let times = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = times.split_whitespace().next();
    let nanoseconds = nanoseconds.and_then(|number| number.parse::<f64>().ok());
    nanoseconds.unwrap_or_default() / 1e6
}

/// The most memory this process has held, as Linux tells; 0 elsewhere.
fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1_024
}
