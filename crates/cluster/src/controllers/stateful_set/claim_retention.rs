//! Who owns a claim: the retention policy is carried out by owner references alone, the garbage collector does the rest.
//!
//! Upstream: `pkg/controller/statefulset/stateful_set_utils.go`, isClaimOwnerUpToDate and its neighbours.

use crate::meta::controller_ref::{is_owned_by, new_controller_ref};
use crate::object::Kind;
use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

/// What happens to claims when the set is scaled down and when it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retention {
    /// Claims of condemned pods are deleted.
    pub(super) delete_when_scaled: bool,
    /// Claims are deleted with the set.
    pub(super) delete_when_deleted: bool,
}

impl Retention {
    /// The policy of a set.
    pub(super) fn of(spec: &StatefulSetSpec) -> Retention {
        let policy = spec.persistent_volume_claim_retention_policy.as_ref();
        let deletes = |word: Option<&String>| word.is_some_and(|word| word == "Delete");
        Retention {
            delete_when_scaled: deletes(policy.and_then(|p| p.when_scaled.as_ref())),
            delete_when_deleted: deletes(policy.and_then(|p| p.when_deleted.as_ref())),
        }
    }

    /// Whether claims always stay.
    pub(super) fn keeps_all(self) -> bool {
        !self.delete_when_scaled && !self.delete_when_deleted
    }
}

/// The two objects that may own a claim, and the policy between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owners<'a> {
    /// The set.
    pub(super) set: &'a ObjectMeta,
    /// The pod of the claim's ordinal; without a uid as long as it is not created.
    pub(super) pod: &'a ObjectMeta,
    /// Whether the pod's ordinal is wanted no more.
    pub(super) condemned: bool,
    /// The set's policy.
    pub(super) retention: Retention,
}

impl Owners<'_> {
    /// Whether set and pod are to own the claim, in this order.
    fn wanted(&self) -> (bool, bool) {
        let by_pod = self.retention.delete_when_scaled && self.condemned;
        (self.retention.delete_when_deleted && !by_pod, by_pod)
    }

    /// Whether someone who is neither set nor pod (or an older one of the same name) manages the claim.
    pub(super) fn has_unexpected_controller(&self, claim: &ObjectMeta) -> bool {
        if self.retention.keeps_all() {
            return false;
        }
        refs(claim).iter().any(|owner| {
            if is_reference_to(owner, self.set, Kind::StatefulSet) {
                Some(owner.uid.as_str()) != self.set.uid.as_deref()
            } else if is_reference_to(owner, self.pod, Kind::Pod) {
                owner.uid != self.pod.uid.as_deref().unwrap_or("")
            } else {
                owner.controller == Some(true)
            }
        })
    }

    /// Whether the claim's owners are those of the policy, or must not be touched.
    pub(super) fn up_to_date(&self, claim: &ObjectMeta) -> bool {
        if has_stale_owner(claim, self.set, Kind::StatefulSet)
            || has_stale_owner(claim, self.pod, Kind::Pod)
        {
            return true;
        }
        let has_set = is_owned_by(claim, self.set.uid.as_deref().unwrap_or(""));
        let has_pod = is_owned_by(claim, self.pod.uid.as_deref().unwrap_or(""));
        if self.has_unexpected_controller(claim) {
            return !has_set && !has_pod;
        }
        let ours_without_control = refs(claim).iter().any(|owner| {
            let uid = Some(owner.uid.as_str());
            let ours = uid == self.set.uid.as_deref() || uid == self.pod.uid.as_deref();
            ours && owner.controller != Some(true)
        });
        !ours_without_control && (has_set, has_pod) == self.wanted()
    }

    /// Writes the owners of the policy into the claim.
    pub(super) fn update(&self, claim: &mut ObjectMeta) {
        let unexpected = self.has_unexpected_controller(claim);
        let mut owners = claim.owner_references.take().unwrap_or_default();
        owners.retain(|owner| {
            !is_reference_to(owner, self.set, Kind::StatefulSet)
                && !is_reference_to(owner, self.pod, Kind::Pod)
        });
        if !unexpected {
            let (by_set, by_pod) = self.wanted();
            if by_set {
                owners.push(new_controller_ref(Kind::StatefulSet, self.set));
            }
            if by_pod {
                owners.push(new_controller_ref(Kind::Pod, self.pod));
            }
        }
        claim.owner_references = (!owners.is_empty()).then_some(owners);
    }
}

fn refs(claim: &ObjectMeta) -> &[OwnerReference] {
    claim.owner_references.as_deref().unwrap_or_default()
}

/// Whether the reference names this object, whatever the uid.
fn is_reference_to(owner: &OwnerReference, object: &ObjectMeta, kind: Kind) -> bool {
    let info = kind.info();
    owner.kind == info.kind
        && Some(owner.name.as_str()) == object.name.as_deref()
        && owner.api_version == info.api_version()
}

/// Whether the claim belongs to an earlier object of this name.
pub(super) fn has_stale_owner(claim: &ObjectMeta, object: &ObjectMeta, kind: Kind) -> bool {
    refs(claim)
        .iter()
        .find(|owner| is_reference_to(owner, object, kind))
        .is_some_and(|owner| owner.uid != object.uid.as_deref().unwrap_or(""))
}
