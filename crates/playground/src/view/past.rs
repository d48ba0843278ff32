//! What was, as the page shows it.

use std::rc::Rc;

/// The moments that can be looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastView {
    /// Oldest first. The present comes after the last one.
    pub moments: Vec<MomentView>,
    /// How many are kept at most.
    pub limit: usize,
    /// The index of the moment that is looked at; `None` for the present.
    pub looking_at: Option<usize>,
    /// Presents that were left for an earlier moment, the one left last at the end.
    pub futures: Vec<FutureView>,
    /// The command that undo takes back.
    pub last_command: Option<Rc<str>>,
}

/// A moment that can be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MomentView {
    /// Virtual ms since the cluster started.
    pub at_ms: u64,
    /// The command that was given in it.
    pub command: Option<Rc<str>>,
}

/// A present that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FutureView {
    /// How far it had come, in virtual ms since the cluster started.
    pub at_ms: u64,
    /// The first command that only it has.
    pub command: Option<Rc<str>>,
}
