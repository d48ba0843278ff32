//! Writes the texts of `kubectl explain` and `--help` into a file, which a page fetches when it needs them. Trunk calls this before each
//! build; a file that holds them already stays as it is.
#![allow(
    clippy::print_stderr,
    reason = "this program's purpose is to say what went wrong"
)]

use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let Some(path) = env::args_os().nth(1) else {
        eprintln!("petset-texts FILE");
        return ExitCode::from(2);
    };
    if fs::read_to_string(&path).is_ok_and(|text| text == petset_openapi::TEXTS) {
        return ExitCode::SUCCESS;
    }
    match fs::write(&path, petset_openapi::TEXTS) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", path.to_string_lossy());
            ExitCode::FAILURE
        }
    }
}
