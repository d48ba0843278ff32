//! Default service accounts and certificates of namespaces, and their end.
//!
//! Upstream: `pkg/controller/namespace, pkg/controller/serviceaccount`.

use crate::client::Client;
use crate::controllers::{Controller, Outcome, Wakes};
use crate::object::Key;
use crate::store::{Change, Store};

/// Default service accounts and certificates of namespaces, and their end.
#[derive(Clone, Default)]
pub struct NamespaceController {}

impl Controller for NamespaceController {
    fn observe(&mut self, _change: &Change, _store: &Store, _wakes: &mut Wakes) {}

    fn sync(&mut self, _key: &Key, _client: &mut Client<'_>) -> Outcome {
        Outcome::DONE
    }
}
