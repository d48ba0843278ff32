//! The simulated Kubernetes control plane.
//!
//! No input or output, no wall clock, no text for people, no screen. Objects change only through
//! [`Cluster::handle`], time moves only through [`Cluster::step`]; the same seed and the same
//! inputs give the same bytes on every platform.

pub mod api;
mod bootstrap;
pub mod client;
pub mod cluster;
pub mod controllers;
mod faults;
pub mod hash;
mod headroom;
mod invariants;
pub mod kubelet;
pub mod latency;
pub mod network;
pub mod object;
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

pub use cluster::{Cluster, Config, NextEvent};
pub use object::{Key, Kind, Object, Resource};
pub use time::{Duration, Instant};
