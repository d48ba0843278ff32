//! What must be true after every step, seen from outside of the components.
//!
//! Rules look at the changes of a step, who made them, and what they left; they share no code with the controllers. In
//! development builds they are on in every cluster, and a broken one stops the program.

mod at_rest;
mod counts;
mod object;
mod stateful_set;
mod storage;
#[cfg(test)]
mod tests;

use crate::api::Server;
use crate::cluster::Cluster;
use crate::object::{Key, Object};
use crate::queue::ControllerId;
use crate::store::{Change, ChangeType, Store};
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;

/// A key that is worked on more often than this within [`WINDOW`] while nothing changes runs in circles: a back-off that
/// begins with 5 ms comes to eight.
const SYNCS_LIMIT: u32 = 100;
/// See [`SYNCS_LIMIT`].
const WINDOW: Duration = Duration::secs(1);

/// Looks at every step. It costs the page nothing: the rules are there only where somebody turns them on.
#[derive(Clone, Debug)]
pub(crate) struct Watcher {
    rules: Option<Rules>,
    /// Breaches are remembered and do not stop the program.
    collects: bool,
    broken: Option<String>,
    memory: Memory,
    /// Who works at the moment, and on what; none for anybody outside.
    actor: Option<(ControllerId, Key)>,
}

type Rules = fn(&mut Memory, &Look<'_>) -> Result<(), String>;

/// What the rules remember from one look to the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    seen: u64,
    generations: BTreeMap<String, i64>,
    /// The claim that each volume is bound to, by its uid.
    disks: BTreeMap<String, String>,
    /// How often each key was worked on since something changed, and since when.
    syncs: BTreeMap<(ControllerId, Key), (Instant, u32)>,
}

/// One step: the cluster after it, and what it changed.
pub(crate) struct Look<'a> {
    pub(crate) store: &'a Store,
    /// The version before the step.
    pub(crate) since: u64,
    pub(crate) now: Instant,
    /// The component that worked; none for requests from outside.
    pub(crate) actor: Option<ControllerId>,
    /// The same with the key.
    pub(crate) worked: Option<(ControllerId, Key)>,
    /// Whether the gate MaxUnavailableStatefulSet is on.
    pub(crate) max_unavailable: bool,
}

impl Look<'_> {
    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.store.changes_since(self.since).into_iter().flatten()
    }
}

impl Default for Watcher {
    fn default() -> Watcher {
        Watcher {
            rules: if cfg!(debug_assertions) {
                Some(rules)
            } else {
                None
            },
            collects: false,
            broken: None,
            memory: Memory::default(),
            actor: None,
        }
    }
}

impl Watcher {
    /// Says who makes the changes that follow.
    pub(crate) fn acts(&mut self, actor: ControllerId, key: &Key) {
        if self.rules.is_some() {
            self.actor = Some((actor, key.clone()));
        }
    }

    /// Looks at what changed since `since`.
    pub(crate) fn look(&mut self, server: &Server, since: u64) {
        let acted = self.actor.take();
        let Some(rules) = self.rules else { return };
        let look = Look {
            store: &server.store,
            now: server.now,
            since,
            actor: acted.as_ref().map(|(id, _)| *id),
            worked: acted,
            max_unavailable: server.gates.max_unavailable_stateful_set,
        };
        if let Err(why) = rules(&mut self.memory, &look) {
            let actor = look.worked;
            debug_assert!(self.collects, "a broken invariant, by {actor:?}: {why}");
            self.broken.get_or_insert(why);
        }
    }
}

impl Cluster {
    /// Checks every step from now on, in any build, and remembers the first breach.
    pub fn watch_invariants(&mut self) {
        self.watcher.rules = Some(rules);
        self.watcher.collects = true;
    }

    /// The first rule that was broken since [`Cluster::watch_invariants`], and by what.
    pub fn broken_invariant(&self) -> Option<&str> {
        self.watcher.broken.as_deref()
    }

    /// What must be true, besides, when nothing has happened for a while: owners are there, addresses are unique, nodes are
    /// not overfull, statuses are exact.
    ///
    /// # Errors
    /// The rule that is broken, and by what.
    pub fn check_at_rest(&self) -> Result<(), String> {
        at_rest::check(self.store())
    }
}

/// All rules about one step.
fn rules(memory: &mut Memory, look: &Look<'_>) -> Result<(), String> {
    for change in look.changes() {
        object::versions(memory, change)?;
        object::lives(look, change)?;
        object::owners(look, change)?;
        object::generation(memory, look, change)?;
        if let Object::PersistentVolumeClaim(claim) = &*change.object {
            storage::claim(look, change, claim)?;
            storage::disk(memory, look, change, claim)?;
        }
        if look.actor.is_some() {
            counts::check(look, change)?;
        }
    }
    circles(memory, look)?;
    if look.actor == Some(ControllerId::StatefulSet) {
        for change in look.changes() {
            stateful_set::deed(look, change)?;
        }
    }
    Ok(())
}

/// Nobody works on the same key over and over while nothing changes.
fn circles(memory: &mut Memory, look: &Look<'_>) -> Result<(), String> {
    if look.changes().next().is_some() {
        memory.syncs.clear();
    }
    let Some(worked) = look.worked.clone() else {
        return Ok(());
    };
    let entry = memory.syncs.entry(worked).or_insert((look.now, 0));
    if look.now.since(entry.0) > WINDOW {
        *entry = (look.now, 0);
    }
    entry.1 += 1;
    if entry.1 > SYNCS_LIMIT {
        return Err(format!("{:?} runs in circles", look.worked));
    }
    Ok(())
}

/// Whether the change is the beginning of the object's end.
fn begins_to_end(change: &Change) -> bool {
    let old = change.old.as_ref();
    let before = old.is_some_and(|old| old.is_terminating());
    let after = change.change == ChangeType::Deleted || change.object.is_terminating();
    after && !before && old.is_some()
}
