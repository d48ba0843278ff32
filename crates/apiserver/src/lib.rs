//! The network face of the simulated API: HTTP and WebSocket requests to [`petset_cluster::api`] and back.
//!
//! Every rule is in the cluster; this crate translates. The cluster lives on a thread of its own ([`engine`]), which also moves its time.

mod answer;
mod body;
mod columns;
mod discovery;
pub mod engine;
mod events;
mod form;
mod forward;
pub mod kubeconfig;
mod listener;
mod log;
mod openapi;
mod options;
mod path;
mod protobuf;
mod remote;
mod resource;
mod spdy;
mod status;
mod strict;
mod syntax;
mod terminal;
mod texts;
mod watch;

pub use engine::Settling;
pub use engine::{Engine, Pace};
pub use listener::{Activity, Face, Log, converse, serve};
