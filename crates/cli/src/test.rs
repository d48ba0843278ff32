//! `petset test`: whether tutorials are true.

mod real;
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use petset_cluster::Config;
use petset_scenario::Simulated;
use petset_scenario::tutorial::{self, Report, Tutorial};

use crate::failure::{Failure, Outcome};

const USAGE: &str = "\
Runs tutorials and says whether what they print is true. Each page gets a fresh simulated cluster on virtual time.

Usage: petset test FILE.md... [OPTIONS]

What runs on a page:
  ```bash, sh, shell or console   commands, with or without `$ ` prompts; what follows a command is what it prints
  ``` or ```output behind them    what the commands before it print
  ```yaml web.yaml                a file; its name may also stand in the prose before it, or in `cat > web.yaml <<EOF`
Ages, dates, addresses, uids, random suffixes and names of nodes are matched by kind. `[..]` stands for anything in a line, a line
`[...]` for any number of lines. Commands that only look are typed again, up to a minute of virtual time, until they show what the
page does; commands that watch run in a terminal of their own.

Comments say the rest, about the next block: <!-- petset: skip -->, or
  file NAME      it is a file             as POD [-c NAME]   it is typed inside a pod
  run            it is commands           expect-exit N      its last command ends with this code
  output         it is an output          background         its commands run until the page ends
  any            any output will do       unordered          its outputs' lines may come in any order
  columns        only the columns that the page shows are compared
and about the page: wait, wait 30s (time passes), nodes N, seed N.

NAME.petset beside NAME.md, or in the folder of --sidecars, says what the page's author left out or misprinted:
  at TEXT        finds the next line with TEXT; what follows acts on it
  reads TEXT     the found text is read as this
  before, after  the indented lines below stand before or behind it
  drop N         it and the lines behind it, N in all, are not read

Options:
      --sidecars DIR   where sidecar files are
      --update         writes what was printed into the pages, where they show something else
      --format FORMAT  text or json (text)
      --junit FILE     writes a report in JUnit's form
      --watch          runs again whenever a file changes
      --seed N         the seed of all chance (1)
      --context CTX    runs on a real cluster with the kubectl on your PATH, in a namespace of its own that is deleted behind it
      --yes            does not ask before it starts on a real cluster
  -h, --help           this text

Exit codes:
  0  every page is true
  1  a page is not true
  2  the command line was not understood
  3  a page could not be read or run
";

/// The exit code when a page could not be read or run.
const UNREADABLE: u8 = 3;

#[derive(Default)]
struct Options {
    pages: Vec<PathBuf>,
    sidecars: Option<PathBuf>,
    update: bool,
    json: bool,
    junit: Option<PathBuf>,
    watch: bool,
    seed: Option<u64>,
    context: Option<String>,
    yes: bool,
}

/// What came of a page.
struct Page {
    path: PathBuf,
    /// The page's report, or why there is none.
    result: Result<Report, String>,
    took: Duration,
}

/// Runs the command with what follows its name.
pub fn main(parser: lexopt::Parser) -> Outcome<ExitCode> {
    let Some(options) = options(parser)? else {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    loop {
        let seen = changed_at(&options);
        let code = test_all(&options)?;
        if !options.watch {
            return Ok(ExitCode::from(code));
        }
        println!("waiting for a change; Ctrl-C ends");
        while changed_at(&options) == seen {
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

fn options(mut parser: lexopt::Parser) -> Outcome<Option<Options>> {
    use lexopt::ValueExt as _;
    use lexopt::prelude::{Long, Short, Value};
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("sidecars") => options.sidecars = Some(PathBuf::from(parser.value()?)),
            Long("update") => options.update = true,
            Long("junit") => options.junit = Some(PathBuf::from(parser.value()?)),
            Long("watch") => options.watch = true,
            Long("seed") => options.seed = Some(parser.value()?.parse()?),
            Long("context") => options.context = Some(parser.value()?.string()?),
            Long("yes") => options.yes = true,
            Long("format") => match parser.value()?.to_string_lossy().as_ref() {
                "json" => options.json = true,
                "text" => options.json = false,
                other => return Err(Failure::usage(format!("no format is named '{other}'"))),
            },
            Value(path) => options.pages.push(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.pages.is_empty() {
        return Err(Failure::usage("petset test: which pages?"));
    }
    if options.context.is_some() && options.watch {
        return Err(Failure::usage("--watch does not go with --context"));
    }
    Ok(Some(options))
}

/// When each page and its sidecar were last changed.
fn changed_at(options: &Options) -> Vec<Option<SystemTime>> {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let pages = options.pages.iter();
    pages
        .flat_map(|page| [changed(page), changed(&sidecar_path(page, options))])
        .collect()
}

fn sidecar_path(page: &Path, options: &Options) -> PathBuf {
    let beside = page.with_extension("petset");
    match (&options.sidecars, beside.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => beside,
    }
}

fn test_all(options: &Options) -> Outcome<u8> {
    let mut pages = Vec::new();
    for path in &options.pages {
        let started = Instant::now();
        let result = test(path, options);
        pages.push(Page {
            path: path.clone(),
            result,
            took: started.elapsed(),
        });
        if let (false, Some(page)) = (options.json, pages.last()) {
            print!("{}", report::text(page));
        }
    }
    if options.json {
        println!("{}", report::json(&pages));
    }
    if let Some(path) = &options.junit {
        fs::write(path, report::junit(&pages)).map_err(|error| Failure::at(path, &error))?;
    }
    let is_true = |page: &Page| matches!(&page.result, Ok(report) if report.failed().count() == 0);
    Ok(match pages.iter().all(is_true) {
        true => 0,
        false if pages.iter().any(|page| page.result.is_err()) => UNREADABLE,
        false => 1,
    })
}

fn test(path: &Path, options: &Options) -> Result<Report, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let sidecar = sidecar_path(path, options);
    let sidecar = match sidecar.exists() {
        true => Some(fs::read_to_string(&sidecar).map_err(|error| error.to_string())?),
        false => None,
    };
    let tutorial = tutorial::read(&text, sidecar.as_deref())?;
    let report = match &options.context {
        Some(context) => real::check(&tutorial, context, options.yes)?,
        None => simulated(&tutorial, options),
    };
    if options.update {
        let (updated, unwritten) = tutorial::updated(&tutorial, &text, &report);
        if updated != text {
            fs::write(path, updated).map_err(|error| error.to_string())?;
        }
        for output in unwritten {
            eprintln!(
                "{}:{}: the output of `{}` is not written: the sidecar says what it is",
                path.display(),
                output.line,
                output.command
            );
        }
    }
    Ok(report)
}

fn simulated(tutorial: &Tutorial, options: &Options) -> Report {
    let usual = Config::default();
    let mut stage = Simulated::of(Config {
        seed: options.seed.or(tutorial.seed).unwrap_or(usual.seed),
        nodes: tutorial.nodes.unwrap_or(usual.nodes),
        ..usual
    });
    tutorial::check(tutorial, &mut stage)
}
