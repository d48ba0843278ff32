//! `kubectl apply --prune`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/apply/prune.go`, `pkg/util/prune/prune.go`.

use crate::kubectl::change::{Change, LAST_APPLIED};
use crate::kubectl::delete::{self, Doomed, Manner};
use crate::kubectl::errors::{Error, quote};
use crate::kubectl::flags::{DryRun, Parsed};
use crate::kubectl::resources;
use crate::kubectl::session::Io;
use petset_cluster::Kind;
use std::collections::BTreeSet;

/// What is pruned if nothing is named, those without a namespace last.
const DEFAULT: &[Kind] = &[
    Kind::ConfigMap,
    Kind::Endpoints,
    Kind::PersistentVolumeClaim,
    Kind::Pod,
    Kind::Secret,
    Kind::Service,
    Kind::Job,
    Kind::CronJob,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
    Kind::Namespace,
    Kind::PersistentVolume,
];

const DEPRECATED: &str = "prune.go:71] Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.";

/// The kinds that the command line lets be pruned.
///
/// # Errors
/// Words that are no kind, or none that is simulated.
pub(super) fn allowed(parsed: &Parsed) -> Result<Vec<Kind>, Error> {
    let mut kinds = Vec::new();
    for word in parsed.list("prune-allowlist") {
        let parts: Vec<&str> = word.split('/').collect();
        let [group, version, kind] = parts[..] else {
            return Err(Error::plain(format!(
                "invalid GroupVersionKind format: {word}, please follow <group/version/kind>"
            )));
        };
        let version = match group {
            "core" | "" => version.to_owned(),
            group => format!("{group}/{version}"),
        };
        let Some(resource) = resources::of_kind(&version, kind) else {
            return Err(Error::plain(format!(
                "no matches for kind {} in version {}",
                quote(kind),
                quote(&version)
            )));
        };
        // There are none of what is not simulated.
        kinds.extend(resource.simulated());
    }
    Ok(kinds)
}

/// Deletes what was applied once, fits the selector and was not applied this time.
///
/// # Errors
/// What the API answers, or a template that does not fit.
pub(super) fn prune(
    parsed: &Parsed,
    visited: &[(Kind, String, String)],
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let mut kinds = allowed(parsed)?;
    if !parsed.changed("prune-allowlist") {
        kinds = DEFAULT.to_vec();
        let now = io.cluster().server().calendar().timestamp(io.now());
        io.complain(&format!(
            "W{} {:7} {DEPRECATED}",
            now.strftime("%m%d %H:%M:%S.%6f"),
            1
        ));
    }
    let namespaces: BTreeSet<&str> = visited
        .iter()
        .filter(|(kind, ..)| kind.info().namespaced)
        .map(|(_, namespace, _)| namespace.as_str())
        .collect();
    for kind in kinds.iter().copied() {
        let scopes: Vec<&str> = match kind.info().namespaced {
            true => namespaces.iter().copied().collect(),
            false => vec![""],
        };
        for namespace in scopes {
            prune_kind(parsed, (kind, namespace), visited, change, io)?;
        }
    }
    Ok(())
}

fn prune_kind(
    parsed: &Parsed,
    (kind, namespace): (Kind, &str),
    visited: &[(Kind, String, String)],
    change: &mut Change,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let (objects, _) = io.list(kind, namespace, parsed.text("selector").trim(), "")?;
    let mut manner = Manner {
        dry_run: change.dry_run,
        ..Manner::default()
    };
    if parsed.changed("grace-period") {
        manner.grace = parsed.number("grace-period");
    }
    for object in objects {
        let annotations = object.meta().annotations.as_ref();
        let applied = annotations.is_some_and(|map| map.contains_key(LAST_APPLIED));
        let seen = visited.iter().any(|(of, namespace, name)| {
            *of == kind && namespace == object.namespace() && name == object.name()
        });
        if !applied || seen {
            continue;
        }
        let mut doomed = Doomed {
            kind,
            namespace: object.namespace().to_owned(),
            name: object.name().to_owned(),
            source: String::new(),
            uid: String::new(),
        };
        if change.dry_run != DryRun::Client {
            delete::one(&mut doomed, &manner, io)?;
        }
        change.tell(&object.to_json(), "pruned", io)?;
    }
    Ok(())
}
