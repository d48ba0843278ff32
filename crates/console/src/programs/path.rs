//! Finds programs by name.

use super::system::{Errno, FileType, Place, System, absolute};
use std::collections::BTreeMap;

/// Where programs are looked for when `PATH` is not set.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Programs of the learner's prompt.
const PROMPT: &[&str] = &[
    "awk", "base64", "basename", "bash", "cat", "clear", "cp", "curl", "cut", "date", "diff",
    "dirname", "echo", "egrep", "env", "expr", "false", "fault", "find", "grep", "head", "history",
    "jq", "k", "kubectl", "less", "ls", "mkdir", "more", "mv", "nano", "code", "printenv",
    "printf", "pwd", "rev", "rm", "sed", "seq", "sh", "sleep", "sort", "tac", "tail", "tee",
    "test", "time", "timeout", "touch", "tr", "true", "uniq", "vi", "vim", "watch", "wc", "xargs",
    "whoami", "hostname", "rmdir", "which", "yes", "nl", "wget", "ping", "nc",
];

/// The path of the program that `name` starts; `None` when there is none.
pub fn find(
    name: &str,
    environment: &BTreeMap<String, String>,
    system: &mut dyn System,
) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    if name.contains('/') {
        return system.stat(name).is_ok().then(|| name.to_owned());
    }
    if system.place() == Place::Prompt {
        return PROMPT.contains(&name).then(|| format!("/usr/bin/{name}"));
    }
    let path = environment.get("PATH").map_or(DEFAULT_PATH, String::as_str);
    path.split(':')
        .map(|directory| format!("{directory}/{name}"))
        .find(|path| is_executable(path, system) == Ok(()))
}

/// Whether a path leads to a program.
///
/// # Errors
/// What is in the way.
pub fn is_executable(path: &str, system: &mut dyn System) -> Result<(), Errno> {
    let metadata = system.stat(&absolute("/", path))?;
    match metadata.file_type {
        FileType::Directory => Err(Errno::AccessDenied),
        _ if metadata.mode & 0o111 == 0 => Err(Errno::AccessDenied),
        _ => Ok(()),
    }
}
