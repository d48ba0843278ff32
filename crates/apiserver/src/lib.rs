//! The network face of the simulated API: HTTP and WebSocket requests to [`petset_cluster::api`] and back.
//!
//! Every rule is in the cluster; this crate translates. The cluster lives on a thread of its own ([`engine`]), which also moves its time.

mod answer;
mod discovery;
pub mod engine;
mod form;
pub mod kubeconfig;
mod listener;
mod openapi;
mod options;
mod path;
mod resource;
mod status;
mod watch;

pub use engine::{Engine, Pace};
pub use listener::{Face, Log, serve};
