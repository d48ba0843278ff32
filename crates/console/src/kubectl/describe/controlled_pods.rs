//! The pods that an object controls, in a line.

use super::writer::PrefixWriter;
use super::{View, text_of};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use petset_cluster::api::selectors::Selector;
use petset_cluster::store::Index;

/// How many of the pods that the object of `owner` controls and selects are in which phase.
///
/// Upstream: `getPodStatusForController`.
pub(super) fn describe_pods(
    view: View<'_>,
    owner: &ObjectMeta,
    selector: &LabelSelector,
    w: &mut PrefixWriter,
) {
    let uid = text_of(&owner.uid);
    let selector = Selector::from_spec(Some(selector));
    let (mut running, mut waiting, mut succeeded, mut failed) = (0, 0, 0, 0);
    for pod in view.store.by_index_as::<Pod>(Index::OwnerUid, uid) {
        let mut owners = pod.metadata.owner_references.iter().flatten();
        let controller = owners.find(|owner| owner.controller == Some(true));
        if controller.is_none_or(|owner| owner.uid != uid)
            || pod.metadata.namespace != owner.namespace
            || !selector.matches(pod.metadata.labels.as_ref())
        {
            continue;
        }
        match pod
            .status
            .as_ref()
            .map_or("", |status| text_of(&status.phase))
        {
            "Running" => running += 1,
            "Pending" => waiting += 1,
            "Succeeded" => succeeded += 1,
            "Failed" => failed += 1,
            _ => {}
        }
    }
    let counts =
        format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed");
    w.field(0, "Pods Status", counts);
}
