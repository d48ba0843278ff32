//! View models: what the page draws, as plain data.
//!
//! Nothing here knows Kubernetes' types, the page or a language. Reasons are typed, so that `text` can say them in
//! every language; names, phases and messages are the API server's own words and stay as they are.

pub(crate) mod commentary;
mod deeds;
mod dns;
mod editor;
mod faults;
mod nodes;
mod owners;
mod past;
pub(crate) mod reasons;
mod related;
mod set;
mod share;
mod storage;
mod terminal;
mod time;
mod timeline;
mod twin;

pub use commentary::{Remark, RemarkView};
pub use deeds::{Deed, DeedView};
pub use dns::{
    Attempt, AttemptOutcome, DnsView, RecordView, RecordWhy, ResolveView, WayAsker, WayStep,
    WayView, ZoneView,
};
pub use editor::{Diagnostic, FileError, FileInfo, Hint, Severity};
pub use faults::{FaultView, Wrong};
pub use nodes::{NodePodView, NodeView, NodesView};
pub use owners::{Cascade, NodeFate, OwnerNode, OwnersView, Tie};
pub use past::{FutureView, MomentView, PastView};
pub use reasons::{Lack, LackView, Question, Reason, ReasonView};
pub use related::{ChangeView, DiffKind, DiffLine};
pub use set::{
    BlockView, ClaimPlace, ClaimView, ContainerState, ContainerView, PlaceView, PodView,
    RolloutView, SetSource, SetView, VolumeView, Why,
};
pub use share::{ShareTrouble, check_manifest};
pub use storage::{
    DiskFileView, DiskKind, DiskView, Fate, LostDiskView, StorageView, WriteKind, WriteView,
};
pub use terminal::{
    Block, Candidate, CandidateKind, Chunk, Completion, PromptState, Stream, TerminalId,
    TerminalView,
};
pub use time::{NextEvent, NextEventKind, TimeView, Work};
pub use timeline::{CommandMark, Lane, LaneGroup, Span, Tick, TimelineView};
pub use twin::{TwinCell, TwinNote, TwinRow, TwinSide, TwinStep, TwinTopic, TwinView};

use serde::{Deserialize, Serialize};

/// The five meanings that a state can have. Colour, fill and icon follow from it, and from nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Meaning {
    /// Works as asked: a ready pod, a bound claim.
    Ready,
    /// On its way: scheduled, pulling, starting, provisioning.
    Progress,
    /// Held back by something else; nothing happens until that changes.
    Waiting,
    /// Went wrong and needs a person, or another try.
    Failed,
    /// Leaving or left: terminating, released, kept without a user.
    Gone,
}

/// Names one API object. Enough to fetch it and to write the command that prints it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// The kind as in manifests, such as `PersistentVolumeClaim`.
    pub kind: String,
    /// `None` for kinds without a namespace.
    pub namespace: Option<String>,
    /// The object's name.
    pub name: String,
}

impl ObjectRef {
    /// A reference to an object in a namespace.
    pub fn namespaced(kind: &str, namespace: &str, name: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
        }
    }

    /// A reference to an object of a kind without a namespace, such as a node or a volume.
    pub fn cluster_wide(kind: &str, name: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            namespace: None,
            name: name.to_owned(),
        }
    }

    /// The kubectl command that prints this object whole, as a learner would type it.
    pub fn command(&self) -> String {
        let resource = match self.kind.as_str() {
            "PersistentVolumeClaim" => "pvc".to_owned(),
            "PersistentVolume" => "pv".to_owned(),
            "StatefulSet" => "sts".to_owned(),
            "Service" => "svc".to_owned(),
            "StorageClass" => "sc".to_owned(),
            kind => kind.to_lowercase(),
        };
        match self.namespace.as_deref() {
            None | Some("default") => format!("kubectl get {resource} {} -o yaml", self.name),
            Some(namespace) => format!(
                "kubectl get {resource} {} -n {namespace} -o yaml",
                self.name
            ),
        }
    }
}

/// One row of `kubectl get events`, newest last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// The event object itself.
    pub object: ObjectRef,
    /// What the event is about.
    pub regarding: ObjectRef,
    /// Virtual time at which it was last seen, in ms since the cluster started.
    pub last_seen_ms: u64,
    /// Its age as kubectl prints it, such as `4s`.
    pub age: String,
    /// True for `Warning`, false for `Normal`.
    pub warning: bool,
    /// Kubernetes' reason word, such as `SuccessfulCreate`.
    pub reason: String,
    /// Kubernetes' message.
    pub message: String,
    /// How often it was seen.
    pub count: u32,
    /// Seen since the last command.
    pub changed: bool,
}
