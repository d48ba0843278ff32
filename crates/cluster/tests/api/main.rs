//! The API door against what a real API server 1.36.3 answered.

mod applying;
mod changes;
mod components;
mod door;
mod judging;
mod judging_others;
mod judging_warnings;
mod pages;
mod refusals;
mod round_trip;
mod scaling;
mod stateful_set;
mod stored;
mod strict;
mod tables;
