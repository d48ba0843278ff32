//! `tar`: what `kubectl cp` asks for, and what people type: `c`, `x` and `t` with `f`, `v`, `m` and `-C`.

use super::archive::{self, Member};
use super::{Errno, Io, files, system};
use crate::command::{Poll, Until};

#[derive(Default)]
struct Wanted {
    action: Option<char>,
    file: Option<String>,
    verbose: bool,
    directory: Option<String>,
    members: Vec<String>,
}

/// `tar`
pub(super) fn tar(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let wanted = match read(arguments) {
        Ok(wanted) => wanted,
        Err(why) => return io.fail(&format!("tar: {why}"), 64),
    };
    let start = match &wanted.directory {
        Some(directory) => {
            let path = io.path(directory);
            if !files::is_directory(&path, io) {
                let why = match io.is_busybox() {
                    true => format!(
                        "tar: can't change directory to '{directory}': {}",
                        Errno::NotFound.message()
                    ),
                    false => format!(
                        "tar: {directory}: Cannot open: {}\ntar: Error is not recoverable: exiting now",
                        Errno::NotFound.message()
                    ),
                };
                return io.fail(&why, 2);
            }
            path
        }
        None => io.cwd.to_owned(),
    };
    match wanted.action {
        Some('c') => create(&wanted, &start, io),
        Some(action) => extract(&wanted, action == 't', &start, io),
        None => io.fail(
            "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.",
            2,
        ),
    }
}

fn read(arguments: &[String]) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    let mut rest = arguments.iter().skip(1);
    let mut first = true;
    while let Some(argument) = rest.next() {
        if let Some(long) = argument.strip_prefix("--") {
            match long {
                "no-same-permissions" | "no-same-owner" => {}
                other => return Err(format!("not simulated here: --{other}")),
            }
        } else if first || (argument.starts_with('-') && argument.len() > 1) {
            for letter in argument.trim_start_matches('-').chars() {
                match letter {
                    'c' | 'x' | 't' => wanted.action = Some(letter),
                    'f' => wanted.file = rest.next().cloned(),
                    'C' => wanted.directory = rest.next().cloned(),
                    'v' => wanted.verbose = true,
                    'm' | 'p' | 'o' => {}
                    other => return Err(format!("not simulated here: -{other}")),
                }
            }
        } else {
            wanted.members.push(argument.clone());
        }
        first = false;
    }
    Ok(wanted)
}

fn create(wanted: &Wanted, start: &str, io: &mut Io<'_>) -> Poll {
    let mut members = Vec::new();
    let mut failed = false;
    let mut told = false;
    for name in &wanted.members {
        let root = system::absolute(start, name);
        if io.system.stat(&root).is_err() {
            let words = Errno::NotFound.message();
            let line = match io.is_busybox() {
                true => format!("tar: {name}: {words}\n"),
                false => format!("tar: {name}: Cannot stat: {words}\n"),
            };
            io.stderr.push_str(&line);
            failed = true;
            continue;
        }
        if name.starts_with('/') && !told {
            told = true;
            io.stderr.push_str(match io.is_busybox() {
                true => "tar: removing leading '/' from member names\n",
                false => "tar: Removing leading `/' from member names\n",
            });
        }
        for (path, directory) in files::walk(&root, io) {
            let below = path.strip_prefix(&root).unwrap_or("");
            let shown = format!("{}{below}", name.trim_end_matches('/'));
            let shown = shown.trim_start_matches('/').to_owned();
            let text = match directory {
                true => String::new(),
                false => io.read("tar", &path).unwrap_or_default(),
            };
            let end = if directory { "/" } else { "" };
            members.push(Member {
                name: format!("{shown}{end}"),
                directory,
                text,
            });
        }
    }
    let mut listing = String::new();
    for member in members.iter().filter(|_| wanted.verbose) {
        listing.push_str(&format!("{}\n", member.name));
    }
    let whole = archive::write(&members);
    match wanted.file.as_deref() {
        None | Some("-") => {
            io.stdout.push_str(&whole);
            io.stderr.push_str(&listing);
        }
        Some(file) => {
            io.stdout.push_str(&listing);
            let path = io.path(file);
            if let Err(error) = io.system.write(&path, whole.as_bytes(), false) {
                io.complain("tar", file, error);
                return Poll::Done(2);
            }
        }
    }
    if !failed {
        return Poll::Done(0);
    }
    match io.is_busybox() {
        true => io.fail("tar: error exit delayed from previous errors", 1),
        false => io.fail("tar: Exiting with failure status due to previous errors", 2),
    }
}

fn extract(wanted: &Wanted, list: bool, start: &str, io: &mut Io<'_>) -> Poll {
    let whole = match wanted.file.as_deref() {
        None | Some("-") => match io.input() {
            Some(text) => text,
            None => return Poll::Pending(Until::Input),
        },
        Some(file) => match io.read("tar", file) {
            Some(text) => text,
            None => return Poll::Done(2),
        },
    };
    let members = match archive::read(&whole) {
        Ok(members) => members,
        Err(why) => {
            let why =
                format!("tar: {why}\ntar: Exiting with failure status due to previous errors");
            return io.fail(&why, 2);
        }
    };
    let asked = |name: &str| {
        wanted.members.is_empty()
            || wanted.members.iter().any(|one| {
                name == one || name.starts_with(&format!("{}/", one.trim_end_matches('/')))
            })
    };
    let mut status = 0;
    for member in members.iter().filter(|member| asked(&member.name)) {
        if list || wanted.verbose {
            io.stdout.push_str(&format!("{}\n", member.name));
        }
        if list {
            continue;
        }
        let path = system::absolute(start, member.name.trim_start_matches('/'));
        make_directories(&path, member.directory, io);
        if member.directory {
            continue;
        }
        if let Err(error) = io.system.write(&path, member.text.as_bytes(), false) {
            let words = error.message();
            let line = format!("tar: {}: Cannot open: {words}\n", member.name);
            io.stderr.push_str(&line);
            status = 2;
        }
    }
    match status {
        0 => Poll::Done(0),
        _ => io.fail(
            "tar: Exiting with failure status due to previous errors",
            status,
        ),
    }
}

/// Makes the directories that lead to a path, and with `whole` that itself.
fn make_directories(path: &str, whole: bool, io: &mut Io<'_>) {
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1);
    for end in ends.chain(whole.then_some(path.len())) {
        if io.system.stat(&path[..end]).is_err() {
            // What cannot be made is told when the file cannot be written.
            let _ = io.system.make_directory(&path[..end]);
        }
    }
}
