//! What can go wrong around a cluster: its registry does not answer, everything becomes slow. A node that is cut off is
//! beside the heartbeats, in [`crate::kubelet`].

use crate::cluster::Cluster;
use crate::kubelet::process::ImageInfo;
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

/// What containerd says when the registry's name leads nowhere.
pub(crate) fn unreachable(image: &ImageInfo) -> String {
    let full = &image.full_name;
    let (host, path) = full.split_once('/').unwrap_or(("docker.io", full));
    let (path, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
    let host = if host == "docker.io" {
        "registry-1.docker.io"
    } else {
        host
    };
    format!(
        "failed to pull and unpack image \"{full}\": failed to resolve reference \"{full}\": failed to do request: \
         Head \"https://{host}/v2/{path}/manifests/{tag}\": dial tcp: lookup {host}: no such host"
    )
}
