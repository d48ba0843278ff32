//! The token of a pod's service account.
//!
//! Upstream: `pkg/serviceaccount/claims.go`, `pkg/registry/core/serviceaccount/storage/token.go`.

use crate::api::paging::base64;
use crate::hash::sha256_hex;
use crate::kubelet::pod::PodWorker;
use crate::object::Key;
use crate::store::Store;
use k8s_openapi::api::core::v1 as core;
use serde_json::json;

/// Who the API server is to those that read its tokens.
const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";
/// How long a token holds that was asked for as clients usually do, in seconds: the API server warns when it is older
/// than was asked, and refuses it only a year later.
const EXTENDED_SECONDS: i64 = 365 * 24 * 60 * 60;
/// What clients ask for usually, in seconds.
const USUAL_SECONDS: i64 = 3607;

/// A token with everything that it says; nothing here checks signatures, and it has none.
///
/// # Errors
/// There is no such service account.
pub(super) fn token(
    worker: &PodWorker,
    store: &Store,
    asked: &core::ServiceAccountTokenProjection,
) -> Result<String, String> {
    let namespace = worker.key.namespace();
    let spec = worker.spec();
    let name = spec.and_then(|spec| spec.service_account_name.as_deref());
    let name = name.filter(|name| !name.is_empty()).unwrap_or("default");
    let uid = |uid: Option<&String>| uid.cloned().unwrap_or_default();
    // The default account of a young namespace is about to be made: upstream waits for it here.
    let account = store.get_as::<core::ServiceAccount>(&Key::new(namespace, name));
    let account = account.map(|account| uid(account.metadata.uid.as_ref()));
    let node = store.get_as::<core::Node>(&Key::new("", &worker.node));
    let began = worker.start_time.0.as_second();
    let seconds = asked.expiration_seconds.unwrap_or(60 * 60);
    let usual = seconds == USUAL_SECONDS;
    let hash = sha256_hex(format!("{} {}", worker.uid, asked.path).as_bytes());
    let id: Vec<&str> = [0..8, 8..12, 12..16, 16..20, 20..32]
        .into_iter()
        .filter_map(|part| hash.get(part))
        .collect();
    let audience = asked.audience.as_deref().filter(|who| !who.is_empty());
    let mut about = json!({
        "namespace": namespace,
        "node": {"name": worker.node, "uid": uid(node.and_then(|node| node.metadata.uid.as_ref()))},
        "pod": {"name": worker.key.name(), "uid": worker.uid},
        "serviceaccount": {"name": name, "uid": account.unwrap_or_default()},
    });
    if usual {
        about["warnafter"] = json!(began + seconds);
    }
    let claims = json!({
        "aud": [audience.unwrap_or(ISSUER)],
        "exp": began + if usual { EXTENDED_SECONDS } else { seconds },
        "iat": began,
        "iss": ISSUER,
        "jti": id.join("-"),
        "kubernetes.io": about,
        "nbf": began,
        "sub": format!("system:serviceaccount:{namespace}:{name}"),
    });
    let header = r#"{"alg":"RS256","kid":"not simulated here"}"#;
    let signature = "not simulated here: signatures";
    let parts = [header, &claims.to_string(), signature];
    Ok(parts.map(|part| base64(part.as_bytes())).join("."))
}
