//! Runs the pods of all nodes.
//!
//! Upstream: `pkg/kubelet`.

pub mod process;

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};
use process::Runtime;
use std::sync::Arc;

/// Runs the pods of all nodes.
#[derive(Clone)]
pub struct Kubelet {
    runtime: Arc<dyn Runtime>,
}

impl Kubelet {
    /// Kubelets that run what `runtime` knows.
    pub fn new(runtime: Arc<dyn Runtime>) -> Kubelet {
        Kubelet { runtime }
    }

    /// What images hold and what their programs do.
    pub fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }
}

impl Controller for Kubelet {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
