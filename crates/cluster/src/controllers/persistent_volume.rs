//! Binding of claims and volumes, and provisioning.
//!
//! Upstream: `pkg/controller/volume/persistentvolume`.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};

/// Binding of claims and volumes, and provisioning.
#[derive(Clone, Default)]
pub struct PersistentVolumeController {}

impl Controller for PersistentVolumeController {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
