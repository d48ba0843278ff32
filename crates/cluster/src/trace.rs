//! Why each decision was taken or not taken, as typed data; words are made elsewhere, per language.

use crate::object::{Key, Kind};
use crate::time::Instant;
use std::collections::BTreeMap;

/// What an object waits for, or why something was done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The set makes or changes nothing because this pod is not there yet: ordered sets go one by one.
    WaitsForPod {
        /// The pod that is waited for.
        pod: String,
        /// What it still lacks.
        lacks: PodLack,
    },
    /// The pod was made because its ordinal had no pod.
    CreatedForOrdinal {
        /// The ordinal.
        ordinal: i32,
    },
    /// The pod is deleted because its ordinal is above the wanted ones; the highest goes first.
    ScaledDown {
        /// The ordinal.
        ordinal: i32,
    },
    /// The pod is deleted because it runs an older revision.
    OutOfDate {
        /// The revision it runs.
        revision: String,
    },
    /// The pod waits for its claims to be bound.
    WaitsForClaims {
        /// The names of the claims.
        claims: Vec<String>,
    },
    /// No node fits.
    Unschedulable {
        /// The scheduler's words.
        message: String,
    },
    /// The claim waits for a volume.
    WaitsForVolume {
        /// The storage class asked for; empty for none.
        class: String,
    },
    /// The claim is kept although its pod is gone.
    KeptAfterScaleDown,
    /// The pod is deleted because it will not run again; its ordinal gets a new one.
    FinishedPodReplaced,
    /// The set does not make this pod yet because an old claim of its name must be deleted first.
    WaitsForStaleClaim {
        /// The pod that is not made.
        pod: String,
    },
}

/// What a pod lacks before the next one may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodLack {
    /// It does not run yet.
    Running,
    /// It runs but is not ready.
    Ready,
    /// It has not been ready for `minReadySeconds`.
    Available,
    /// It is still going away.
    Gone,
}

/// The newest fact about each object.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    facts: BTreeMap<(Kind, Key), (Instant, Fact)>,
}

impl Trace {
    /// Remembers `fact` as the newest about an object.
    pub fn record(&mut self, kind: Kind, key: &Key, at: Instant, fact: Fact) {
        self.facts.insert((kind, key.clone()), (at, fact));
    }

    /// Forgets what was said about an object: it is gone, or nothing holds it any more.
    pub fn forget(&mut self, kind: Kind, key: &Key) {
        self.facts.remove(&(kind, key.clone()));
    }

    /// The newest fact about an object, and since when.
    pub fn about(&self, kind: Kind, key: &Key) -> Option<&(Instant, Fact)> {
        self.facts.get(&(kind, key.clone()))
    }
}
