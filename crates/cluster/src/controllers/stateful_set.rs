//! Stable pods, one after another, each with its claims.
//!
//! Upstream: `pkg/controller/statefulset`.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};

/// Stable pods, one after another, each with its claims.
#[derive(Clone, Default)]
pub struct StatefulSetController {}

impl Controller for StatefulSetController {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
