//! What became of lookups and requests: the whole way of each, as data for those who want to look at it.

use super::dns::{Lookup, RecordType};
use super::http::ConnectError;
use super::proxy::Route;
use crate::time::Instant;
use rpds::QueueSync;
use std::net::IpAddr;
use std::sync::Arc;

/// How many lookups and requests are remembered; older ones are forgotten.
const REMEMBERED: usize = 64;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The learner's prompt, outside of the cluster.
    Prompt,
    /// A program in a container.
    Pod {
        /// The pod's namespace.
        namespace: String,
        /// The pod.
        pod: String,
        /// The container.
        container: String,
    },
}

/// What a name led to, and through what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It was an address already.
    Literal,
    /// A line of `/etc/hosts` with the full name that stands first in it.
    HostsFile(String),
    /// DNS, through the search path.
    Dns(Lookup),
}

/// One thing that a program asked of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A name was looked up.
    Name {
        /// The name as the program had it.
        name: String,
        /// What was asked for.
        record_type: RecordType,
        /// What came of it.
        resolution: Resolution,
    },
    /// A connection was opened.
    Connection {
        /// The address that was dialled.
        address: IpAddr,
        /// The port that was dialled.
        port: u16,
        /// The endpoints and the choice among them.
        route: Route,
        /// The status of the HTTP answer, if the connection carried a request; or why it failed.
        outcome: Result<Option<u16>, ConnectError>,
    },
}

/// One step of a way: when, who, what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// A number that grows with each.
    pub number: u64,
    /// When.
    pub at: Instant,
    /// Who asked.
    pub asker: Asker,
    /// What was asked, and what came of it.
    pub question: Question,
}

/// The latest lookups and requests of the cluster, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    latest: QueueSync<Arc<Way>>,
    last: u64,
}

impl Ways {
    /// The latest, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Way> {
        self.latest.iter().map(|way| &**way)
    }

    /// Remembers one.
    pub(crate) fn push(&mut self, at: Instant, asker: Asker, question: Question) {
        self.last += 1;
        self.latest.enqueue_mut(Arc::new(Way {
            number: self.last,
            at,
            asker,
            question,
        }));
        if self.latest.len() > REMEMBERED {
            self.latest.dequeue_mut();
        }
    }
}
