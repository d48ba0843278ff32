//! What the scheduler's errors say as facts.

use super::filter::FitError;
use super::volume_binding;
use crate::object::Object;
use crate::store::Store;
use crate::trace::{ClaimLack, Fact};

/// What an error says of the pod, besides its words; none for errors that are not about nodes.
pub(super) fn fact_of(
    error: &FitError,
    nominated: Option<String>,
    store: &Store,
    object: &Object,
) -> Option<Fact> {
    Some(match error {
        FitError::NoNodes => Fact::NoNodes,
        FitError::PreFilter {
            why: ClaimLack::Unbound,
            ..
        } => Fact::WaitsForClaims {
            claims: volume_binding::unbound_claims(store, object),
        },
        FitError::PreFilter { why, .. } => Fact::ClaimUnusable { lack: why.clone() },
        FitError::Filtered { total, lacks, .. } => Fact::Unschedulable {
            nodes: lacks.clone(),
            total: *total,
            nominated,
        },
        FitError::Internal(_) => return None,
    })
}
