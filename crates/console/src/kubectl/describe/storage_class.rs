//! Storage classes.

use super::persistent_volume::describe_term;
use super::selector::labels_text;
use super::text_of;
use super::writer::PrefixWriter;
use k8s_openapi::api::storage::v1::StorageClass;

/// The annotations that make a class the default one.
const DEFAULT_CLASS: [&str; 2] = [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];

/// A storage class. Here `kubectl apply`'s annotation is shown like any other.
///
/// Upstream: `describeStorageClass`.
pub(super) fn describe(class: &StorageClass, w: &mut PrefixWriter) {
    let annotations = class.metadata.annotations.as_ref();
    let is_default = DEFAULT_CLASS
        .iter()
        .filter_map(|key| annotations?.get(*key))
        .any(|value| value == "true");
    w.field(0, "Name", text_of(&class.metadata.name));
    w.field(0, "IsDefaultClass", if is_default { "Yes" } else { "No" });
    w.field(0, "Annotations", labels_text(annotations));
    w.field(0, "Provisioner", &class.provisioner);
    w.field(0, "Parameters", labels_text(class.parameters.as_ref()));
    let expansion = match class.allow_volume_expansion {
        None => "<unset>",
        Some(true) => "True",
        Some(false) => "False",
    };
    w.field(0, "AllowVolumeExpansion", expansion);
    let options = class.mount_options.as_deref().unwrap_or_default();
    if options.is_empty() {
        w.field(0, "MountOptions", "<none>");
    } else {
        w.line(0, "MountOptions:");
    }
    for option in options {
        w.line(1, option);
    }
    for (key, value) in [
        ("ReclaimPolicy", &class.reclaim_policy),
        ("VolumeBindingMode", &class.volume_binding_mode),
    ] {
        if let Some(value) = value {
            w.field(0, key, value);
        }
    }
    let Some(topologies) = &class.allowed_topologies else {
        return;
    };
    let none = if topologies.is_empty() { "<none>" } else { "" };
    w.field(0, "AllowedTopologies", none);
    for (at, term) in topologies.iter().enumerate() {
        let requirements = term.match_label_expressions.iter().flatten();
        let lines =
            requirements.map(|one| (one.key.as_str(), "in".to_owned(), one.values.as_slice()));
        describe_term(1, at, lines, w);
    }
}
