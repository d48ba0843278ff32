//! EndpointSlices of services with a selector.
//!
//! Upstream: `pkg/controller/endpointslice`.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};

/// EndpointSlices of services with a selector.
#[derive(Clone, Default)]
pub struct EndpointSliceController {}

impl Controller for EndpointSliceController {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
