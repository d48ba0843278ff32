//! Who owns whom, and what a deletion takes along.

use super::{Meaning, ObjectRef};

/// Every object that owns others, or could, with what it owns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnersView {
    /// What nothing controls, by namespace, kind and name.
    pub roots: Vec<OwnerNode>,
    /// How many roots are not drawn.
    pub left_out: u32,
}

/// One object with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerNode {
    /// The object.
    pub object: ObjectRef,
    /// Its state in a word.
    pub state: String,
    /// What that means.
    pub meaning: Meaning,
    /// How it hangs on what stands above it.
    pub tie: Tie,
    /// What must be done before it can be gone.
    pub finalizers: Vec<String>,
    /// Touched since the last command.
    pub changed: bool,
    /// What it owns, and what it uses without owning it.
    pub below: Vec<OwnerNode>,
    /// How many of those are not drawn.
    pub left_out: u32,
    /// What becomes of it when the topmost object above it is deleted, for each of [`Cascade::ALL`].
    pub fates: [NodeFate; 3],
}

/// How an object hangs on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Nothing stands above it.
    None,
    /// An owner reference names the other as its controller.
    Controlled,
    /// An owner reference names the other, which does not control it.
    Owned,
    /// The other uses it, and no owner reference says so: a claim that outlives its set, a volume of a claim.
    Used,
}

/// The three ways to delete what has dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cascade {
    /// The owner first, its dependents afterwards: what kubectl does unless told otherwise.
    Background,
    /// The dependents first.
    Foreground,
    /// The owner alone.
    Orphan,
}

impl Cascade {
    /// All, in the order of the switch.
    pub const ALL: [Cascade; 3] = [Cascade::Background, Cascade::Foreground, Cascade::Orphan];

    /// The value of `--cascade`.
    pub fn name(self) -> &'static str {
        match self {
            Cascade::Background => "background",
            Cascade::Foreground => "foreground",
            Cascade::Orphan => "orphan",
        }
    }

    /// The command that deletes an object this way.
    pub fn command(self, object: &ObjectRef) -> String {
        let kind = object.kind.to_lowercase();
        let mut command = format!("kubectl delete {kind} {}", object.name);
        if let Some(namespace) = object
            .namespace
            .as_deref()
            .filter(|name| *name != "default")
        {
            command.push_str(&format!(" -n {namespace}"));
        }
        match self {
            Cascade::Background => command,
            other => format!("{command} --cascade={}", other.name()),
        }
    }
}

/// What becomes of an object when the one at the top is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeFate {
    /// It is what is deleted; it goes at once.
    GoesAtOnce,
    /// It is what is deleted, and waits until what blocks it is gone.
    GoesLast,
    /// The garbage collector deletes it, because its owner is gone or going.
    Collected,
    /// It goes with its claim: the reclaim policy is `Delete`.
    Reclaimed,
    /// It stays, and its owner reference is taken off.
    Orphaned,
    /// It stays: nothing owns it.
    Stays,
    /// It stays: another owner is still there.
    OtherOwner,
}

impl NodeFate {
    /// Whether it is gone in the end.
    pub fn goes(self) -> bool {
        matches!(
            self,
            NodeFate::GoesAtOnce | NodeFate::GoesLast | NodeFate::Collected | NodeFate::Reclaimed
        )
    }
}
