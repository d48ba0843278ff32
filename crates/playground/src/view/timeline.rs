//! The timeline: what each object went through, as lanes on virtual time.

use super::{Meaning, ObjectRef};
use std::rc::Rc;

/// All lanes, from the session's beginning (or as far back as the watch log reaches) to now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimelineView {
    /// The first moment that is known, in virtual ms.
    pub from_ms: u64,
    /// The last moment in which anything changed.
    pub until_ms: u64,
    /// The moment that is looked at, while looking back.
    pub looking_at_ms: Option<u64>,
    /// What belongs together: a set with its revisions and its places, a Deployment with its ReplicaSets.
    pub groups: Vec<LaneGroup>,
    /// How many lanes are not drawn.
    pub left_out: u32,
    /// Commands that can be looked back at.
    pub marks: Vec<CommandMark>,
}

/// Lanes that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneGroup {
    /// What they belong to; none for what belongs to nothing.
    pub owner: Option<ObjectRef>,
    /// The lanes, by ordinal where there is one.
    pub lanes: Vec<Lane>,
}

/// One identity: a pod of a set has the same lane after it was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The object, present or not.
    pub object: ObjectRef,
    /// Its states, oldest first. Between two of them it may be gone.
    pub spans: Vec<Span>,
    /// Events about it, oldest first.
    pub ticks: Vec<Tick>,
}

/// A state from one moment to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Since when, in virtual ms.
    pub from_ms: u64,
    /// Until when; none while it lasts.
    pub to_ms: Option<u64>,
    /// In kubectl's words.
    pub state: String,
    /// What it means.
    pub meaning: Meaning,
}

/// An event about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When, in virtual ms.
    pub at_ms: u64,
    /// `Warning` rather than `Normal`.
    pub warning: bool,
    /// Kubernetes' reason word.
    pub reason: String,
    /// Kubernetes' message.
    pub message: String,
}

/// A command, with the moment before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandMark {
    /// When it was given, in virtual ms.
    pub at_ms: u64,
    /// The command.
    pub command: Rc<str>,
    /// The moment of [`super::PastView::moments`].
    pub moment: usize,
}
