//! Leases.
//!
//! Upstream: `pkg/apis/coordination/validation`.

use super::{Errors, Path, not_negative};
use k8s_openapi::api::coordination::v1::Lease;

pub(super) fn lease(lease: &Lease, errors: &mut Errors) {
    let Some(spec) = &lease.spec else { return };
    let path = Path::new("spec");
    if let Some(seconds) = spec.lease_duration_seconds.filter(|seconds| *seconds <= 0) {
        errors.invalid(
            &path.child("leaseDurationSeconds"),
            &seconds,
            "must be greater than 0",
        );
    }
    if let Some(transitions) = &spec.lease_transitions {
        not_negative(transitions, &path.child("leaseTransitions"), errors);
    }
    let strategy = spec.strategy.as_deref();
    let preferred = spec.preferred_holder.as_deref().unwrap_or("");
    if !preferred.is_empty() && strategy.is_none_or(str::is_empty) {
        errors.forbidden(
            &path.child("preferredHolder"),
            "may only be specified if `strategy` is defined",
        );
    }
}
