//! `bench`: many pods to all Ready, as WebAssembly in Node and natively, beside a peer in the same Node.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::process::Ending;
use crate::project::Project;
use crate::size::grouped;
use crate::{api_bench, machine, npm, page_bench, process, setup, tools};

const WRITTEN: &str = "docs/bench.md";
const BUILT: &str = "target/xtask/bench";

/// Whoever has not come to an end by then is stopped, unless `--limit` says otherwise.
const LIMIT: Duration = Duration::from_secs(600);

/// What `bench` was asked for.
pub struct Options {
    quick: bool,
    write: bool,
    limit: Duration,
    /// The network face is measured instead.
    api: bool,
    /// The page is measured instead.
    page: bool,
    reference: Option<PathBuf>,
}

impl Options {
    pub fn parse(mut parser: lexopt::Parser) -> Outcome<Self> {
        use lexopt::ValueExt;
        let mut options = Self {
            quick: false,
            write: false,
            limit: LIMIT,
            api: false,
            page: false,
            reference: None,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("quick") => options.quick = true,
                lexopt::Arg::Long("write") => options.write = true,
                lexopt::Arg::Long("api") => options.api = true,
                lexopt::Arg::Long("page") => options.page = true,
                lexopt::Arg::Long("reference") => {
                    options.reference = Some(std::path::absolute(parser.value()?)?);
                }
                lexopt::Arg::Long("limit") => {
                    options.limit = Duration::from_secs(parser.value()?.parse()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runner {
    /// As WebAssembly, compiled for speed.
    Wasm,
    /// As WebAssembly, compiled as the page has it: for size.
    Page,
    Native,
    Peer,
}

/// What belongs to the pods besides themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As in lab 3: a headless service and a claim for each pod.
    Lab,
    /// Nothing.
    Bare,
    /// A Deployment alone: what the peer does.
    Deployment,
    /// Small sets: a third as many as there are pods.
    Sets,
}

impl Form {
    fn word(self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::Bare => "bare",
            Self::Deployment => "deployment",
            Self::Sets => "sets",
        }
    }
}

/// All that is measured, in the order of the table.
const SERIES: [(Runner, Form); 10] = [
    (Runner::Native, Form::Lab),
    (Runner::Native, Form::Bare),
    (Runner::Native, Form::Deployment),
    (Runner::Native, Form::Sets),
    (Runner::Wasm, Form::Lab),
    (Runner::Wasm, Form::Bare),
    (Runner::Wasm, Form::Deployment),
    (Runner::Wasm, Form::Sets),
    (Runner::Page, Form::Lab),
    (Runner::Peer, Form::Deployment),
];

impl Runner {
    fn name(self) -> &'static str {
        match self {
            Self::Wasm => "petset, WebAssembly in Node",
            Self::Page => "petset, WebAssembly as in the page, in Node",
            Self::Native => "petset, native",
            Self::Peer => "@ngrok/webernetes 0.3.5 in Node",
        }
    }

    /// The numbers of pods. The peer's time grows with the square: 10,000 pods would take hours.
    fn sizes(self, form: Form, quick: bool) -> &'static [u32] {
        match (self, form, quick) {
            (_, Form::Sets, true) => &[30, 300],
            (_, Form::Sets, false) => &[30, 300, 3_000],
            (Self::Page, _, true) => &[100],
            (_, _, true) => &[10, 100],
            (Self::Peer, _, false) => &[10, 100, 250, 500, 1_000],
            (Self::Page, _, false) => &[1_000],
            (Self::Wasm, Form::Bare | Form::Deployment, false) => {
                &[10, 100, 250, 500, 1_000, 10_000]
            }
            (_, _, false) => &[10, 100, 1_000, 10_000],
        }
    }
}

/// One line of the result.
struct Measured {
    runner: Runner,
    form: Form,
    pods: u32,
    /// Whether all pods became Ready; else the numbers are those of the moment when it was stopped.
    ended: bool,
    /// The first run in a fresh process, which is what a visitor gets.
    wall_ms: f64,
    /// The second run in the same process, when the WebAssembly that is used most has been compiled for speed.
    again_ms: Option<f64>,
    /// Time on processors, which other work on the machine does not lengthen; compiling WebAssembly counts.
    cpu_ms: f64,
    peak_rss_bytes: u64,
    /// What the module's own memory grew to.
    wasm_memory_bytes: Option<u64>,
}

/// Builds, measures each size in a process of its own, and prints the table.
pub fn bench(project: &Project, options: &Options) -> Outcome<()> {
    if options.api {
        let api = api_bench::Options {
            write: options.write,
            quick: options.quick,
            reference: options.reference.clone(),
        };
        return api_bench::bench(project, &api);
    }
    if options.page {
        return page_bench::bench(project, options.write);
    }
    setup::ensure(project, &setup::for_bench())?;
    println!("building");
    build(project)?;
    let mut results = Vec::new();
    for (runner, form) in SERIES {
        for pods in runner.sizes(form, options.quick) {
            println!(
                "{}, {}: {} pods",
                runner.name(),
                form.word(),
                grouped(u64::from(*pods))
            );
            results.push(measure(project, runner, form, *pods, options.limit)?);
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
    // Both profiles write to the same folder, so each module is fetched before the next is built.
    build_wasm(project, "release", "page")?;
    build_wasm(project, "bench", "node")?;
    let mut native = project.cargo();
    native.args(["build", "--profile", "bench", "--package", "petset-bench"]);
    native.args(["--bin", "bench-native"]);
    process::logged(native, &built.join("native.log"))?;
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

/// Builds the module with a profile, and its glue for Node into `folder`.
fn build_wasm(project: &Project, profile: &str, folder: &str) -> Outcome<()> {
    let built = project.path(BUILT);
    let mut wasm = project.cargo();
    wasm.args(["build", "--profile", profile, "--package", "petset-bench"]);
    wasm.args(["--lib", "--target", "wasm32-unknown-unknown"]);
    process::logged(wasm, &built.join(format!("{folder}.log")))?;
    let mut glue = project.command(tools::WASM_BINDGEN.programs[0]);
    glue.args(["--target", "nodejs", "--out-dir"])
        .arg(built.join(folder));
    glue.arg(target_folder(project).join("wasm32-unknown-unknown/release/petset_bench.wasm"));
    process::logged(glue, &built.join(format!("{folder}-glue.log")))
}

fn target_folder(project: &Project) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| project.path("target"), |folder| project.path(folder))
}

fn measure(
    project: &Project,
    runner: Runner,
    form: Form,
    pods: u32,
    limit: Duration,
) -> Outcome<Measured> {
    let built = project.path(BUILT);
    let module = |folder: &str| {
        let mut command = project.command("node");
        command
            .arg(project.path("tests/bench/petset.mjs"))
            .arg(built.join(folder).join("petset_bench.js"));
        command
    };
    let mut command = match runner {
        Runner::Native => project.command(target_folder(project).join("release/bench-native")),
        Runner::Wasm => module("node"),
        Runner::Page => module("page"),
        Runner::Peer => {
            let mut command = project.command("node");
            command.arg(built.join("peer.mjs"));
            command
        }
    };
    command.arg(pods.to_string());
    if runner != Runner::Peer {
        command.arg(form.word());
    }
    let printed = match process::output_within(command, limit)? {
        Ending::Itself(printed) => printed,
        Ending::Stopped(usage) => {
            return Ok(Measured {
                runner,
                form,
                pods,
                ended: false,
                wall_ms: limit.as_secs_f64() * 1_000.0,
                again_ms: None,
                cpu_ms: usage.cpu_ms,
                peak_rss_bytes: usage.peak_rss_bytes,
                wasm_memory_bytes: None,
            });
        }
    };
    let line = printed.lines().last().unwrap_or_default();
    let result: Value = serde_json::from_str(line)
        .map_err(|_| Failure::new(format!("{} printed no result:\n{printed}", runner.name())))?;
    match (
        result["wall_ms"].as_f64(),
        result["peak_rss_bytes"].as_u64(),
    ) {
        (Some(wall_ms), Some(peak_rss_bytes)) => Ok(Measured {
            runner,
            form,
            pods,
            ended: true,
            wall_ms,
            again_ms: result["again_ms"].as_f64(),
            cpu_ms: result["cpu_ms"].as_f64().unwrap_or_default(),
            peak_rss_bytes,
            wasm_memory_bytes: result["wasm_memory_bytes"].as_u64(),
        }),
        _ => Err(Failure::new(format!("{} printed {line}", runner.name()))),
    }
}

fn table(results: &[Measured]) -> String {
    let mut text = String::from(
        "| who | load | pods | wall time, ms | again, ms | time per pod, µs | time on processors, ms | peak memory of the process, MiB | of the module, MiB |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let mebibytes = |bytes: u64| (bytes / (1 << 20)).to_string();
    for result in results {
        let per_pod_us = result.wall_ms * 1_000.0 / f64::from(result.pods);
        let more_than = at_least(result);
        let again = result.again_ms.map(|ms| format!("{ms:.1}"));
        let again = again.unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {more_than}{:.1} | {again} | {more_than}{per_pod_us:.0} | {more_than}{:.1} | {} | {} |",
            result.runner.name(),
            result.form.word(),
            grouped(u64::from(result.pods)),
            result.wall_ms,
            result.cpu_ms,
            mebibytes(result.peak_rss_bytes),
            result.wasm_memory_bytes.map(mebibytes).unwrap_or_default(),
        );
    }
    text
}

/// The two numbers that are promised: against the peer, and how cost grows.
fn conclusions(results: &[Measured]) -> String {
    let find = |runner: Runner, form: Form, pods: u32| {
        let mut all = results.iter();
        all.find(|result| (result.runner, result.form, result.pods) == (runner, form, pods))
    };
    let mut text = String::new();
    for ours in results.iter().filter(|ours| ours.ended && ours.pods >= 100) {
        let in_node = matches!(ours.runner, Runner::Wasm | Runner::Page);
        if let Some(theirs) = find(Runner::Peer, Form::Deployment, ours.pods).filter(|_| in_node) {
            let more_than = at_least(theirs);
            let again = ours.again_ms.unwrap_or(ours.wall_ms);
            let _ = writeln!(
                text,
                "- {}, {}: {} pods {more_than}{:.0} times faster than the peer, {more_than}{:.0} times when it runs again, and \
                 with {more_than}{:.0} times less time on processors (at 1,000 the target is 100).",
                ours.runner.name(),
                ours.form.word(),
                grouped(u64::from(ours.pods)),
                theirs.wall_ms / ours.wall_ms,
                theirs.wall_ms / again,
                theirs.cpu_ms / ours.cpu_ms,
            );
        }
    }
    for (runner, form) in SERIES {
        let (few, many) = match form {
            Form::Sets => (300, 3_000),
            Form::Lab | Form::Bare | Form::Deployment => (100, 10_000),
        };
        if let (Some(few), Some(many)) = (find(runner, form, few), find(runner, form, many)) {
            let per_pod_ms = |result: &Measured| result.wall_ms / f64::from(result.pods);
            let _ = writeln!(
                text,
                "- {}, {}: time per pod at {} is {:.2} times that at {} (the target is at most 1.3).",
                runner.name(),
                form.word(),
                grouped(u64::from(many.pods)),
                per_pod_ms(many) / per_pod_ms(few),
                grouped(u64::from(few.pods)),
            );
        }
    }
    text
}

/// What a ratio begins with when its numerator is only a lower bound.
fn at_least(result: &Measured) -> &'static str {
    if result.ended { "" } else { "more than " }
}

fn document(project: &Project, report: &str, options: &Options) -> String {
    let quick = if options.quick { " --quick" } else { "" };
    format!(
        "# Many pods to all Ready\n\n\
         Each load is brought to all pods Ready, each size in a process of its own. `lab` is a Parallel StatefulSet as in lab 3, with a\n\
         headless service, and a claim for each pod that a volume is made for; `bare` is the set alone; `deployment` is a\n\
         Deployment alone, which is the peer's load; `sets` are ordered sets of three pods, a third as many as pods. petset is compiled for speed (opt-level 3); the page's module is compiled for size (opt-level z)\n\
         and measured once.\n\
         The time is that of the first run in the process, from the request to the last pod being Ready, without building the empty cluster.\n\
         `again` is the next run in the same process, on a new cluster: Node compiles WebAssembly quickly first, and what is used most\n\
         once more for speed, which takes as long as the first thousand pods.\n\
         petset's time is virtual, so it never waits; the peer runs on the wall clock, and its waiting counts. Who has not\n\
         come to an end after {} s is stopped; what stands there then is a lower bound.\n\n\
         {report}\n{}, {}. `cargo xtask bench{quick} --write`\n",
        options.limit.as_secs(),
        machine::today(),
        machine::shape(project)
    )
}

#[cfg(test)]
mod tests {
    use super::{Form, Measured, Runner, conclusions, table};

    fn result(runner: Runner, form: Form, pods: u32, wall_ms: f64) -> Measured {
        Measured {
            runner,
            form,
            pods,
            ended: true,
            wall_ms,
            again_ms: Some(wall_ms / 4.0),
            cpu_ms: wall_ms / 2.0,
            peak_rss_bytes: 0,
            wasm_memory_bytes: None,
        }
    }

    #[test]
    fn both_promises_are_computed() {
        let results = [
            result(Runner::Wasm, Form::Lab, 100, 10.0),
            result(Runner::Wasm, Form::Lab, 1_000, 100.0),
            result(Runner::Wasm, Form::Lab, 10_000, 1_200.0),
            result(Runner::Native, Form::Bare, 1_000, 1.0),
            result(Runner::Peer, Form::Deployment, 1_000, 50_000.0),
        ];
        let text = conclusions(&results);
        assert!(
            text.contains("Node, lab: 1,000 pods 500 times faster"),
            "{text}"
        );
        assert!(
            text.contains("time per pod at 10,000 is 1.20 times that at 100"),
            "{text}"
        );
        assert!(text.contains("2000 times when it runs again"), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }

    #[test]
    fn who_was_stopped_needs_more_than_the_limit() {
        let peer = Measured {
            ended: false,
            ..result(Runner::Peer, Form::Deployment, 1_000, 600_000.0)
        };
        let results = [result(Runner::Wasm, Form::Bare, 1_000, 400.0), peer];
        let text = conclusions(&results);
        assert!(text.contains("more than 1500 times faster"), "{text}");
        let text = table(&results);
        assert!(text.contains("| more than 600000.0 |"), "{text}");
    }
}
