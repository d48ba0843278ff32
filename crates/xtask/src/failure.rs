//! Why a task could not go on, and what a person can do about it.

use std::fmt;

/// The result of everything that can fail in a task.
pub type Outcome<T> = Result<T, Failure>;

/// A plain sentence, and the fix when one is known.
#[derive(Debug)]
pub struct Failure {
    what: String,
    fix: Option<String>,
}

impl Failure {
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            fix: None,
        }
    }

    /// Adds what the person should do, unless somebody closer to the cause has said it.
    pub fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix.get_or_insert_with(|| fix.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        match &self.fix {
            Some(fix) => write!(f, "\nfix:   {fix}"),
            None => Ok(()),
        }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::new(error.to_string()).with_fix("cargo xtask --help lists tasks and their options")
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(format!("unexpected JSON: {error}"))
    }
}
