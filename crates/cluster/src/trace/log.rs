//! The latest decisions, in order, and no more than a few hundred of them.

use super::Fact;
use crate::object::{Key, Kind};
use crate::time::Instant;
use rpds::QueueSync;
use std::sync::Arc;

/// How many decisions are kept; older ones are forgotten.
const LIMIT: usize = 300;

/// What a component says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A decision or what holds one back.
    Fact(Arc<Fact>),
    /// It reported an event: the reason word that Kubernetes has for it.
    Event(Arc<str>),
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number; they grow by one.
    pub number: u64,
    /// When.
    pub at: Instant,
    /// The kind of the object that it is about.
    pub kind: Kind,
    /// The object that it is about.
    pub key: Key,
    /// What was said.
    pub said: Said,
}

/// The latest decisions.
#[derive(Clone, Debug, Default)]
pub struct Log {
    decisions: QueueSync<Arc<Decision>>,
    next: u64,
}

impl Log {
    pub(super) fn push(&mut self, kind: Kind, key: &Key, at: Instant, said: Said) {
        let decision = Decision {
            number: self.next,
            at,
            kind,
            key: key.clone(),
            said,
        };
        self.next += 1;
        self.decisions.enqueue_mut(Arc::new(decision));
        if self.decisions.len() > LIMIT {
            self.decisions.dequeue_mut();
        }
    }

    /// The decisions, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().map(|decision| &**decision)
    }

    /// The number that the next decision gets.
    pub fn next(&self) -> u64 {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_decisions_are_forgotten_and_numbers_go_on() {
        let mut log = Log::default();
        for at in 0..LIMIT as u64 + 5 {
            let fact = Said::Fact(Arc::new(Fact::NoNodes));
            log.push(Kind::Pod, &Key::new("a", "b"), Instant(at), fact);
        }
        let numbers: Vec<u64> = log.iter().map(|decision| decision.number).collect();
        assert_eq!(numbers.len(), LIMIT);
        assert_eq!((numbers[0], log.next()), (5, LIMIT as u64 + 5));
    }
}
