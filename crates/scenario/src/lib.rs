//! Markdown that runs: scenarios of commands, what each answered, and the simulation as their runner.

pub mod record;
pub mod scenario;
pub mod simulated;
pub mod tutorial;

pub use record::{Change, Output, Record};
pub use scenario::{Block, Pace, Runner, blocks, play};
pub use simulated::Simulated;
