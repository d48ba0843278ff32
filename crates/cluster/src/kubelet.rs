//! Runs the pods of all nodes.
//!
//! Upstream: `pkg/kubelet`.

pub mod exec;
pub mod process;

use crate::api::Status;
use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::{Key, Kind};
use crate::store::{Change, Store};
use crate::time::Instant;
use exec::{ExecId, ExecProgress, LogOptions, LogPage};
use process::{Runtime, Wake};
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

impl Kubelet {
    pub(crate) fn exec(
        &mut self,
        _client: &mut Client<'_>,
        key: &Key,
        _container: Option<&str>,
        _argv: &[String],
        _stdin: bool,
        _tty: bool,
    ) -> Result<ExecId, Status> {
        Err(Status::missing(Kind::Pod, key))
    }

    pub(crate) fn attach(
        &mut self,
        _client: &mut Client<'_>,
        key: &Key,
        _container: Option<&str>,
        _stdin: bool,
    ) -> Result<ExecId, Status> {
        Err(Status::missing(Kind::Pod, key))
    }

    pub(crate) fn exec_poll(&mut self, _id: ExecId) -> ExecProgress {
        ExecProgress::default()
    }

    pub(crate) fn exec_wake(&mut self, _client: &mut Client<'_>, _id: ExecId, _wake: Wake) {}

    pub(crate) fn logs(
        &self,
        _store: &Store,
        _now: Instant,
        key: &Key,
        _container: Option<&str>,
        _options: &LogOptions,
    ) -> Result<LogPage, Status> {
        Err(Status::missing(Kind::Pod, key))
    }
}

impl Controller for Kubelet {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
