//! Scenarios and recorded references: what a real cluster answered, run against the simulation and compared.
//!
//! `reference/NAME/` holds each scenario: `scenario.md` (what is run), `commands.json` (what a real cluster answered) and
//! `changes.jsonl` (every change of every object, as a watch sent it). `allowed.json` beside them names the requests that fell into the
//! middle of a change, and the steps of objects, that two real runs do not share; each with its reason.

pub mod beside;
pub mod compare;
#[cfg(unix)]
pub mod kubectl;
pub mod order;
pub mod parity;
pub mod record;
pub mod soak;
pub mod trace;
