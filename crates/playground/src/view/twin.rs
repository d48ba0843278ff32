//! The twin view: what became of the same commands with a StatefulSet and with a ReplicaSet.

use super::{Meaning, ObjectRef};

/// Both sides, row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TwinView {
    /// The sets that can be compared, as `namespace/name`.
    pub sets: Vec<String>,
    /// The set that is compared; none when there is no set yet.
    pub set: Option<ObjectRef>,
    /// A file that holds a set which is not applied yet.
    pub file: Option<String>,
    /// The twin is not as far as the cluster yet.
    pub behind: bool,
    /// There are more pods than the twin plays: nothing is compared.
    pub too_many: Option<u32>,
    /// What is compared.
    pub rows: Vec<TwinRow>,
    /// The latest commands, oldest first.
    pub steps: Vec<TwinStep>,
    /// The ReplicaSet that takes the set's place, as YAML; empty when the set came out of no file.
    pub manifest: String,
}

/// What a row compares. `text` has its name and why the two sides differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinTopic {
    /// What pods are called.
    Names,
    /// In which order they are made.
    Creation,
    /// What comes in place of a pod that is gone.
    Replacement,
    /// In which order they go.
    Deletion,
    /// Which disk each pod has.
    Disks,
    /// What becomes of the claims.
    Claims,
    /// Where pods run.
    Nodes,
    /// Their addresses.
    Addresses,
    /// Their names in DNS.
    Dns,
    /// What a new template does to them.
    Update,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinRow {
    /// What is compared.
    pub topic: TwinTopic,
    /// The StatefulSet's side.
    pub stateful: TwinSide,
    /// The ReplicaSet's side.
    pub replica: TwinSide,
    /// A command that makes the difference show, where nothing has shown it yet.
    pub offer: Option<String>,
}

/// One side of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TwinSide {
    /// The first of them.
    pub cells: Vec<TwinCell>,
    /// How many more there are.
    pub more: u32,
}

/// One thing in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinCell {
    /// Its name.
    pub name: String,
    /// What is said about it.
    pub note: TwinNote,
    /// Its state.
    pub meaning: Meaning,
    /// The object, where it is one of the visitor's cluster.
    pub object: Option<ObjectRef>,
}

/// What is said about a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TwinNote {
    /// Nothing.
    None,
    /// The place has no pod.
    Vacant,
    /// So many milliseconds after the first.
    After(u64),
    /// What came in its place.
    Becomes(String),
    /// What belongs to it: a disk, a node, an address, a name, an image.
    Has(String),
    /// How many pods use it.
    UsedBy(u32),
}

/// A command on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinStep {
    /// As it was typed.
    pub given: String,
    /// As the twin was given it.
    pub played: String,
    /// What it answered there, shortened.
    pub answer: String,
}
