//! The nodes and what runs on them, as the page shows it.

use super::{Meaning, ObjectRef};

/// All nodes, and the pods that have none yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodesView {
    /// By name.
    pub nodes: Vec<NodeView>,
    /// Pods that wait for a node.
    pub unplaced: Vec<NodePodView>,
    /// How many pods wait for a node, those not listed included.
    pub unplaced_count: u32,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// The node.
    pub object: ObjectRef,
    /// What its status means.
    pub meaning: Meaning,
    /// The STATUS column of `kubectl get nodes`.
    pub status: String,
    /// Its internal address.
    pub address: String,
    /// Its taints, as `kubectl describe node` writes them.
    pub taints: Vec<String>,
    /// The first pods on it, by namespace and name.
    pub pods: Vec<NodePodView>,
    /// How many pods are on it in all.
    pub pod_count: u32,
    /// How many pods it takes.
    pub pod_capacity: u32,
    /// Touched since the last command.
    pub changed: bool,
}

/// A pod on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePodView {
    /// The pod.
    pub object: ObjectRef,
    /// The name of the object that controls it, if there is one.
    pub owner: Option<String>,
    /// The STATUS column of `kubectl get pods`.
    pub status: String,
    /// What it means.
    pub meaning: Meaning,
    /// It has a deletion timestamp.
    pub terminating: bool,
    /// Touched since the last command.
    pub changed: bool,
}
