//! Why each decision was taken or not taken, as typed data; words are made elsewhere, per language.

mod lack;
mod log;

pub use lack::{ClaimLack, NodeLack, Order, VolumeLack};
pub use log::{Decision, Log, Said};

use crate::object::{Key, Kind};
use crate::time::Instant;
use rpds::RedBlackTreeMapSync;
use std::sync::Arc;

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
    /// The pod is deleted because its set is to have fewer pods, and it came first in the order of deletion.
    TooMany {
        /// What set it apart from the first pod that stays.
        order: Order,
    },
    /// The pod waits for its claims to be bound.
    WaitsForClaims {
        /// The names of the claims.
        claims: Vec<String>,
    },
    /// No node is even looked at: a claim of the pod cannot be used.
    ClaimUnusable {
        /// What is the matter with which claim.
        lack: ClaimLack,
    },
    /// There are no nodes.
    NoNodes,
    /// No node fits.
    Unschedulable {
        /// The first nodes that were looked at, by the scheduler's order, each with what it lacks.
        nodes: Vec<(String, Vec<NodeLack>)>,
        /// How many nodes there are.
        total: usize,
        /// The node on which room is being made by evicting pods of lower priority.
        nominated: Option<String>,
    },
    /// The node is chosen; the volumes of the pod's claims are being bound or made for it.
    WaitsForVolumesOn {
        /// The node.
        node: String,
    },
    /// The pod was given a node.
    Scheduled {
        /// The node.
        node: String,
        /// How many nodes would have done.
        fitting: usize,
    },
    /// The pod has become ready, or is ready no more: endpoints and names follow.
    Readiness {
        /// Which.
        ready: bool,
    },
    /// Everything of the pod has ended and its object is removed.
    Gone,
    /// The claim is bound.
    Bound {
        /// The volume.
        volume: String,
    },
    /// The claim's class waits for a pod that uses the claim.
    WaitsForConsumer {
        /// The pods without a node that use it; empty when there is none yet.
        pods: Vec<String>,
    },
    /// The claim has no class, there is no default one, and no volume fits it.
    NoClass,
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

/// The newest fact about each object, and the latest decisions.
///
/// Snapshots share what did not change between them: everything here is persistent.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    facts: RedBlackTreeMapSync<(Kind, Key), (Instant, Arc<Fact>)>,
    log: Log,
}

impl Trace {
    /// Remembers `fact` as the newest about an object. The log gets it if it is news.
    pub fn record(&mut self, kind: Kind, key: &Key, at: Instant, fact: Fact) {
        let about = (kind, key.clone());
        if self
            .facts
            .get(&about)
            .is_some_and(|(_, known)| **known == fact)
        {
            return;
        }
        let fact = Arc::new(fact);
        self.log.push(kind, key, at, Said::Fact(fact.clone()));
        self.facts.insert_mut(about, (at, fact));
    }

    /// Puts a decision into the log that leaves nothing to be explained later.
    pub fn decide(&mut self, kind: Kind, key: &Key, at: Instant, fact: Fact) {
        self.log.push(kind, key, at, Said::Fact(Arc::new(fact)));
    }

    /// Puts into the log that a component reports about an object.
    pub(crate) fn report(&mut self, kind: Kind, key: &Key, at: Instant, reason: &str) {
        self.log.push(kind, key, at, Said::Event(reason.into()));
    }

    /// Forgets what was said about an object: it is gone, or nothing holds it any more.
    pub fn forget(&mut self, kind: Kind, key: &Key) {
        let about = (kind, key.clone());
        if self.facts.contains_key(&about) {
            self.facts.remove_mut(&about);
        }
    }

    /// The newest fact about an object, and since when.
    pub fn about(&self, kind: Kind, key: &Key) -> Option<(Instant, &Fact)> {
        let (at, fact) = self.facts.get(&(kind, key.clone()))?;
        Some((*at, fact))
    }

    /// The latest decisions.
    pub fn log(&self) -> &Log {
        &self.log
    }
}
