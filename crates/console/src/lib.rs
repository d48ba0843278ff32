//! What a person types: the shell, kubectl and the programs inside containers.

pub mod command;
pub mod kubectl;

pub use command::{Command, Context, Files, Input, Poll, Until};
