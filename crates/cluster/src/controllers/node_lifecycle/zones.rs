//! How fast lost nodes lose their pods: one node after another in each zone, and not at all when all are lost.
//!
//! Upstream: `doNoExecuteTaintingPass`, `handleDisruption`, `ComputeZoneState`.

use super::taints::{self, NOT_READY, UNREACHABLE};
use super::{is_ready, next_look, readiness};
use crate::client::Client;
use crate::object::Key;
use crate::time::{Duration, Instant};
use k8s_openapi::api::core::v1::Node;
use std::collections::BTreeMap;

/// The time between two nodes of one zone.
const EVICTION_PERIOD: Duration = Duration::secs(10);
/// The same in a large cluster while much of the zone is lost.
const SECONDARY_PERIOD: Duration = Duration::secs(100);
/// A cluster of more nodes than these is large.
const LARGE_CLUSTER: usize = 50;
/// Nodes with this label are not counted.
const EXCLUDED: &str = "node.kubernetes.io/exclude-disruption";

/// The nodes that are to be tainted, and when each zone may have its next one.
#[derive(Clone, Debug, Default)]
pub(super) struct Zones {
    queued: BTreeMap<String, Instant>,
    next: BTreeMap<String, Instant>,
}

/// How lost nodes of a zone are dealt with.
enum Pace {
    /// One after another with this much time between.
    Every(Duration),
    /// Not now.
    Stopped,
    /// Not at all, and what was done is taken back: no node at all is well, so the fault may be elsewhere.
    TakenBack,
}

fn zone_of(node: &Node) -> String {
    let label = |key: &str| {
        let labels = node.metadata.labels.as_ref()?;
        labels.get(key).map(String::as_str)
    };
    let region = label("topology.kubernetes.io/region").unwrap_or("");
    let zone = label("topology.kubernetes.io/zone").unwrap_or("");
    format!("{region}/{zone}")
}

fn pace(zone: &str, client: &Client<'_>) -> Pace {
    let (mut all, mut any_ready) = (0, false);
    let (mut ready, mut lost) = (0, 0);
    for node in client.store().list_as::<Node>(None) {
        let labels = node.metadata.labels.as_ref();
        if labels.is_some_and(|labels| labels.contains_key(EXCLUDED)) {
            continue;
        }
        all += 1;
        any_ready |= is_ready(node);
        if zone_of(node) == zone {
            if is_ready(node) {
                ready += 1;
            } else {
                lost += 1;
            }
        }
    }
    let partly = ready > 0 && lost > 2 && lost * 100 >= (lost + ready) * 55;
    match (any_ready, partly) {
        (false, _) => Pace::TakenBack,
        (true, true) if all > LARGE_CLUSTER => Pace::Every(SECONDARY_PERIOD),
        (true, true) => Pace::Stopped,
        (true, false) => Pace::Every(EVICTION_PERIOD),
    }
}

impl Zones {
    /// A node is to be tainted at `at`, if its zone may have one then.
    pub fn queue(&mut self, node: &str, at: Instant) {
        self.queued.entry(node.to_owned()).or_insert(at);
    }

    /// The node is no more.
    pub fn forget(&mut self, node: &str) {
        self.queued.remove(node);
    }

    /// Taints a lost node so that its pods go, or takes that taint away from one that is well. Returns when to look again.
    pub fn no_execute_pass(&mut self, key: &Key, client: &mut Client<'_>) -> Option<Instant> {
        let (name, now) = (key.name(), client.now());
        let node = client.get::<Node>(key)?.clone();
        let has = |taint| taints::has(&node, taint, "NoExecute");
        let zone = zone_of(&node);
        let (wanted, opposite) = match readiness(&node)? {
            "True" => {
                self.queued.remove(name);
                return self.clear(name, has(NOT_READY) || has(UNREACHABLE), client);
            }
            "False" => (NOT_READY, UNREACHABLE),
            _ => (UNREACHABLE, NOT_READY),
        };
        let period = match pace(&zone, client) {
            Pace::Every(period) => period,
            Pace::Stopped => return None,
            Pace::TakenBack => {
                self.queued.remove(name);
                return self.clear(name, has(NOT_READY) || has(UNREACHABLE), client);
            }
        };
        if has(wanted) {
            self.queued.remove(name);
            return None;
        }
        if has(opposite) {
            taints::swap_no_execute(name, Some(wanted), &[opposite], client);
            return None;
        }
        let queued = self.queued.entry(name.to_owned());
        let due = *queued.or_insert_with(|| next_look(now));
        let due = due.max(self.next.get(&zone).copied().unwrap_or_default());
        if now < due {
            return Some(due);
        }
        self.queued.remove(name);
        self.next.insert(zone, now + period);
        taints::swap_no_execute(name, Some(wanted), &[opposite], client);
        None
    }

    /// At upstream's next look at all nodes, the node loses the taints that drive pods away.
    fn clear(&mut self, node: &str, tainted: bool, client: &mut Client<'_>) -> Option<Instant> {
        let look = next_look(client.now());
        if !tainted {
            return None;
        }
        if client.now() < look {
            return Some(look);
        }
        taints::swap_no_execute(node, None, &[NOT_READY, UNREACHABLE], client);
        None
    }
}
