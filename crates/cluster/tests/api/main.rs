//! The API door against what a real API server 1.36.3 answered.

mod changes;
mod door;
mod refusals;
mod stored;
