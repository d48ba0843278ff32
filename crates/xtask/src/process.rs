//! Running other programs: shown, captured, or written to a log.

use std::fs::File;
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};

/// How often a process with a limit is looked at.
const LOOK: Duration = Duration::from_millis(20);

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
    printed(&command, &output)
}

fn printed(command: &Command, output: &Output) -> Outcome<String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!(
        "{} ended with {}\n{}",
        shown(command),
        output.status,
        said.trim_end()
    )))
}

/// How a command that may not run for ever came to its end.
pub enum Ending {
    /// By itself, in time, with what it printed to standard output.
    Itself(String),
    /// It was stopped at the limit.
    Stopped(Usage),
}

/// What a process had used when it was stopped; as Linux tells, and zeros elsewhere.
#[derive(Default)]
pub struct Usage {
    /// The time on processors, all threads together, in milliseconds.
    pub cpu_ms: f64,
    /// The most memory that it held, in bytes.
    pub peak_rss_bytes: u64,
}

/// Runs a command and returns what it printed, a few lines at most; stops it when it runs longer than `limit`.
pub fn output_within(mut command: Command, limit: Duration) -> Outcome<Ending> {
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(&command, &error))?;
    while child.try_wait()?.is_none() {
        if begun.elapsed() > limit {
            let usage = usage(child.id());
            child.kill()?;
            child.wait()?;
            return Ok(Ending::Stopped(usage));
        }
        std::thread::sleep(LOOK);
    }
    let output = child.wait_with_output()?;
    printed(&command, &output).map(Ending::Itself)
}

fn usage(process: u32) -> Usage {
    let read =
        |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    // After the program's name in brackets, the 12th and 13th fields count hundredths of a second.
    let stat = read("stat");
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|number| number.parse::<f64>().ok()).sum();
    let status = read("status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    Usage {
        cpu_ms: ticks * 10.0,
        peak_rss_bytes: kibibytes.unwrap_or_default() * 1_024,
    }
}

/// Runs a command whose output goes to a file; the error carries the whole output.
pub fn logged(mut command: Command, log: &Path) -> Outcome<()> {
    let status = start_logged(&mut command, log)?.wait()?;
    judge_logged(&command, status, log)
}

/// As [`logged`], with everything that the command has started stopped when it runs longer than `limit`. Returns whether it came to
/// its end by itself.
pub fn logged_within(mut command: Command, log: &Path, limit: Duration) -> Outcome<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    let begun = Instant::now();
    let mut child = start_logged(&mut command, log)?;
    loop {
        if let Some(status) = child.try_wait()? {
            return judge_logged(&command, status, log).map(|()| true);
        }
        if begun.elapsed() > limit {
            let group = format!("-{}", child.id());
            // Where there are no groups, the command alone is stopped.
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
            let _ = child.kill();
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(LOOK);
    }
}

fn start_logged(command: &mut Command, log: &Path) -> Outcome<Child> {
    let file = File::create(log)?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .map_err(|error| not_started(command, &error))
}

fn judge_logged(command: &Command, status: ExitStatus, log: &Path) -> Outcome<()> {
    if status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&std::fs::read(log)?).into_owned();
    Err(Failure::new(format!(
        "{} ended with {status}\n{}",
        shown(command),
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
