//! Virtual time as the page shows it.

use serde::{Deserialize, Serialize};

/// Time controls and the status line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeView {
    /// Virtual ms since the cluster started.
    pub now_ms: u64,
    /// Time stands still.
    pub paused: bool,
    /// Virtual seconds for each second on the wall.
    pub speed: f64,
    /// Nothing will change any more until a person does something.
    pub quiet: bool,
    /// What happens next that a learner can see, if anything.
    pub next: Option<NextEvent>,
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextEvent {
    /// Virtual time of it, in ms.
    pub at_ms: u64,
    /// What.
    pub kind: NextEventKind,
}

/// What happens next. `text` has the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextEventKind {
    /// A controller looks at an object.
    ControllerSync {
        /// Such as `statefulset`.
        controller: String,
        /// The object's name.
        name: String,
    },
    /// The scheduler places a pod.
    Schedule {
        /// The pod.
        pod: String,
    },
    /// A volume is made for a claim.
    Provision {
        /// The claim.
        claim: String,
    },
    /// An image has been pulled.
    ImagePulled {
        /// The pod.
        pod: String,
        /// The image.
        image: String,
    },
    /// A pod's containers start.
    Start {
        /// The pod.
        pod: String,
    },
    /// A pod becomes ready.
    Ready {
        /// The pod.
        pod: String,
    },
    /// A pod's processes end.
    Stop {
        /// The pod.
        pod: String,
    },
    /// A pod is removed.
    Remove {
        /// The pod.
        pod: String,
    },
    /// A waiting command goes on, such as `sleep`.
    Command {
        /// The command.
        command: String,
    },
    /// Another event of the cluster.
    Other,
}

/// What a slice of work did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Events handled.
    pub events: u32,
    /// More is due now: call again, after letting the page breathe.
    pub more: bool,
}
