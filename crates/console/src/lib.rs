//! What a person types: the shell, kubectl and the programs inside containers.

pub mod command;
pub mod completion;
pub mod images;
pub mod kubectl;
pub mod programs;
pub mod shell;
pub mod terminal;

pub use command::{Command, Context, Files, Input, Poll, Until};
pub use images::Images;
pub use terminal::{Activity, Effect, Entry, Terminal};
