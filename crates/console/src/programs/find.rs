//! `find`.

use super::files::walk;
use super::listing::metadata;
use super::{FileType, Io};
use crate::command::Poll;
use petset_cluster::sort;
use petset_cluster::storage::Metadata;

/// What is asked of a path.
enum Test {
    Name(String, bool),
    Path(String),
    Kind(char),
    MinDepth(usize),
    MaxDepth(usize),
    Empty,
    /// More, less or exactly so many bytes.
    Size(char, u64),
    Newer(String),
    Not(Box<Test>),
}

/// What happens to what is found.
#[derive(PartialEq)]
enum Action {
    Print(&'static str),
    Delete,
    /// A command; whether it takes all paths at once.
    Exec(Vec<String>, bool),
}

/// An expression: alternatives of tests that all have to hold.
struct Wanted {
    alternatives: Vec<Vec<Test>>,
    action: Action,
}

/// A path that is found, as it is shown.
struct Found {
    full: String,
    shown: String,
    depth: usize,
    metadata: Metadata,
}

impl Wanted {
    /// Reads the expression.
    fn parse(rest: &[String]) -> Result<Wanted, String> {
        let mut alternatives = vec![Vec::new()];
        let mut action = Action::Print("\n");
        let mut rest = rest.iter();
        let mut negated = false;
        while let Some(option) = rest.next() {
            let mut value = || {
                let value = rest.next().cloned();
                value.ok_or_else(|| format!("missing argument to `{option}'"))
            };
            let test = match option.as_str() {
                "!" | "-not" => {
                    negated = !negated;
                    continue;
                }
                "-a" | "-and" | "-depth" | "-xdev" | "-follow" => continue,
                "-o" | "-or" => {
                    alternatives.push(Vec::new());
                    continue;
                }
                "-print" => continue,
                "-print0" => {
                    action = Action::Print("\0");
                    continue;
                }
                "-delete" => {
                    action = Action::Delete;
                    continue;
                }
                "-exec" => {
                    let mut command = Vec::new();
                    let mut end = None;
                    for word in rest.by_ref() {
                        match word.as_str() {
                            ";" | "+" => {
                                end = Some(word == "+");
                                break;
                            }
                            _ => command.push(word.clone()),
                        }
                    }
                    let Some(at_once) = end else {
                        return Err("missing argument to `-exec'".to_owned());
                    };
                    action = Action::Exec(command, at_once);
                    continue;
                }
                "-name" => Test::Name(value()?, false),
                "-iname" => Test::Name(value()?.to_lowercase(), true),
                "-path" | "-wholename" => Test::Path(value()?),
                "-type" => Test::Kind(value()?.chars().next().unwrap_or('f')),
                "-mindepth" => Test::MinDepth(value()?.parse().unwrap_or(0)),
                "-maxdepth" => Test::MaxDepth(value()?.parse().unwrap_or(0)),
                "-empty" => Test::Empty,
                "-newer" => Test::Newer(value()?),
                "-size" => {
                    let text = value()?;
                    let sign = text
                        .chars()
                        .next()
                        .filter(|c| "+-".contains(*c))
                        .unwrap_or('=');
                    let text = text.trim_start_matches(['+', '-']);
                    let unit = match text.chars().last() {
                        Some('c') => 1,
                        Some('k') => 1 << 10,
                        Some('M') => 1 << 20,
                        Some('G') => 1 << 30,
                        _ => 512,
                    };
                    let digits = text.trim_end_matches(char::is_alphabetic);
                    Test::Size(
                        sign,
                        digits.parse::<u64>().unwrap_or(0).saturating_mul(unit),
                    )
                }
                "(" | ")" | "-mtime" | "-mmin" | "-perm" | "-user" | "-group" | "-prune"
                | "-printf" | "-ls" | "-regex" | "-ok" | "-execdir" | "-atime" | "-ctime"
                | "-inum" | "-links" => {
                    return Err(format!("not simulated here: {option}"));
                }
                other => return Err(format!("unknown predicate `{other}'")),
            };
            let test = match std::mem::take(&mut negated) {
                true => Test::Not(Box::new(test)),
                false => test,
            };
            if let Some(tests) = alternatives.last_mut() {
                tests.push(test);
            }
        }
        Ok(Wanted {
            alternatives,
            action,
        })
    }
}

impl Test {
    fn holds(&self, found: &Found, io: &mut Io<'_>) -> bool {
        let name = found.full.rsplit('/').next().unwrap_or("");
        match self {
            Test::Name(pattern, true) => {
                crate::shell::pattern_matches(pattern, &name.to_lowercase())
            }
            Test::Name(pattern, false) => crate::shell::pattern_matches(pattern, name),
            Test::Path(pattern) => crate::shell::pattern_matches(pattern, &found.shown),
            Test::Kind(kind) => match &found.metadata.file_type {
                FileType::File => *kind == 'f',
                FileType::Directory => *kind == 'd',
                FileType::Symlink(_) => *kind == 'l',
            },
            Test::MinDepth(depth) => found.depth >= *depth,
            Test::MaxDepth(depth) => found.depth <= *depth,
            Test::Empty => match found.metadata.file_type {
                FileType::Directory => {
                    let entries = io.system.list(&found.full);
                    entries.is_ok_and(|entries| entries.is_empty())
                }
                _ => found.metadata.size == 0,
            },
            Test::Size('+', size) => found.metadata.size > *size,
            Test::Size('-', size) => found.metadata.size < *size,
            Test::Size(_, size) => found.metadata.size == *size,
            Test::Newer(file) => {
                let path = io.path(file);
                let other = io.system.stat(&path);
                other.is_ok_and(|other| found.metadata.mtime > other.mtime)
            }
            Test::Not(test) => !test.holds(found, io),
        }
    }
}

/// What fits, the action, and the exit code so far.
fn search(arguments: &[String], io: &mut Io<'_>) -> Result<(Vec<Found>, Action, i32), Poll> {
    let is_expression = |word: &String| word.starts_with('-') || word == "!" || word == "(";
    let start = arguments[1..]
        .iter()
        .position(is_expression)
        .map_or(arguments.len(), |at| at + 1);
    let mut roots = arguments[1..start].to_vec();
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    let wanted = match Wanted::parse(&arguments[start..]) {
        Ok(wanted) => wanted,
        Err(words) if io.is_busybox() && words.starts_with("unknown") => {
            let option = words
                .trim_start_matches("unknown predicate `")
                .trim_end_matches('\'');
            return Err(io.fail(&format!("find: unrecognized: {option}"), 1));
        }
        Err(words) => return Err(io.fail(&format!("find: {words}"), 1)),
    };
    let mut fits = Vec::new();
    let mut status = 0;
    for root in roots {
        let path = io.path(&root);
        if let Err(error) = metadata(&path, io) {
            let line = match io.is_busybox() {
                true => format!("find: {root}: {}\n", error.message()),
                false => format!("find: '{root}': {}\n", error.message()),
            };
            io.stderr.push_str(&line);
            status = 1;
            continue;
        }
        let mut all = walk(&path, io);
        if wanted.action == Action::Delete {
            // What lies in a directory goes before the directory.
            sort::by(&mut all, |a, b| b.0.cmp(&a.0));
        }
        let length = path.trim_end_matches('/').len();
        for (full, _) in all {
            let below = full.get(length..).unwrap_or("");
            let Ok(metadata) = metadata(&full, io) else {
                continue;
            };
            let found = Found {
                shown: match (root.as_str(), below) {
                    ("/", "") => "/".to_owned(),
                    _ => format!("{}{below}", root.trim_end_matches('/')),
                },
                depth: below.matches('/').count(),
                full,
                metadata,
            };
            let mut alternatives = wanted.alternatives.iter();
            if alternatives.any(|tests| tests.iter().all(|test| test.holds(&found, io))) {
                fits.push(found);
            }
        }
    }
    Ok((fits, wanted.action, status))
}

/// `find`
pub(super) fn find(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let (fits, action, mut status) = match search(arguments, io) {
        Ok(result) => result,
        Err(poll) => return poll,
    };
    for found in fits {
        match action {
            Action::Print(end) => io.stdout.push_str(&format!("{}{end}", found.shown)),
            Action::Delete if found.shown == "." => {}
            _ => {
                if let Err(error) = io.system.remove(&found.full) {
                    let line = format!(
                        "find: cannot delete '{}': {}\n",
                        found.shown,
                        error.message()
                    );
                    io.stderr.push_str(&line);
                    status = 1;
                }
            }
        }
    }
    Poll::Done(status)
}

/// The commands that `find … -exec` runs.
pub(super) fn commands(arguments: &[String], io: &mut Io<'_>) -> Result<Vec<Vec<String>>, Poll> {
    let (fits, action, _) = search(arguments, io)?;
    let Action::Exec(command, at_once) = action else {
        return Ok(Vec::new());
    };
    let paths: Vec<String> = fits.into_iter().map(|found| found.shown).collect();
    if at_once {
        let mut words: Vec<String> = command.into_iter().filter(|word| word != "{}").collect();
        let some = !paths.is_empty();
        words.extend(paths);
        return Ok(some.then_some(words).into_iter().collect());
    }
    let run = |path: &String| {
        command
            .iter()
            .map(|word| word.replace("{}", path))
            .collect()
    };
    Ok(paths.iter().map(run).collect())
}
