//! The simulated Kubernetes control plane.
//!
//! No input or output, no wall clock, no text for people, no screen. Objects change only through
//! [`Cluster::handle`], time moves only through [`Cluster::step`]; the same seed and the same
//! inputs give the same bytes on every platform.

mod annotation;
pub mod api;
mod bootstrap;
pub mod client;
pub mod cluster;
mod components;
mod config;
pub mod controller;
pub mod controllers;
mod cron;
mod disruption_budget;
mod faults;
pub mod hash;
mod headroom;
mod invariants;
pub mod kubelet;
pub mod latency;
mod meta;
pub mod network;
pub mod object;
mod pod;
pub mod queue;
pub mod random;
pub mod record;
mod saved;
pub mod scheduler;
pub mod sort;
pub mod storage;
pub mod store;
pub mod time;
pub mod trace;
pub mod typed;
pub mod volume;

pub use cluster::{Cluster, NextEvent};
pub use config::Config;
pub use object::{Key, Kind, Object, Resource};
pub use time::{Duration, Instant};
