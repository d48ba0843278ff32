//! How many pods more and how many fewer than wanted there may be.
//!
//! Upstream: `pkg/controller/deployment/util/deployment_util.go`, `staging/src/k8s.io/apimachinery/pkg/util/intstr/intstr.go`.

use super::Rollout;
use super::replica_sets::{OwnedSet, total};
use super::revision::MAX_REPLICAS;
use k8s_openapi::api::apps::v1::RollingUpdateDeployment;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// A number, or so many per cent of `whole`.
fn scaled(amount: Option<&IntOrString>, whole: i32, round_up: bool) -> i32 {
    match amount {
        None => 0,
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(text)) => {
            let percent = text
                .strip_suffix('%')
                .and_then(|digits| digits.parse().ok());
            let hundredths = percent.unwrap_or(0_i64).saturating_mul(i64::from(whole));
            let rest = i64::from(round_up && hundredths % 100 > 0);
            i32::try_from(hundredths / 100 + rest).unwrap_or(i32::MAX)
        }
    }
}

impl Rollout<'_, '_> {
    /// Whether pods are replaced little by little, and not all at once.
    pub(super) fn is_rolling_update(&self) -> bool {
        let strategy = self.spec.strategy.as_ref();
        strategy.and_then(|s| s.type_.as_deref()) == Some("RollingUpdate")
    }

    fn rolling(&self) -> Option<&RollingUpdateDeployment> {
        self.spec.strategy.as_ref()?.rolling_update.as_ref()
    }

    /// How many pods there may be beyond the wanted ones, as the strategy says.
    fn surge(&self) -> i32 {
        let rolling = self.rolling();
        scaled(
            rolling.and_then(|r| r.max_surge.as_ref()),
            self.replicas(),
            true,
        )
    }

    /// How many pods there may be beyond the wanted ones.
    pub(super) fn max_surge(&self) -> i32 {
        if self.is_rolling_update() {
            self.surge()
        } else {
            0
        }
    }

    /// How many of the wanted pods may be missing.
    pub(super) fn max_unavailable(&self) -> i32 {
        let replicas = self.replicas();
        if !self.is_rolling_update() || replicas == 0 {
            return 0;
        }
        let amount = self.rolling().and_then(|r| r.max_unavailable.as_ref());
        let unavailable = scaled(amount, replicas, false);
        if unavailable == 0 && self.surge() == 0 {
            return 1;
        }
        unavailable.min(replicas)
    }

    /// How many pods the ReplicaSet of the present template is to have, given all that there are.
    pub(super) fn new_replicas(&self, all: &[OwnedSet], new: i32) -> i32 {
        if !self.is_rolling_update() {
            return self.replicas();
        }
        let current = total(all, OwnedSet::replicas);
        let most = self.replicas().saturating_add(self.surge());
        if current >= most {
            return new;
        }
        new + (most - current).min(self.replicas() - new)
    }

    /// A ReplicaSet's share of the pods that are added (or, when negative, taken away) by a scaling of the Deployment.
    pub(super) fn proportion(&self, set: &OwnedSet, to_add: i32, added: i32) -> i32 {
        if set.replicas() == 0 || to_add == 0 || to_add == added {
            return 0;
        }
        let (fraction, allowed) = (self.fraction(set), to_add - added);
        if to_add > 0 {
            fraction.min(allowed)
        } else {
            fraction.max(allowed)
        }
    }

    fn fraction(&self, set: &OwnedSet) -> i32 {
        if self.replicas() == 0 {
            return -set.replicas();
        }
        let annotated = set.annotation(MAX_REPLICAS);
        let before = annotated.and_then(|text| text.parse().ok()).unwrap_or(0);
        let before: i32 = if before > 0 {
            before
        } else {
            let status = self.deployment.status.as_ref();
            status.and_then(|status| status.replicas).unwrap_or(0)
        };
        if before == 0 {
            return 0;
        }
        let most = i64::from(self.replicas().saturating_add(self.max_surge()));
        let wanted = i64::from(set.replicas()) * most;
        // Rounded to the nearest, halves up: all numbers are positive.
        let rounded = (2 * wanted + i64::from(before)) / (2 * i64::from(before));
        i32::try_from(rounded).unwrap_or(i32::MAX) - set.replicas()
    }
}
