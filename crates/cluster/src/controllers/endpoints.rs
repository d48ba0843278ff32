//! The older Endpoints objects of services.
//!
//! Upstream: `pkg/controller/endpoint`.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};

/// The older Endpoints objects of services.
#[derive(Clone, Default)]
pub struct EndpointsController {}

impl Controller for EndpointsController {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
