//! `dd`.

use super::{Errno, Io};
use crate::command::Poll;

/// How many bytes `dd` copies at most.
const COPY_LIMIT: usize = 16 << 20;

/// `dd`: copies blocks.
pub(super) fn dd(arguments: &[String], io: &mut Io<'_>) -> Poll {
    let (mut input, mut output) = (None, None);
    let (mut block, mut count) = (512usize, usize::MAX);
    let mut quiet = false;
    for argument in &arguments[1..] {
        match argument.split_once('=') {
            Some(("if", file)) => input = Some(file.to_owned()),
            Some(("of", file)) => output = Some(file.to_owned()),
            Some(("bs", text)) => block = bytes(text).unwrap_or(512).clamp(1, COPY_LIMIT),
            Some(("count", text)) => count = bytes(text).unwrap_or(0),
            Some(("status", text)) => quiet = text == "none",
            Some(("conv" | "oflag" | "iflag", _)) => {}
            Some(("seek" | "skip" | "ibs" | "obs", _)) => {
                return io.fail(&format!("dd: not simulated here: {argument}"), 1);
            }
            _ => {
                let words = format!(
                    "dd: unrecognized operand '{argument}'\nTry 'dd --help' for more information."
                );
                return io.fail(&words, 1);
            }
        }
    }
    let wanted = block.saturating_mul(count);
    let data = match input.as_deref() {
        Some("/dev/zero" | "/dev/urandom" | "/dev/random") if wanted > COPY_LIMIT => {
            return io.fail("dd: not simulated here: more than 16 MiB", 1);
        }
        Some("/dev/zero" | "/dev/urandom" | "/dev/random") => vec![0; wanted],
        Some(file) => {
            let path = io.path(file);
            match io.system.read(&path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let words = format!("dd: failed to open '{file}': {}", error.message());
                    return io.fail(&words, 1);
                }
            }
        }
        None => match io.input() {
            Some(text) => text.into_bytes(),
            None => return Poll::Pending(crate::command::Until::Input),
        },
    };
    let data = &data[..data.len().min(wanted)];
    match output {
        None => io.stdout.push_str(&String::from_utf8_lossy(data)),
        Some(file) => {
            let path = io.path(&file);
            if let Err(error) = io.system.write(&path, data, false) {
                let words = match error {
                    Errno::NoSpace => format!("dd: error writing '{file}': {}", error.message()),
                    error => format!("dd: failed to open '{file}': {}", error.message()),
                };
                return io.fail(&words, 1);
            }
        }
    }
    if !quiet {
        let (whole, part) = (
            data.len() / block,
            usize::from(!data.len().is_multiple_of(block)),
        );
        let records = format!("{whole}+{part} records in\n{whole}+{part} records out\n");
        let size = data.len();
        io.stderr
            .push_str(&format!("{records}{size} bytes copied, 0.001 s\n"));
    }
    Poll::Done(0)
}

/// A size as `dd` reads it: `512`, `1K`, `1M`.
fn bytes(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(char::is_alphabetic);
    let factor = match &text[digits.len()..] {
        "" | "c" => 1,
        "k" | "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(factor)
}
