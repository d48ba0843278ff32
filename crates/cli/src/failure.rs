//! Why a command could not do what it was asked for.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// The exit code of a command line that was not understood.
pub const USAGE_CODE: u8 = 2;

/// A failure, in words for whoever typed the command.
#[derive(Debug)]
pub struct Failure {
    words: String,
    code: u8,
}

/// What a command comes to.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// Something did not work.
    pub fn new(words: impl Into<String>) -> Failure {
        Failure {
            words: words.into(),
            code: 1,
        }
    }

    /// The command line was not understood.
    pub fn usage(words: impl Into<String>) -> Failure {
        Failure {
            words: format!("{}; see petset --help", words.into()),
            code: USAGE_CODE,
        }
    }

    /// A file or folder that could not be read or written.
    pub fn at(path: &Path, error: &dyn fmt::Display) -> Failure {
        Failure::new(format!("{}: {error}", path.display()))
    }

    /// What the program ends with.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.words)
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Failure {
        Failure::usage(error.to_string())
    }
}
