//! The simulation as a runner of scenarios.

use crate::record::{Change, Output};
use crate::scenario::Runner;

/// A cluster and a shell on virtual time, from one seed.
#[derive(Debug, Default)]
pub struct Simulated {
    background: usize,
}

impl Runner for Simulated {
    fn write_file(&mut self, _name: &str, _text: &str) {}

    fn run(&mut self, line: &str) -> Output {
        Output {
            stdout: String::new(),
            stderr: format!("not simulated here: {line}\n"),
            code: 1,
        }
    }

    fn start_background(&mut self, _line: &str) {
        self.background += 1;
    }

    fn finish_background(&mut self) -> Vec<Output> {
        vec![Output::default(); std::mem::take(&mut self.background)]
    }

    fn settle(&mut self) {}

    fn changes(&self) -> Vec<Change> {
        Vec::new()
    }
}
