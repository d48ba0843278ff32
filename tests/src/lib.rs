//! Scenarios and recorded references: what a real cluster answered, run against the simulation and compared.
//!
//! `reference/NAME/` holds each scenario: `scenario.md` (what is run), `commands.json` (what a real cluster answered) and, where it is not too
//! large, `changes.jsonl` (every change of every object, as a watch sent it). `allowed.json` beside them names the requests that fell into the
//! middle of a change, which two real runs answer differently.

pub mod compare;
pub mod parity;
pub mod record;
pub mod trace;
