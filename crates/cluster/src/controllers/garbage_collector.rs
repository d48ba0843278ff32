//! Deletion of objects whose owners are gone.
//!
//! Upstream: `pkg/controller/garbagecollector`.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};

/// Deletion of objects whose owners are gone.
#[derive(Clone, Default)]
pub struct GarbageCollector {}

impl Controller for GarbageCollector {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
