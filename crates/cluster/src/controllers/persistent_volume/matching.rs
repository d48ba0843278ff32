//! Which volume fits a claim.
//!
//! Upstream: `pkg/controller/volume/persistentvolume/index.go` and `component-helpers/storage/volume`.

use super::class;
use crate::api::quantity::Amount;
use crate::controllers::label_selector;
use crate::store::{Index, Store};
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec};
use std::collections::BTreeSet;

/// The size a claim asks for, in bytes.
pub(super) fn requested_bytes(claim: &PersistentVolumeClaim) -> i128 {
    let resources = claim.spec.as_ref().and_then(|spec| spec.resources.as_ref());
    let quantity = resources.and_then(|resources| resources.requests.as_ref()?.get("storage"));
    quantity.map_or(0, |quantity| Amount::of(quantity).value())
}

/// The size of a volume, in bytes.
pub(super) fn capacity_bytes(volume: &PersistentVolume) -> i128 {
    let capacity = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.capacity.as_ref()?.get("storage"));
    capacity.map_or(0, |quantity| Amount::of(quantity).value())
}

/// The way a volume is used; a missing mode means a file system.
fn mode(mode: Option<&str>) -> &str {
    mode.unwrap_or("Filesystem")
}

/// Whether volume and claim are used in the same way (as a file system or as a block device).
pub(super) fn same_mode(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let of_volume = volume
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_mode.as_deref());
    let of_claim = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.volume_mode.as_deref());
    mode(of_volume) == mode(of_claim)
}

fn access_modes(modes: Option<&Vec<String>>) -> BTreeSet<&str> {
    modes.into_iter().flatten().map(String::as_str).collect()
}

/// Whether a volume offers every access mode that a claim asks for.
pub(super) fn offers_modes(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let offered = access_modes(
        volume
            .spec
            .as_ref()
            .and_then(|spec| spec.access_modes.as_ref()),
    );
    let asked = access_modes(
        claim
            .spec
            .as_ref()
            .and_then(|spec| spec.access_modes.as_ref()),
    );
    asked.is_subset(&offered)
}

/// Whether a volume is reserved for exactly this claim, by the claim's uid or for any claim of its name.
pub(super) fn is_reserved_for(
    volume: &PersistentVolumeSpec,
    claim: &PersistentVolumeClaim,
) -> bool {
    volume.claim_ref.as_ref().is_some_and(|reference| {
        let same_uid = |uid: &String| uid.is_empty() || Some(uid) == claim.metadata.uid.as_ref();
        reference.name == claim.metadata.name
            && reference.namespace == claim.metadata.namespace
            && reference.uid.as_ref().is_none_or(same_uid)
    })
}

/// The volume to bind a claim to. One that is reserved for the claim comes first; of the others the smallest of those
/// with the fewest access modes.
pub(super) fn best_match(
    store: &Store,
    claim: &PersistentVolumeClaim,
    wait: bool,
) -> Option<PersistentVolume> {
    let claimed = format!(
        "{}/{}",
        claim.metadata.namespace.as_deref().unwrap_or(""),
        claim.metadata.name.as_deref().unwrap_or("")
    );
    let usable = |volume: &&PersistentVolume| {
        offers_modes(volume, claim)
            && capacity_bytes(volume) >= requested_bytes(claim)
            && same_mode(volume, claim)
            && volume.metadata.deletion_timestamp.is_none()
    };
    let reserved = store
        .by_index_as::<PersistentVolume>(Index::Claim, &claimed)
        .filter(usable)
        .find(|volume| {
            volume
                .spec
                .as_ref()
                .is_some_and(|spec| is_reserved_for(spec, claim))
        });
    if reserved.is_some() || wait {
        return reserved.cloned();
    }
    // A volume without a claim is found under the empty claim.
    let free = store
        .by_index_as::<PersistentVolume>(Index::Claim, "/")
        .filter(usable)
        .filter(|volume| {
            let phase = volume
                .status
                .as_ref()
                .and_then(|status| status.phase.as_deref());
            let selector = claim.spec.as_ref().and_then(|spec| spec.selector.as_ref());
            phase == Some("Available")
                && selector
                    .is_none_or(|selector| label_selector::matches(selector, &volume.metadata))
                && class::of_volume(volume) == class::of_claim(claim)
        });
    free.min_by_key(|volume| {
        let modes = access_modes(
            volume
                .spec
                .as_ref()
                .and_then(|spec| spec.access_modes.as_ref()),
        )
        .len();
        (modes, capacity_bytes(volume))
    })
    .cloned()
}
