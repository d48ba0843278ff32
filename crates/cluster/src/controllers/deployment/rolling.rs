//! The strategy that makes new pods and deletes old ones little by little.
//!
//! Upstream: `pkg/controller/deployment/rolling.go`.

use super::Rollout;
use super::replica_sets::{OwnedSet, active, oldest_first, total};
use crate::api::Status;

impl Rollout<'_, '_> {
    pub(super) fn rollout_rolling(&mut self) -> Result<(), Status> {
        let (new, old) = self.all_replica_sets(true)?;
        let Some(new) = new else {
            return Ok(());
        };
        let mut all = old.clone();
        all.push(new.clone());
        if self.reconcile_new(&all, &new)? || self.reconcile_old(&all, active(&old), &new) {
            return self.sync_rollout_status(Some(&new), &old);
        }
        if self.is_complete(self.deployment.status.as_ref()) {
            self.cleanup(&old)?;
        }
        self.sync_rollout_status(Some(&new), &old)
    }

    /// Brings the ReplicaSet of the present template nearer to its size; returns whether it was scaled.
    fn reconcile_new(&mut self, all: &[OwnedSet], new: &OwnedSet) -> Result<bool, Status> {
        if new.replicas() == self.replicas() {
            return Ok(false);
        }
        let size = if new.replicas() > self.replicas() {
            self.replicas()
        } else {
            self.new_replicas(all, new.replicas())
        };
        self.scale_replica_set(new, size, false)
            .map(|scaled| scaled.is_some())
    }

    /// Scales earlier ReplicaSets down as far as availability permits; returns whether any was. A failure is left to the next sync.
    fn reconcile_old(&mut self, all: &[OwnedSet], mut old: Vec<OwnedSet>, new: &OwnedSet) -> bool {
        if total(&old, OwnedSet::replicas) == 0 {
            return false;
        }
        let min_available = self.replicas() - self.max_unavailable();
        let new_unavailable = new.replicas() - new.available();
        let allowed = total(all, OwnedSet::replicas) - min_available - new_unavailable;
        if allowed <= 0 {
            return false;
        }
        oldest_first(&mut old);
        let Ok(unhealthy) = self.cleanup_unhealthy(&mut old, allowed) else {
            return false;
        };
        let available = total(&old, OwnedSet::available) + new.available();
        let Ok(healthy) = self.scale_down_old(&old, available - min_available) else {
            return false;
        };
        unhealthy + healthy > 0
    }

    /// Takes away pods that are not available anyway, of the oldest first; returns how many.
    fn cleanup_unhealthy(&mut self, old: &mut [OwnedSet], most: i32) -> Result<i32, Status> {
        let mut done = 0;
        for set in old {
            if done >= most {
                break;
            }
            let unhealthy = set.replicas() - set.available();
            if set.replicas() == 0 || unhealthy == 0 {
                continue;
            }
            let count = unhealthy.min(most - done);
            let scaled = self.scale_replica_set(set, set.replicas() - count, false)?;
            if let Some(scaled) = scaled {
                *set = scaled;
            }
            done += count;
        }
        Ok(done)
    }

    /// Takes `count` pods away, of the oldest first; returns how many.
    fn scale_down_old(&mut self, old: &[OwnedSet], count: i32) -> Result<i32, Status> {
        let mut done = 0;
        for set in old {
            if done >= count {
                break;
            }
            if set.replicas() == 0 {
                continue;
            }
            let share = set.replicas().min(count - done);
            self.scale_replica_set(set, set.replicas() - share, false)?;
            done += share;
        }
        Ok(done)
    }
}
