//! What changed last in an object.

/// The last change of an object, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeView {
    /// When it happened, in virtual ms.
    pub at_ms: u64,
    /// The object came into being with it.
    pub added: bool,
    /// What changed, with a few lines around it.
    pub lines: Vec<DiffLine>,
}

/// A line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// What became of it.
    pub kind: DiffKind,
    /// Its text; empty for a gap.
    pub text: String,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffKind {
    /// It is as it was.
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Lines that are as they were are left out here.
    Gap,
}
