//! Programs that change files: `rm`, `cp`, `mv`, `mkdir`, `touch`, `chmod` and so on.

use super::options::Options;
use super::{Errno, FileType, Io};
use crate::command::Poll;

/// How many files one command goes through.
const WALK_LIMIT: usize = 10_000;

fn missing(name: &str, io: &mut Io<'_>) -> Poll {
    io.fail(
        &format!("{name}: missing operand\nTry '{name} --help' for more information."),
        1,
    )
}

/// Everything below a path, directories before what they hold. Links are not followed.
pub(super) fn walk(root: &str, io: &mut Io<'_>) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(path) = waiting.pop() {
        if found.len() >= WALK_LIMIT {
            break;
        }
        let directory = is_directory(&path, io);
        if directory {
            let mut names = io.system.list(&path).unwrap_or_default();
            names.reverse();
            for entry in names {
                waiting.push(format!("{}/{}", path.trim_end_matches('/'), entry.name));
            }
        }
        found.push((path, directory));
    }
    found
}

pub(super) fn is_directory(path: &str, io: &mut Io<'_>) -> bool {
    let metadata = match io.system.container() {
        Some(container) => container.stat_link(path),
        None => io.system.stat(path),
    };
    metadata.is_ok_and(|m| m.file_type == FileType::Directory)
}

/// `rm` and `rmdir`.
pub(super) fn rm(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let (force, recursive) = (options.has('f'), options.has('r') || options.has('R'));
    if options.operands.is_empty() {
        return match force {
            true => Poll::Done(0),
            false => missing("rm", io),
        };
    }
    let mut status = 0;
    for file in &options.operands {
        let path = io.path(file);
        if is_directory(&path, io) && !recursive {
            status = 1;
            let line = match io.is_busybox() {
                true => format!("rm: '{file}' is a directory\n"),
                false => format!("rm: cannot remove '{file}': Is a directory\n"),
            };
            io.stderr.push_str(&line);
            continue;
        }
        let mut all = if recursive {
            walk(&path, io)
        } else {
            vec![(path.clone(), false)]
        };
        all.reverse();
        for (path, _) in all {
            match io.system.remove(&path) {
                Ok(()) => {}
                Err(Errno::NotFound) if force => {}
                Err(error) => {
                    status = 1;
                    let line = match io.is_busybox() {
                        true => format!("rm: can't remove '{file}': {}\n", error.message()),
                        false => format!("rm: cannot remove '{file}': {}\n", error.message()),
                    };
                    io.stderr.push_str(&line);
                }
            }
        }
    }
    Poll::Done(status)
}

/// `rmdir`.
pub(super) fn rmdir(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let mut status = 0;
    for file in &options.operands {
        let path = io.path(file);
        let result = match is_directory(&path, io) {
            true => io.system.remove(&path),
            false if io.system.stat(&path).is_ok() => Err(Errno::NotDirectory),
            false => Err(Errno::NotFound),
        };
        if let Err(error) = result {
            status = 1;
            let line = format!("rmdir: failed to remove '{file}': {}\n", error.message());
            io.stderr.push_str(&line);
        }
    }
    Poll::Done(status)
}

/// `mkdir`.
pub(super) fn mkdir(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "m");
    if options.operands.is_empty() {
        return missing("mkdir", io);
    }
    let mut status = 0;
    for file in &options.operands {
        let path = io.path(file);
        let mut result = Ok(());
        if options.has('p') {
            let mut above = String::new();
            for part in path.split('/').filter(|part| !part.is_empty()) {
                above = format!("{above}/{part}");
                if io.system.stat(&above).is_err() {
                    result = io.system.make_directory(&above);
                }
            }
        } else {
            result = io.system.make_directory(&path);
        }
        if let Err(error) = result {
            status = 1;
            let line = match io.is_busybox() {
                true => format!(
                    "mkdir: can't create directory '{file}': {}\n",
                    error.message()
                ),
                false => {
                    format!(
                        "mkdir: cannot create directory '{file}': {}\n",
                        error.message()
                    )
                }
            };
            io.stderr.push_str(&line);
        }
    }
    Poll::Done(status)
}

/// `touch`.
pub(super) fn touch(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "dtr");
    if options.operands.is_empty() {
        return io.fail("touch: missing file operand", 1);
    }
    let mut status = 0;
    for file in &options.operands {
        let path = io.path(file);
        // Appending nothing makes the file, or moves its time.
        match io.system.write(&path, b"", true) {
            Ok(()) | Err(Errno::IsDirectory) => {}
            Err(error) => {
                status = 1;
                let line = match io.is_busybox() {
                    true => format!("touch: {file}: {}\n", error.message()),
                    false => format!("touch: cannot touch '{file}': {}\n", error.message()),
                };
                io.stderr.push_str(&line);
            }
        }
    }
    Poll::Done(status)
}

/// Where a file goes that is copied or moved to `target`.
fn destination(source: &str, target: &str, io: &mut Io<'_>) -> String {
    let path = io.path(target);
    let directory = io
        .system
        .stat(&path)
        .is_ok_and(|m| m.file_type == FileType::Directory);
    if directory {
        let name = source.trim_end_matches('/').rsplit('/').next();
        format!("{}/{}", path.trim_end_matches('/'), name.unwrap_or(""))
    } else {
        path
    }
}

/// `cp` and `mv`.
pub(super) fn transfer(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let moves = arguments.first().is_some_and(|name| name.ends_with("mv"));
    let name = if moves { "mv" } else { "cp" };
    let Some((target, sources)) = options.operands.split_last() else {
        return io.fail(&format!("{name}: missing file operand"), 1);
    };
    if sources.is_empty() {
        return io.fail(
            &format!("{name}: missing destination file operand after '{target}'"),
            1,
        );
    }
    let recursive = options.has('r') || options.has('R') || options.has('a');
    let mut status = 0;
    for source in sources {
        let from = io.path(source);
        let to = destination(source, target, io);
        let result = match io.system.stat(&from) {
            Err(error) => Err((source.clone(), error)),
            Ok(metadata) if metadata.file_type == FileType::Directory && !moves && !recursive => {
                io.stderr.push_str(&match io.is_busybox() {
                    true => format!("cp: omitting directory '{source}'\n"),
                    false => format!("cp: -r not specified; omitting directory '{source}'\n"),
                });
                status = 1;
                continue;
            }
            Ok(_) if moves => match io.system.rename(&from, &to) {
                Err(Errno::CrossDevice) => {
                    copy(&from, &to, io).and_then(|()| remove_all(&from, io))
                }
                result => result,
            }
            .map_err(|error| (source.clone(), error)),
            Ok(_) => copy(&from, &to, io).map_err(|error| (target.clone(), error)),
        };
        if let Err((what, error)) = result {
            status = 1;
            let line = match (io.is_busybox(), moves) {
                (true, true) => format!("mv: can't rename '{source}': {}\n", error.message()),
                (true, false) => format!("cp: can't stat '{what}': {}\n", error.message()),
                (false, _) => format!("{name}: cannot stat '{what}': {}\n", error.message()),
            };
            io.stderr.push_str(&line);
        }
    }
    Poll::Done(status)
}

fn copy(from: &str, to: &str, io: &mut Io<'_>) -> Result<(), Errno> {
    for (path, directory) in walk(from, io) {
        let target = format!("{to}{}", &path[from.len()..]);
        if directory {
            match io.system.make_directory(&target) {
                Ok(()) | Err(Errno::Exists) => {}
                Err(error) => return Err(error),
            }
        } else {
            let bytes = io.system.read(&path)?;
            let mode = io.system.stat(&path)?.mode;
            io.system.write(&target, &bytes, false)?;
            if let Some(container) = io.system.container() {
                container.set_mode(&target, mode)?;
            }
        }
    }
    Ok(())
}

fn remove_all(path: &str, io: &mut Io<'_>) -> Result<(), Errno> {
    let mut all = walk(path, io);
    all.reverse();
    for (path, _) in all {
        io.system.remove(&path)?;
    }
    Ok(())
}

/// `chmod`: octal numbers, and `+x`, `u+w` and their like.
pub(super) fn chmod(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let Some((mode, files)) = options.operands.split_first() else {
        return missing("chmod", io);
    };
    let mut status = 0;
    for file in files {
        let path = io.path(file);
        let all = match options.has('R') {
            true => walk(&path, io),
            false => vec![(path, false)],
        };
        for (path, _) in all {
            let old = match io.system.stat(&path) {
                Ok(metadata) => metadata.mode,
                Err(error) => {
                    let line = format!("chmod: cannot access '{file}': {}\n", error.message());
                    io.stderr.push_str(&line);
                    status = 1;
                    continue;
                }
            };
            let Some(new) = changed_mode(old, mode) else {
                return io.fail(&format!("chmod: invalid mode: '{mode}'"), 1);
            };
            let result = match io.system.container() {
                Some(container) => container.set_mode(&path, new),
                // The editor's files have no permissions of their own.
                None => Ok(()),
            };
            if let Err(error) = result {
                io.complain("chmod", file, error);
                status = 1;
            }
        }
    }
    Poll::Done(status)
}

fn changed_mode(old: u16, text: &str) -> Option<u16> {
    if let Ok(mode) = u16::from_str_radix(text, 8) {
        return (mode <= 0o7777).then_some(mode);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at(at);
        let mut bits = 0;
        for letter in rest[1..].chars() {
            bits |= match letter {
                'r' => 0o444,
                'w' => 0o222,
                'x' | 'X' => 0o111,
                _ => return None,
            };
        }
        let mut mask = 0;
        for letter in who.chars() {
            mask |= match letter {
                'u' => 0o700,
                'g' => 0o070,
                'o' => 0o007,
                'a' => 0o777,
                _ => return None,
            };
        }
        let mask = if who.is_empty() { 0o755 } else { mask };
        match rest.as_bytes().first() {
            Some(b'+') => mode |= bits & mask,
            Some(b'-') => mode &= !(bits & mask),
            _ => mode = (mode & !mask) | (bits & mask),
        }
    }
    Some(mode)
}

/// `chown`: numbers and `root`.
pub(super) fn chown(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let Some((owner, files)) = options.operands.split_first() else {
        return missing("chown", io);
    };
    let (user, group) = owner.split_once(':').unwrap_or((owner, owner));
    let passwd = io.system.read("/etc/passwd").unwrap_or_default();
    let passwd = String::from_utf8_lossy(&passwd).into_owned();
    let number = |name: &str| -> Option<u32> {
        name.parse().ok().or_else(|| {
            passwd
                .lines()
                .find(|line| line.split(':').next() == Some(name))
                .and_then(|line| line.split(':').nth(2)?.parse().ok())
        })
    };
    let (Some(uid), Some(gid)) = (number(user), number(group)) else {
        return io.fail(&format!("chown: invalid user: '{owner}'"), 1);
    };
    let mut status = 0;
    for file in files {
        let path = io.path(file);
        let all = match options.has('R') {
            true => walk(&path, io),
            false => vec![(path, false)],
        };
        for (path, _) in all {
            if let Some(container) = io.system.container()
                && let Err(error) = container.set_owner(&path, uid, gid)
            {
                io.complain("chown", file, error);
                status = 1;
            }
        }
    }
    Poll::Done(status)
}

/// `ln -s`.
pub(super) fn ln(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let options = Options::parse(arguments, "");
    let [target, link] = options.operands.as_slice() else {
        return missing("ln", io);
    };
    if !options.has('s') {
        return io.fail("ln: not simulated here: hard links", 1);
    }
    let path = destination(target, link, io);
    if options.has('f') && io.system.stat(&path).is_ok() {
        // A failure shows when the link is made.
        let _ = io.system.remove(&path);
    }
    match io.system.container() {
        None => io.fail("ln: not simulated here: links beside the editor's files", 1),
        Some(container) => match container.symlink(target, &path) {
            Ok(()) => Poll::Done(0),
            Err(error) => io.fail(
                &format!(
                    "ln: failed to create symbolic link '{link}': {}",
                    error.message()
                ),
                1,
            ),
        },
    }
}

/// `basename` and `dirname`.
pub(super) fn name_part(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let directory = arguments.first().is_some_and(|n| n.ends_with("dirname"));
    let Some(path) = arguments.get(1) else {
        return missing(if directory { "dirname" } else { "basename" }, io);
    };
    let trimmed = path.trim_end_matches('/');
    let (above, name) = match trimmed.rsplit_once('/') {
        Some((above, name)) => (if above.is_empty() { "/" } else { above }, name),
        None if trimmed.is_empty() => ("/", "/"),
        None => (".", trimmed),
    };
    let text = match (directory, arguments.get(2)) {
        (true, _) => above,
        (false, Some(suffix)) => name.strip_suffix(suffix.as_str()).unwrap_or(name),
        (false, None) => name,
    };
    io.stdout.push_str(text);
    io.stdout.push('\n');
    Poll::Done(0)
}

/// `readlink` and `realpath`.
pub(super) fn readlink(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let name = arguments
        .first()
        .map_or("", |name| name.rsplit('/').next().unwrap_or(""));
    let options = Options::parse(arguments, "");
    let follows = name == "realpath" || options.has('f') || options.has('e');
    if options.operands.is_empty() {
        return missing(name, io);
    }
    let mut status = 0;
    for file in &options.operands {
        let path = io.path(file);
        let target =
            super::listing::metadata(&path, io)
                .ok()
                .and_then(|found| match found.file_type {
                    FileType::Symlink(target) => Some(target),
                    _ => None,
                });
        let shown = match (target, follows) {
            (Some(target), false) => Some(target),
            (Some(target), true) => {
                let above = path.rsplit_once('/').map_or("/", |(above, _)| above);
                Some(super::system::absolute(above, &target))
            }
            (None, true) => Some(path),
            (None, false) => None,
        };
        match shown {
            Some(shown) => io.stdout.push_str(&format!("{shown}\n")),
            None => status = 1,
        }
    }
    Poll::Done(status)
}
