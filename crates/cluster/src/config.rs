//! What a cluster is made of.

use crate::api::FeatureGates;
use crate::latency::Latency;

/// What a cluster is made of.
#[derive(Clone, Debug)]
pub struct Config {
    /// The seed of all randomness.
    pub seed: u64,
    /// The calendar date at which virtual time begins, in seconds since 1970.
    pub epoch_unix_seconds: i64,
    /// How many nodes there are, named `node-1` and so on.
    pub nodes: u32,
    /// How many pods each node takes.
    pub pods_per_node: u32,
    /// Whether every image is on every node from the beginning; else nodes pull what they need.
    pub images_preloaded: bool,
    /// How long things take.
    pub latency: Latency,
    /// Features beyond those that are on by default.
    pub gates: FeatureGates,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            seed: 1,
            // 2026-01-05 00:00:00 UTC, a Monday.
            epoch_unix_seconds: 1_767_571_200,
            nodes: 3,
            pods_per_node: 110,
            images_preloaded: true,
            latency: Latency::default(),
            gates: FeatureGates::default(),
        }
    }
}
