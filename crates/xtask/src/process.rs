//! Running other programs: shown, captured, or written to a log.

use std::fs::File;
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};

/// Runs a command and shows what it prints.
pub fn run(mut command: Command) -> Outcome<()> {
    let status = command
        .status()
        .map_err(|error| not_started(&command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} ended with {status}",
        shown(&command)
    )))
}

/// Goes on as the command, so that whoever stops this program stops the command.
#[cfg(unix)]
pub fn replace(mut command: Command) -> Outcome<()> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(not_started(&command, &error))
}

/// Runs a command to its end; where a program cannot be replaced, an interrupt reaches both.
#[cfg(not(unix))]
pub fn replace(command: Command) -> Outcome<()> {
    run(command)
}

/// Runs a command and returns what it printed to standard output.
pub fn output(mut command: Command) -> Outcome<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(&command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!(
        "{} ended with {}\n{}",
        shown(&command),
        output.status,
        said.trim_end()
    )))
}

/// Runs a command whose output goes to a file; the error carries the whole output.
pub fn logged(mut command: Command, log: &Path) -> Outcome<()> {
    let file = File::create(log)?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .map_err(|error| not_started(&command, &error))?;
    if status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&std::fs::read(log)?).into_owned();
    Err(Failure::new(format!(
        "{} ended with {status}\n{}",
        shown(&command),
        said.trim_end()
    )))
}

/// Runs an installer: its own progress is shown in a terminal, and only its failure elsewhere.
pub fn install(command: Command, log: &Path) -> Outcome<()> {
    if std::io::stderr().is_terminal() {
        return run(command);
    }
    logged(command, log)
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} could not be started: {error}", shown(command)))
}

/// The command as a person would type it, without the folder of the program.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
