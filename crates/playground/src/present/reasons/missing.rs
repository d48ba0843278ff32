//! What a pod needs besides itself, and does not find.

use super::{Asked, lacks};
use crate::view::{Lack, LackView};
use k8s_openapi::api::core::v1::{Container, PodSpec};
use petset_cluster::{Kind, Object};

/// What a container's environment needs and does not find.
pub(super) fn in_environment(asked: &Asked<'_>, spec: &Container) -> Vec<LackView> {
    let mut found = Vec::new();
    for from in spec.env_from.iter().flatten() {
        if let Some(map) = &from.config_map_ref {
            found.extend(missing(
                asked,
                Kind::ConfigMap,
                &map.name,
                None,
                map.optional,
            ));
        }
        if let Some(secret) = &from.secret_ref {
            found.extend(missing(
                asked,
                Kind::Secret,
                &secret.name,
                None,
                secret.optional,
            ));
        }
    }
    let sources = spec.env.iter().flatten();
    for source in sources.filter_map(|variable| variable.value_from.as_ref()) {
        if let Some(map) = &source.config_map_key_ref {
            let key = Some(map.key.as_str());
            found.extend(missing(
                asked,
                Kind::ConfigMap,
                &map.name,
                key,
                map.optional,
            ));
        }
        if let Some(secret) = &source.secret_key_ref {
            let key = Some(secret.key.as_str());
            found.extend(missing(
                asked,
                Kind::Secret,
                &secret.name,
                key,
                secret.optional,
            ));
        }
    }
    found
}

/// What the volumes of a pod need and do not find.
pub(super) fn in_volumes(asked: &Asked<'_>, spec: &PodSpec) -> Vec<LackView> {
    let mut found = Vec::new();
    for volume in spec.volumes.iter().flatten() {
        if let Some(map) = &volume.config_map {
            found.extend(missing(
                asked,
                Kind::ConfigMap,
                &map.name,
                None,
                map.optional,
            ));
        }
        if let Some(secret) = &volume.secret {
            let name = secret.secret_name.as_deref().unwrap_or("");
            found.extend(missing(asked, Kind::Secret, name, None, secret.optional));
        }
        if let Some(claim) = &volume.persistent_volume_claim {
            let kind = Kind::PersistentVolumeClaim;
            found.extend(missing(asked, kind, &claim.claim_name, None, None));
        }
    }
    found
}

/// An object beside the pod that is not there, or has not the key.
fn missing(
    asked: &Asked<'_>,
    kind: Kind,
    name: &str,
    key: Option<&str>,
    optional: Option<bool>,
) -> Option<LackView> {
    if optional == Some(true) {
        return None;
    }
    let at = Some(asked.sibling(kind, name));
    let Some(stored) = asked.store.get(kind, &asked.beside(name)) else {
        return Some(lacks(at, Lack::NotThere, []));
    };
    let key = key?;
    let has = match &**stored {
        Object::ConfigMap(map) => {
            let text = map.data.as_ref().is_some_and(|data| data.contains_key(key));
            text || map
                .binary_data
                .as_ref()
                .is_some_and(|data| data.contains_key(key))
        }
        Object::Secret(secret) => secret
            .data
            .as_ref()
            .is_some_and(|data| data.contains_key(key)),
        _ => true,
    };
    (!has).then(|| lacks(at, Lack::NoKey, [key.to_owned()]))
}
