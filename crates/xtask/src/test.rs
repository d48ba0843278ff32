//! `test`: every check, one after the other; all of them run, and the end lists those that failed.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::{
    browser, checks, client_go, kubectl, npm, parity_command, process, serve, setup, size,
};

/// What `test` was asked for.
#[derive(Default)]
pub struct Options {
    fast: bool,
    /// Only the steps with these names; all of them when empty.
    only: Vec<String>,
}

impl Options {
    pub fn parse(mut parser: lexopt::Parser) -> Outcome<Self> {
        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("fast") => options.fast = true,
                lexopt::Arg::Value(step) => options.only.push(step.to_string_lossy().into_owned()),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

type Action = Box<dyn Fn(&Project, &Path) -> Outcome<()>>;

/// One line of the result.
struct Step {
    name: String,
    /// Needs a browser or the optimised page, and is left out of `--fast`.
    slow: bool,
    action: Action,
}

impl Step {
    /// A step that is a check in this program.
    fn check(name: &str, check: fn(&Project) -> Outcome<()>) -> Self {
        Self {
            name: name.into(),
            slow: false,
            action: Box::new(move |project, _| check(project)),
        }
    }

    /// A step that runs a command; its output goes to the step's log.
    fn command(name: &str, command: fn(&Project) -> Command) -> Self {
        let action: Action = Box::new(move |project, log| process::logged(command(project), log));
        Self {
            name: name.into(),
            slow: false,
            action,
        }
    }

    fn cargo(name: &str, arguments: &'static [&'static str]) -> Self {
        let action: Action = Box::new(move |project, log| {
            let mut command = project.cargo();
            command.args(arguments);
            process::logged(command, log)
        });
        Self {
            name: name.into(),
            slow: false,
            action,
        }
    }

    fn slow(mut self) -> Self {
        self.slow = true;
        self
    }
}

/// Runs the steps that were asked for.
pub fn test(project: &Project, options: &Options) -> Outcome<()> {
    let steps = chosen(steps(project)?, options)?;
    let needs = if steps.iter().any(|step| step.slow) {
        setup::for_test()
    } else {
        setup::for_fast_test()
    };
    setup::ensure(project, &needs)?;
    let mut failed = Vec::new();
    let count = steps.len();
    for (index, step) in steps.iter().enumerate() {
        print!("[{:>2}/{count}] {} … ", index + 1, step.name);
        // A closed output is no reason to stop testing.
        let _ = std::io::stdout().flush();
        let log = log_path(project, &step.name);
        let started = Instant::now();
        let outcome = (step.action)(project, &log);
        let took = setup::took(started.elapsed());
        match outcome {
            Ok(()) => {
                println!("ok ({took})");
                print_counts(&log);
            }
            Err(failure) => {
                println!("FAILED ({took})");
                println!("{failure}\n");
                failed.push(step.name.clone());
            }
        }
    }
    println!();
    for name in &failed {
        println!("failed: {name}");
    }
    println!("{} passed, {} failed", count - failed.len(), failed.len());
    if failed.is_empty() {
        return Ok(());
    }
    Err(
        Failure::new(format!("{} of {count} steps failed", failed.len()))
            .with_fix(format!("run one alone: cargo xtask test \"{}\"", failed[0])),
    )
}

fn steps(project: &Project) -> Outcome<Vec<Step>> {
    let mut steps = vec![
        Step::check("dependency direction", checks::dependencies::check),
        Step::check("purity lists", checks::purity::check),
        Step::check("links", checks::links::check),
        Step::check("text hygiene", checks::hygiene::check),
        Step::check("translations", checks::translations::check),
        Step::cargo(
            "formatting",
            &["fmt", "--all", "--check", "--", "--color", "never"],
        ),
        Step::cargo(
            "clippy",
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-D",
                "warnings",
            ],
        ),
        Step::cargo(
            "unit tests",
            &[
                "test",
                "--workspace",
                "--exclude",
                "petset-web",
                "--locked",
                "--no-fail-fast",
            ],
        ),
        Step::cargo(
            "clippy for wasm",
            &[
                "clippy",
                "--target",
                "wasm32-unknown-unknown",
                "--package",
                "petset-web",
                "--package",
                "petset-bench",
                "--locked",
                "--",
                "-D",
                "warnings",
            ],
        ),
    ];
    for krate in crates_with_browser_tests(project)? {
        steps.push(browser_tests_of(krate));
    }
    steps.push(Step::command("page build", serve::release_build).slow());
    steps.push(Step {
        name: "page in a browser".into(),
        slow: true,
        action: Box::new(|project, log| {
            let mut command = project.command("npx");
            command
                .args(["playwright", "test"])
                .current_dir(project.path(npm::BROWSER_TESTS))
                .env("CI", "1");
            browser::point_to_browser(project, &mut command)?;
            process::logged(command, log)
        }),
    });
    steps.push(Step {
        name: "real kubectl".into(),
        slow: true,
        action: Box::new(real_kubectl),
    });
    steps.push(Step {
        name: "client-go".into(),
        slow: true,
        action: Box::new(client_go::test),
    });
    steps.push(Step::check("size", size::check).slow());
    Ok(steps)
}

/// Takes the pictures of every view anew, from the page in dist/, which is built when it is not there.
pub fn looks(project: &Project) -> Outcome<()> {
    setup::ensure(project, &setup::for_test())?;
    if !project.path("dist/index.html").is_file() {
        process::run(serve::release_build(project))?;
    }
    let mut command = project.command("npx");
    command
        .args([
            "playwright",
            "test",
            "specs/pictures.spec.js",
            "--update-snapshots",
        ])
        .current_dir(project.path(npm::BROWSER_TESTS));
    browser::point_to_browser(project, &mut command)?;
    process::run(command)
}

/// Every recorded scenario by the real kubectl against `petset serve`'s server, then the lines of `tests/beside` by both kubectls.
fn real_kubectl(project: &Project, log: &Path) -> Outcome<()> {
    let Some(program) = kubectl::find(project) else {
        println!("left out: {}", kubectl::NO_GO);
        return Ok(());
    };
    let arguments = ["--answers", "--check", "--kubectl"].map(OsString::from);
    let mut arguments: Vec<OsString> = arguments.into_iter().chain([program.into()]).collect();
    process::logged(parity_command(project, &arguments), log)?;
    arguments.push("--beside".into());
    process::logged(parity_command(project, &arguments), log)
}

/// How long the tests of one crate may take in a browser once they are built: some seconds are usual.
const BROWSER_TESTS: Duration = Duration::from_secs(120);

/// How often they are begun: the browser of a busy machine sometimes never opens the page with the tests.
const BROWSER_STARTS: usize = 3;

/// `wasm-pack test` of one crate.
fn browser_tests_of(krate: PathBuf) -> Step {
    let name = format!(
        "{} in a browser",
        krate.file_name().unwrap_or_default().to_string_lossy()
    );
    let action: Action = Box::new(move |project, log| {
        let command = || -> Outcome<Command> {
            let mut command = project.command("wasm-pack");
            command.args(["test", "--headless", "--chrome"]).arg(&krate);
            browser::point_to_browser(project, &mut command)?;
            Ok(command)
        };
        let mut build = project.cargo();
        build.args(["build", "--tests", "--target", "wasm32-unknown-unknown"]);
        build.current_dir(&krate);
        process::logged(build, log)?;
        for _ in 0..BROWSER_STARTS {
            if process::logged_within(command()?, log, BROWSER_TESTS)? {
                return Ok(());
            }
        }
        Err(Failure::new(format!(
            "the tests stood still {BROWSER_STARTS} times\n{}",
            std::fs::read_to_string(log)?
        )))
    });
    Step {
        name,
        slow: true,
        action,
    }
}

/// The crates that hold tests for a browser, by their file `tests/web.rs`.
fn crates_with_browser_tests(project: &Project) -> Outcome<Vec<PathBuf>> {
    let members = checks::dependencies::members(project)?;
    Ok(members
        .into_iter()
        .filter(|folder| folder.join("tests/web.rs").is_file())
        .collect())
}

fn chosen(steps: Vec<Step>, options: &Options) -> Outcome<Vec<Step>> {
    let unknown = options
        .only
        .iter()
        .find(|wanted| steps.iter().all(|step| step.name != **wanted));
    if let Some(unknown) = unknown {
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        return Err(
            Failure::new(format!("there is no step '{unknown}'")).with_fix(names.join(" · "))
        );
    }
    let is_wanted = |step: &Step| {
        let named = options.only.is_empty() || options.only.contains(&step.name);
        named && !(options.fast && step.slow)
    };
    Ok(steps.into_iter().filter(is_wanted).collect())
}

fn log_path(project: &Project, name: &str) -> PathBuf {
    project
        .path("target/xtask")
        .join(format!("{}.log", name.replace(' ', "-")))
}

/// Repeats the lines of a log that count tests.
fn print_counts(log: &Path) {
    let Ok(text) = std::fs::read_to_string(log) else {
        return;
    };
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| counts_tests(line))
    {
        println!("        {line}");
    }
}

/// Cargo's and Playwright's sums, without targets that hold no tests.
fn counts_tests(line: &str) -> bool {
    let by_cargo = line.starts_with("test result:") && !line.contains(" 0 passed; 0 failed");
    let by_playwright = line
        .split_once(" passed (")
        .is_some_and(|(count, _)| count.parse::<u32>().is_ok());
    by_cargo || by_playwright
}

#[cfg(test)]
mod tests {
    use super::counts_tests;

    #[test]
    fn only_sums_are_repeated() {
        let cases = [
            ("test result: ok. 12 passed; 0 failed; 0 ignored", true),
            ("test result: ok. 0 passed; 0 failed; 0 ignored", false),
            ("3 passed (2.1s)", true),
            ("test a::b ... ok", false),
        ];
        for (line, expected) in cases {
            assert_eq!(counts_tests(line), expected, "{line}");
        }
    }
}
