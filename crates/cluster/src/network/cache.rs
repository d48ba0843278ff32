//! The cache in front of the zone: `cache 30`, as the recorded cluster's DNS server has it. What was answered, a name that did
//! not exist included, is answered again until its time is over.
//!
//! Upstream: `coredns plugin/cache`, `plugin/pkg/dnsutil/ttl.go`.

use super::dns::{Answer, RecordType, ResponseCode};
use super::zone;
use crate::store::Store;
use crate::time::{Duration, Instant};
use rpds::RedBlackTreeMapSync;
use std::sync::Arc;

/// The longest and the shortest time, in seconds, that an answer is kept.
const LONGEST: u32 = 30;
const SHORTEST: u32 = 5;
/// How many answers are kept: 256 shards of 39.
const CAPACITY: usize = 9984;

/// Answers that are still good, by name (in lower case) and type.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    answers: RedBlackTreeMapSync<(String, RecordType), (Arc<Answer>, Instant)>,
}

impl Cache {
    /// What the server answers at `now`: from memory if it is there, else from the zone.
    pub fn look(&self, store: &Store, name: &str, record_type: RecordType, now: Instant) -> Answer {
        let known = self.answers.get(&key(name, record_type));
        known
            .and_then(|(answer, at)| again(answer, *at, now))
            .unwrap_or_else(|| zone::query(store, name, record_type))
    }

    /// The same, and remembers what the zone said.
    pub(crate) fn query(
        &mut self,
        store: &Store,
        name: &str,
        record_type: RecordType,
        now: Instant,
    ) -> Answer {
        let answer = self.look(store, name, record_type, now);
        let keeps = matches!(answer.code, ResponseCode::NoError | ResponseCode::NameError);
        if answer.cached_secs.is_none() && keeps {
            if self.answers.size() >= CAPACITY {
                self.answers = RedBlackTreeMapSync::new_sync();
            }
            let kept = (Arc::new(answer.clone()), now);
            self.answers.insert_mut(key(name, record_type), kept);
        }
        answer
    }
}

fn key(name: &str, record_type: RecordType) -> (String, RecordType) {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    (name, record_type)
}

/// A remembered answer with what is left of its time; none when that is over.
fn again(answer: &Answer, at: Instant, now: Instant) -> Option<Answer> {
    let sections = || {
        let first = answer.answers.iter().chain(&answer.authority);
        first.chain(&answer.additional)
    };
    let shortest = sections().map(|record| record.ttl_secs).min();
    let kept = shortest.unwrap_or(SHORTEST).clamp(SHORTEST, LONGEST);
    let age = now.since(at);
    if age >= Duration::secs(kept.into()) {
        return None;
    }
    let age = u32::try_from(age.as_secs()).unwrap_or(kept);
    let mut answer = answer.clone();
    let records = answer.answers.iter_mut().chain(&mut answer.authority);
    for record in records.chain(&mut answer.additional) {
        record.ttl_secs = record.ttl_secs.saturating_sub(age);
    }
    answer.cached_secs = Some(age);
    Some(answer)
}
