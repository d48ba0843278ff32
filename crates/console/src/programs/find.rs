//! `find`.

use super::Io;
use super::files::walk;
use crate::command::Poll;
use petset_cluster::sort;

/// What is looked for, and what happens to what is found.
#[derive(Default)]
struct Wanted {
    pattern: Option<String>,
    kind: Option<String>,
    min_depth: usize,
    max_depth: Option<usize>,
    empty: bool,
    delete: bool,
}

impl Wanted {
    /// Reads the expression; the option that is not known, if there is one.
    fn parse(mut rest: std::slice::Iter<'_, String>) -> Result<Wanted, String> {
        let mut wanted = Wanted::default();
        while let Some(option) = rest.next() {
            let mut number = || rest.next().and_then(|text| text.parse::<usize>().ok());
            match option.as_str() {
                "-mindepth" => wanted.min_depth = number().unwrap_or(0),
                "-maxdepth" => wanted.max_depth = number(),
                "-name" => wanted.pattern = rest.next().cloned(),
                "-type" => wanted.kind = rest.next().cloned(),
                "-empty" => wanted.empty = true,
                "-delete" => wanted.delete = true,
                "-print" | "-depth" => {}
                other => return Err(other.to_owned()),
            }
        }
        Ok(wanted)
    }

    fn fits(&self, path: &str, depth: usize, directory: bool, io: &mut Io<'_>) -> bool {
        let name = path.rsplit('/').next().unwrap_or("");
        let of_kind = match self.kind.as_deref() {
            Some("f") => !directory,
            Some("d") => directory,
            _ => true,
        };
        of_kind
            && depth >= self.min_depth
            && self.max_depth.is_none_or(|max| depth <= max)
            && self
                .pattern
                .as_ref()
                .is_none_or(|pattern| crate::shell::pattern_matches(pattern, name))
            && (!self.empty || is_empty(path, directory, io))
    }
}

fn is_empty(path: &str, directory: bool, io: &mut Io<'_>) -> bool {
    if directory {
        io.system.list(path).is_ok_and(|entries| entries.is_empty())
    } else {
        io.system.stat(path).is_ok_and(|found| found.size == 0)
    }
}

/// `find`
pub(super) fn find(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let start = arguments[1..]
        .iter()
        .position(|argument| argument.starts_with('-'))
        .map_or(arguments.len(), |at| at + 1);
    let mut roots = arguments[1..start].to_vec();
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    let wanted = match Wanted::parse(arguments[start..].iter()) {
        Ok(wanted) => wanted,
        Err(option) => return io.fail(&format!("find: not simulated here: {option}"), 1),
    };
    let mut status = 0;
    for root in roots {
        let path = io.path(&root);
        if let Err(error) = io.system.stat(&path) {
            let line = format!("find: '{root}': {}\n", error.message());
            io.stderr.push_str(&line);
            status = 1;
            continue;
        }
        let mut found = walk(&path, io);
        if wanted.delete {
            // What lies in a directory goes before the directory.
            sort::by(&mut found, |a, b| b.0.cmp(&a.0));
        }
        let length = path.trim_end_matches('/').len();
        for (full, directory) in found {
            let below = full.get(length..).unwrap_or("");
            if !wanted.fits(&full, below.matches('/').count(), directory, io) {
                continue;
            }
            let shown = format!("{}{below}", root.trim_end_matches('/'));
            if !wanted.delete {
                io.stdout.push_str(&format!("{shown}\n"));
            } else if let Err(error) = io.system.remove(&full) {
                let line = format!("find: cannot delete '{shown}': {}\n", error.message());
                io.stderr.push_str(&line);
                status = 1;
            }
        }
    }
    Poll::Done(status)
}
