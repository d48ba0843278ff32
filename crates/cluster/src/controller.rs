//! What a component of the cluster is: it sees changes, wakes keys, and works on one key at a time.
//!
//! Upstream: `staging/src/k8s.io/client-go/util/workqueue`, as controllers use it.

use crate::client::Client;
use crate::object::Key;
use crate::queue::ControllerId;
use crate::store::{Change, Store};
use crate::time::Duration;

/// Keys that a change wakes, and how long after it (on top of the watch's own latency).
#[derive(Debug, Default)]
pub struct Wakes {
    pub(crate) keys: Vec<(ControllerId, Key, Duration)>,
}

impl Wakes {
    /// Wakes `controller` for `key` as soon as it sees the change.
    pub fn add(&mut self, controller: ControllerId, key: Key) {
        self.keys.push((controller, key, Duration::ZERO));
    }

    /// Wakes `controller` for `key` some time later.
    pub fn add_after(&mut self, controller: ControllerId, key: Key, delay: Duration) {
        self.keys.push((controller, key, delay));
    }
}

/// When a key is to be worked on again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requeue {
    /// Not before something changes.
    No,
    /// After a delay.
    After(Duration),
    /// After the key's back-off, because the sync failed.
    RateLimited,
}

/// What a sync ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// When the key is to be worked on again.
    pub requeue: Requeue,
    /// How many objects the sync looked at; they make it last longer.
    pub looked_at: u64,
}

impl Outcome {
    /// Done, nothing more to do until something changes.
    pub const DONE: Outcome = Outcome {
        requeue: Requeue::No,
        looked_at: 1,
    };

    /// Failed; try again after the back-off.
    pub const RETRY: Outcome = Outcome {
        requeue: Requeue::RateLimited,
        looked_at: 1,
    };

    /// Done for now; look again after `delay`.
    pub fn after(delay: Duration) -> Outcome {
        Outcome {
            requeue: Requeue::After(delay),
            looked_at: 1,
        }
    }
}

/// A component that reacts to changes: it says which of its keys a change wakes, and works on one key at a time.
pub trait Controller {
    /// Looks at a change and wakes keys. Reads only.
    fn observe(&mut self, change: &Change, store: &Store, wakes: &mut Wakes);

    /// Works on one key.
    fn sync(&mut self, key: &Key, client: &mut Client<'_>) -> Outcome;
}
