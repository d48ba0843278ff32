//! Finds a node for each pod.
//!
//! Upstream: `pkg/scheduler`.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};

/// Finds a node for each pod.
#[derive(Clone, Default)]
pub struct Scheduler {}

impl Controller for Scheduler {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
