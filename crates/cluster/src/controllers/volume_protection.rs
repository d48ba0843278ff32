//! Finalizers that keep claims and volumes while they are in use.
//!
//! Upstream: `pkg/controller/volume/{pvcprotection,pvprotection}`.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};

/// Finalizers that keep claims and volumes while they are in use.
#[derive(Clone, Default)]
pub struct VolumeProtectionController {}

impl Controller for VolumeProtectionController {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
