//! Which addresses pods get.

use k8s_openapi::api::core::v1::Node;
use std::net::Ipv4Addr;

/// The node whose own address ends in this number has the first range of pod addresses but zero: 10.10.0.11 has 10.244.1.0.
const NODE_OFFSET: u32 = 10;

/// The range of pod addresses of a node: the one in its spec, or (as in the recorded cluster, where each node's network
/// plug-in is configured on the node itself) the one that belongs to its own address.
pub fn pod_cidr(node: &Node) -> Option<String> {
    if let Some(range) = node.spec.as_ref().and_then(|spec| spec.pod_cidr.clone()) {
        return Some(range);
    }
    let mut addresses = node.status.as_ref()?.addresses.as_ref()?.iter();
    let internal = addresses.find(|address| address.type_ == "InternalIP")?;
    let [_, _, high, low] = internal.address.parse::<Ipv4Addr>().ok()?.octets();
    let index = (u32::from(high) << 8 | u32::from(low)).checked_sub(NODE_OFFSET)?;
    Some(format!("10.{}.{}.0/24", 244 + (index >> 8), index & 0xff))
}
