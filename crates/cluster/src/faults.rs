//! What can go wrong around a cluster: its registry does not answer, everything becomes slow. A node that is cut off is
//! beside the heartbeats, in [`crate::kubelet`].

use crate::cluster::Cluster;
use crate::latency::Latency;

impl Cluster {
    /// Lets every pull from now on fail, or succeed again, as when the nodes do not reach the registry. What is on a node
    /// already is still there.
    pub fn fail_pulls(&mut self, fail: bool) {
        self.components.kubelet.fail_pulls(fail);
    }

    /// Lets things take another time from now on; what is under way keeps its time.
    pub fn set_latency(&mut self, latency: Latency) {
        self.latency = latency;
    }
}
