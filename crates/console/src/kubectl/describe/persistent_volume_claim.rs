//! Claims.

use super::resource::{amount_of, amounts};
use super::time::date;
use super::writer::PrefixWriter;
use super::{View, text_of};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate, Pod,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use petset_cluster::sort;
use petset_cluster::store::Index;

/// The annotation that held the class before the field did.
const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// A claim.
///
/// Upstream: `describePersistentVolumeClaim`.
pub(super) fn describe(view: View<'_>, claim: &PersistentVolumeClaim, w: &mut PrefixWriter) {
    let no_spec = PersistentVolumeClaimSpec::default();
    let spec = claim.spec.as_ref().unwrap_or(&no_spec);
    let meta = &claim.metadata;
    let status = claim.status.as_ref();
    w.field(0, "Name", text_of(&meta.name));
    w.field(0, "Namespace", text_of(&meta.namespace));
    w.field(
        0,
        "StorageClass",
        class_name(meta, &spec.storage_class_name),
    );
    let phase = status.map_or("", |status| text_of(&status.phase));
    describe_status(view, meta, phase, w);
    w.field(0, "Volume", text_of(&spec.volume_name));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    w.field(0, "Finalizers", finalizers(meta));
    let bound = status.filter(|_| !text_of(&spec.volume_name).is_empty());
    let capacity =
        bound.map(|status| amount_of(&amounts(status.capacity.as_ref()), "storage").canonical());
    let modes = bound.map(|status| access_modes(status.access_modes.as_deref()));
    describe_size(
        spec,
        &capacity.unwrap_or_default(),
        &modes.unwrap_or_default(),
        w,
    );
    describe_users(view, claim, w);
    let conditions = status
        .and_then(|status| status.conditions.as_deref())
        .unwrap_or_default();
    if !conditions.is_empty() {
        w.line(0, "Conditions:");
        w.line(
            1,
            "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage",
        );
        w.line(
            1,
            "----\t------\t-----------------\t------------------\t------\t-------",
        );
    }
    for condition in conditions {
        let probed = date(condition.last_probe_time.as_ref());
        let changed = date(condition.last_transition_time.as_ref());
        let (reason, message) = (text_of(&condition.reason), text_of(&condition.message));
        let (kind, state) = (&condition.type_, &condition.status);
        w.line(
            1,
            format_args!("{kind} \t{state} \t{probed} \t{changed} \t{reason} \t{message}"),
        );
    }
}

/// The claim within an ephemeral volume, which has neither name nor state.
pub(super) fn describe_claim_template(
    template: &PersistentVolumeClaimTemplate,
    w: &mut PrefixWriter,
) {
    let no_meta = ObjectMeta::default();
    let meta = template.metadata.as_ref().unwrap_or(&no_meta);
    w.field(
        0,
        "StorageClass",
        class_name(meta, &template.spec.storage_class_name),
    );
    w.field(0, "Volume", text_of(&template.spec.volume_name));
    w.labels("Labels", meta.labels.as_ref());
    w.annotations("Annotations", meta.annotations.as_ref());
    // A claim that names a volume has the state of none yet.
    let named = !text_of(&template.spec.volume_name).is_empty();
    describe_size(&template.spec, if named { "0" } else { "" }, "", w);
}

fn describe_size(
    spec: &PersistentVolumeClaimSpec,
    capacity: &str,
    modes: &str,
    w: &mut PrefixWriter,
) {
    w.field(0, "Capacity", capacity);
    w.field(0, "Access Modes", modes);
    if let Some(mode) = &spec.volume_mode {
        w.field(0, "VolumeMode", mode);
    }
    if let Some(source) = &spec.data_source {
        w.line(0, "DataSource:");
        if let Some(group) = &source.api_group {
            w.field(1, "APIGroup", group);
        }
        w.field(1, "Kind", &source.kind);
        w.field(1, "Name", &source.name);
    }
}

/// The pods that mount the claim, and those that own it.
///
/// Upstream: `getPodsForPVC`.
fn describe_users(view: View<'_>, claim: &PersistentVolumeClaim, w: &mut PrefixWriter) {
    let name = text_of(&claim.metadata.name);
    let namespace = text_of(&claim.metadata.namespace);
    let mut users: Vec<(&str, &str)> = Vec::new();
    for pod in view
        .store
        .by_index_as::<Pod>(Index::Claim, &format!("{namespace}/{name}"))
    {
        let volumes = pod
            .spec
            .iter()
            .flat_map(|spec| spec.volumes.iter().flatten());
        let claims = volumes.filter_map(|volume| volume.persistent_volume_claim.as_ref());
        // A pod that mounts it twice is named twice.
        users.extend(
            claims
                .filter(|claim| claim.claim_name == name)
                .map(|_| identity(pod)),
        );
    }
    let owners = claim.metadata.owner_references.iter().flatten();
    for owner in owners.filter(|owner| owner.kind == "Pod") {
        let mut pods = view.store.list_as::<Pod>(Some(namespace));
        let found = pods.find(|pod| text_of(&pod.metadata.uid) == owner.uid);
        if let Some(pod) = found.filter(|pod| !users.contains(&identity(pod))) {
            users.push(identity(pod));
        }
    }
    sort::by_key(&mut users, |(name, _)| *name);
    w.list(
        "Used By",
        users.into_iter().map(|(name, _)| name.to_owned()),
    );
}

fn identity(pod: &Pod) -> (&str, &str) {
    (text_of(&pod.metadata.name), text_of(&pod.metadata.uid))
}

/// `Status`: the phase, or for how long the deletion has been asked for.
pub(super) fn describe_status(
    view: View<'_>,
    meta: &ObjectMeta,
    phase: &str,
    w: &mut PrefixWriter,
) {
    match &meta.deletion_timestamp {
        Some(date) => {
            let age = view.clock.age(Some(date));
            w.field(0, "Status", format_args!("Terminating (lasts {age})"));
        }
        None => w.field(0, "Status", phase),
    }
}

/// The storage class that an object names.
pub(super) fn class_name<'a>(meta: &'a ObjectMeta, field: &'a Option<String>) -> &'a str {
    let annotation = meta
        .annotations
        .as_ref()
        .and_then(|all| all.get(BETA_CLASS));
    annotation.map_or_else(|| text_of(field), String::as_str)
}

/// The finalizers in brackets.
pub(super) fn finalizers(meta: &ObjectMeta) -> String {
    format!(
        "[{}]",
        meta.finalizers.as_deref().unwrap_or_default().join(" ")
    )
}

/// The short names of access modes, each once and always in the same order.
pub(super) fn access_modes(modes: Option<&[String]>) -> String {
    let names = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let given = |long: &str| modes.unwrap_or_default().iter().any(|mode| mode == long);
    let short: Vec<&str> = names
        .iter()
        .filter(|(long, _)| given(long))
        .map(|(_, short)| *short)
        .collect();
    short.join(",")
}
