//! Markdown that runs: scenarios of commands, what each answered, and the simulation as their runner.

pub mod record;
pub mod scenario;
pub mod simulated;
pub mod tutorial;

pub use record::{Change, Output, Record};
pub use scenario::{Block, Pace, Runner, blocks, play};
pub use simulated::Simulated;

/// Gives the console the texts that `kubectl explain` and `--help` print; a page loads them when it needs them.
pub fn provide_texts() {
    petset_console::kubectl::texts::provide(petset_openapi::TEXTS);
}
