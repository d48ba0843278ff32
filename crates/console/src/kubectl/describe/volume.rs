//! Where the files of a volume come from.

mod sources;

use super::persistent_volume_claim::describe_claim_template;
use super::resource::amount_text;
use super::text_of;
use super::writer::PrefixWriter;
use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeSource, EmptyDirVolumeSource, PersistentVolumeSpec, ProjectedVolumeSource,
    Volume,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use petset_cluster::api::quantity::Amount;
use petset_cluster::typed;
use serde_json::Value;
use sources::{PERSISTENT_VOLUME_SOURCES, Source, VOLUME_SOURCES};

/// The volumes of a pod or of a template.
///
/// Upstream: `describeVolumes`.
pub(super) fn describe_volumes(volumes: &[Volume], space: &str, w: &mut PrefixWriter) {
    if volumes.is_empty() {
        w.field(0, format_args!("{space}Volumes"), "<none>");
        return;
    }
    w.line(0, format_args!("{space}Volumes:"));
    let indent = if space.is_empty() { "" } else { " " };
    for volume in volumes {
        w.line(1, format_args!("{indent}{}:", volume.name));
        describe_volume(volume, w);
    }
}

fn describe_volume(volume: &Volume, w: &mut PrefixWriter) {
    if let Some(directory) = &volume.empty_dir {
        describe_empty_dir(directory, w);
    } else if let Some(ephemeral) = &volume.ephemeral {
        w.field(2, "Type", "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)");
        if let Some(template) = &ephemeral.volume_claim_template {
            w.nested(2, |w| describe_claim_template(template, w));
        }
    } else if let Some(downward) = &volume.downward_api {
        describe_downward_api(downward, w);
    } else if let Some(projected) = &volume.projected {
        describe_projected(projected, w);
    } else {
        let value = typed::to_value(volume);
        describe_source(&value, VOLUME_SOURCES, w);
        if let Some(csi) = &volume.csi {
            w.attributes(csi.volume_attributes.as_ref());
        }
    }
}

/// Where the files of a persistent volume are.
pub(super) fn describe_persistent_source(spec: &PersistentVolumeSpec, w: &mut PrefixWriter) {
    let value = typed::to_value(spec);
    describe_source(&value, PERSISTENT_VOLUME_SOURCES, w);
    if let Some(csi) = &spec.csi {
        w.attributes(csi.volume_attributes.as_ref());
    }
}

fn describe_source(volume: &Value, sources: &[Source], w: &mut PrefixWriter) {
    let found = sources
        .iter()
        .find_map(|source| Some((source, volume.get(source.field)?)));
    let Some((source, value)) = found else {
        w.line(1, "<unknown>");
        return;
    };
    w.field(2, "Type", source.meaning);
    for (label, field, none) in source.fields {
        let text = value
            .pointer(field)
            .map_or_else(|| (*none).to_owned(), |value| value_text(field, value));
        w.line(2, format_args!("{label}\t{text}"));
    }
}

/// A value as upstream's language prints it.
fn value_text(field: &str, value: &Value) -> String {
    let texts = |items: &[Value]| -> Vec<String> {
        items.iter().map(|item| value_text("", item)).collect()
    };
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if field == "/targetWWNs" => texts(items).join(", "),
        Value::Array(items) => format!("[{}]", texts(items).join(" ")),
        Value::Object(map) => {
            let pair = |key: &str| {
                map.get(key)
                    .map(|value| value_text("", value))
                    .unwrap_or_default()
            };
            match (field, map.contains_key("namespace")) {
                ("/secretRef", false) => format!("&LocalObjectReference{{Name:{},}}", pair("name")),
                ("/secretRef", true) => {
                    format!(
                        "&SecretReference{{Name:{},Namespace:{},}}",
                        pair("name"),
                        pair("namespace")
                    )
                }
                _ => {
                    let pairs: Vec<String> = map
                        .keys()
                        .map(|key| format!("{key}:{}", pair(key)))
                        .collect();
                    format!("map[{}]", pairs.join(" "))
                }
            }
        }
        other => other.to_string(),
    }
}

fn describe_empty_dir(directory: &EmptyDirVolumeSource, w: &mut PrefixWriter) {
    let limit: Option<&Quantity> = directory.size_limit.as_ref();
    let limit = limit.filter(|limit| Amount::of(limit).nano() > 0);
    w.field(
        2,
        "Type",
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
    );
    w.field(2, "Medium", text_of(&directory.medium));
    w.field(
        2,
        "SizeLimit",
        limit.map_or_else(|| "<unset>".to_owned(), amount_text),
    );
}

fn describe_downward_api(downward: &DownwardAPIVolumeSource, w: &mut PrefixWriter) {
    w.field(
        2,
        "Type",
        "DownwardAPI (a volume populated by information about the pod)",
    );
    w.line(2, "Items:");
    for item in downward.items.iter().flatten() {
        if let Some(field) = &item.field_ref {
            w.line(3, format_args!("{} -> {}", field.field_path, item.path));
        }
        if let Some(field) = &item.resource_field_ref {
            w.line(3, format_args!("{} -> {}", field.resource, item.path));
        }
    }
}

fn describe_projected(projected: &ProjectedVolumeSource, w: &mut PrefixWriter) {
    w.field(
        2,
        "Type",
        "Projected (a volume that contains injected data from multiple sources)",
    );
    for source in projected.sources.iter().flatten() {
        if let Some(secret) = &source.secret {
            w.field(2, "SecretName", &secret.name);
            w.field(2, "Optional", secret.optional.unwrap_or(false));
        } else if source.downward_api.is_some() {
            w.field(2, "DownwardAPI", "true");
        } else if let Some(map) = &source.config_map {
            w.field(2, "ConfigMapName", &map.name);
            w.field(2, "Optional", map.optional.unwrap_or(false));
        } else if let Some(token) = &source.service_account_token {
            w.field(
                2,
                "TokenExpirationSeconds",
                token.expiration_seconds.unwrap_or(0),
            );
        }
    }
}
