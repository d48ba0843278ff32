//! Whether anything will still happen, and when.

use super::{Engine, QUIET, QUIET_WITH_PODS, REPEATS, REQUEST};
use crate::present;
use crate::seat::Seat;
use petset_cluster::{Instant, Kind, Object};
use petset_console::Until;

impl Engine {
    /// Whether nothing will change until a person does something.
    pub(crate) fn is_quiet(&self) -> bool {
        if self.seats.iter().any(Seat::is_due_at_once) {
            return false;
        }
        let waits = self
            .seats
            .iter()
            .any(|seat| matches!(seat.until(), Some(Until::Time(_))));
        if waits && self.repeats < REPEATS {
            return false;
        }
        let Some(next) = self.next_due() else {
            return true;
        };
        let still = next.since(self.last_change.1);
        still > QUIET_WITH_PODS || (still > QUIET && !self.pods_are_moving())
    }

    /// Whether a pod is on its way in or out. Found once for each version of the store.
    fn pods_are_moving(&self) -> bool {
        let version = self.cluster.store().resource_version();
        let (known, moving) = self.moving.get();
        if known == version {
            return moving;
        }
        let mut pods = self.cluster.store().list(Kind::Pod, None);
        let moving = pods.any(|object| match &**object {
            Object::Pod(pod) => object.is_terminating() || present::pod::is_starting(pod),
            _ => false,
        });
        self.moving.set((version, moving));
        moving
    }

    /// When the cluster or a command goes on next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let cluster = self.cluster.next_event().map(|(at, _)| at);
        let seats = self.seats.iter().filter_map(|seat| match seat.until() {
            Some(Until::Time(at) | Until::Change(Some(at))) => Some(at),
            _ => None,
        });
        cluster.into_iter().chain(seats).min()
    }

    /// The command that waits for the moment that comes next, if it is a command that does.
    pub(crate) fn waiting_command(&self) -> Option<(Instant, String)> {
        let waits = self.seats.iter().filter_map(|seat| match seat.until() {
            Some(Until::Time(at)) => Some((at, seat.running_command())),
            _ => None,
        });
        waits.min()
    }

    /// Up to where time moves because a command's request is under way.
    pub(super) fn request_limit(&self) -> Instant {
        let now = self.cluster.now();
        let waits = self.seats.iter().filter_map(|seat| match seat.until() {
            Some(Until::Time(at)) if at.since(now) <= REQUEST && at <= self.lead_until => Some(at),
            _ => None,
        });
        waits.max().unwrap_or(now)
    }
}
