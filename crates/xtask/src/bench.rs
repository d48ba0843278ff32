//! `bench`: many pods to all Ready, as WebAssembly in Node and natively, beside a peer in the same Node.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::size::grouped;
use crate::{machine, npm, process, setup, tools};

const WRITTEN: &str = "docs/bench.md";
const BUILT: &str = "target/xtask/bench";

/// What `bench` was asked for.
#[derive(Default)]
pub struct Options {
    quick: bool,
    write: bool,
}

impl Options {
    pub fn parse(mut parser: lexopt::Parser) -> Outcome<Self> {
        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("quick") => options.quick = true,
                lexopt::Arg::Long("write") => options.write = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runner {
    Wasm,
    Native,
    Peer,
}

impl Runner {
    fn name(self) -> &'static str {
        match self {
            Self::Wasm => "petset, WebAssembly in Node",
            Self::Native => "petset, native",
            Self::Peer => "@ngrok/webernetes 0.3.5 in Node",
        }
    }

    /// The numbers of pods. The peer's time grows with the square: 10,000 pods would take hours.
    fn sizes(self, quick: bool) -> &'static [u32] {
        match (self, quick) {
            (_, true) => &[10, 100],
            (Self::Peer, false) => &[10, 100, 1_000],
            (_, false) => &[10, 100, 1_000, 10_000],
        }
    }
}

/// One line of the result.
struct Measured {
    runner: Runner,
    pods: u32,
    /// The first run in a fresh process, which is what a visitor gets.
    wall_ms: f64,
    peak_rss_bytes: u64,
}

/// Builds, measures each size in a process of its own, and prints the table.
pub fn bench(project: &Project, options: &Options) -> Outcome<()> {
    setup::ensure(project, &setup::for_bench())?;
    println!("building");
    build(project)?;
    let mut results = Vec::new();
    for runner in [Runner::Native, Runner::Wasm, Runner::Peer] {
        for pods in runner.sizes(options.quick) {
            println!("{}: {} pods", runner.name(), grouped(u64::from(*pods)));
            results.push(measure(project, runner, *pods)?);
        }
    }
    let report = format!("{}\n{}", table(&results), conclusions(&results));
    println!("\n{report}");
    if options.write {
        std::fs::create_dir_all(project.path("docs"))?;
        std::fs::write(project.path(WRITTEN), document(project, &report, options))?;
        println!("written to {WRITTEN}");
    }
    Ok(())
}

fn build(project: &Project) -> Outcome<()> {
    let built = project.path(BUILT);
    std::fs::create_dir_all(&built)?;
    let mut native = project.cargo();
    native.args([
        "build",
        "--profile",
        "bench",
        "--package",
        "petset-bench",
        "--bin",
        "bench-native",
    ]);
    process::logged(native, &built.join("native.log"))?;
    let mut wasm = project.cargo();
    wasm.args([
        "build",
        "--profile",
        "bench",
        "--package",
        "petset-bench",
        "--lib",
    ]);
    wasm.args(["--target", "wasm32-unknown-unknown"]);
    process::logged(wasm, &built.join("wasm.log"))?;
    let mut glue = project.command(tools::WASM_BINDGEN.programs[0]);
    glue.args(["--target", "nodejs", "--out-dir"])
        .arg(built.join("node"));
    glue.arg(target_folder(project).join("wasm32-unknown-unknown/release/petset_bench.wasm"));
    process::logged(glue, &built.join("glue.log"))?;
    let mut peer = project.command("npx");
    peer.args([
        "esbuild",
        "peer.mjs",
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--log-level=warning",
    ]);
    peer.arg(format!("--outfile={}", built.join("peer.mjs").display()))
        .current_dir(project.path(npm::PEER));
    process::logged(peer, &built.join("peer.log"))
}

fn target_folder(project: &Project) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| project.path("target"), |folder| project.path(folder))
}

fn measure(project: &Project, runner: Runner, pods: u32) -> Outcome<Measured> {
    let built = project.path(BUILT);
    let mut command = match runner {
        Runner::Native => project.command(target_folder(project).join("release/bench-native")),
        Runner::Wasm => {
            let mut command = project.command("node");
            command
                .arg(project.path("tests/bench/petset.mjs"))
                .arg(built.join("node/petset_bench.js"));
            command
        }
        Runner::Peer => {
            let mut command = project.command("node");
            command.arg(built.join("peer.mjs"));
            command
        }
    };
    command.arg(pods.to_string());
    let printed = process::output(command)?;
    let line = printed.lines().last().unwrap_or_default();
    let result: Value = serde_json::from_str(line)
        .map_err(|_| Failure::new(format!("{} printed no result:\n{printed}", runner.name())))?;
    match (
        result["wall_ms"].as_f64(),
        result["peak_rss_bytes"].as_u64(),
    ) {
        (Some(wall_ms), Some(peak_rss_bytes)) => Ok(Measured {
            runner,
            pods,
            wall_ms,
            peak_rss_bytes,
        }),
        _ => Err(Failure::new(format!("{} printed {line}", runner.name()))),
    }
}

fn table(results: &[Measured]) -> String {
    let mut text = String::from(
        "| who | pods | wall time, ms | time per pod, µs | peak memory, MiB |\n|---|--:|--:|--:|--:|\n",
    );
    for result in results {
        let per_pod_us = result.wall_ms * 1_000.0 / f64::from(result.pods);
        let mebibytes = result.peak_rss_bytes / (1 << 20);
        let pods = grouped(u64::from(result.pods));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {pods} | {:.1} | {per_pod_us:.0} | {mebibytes} |",
            result.runner.name(),
            result.wall_ms
        );
    }
    text
}

/// The two numbers that are promised: against the peer, and how cost grows.
fn conclusions(results: &[Measured]) -> String {
    let wall_ms = |runner: Runner, pods: u32| {
        results
            .iter()
            .find(|result| result.runner == runner && result.pods == pods)
            .map(|result| result.wall_ms)
    };
    let mut text = String::new();
    for pods in [100, 1_000] {
        if let (Some(ours), Some(theirs)) =
            (wall_ms(Runner::Wasm, pods), wall_ms(Runner::Peer, pods))
        {
            let _ = writeln!(
                text,
                "- {} pods, WebAssembly against the peer: {:.0} times faster (at 1,000 the target is 100).",
                grouped(u64::from(pods)),
                theirs / ours
            );
        }
    }
    for runner in [Runner::Wasm, Runner::Native] {
        if let (Some(few), Some(many)) = (wall_ms(runner, 100), wall_ms(runner, 10_000)) {
            let _ = writeln!(
                text,
                "- {}: time per pod at 10,000 is {:.2} times that at 100 (the target is at most 1.3).",
                runner.name(),
                many / few / 100.0
            );
        }
    }
    text
}

fn document(project: &Project, report: &str, options: &Options) -> String {
    let quick = if options.quick { " --quick" } else { "" };
    format!(
        "# Many pods to all Ready\n\n\
         petset runs a Parallel StatefulSet, the peer a Deployment, each to all pods Ready, each size in a process of its own.\n\
         The time is that of the first run in the process, from the request to the last pod being Ready, without building the empty cluster.\n\
         petset's time is virtual, so it never waits; the peer runs on the wall clock, and its waiting counts.\n\n\
         {report}\n{}, {}. `cargo xtask bench{quick} --write`\n",
        machine::today(),
        machine::shape(project)
    )
}

#[cfg(test)]
mod tests {
    use super::{Measured, Runner, conclusions};

    #[test]
    fn both_promises_are_computed() {
        let result = |runner, pods, wall_ms| Measured {
            runner,
            pods,
            wall_ms,
            peak_rss_bytes: 0,
        };
        let results = [
            result(Runner::Wasm, 100, 10.0),
            result(Runner::Wasm, 1_000, 100.0),
            result(Runner::Wasm, 10_000, 1_200.0),
            result(Runner::Peer, 1_000, 50_000.0),
        ];
        let text = conclusions(&results);
        assert!(
            text.contains("1,000 pods, WebAssembly against the peer: 500 times faster"),
            "{text}"
        );
        assert!(
            text.contains("time per pod at 10,000 is 1.20 times that at 100"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
