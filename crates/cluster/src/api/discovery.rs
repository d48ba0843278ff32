//! The words by which a server of Kubernetes 1.36 knows its resources, simulated or not.
//!
//! `resources.txt` is the list of `kubectl api-resources`, one resource a line: plural, short names (`-` for none), version, whether its objects
//! live in a namespace, kind.
//!
//! Upstream: `staging/src/k8s.io/client-go/restmapper`, `staging/src/k8s.io/apiserver/pkg/endpoints/discovery`.

pub mod documents;

use crate::object::Kind;
use std::sync::OnceLock;

/// One resource of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiResource {
    /// The resource's name in addresses and commands.
    pub plural: &'static str,
    /// Short names, joined by commas; empty if none.
    pub short_names: &'static str,
    /// `group/version`, or the version alone in the core group.
    pub api_version: &'static str,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// The kind's name as manifests write it.
    pub kind: &'static str,
}

impl ApiResource {
    /// The group; empty for the core group.
    pub fn group(&self) -> &'static str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// The version within the group.
    pub fn version(&self) -> &'static str {
        self.api_version
            .split_once('/')
            .map_or(self.api_version, |(_, version)| version)
    }

    /// The kind in small letters.
    pub fn singular(&self) -> String {
        self.kind.to_lowercase()
    }

    /// The kind, if it is simulated.
    pub fn simulated(&self) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| {
            let info = kind.info();
            info.kind == self.kind && info.api_version() == self.api_version
        })
    }

    /// Whether `kubectl get all` lists it.
    pub fn in_all(&self) -> bool {
        const ALL: [&str; 10] = [
            "cronjobs",
            "daemonsets",
            "deployments",
            "horizontalpodautoscalers",
            "jobs",
            "pods",
            "replicasets",
            "replicationcontrollers",
            "services",
            "statefulsets",
        ];
        ALL.contains(&self.plural)
    }

    /// The name of one such object in discovery and in success lines.
    pub fn singular_name(&self) -> String {
        match self.kind {
            "Endpoints" => "endpoints".to_owned(),
            _ => self.singular(),
        }
    }

    /// The verbs that the API server knows for the resource, in the order of discovery.
    pub fn verbs(&self) -> &'static [&'static str] {
        match self.plural {
            "bindings" => &["create"],
            "componentstatuses" => &["get", "list"],
            "namespaces" => &[
                "create", "delete", "get", "list", "patch", "update", "watch",
            ],
            plural if plural.ends_with("reviews") => &["create"],
            _ => &[
                "create",
                "delete",
                "deletecollection",
                "get",
                "list",
                "patch",
                "update",
                "watch",
            ],
        }
    }

    /// The parts of the resource's objects that are simulated: name, group, version, kind, verbs.
    pub fn parts(&self) -> Vec<Part> {
        let Some(kind) = self.simulated() else {
            return Vec::new();
        };
        let info = kind.info();
        let mut parts: Vec<Part> = PARTS
            .iter()
            .filter(|(plural, ..)| *plural == info.plural)
            .map(|(_, name, api_version, kind, verbs)| Part {
                name,
                api_version,
                kind,
                verbs,
            })
            .collect();
        if super::schema::fields(info.kind).is_some_and(|fields| fields.contains_key("status")) {
            parts.push(Part {
                name: "status",
                api_version: self.api_version,
                kind: self.kind,
                verbs: &["get", "patch", "update"],
            });
        }
        parts
    }

    fn is_called(&self, word: &str) -> bool {
        self.plural == word
            || self.singular() == word
            || self
                .short_names
                .split(',')
                .any(|short| short == word && !short.is_empty())
    }
}

/// A part of an object that has an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The last word of its address.
    pub name: &'static str,
    /// The version of what is sent and answered.
    pub api_version: &'static str,
    /// The kind of what is sent and answered.
    pub kind: &'static str,
    /// The verbs that it knows.
    pub verbs: &'static [&'static str],
}

type PartRow = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// Plural, part, version, kind, verbs; `status` is not among them.
const PARTS: [PartRow; 9] = [
    ("namespaces", "finalize", "v1", "Namespace", &["update"]),
    ("pods", "attach", "v1", "PodAttachOptions", CONNECT),
    ("pods", "binding", "v1", "Binding", &["create"]),
    ("pods", "eviction", "policy/v1", "Eviction", &["create"]),
    ("pods", "exec", "v1", "PodExecOptions", CONNECT),
    ("pods", "log", "v1", "Pod", &["get"]),
    ("deployments", "scale", AUTOSCALING, "Scale", WRITE),
    ("replicasets", "scale", AUTOSCALING, "Scale", WRITE),
    ("statefulsets", "scale", AUTOSCALING, "Scale", WRITE),
];
const AUTOSCALING: &str = "autoscaling/v1";
const CONNECT: &[&str] = &["create", "get"];
const WRITE: &[&str] = &["get", "patch", "update"];

/// A word or kind that leads to no simulated kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Kubernetes has it, this simulation has not.
    NotSimulated {
        /// The kind's name.
        kind: &'static str,
    },
    /// Kubernetes has no such resource.
    NoSuchResource {
        /// The word that was given.
        word: String,
    },
    /// Kubernetes has no such kind in that version.
    NoMatch {
        /// The kind that was given.
        kind: String,
        /// The version that was given.
        api_version: String,
    },
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unknown::NotSimulated { kind } => write!(f, "not simulated here: {kind}"),
            Unknown::NoSuchResource { word } => {
                write!(f, "the server doesn't have a resource type \"{word}\"")
            }
            Unknown::NoMatch { kind, api_version } => {
                write!(
                    f,
                    "no matches for kind \"{kind}\" in version \"{api_version}\""
                )
            }
        }
    }
}

/// Every resource, in the order of `kubectl api-resources`.
pub fn resources() -> &'static [ApiResource] {
    static RESOURCES: OnceLock<Vec<ApiResource>> = OnceLock::new();
    RESOURCES.get_or_init(|| {
        include_str!("resources.txt")
            .lines()
            .filter_map(parse)
            .collect()
    })
}

fn parse(line: &'static str) -> Option<ApiResource> {
    let mut words = line.split_whitespace();
    let plural = words.next()?;
    let short_names = words.next().filter(|names| *names != "-").unwrap_or("");
    Some(ApiResource {
        plural,
        short_names,
        api_version: words.next()?,
        namespaced: words.next()? == "true",
        kind: words.next()?,
    })
}

/// The resource that a word on the command line means: plural, singular or short name, `plural.group` or `plural.version.group`, in any case.
pub fn by_word(word: &str) -> Option<&'static ApiResource> {
    let lower = word.to_lowercase();
    let found = resources()
        .iter()
        .find(|resource| resource.is_called(&lower));
    if found.is_some() {
        return found;
    }
    let (name, rest) = lower.split_once('.')?;
    resources().iter().find(|resource| {
        let with_version = format!("{}.{}", resource.version(), resource.group());
        resource.is_called(name)
            && (resource.group() == rest
                || with_version == rest
                || (resource.group() == "autoscaling" && rest == "v1.autoscaling"))
    })
}

/// The simulated kind that a word on the command line means.
///
/// # Errors
/// Why there is none.
pub fn kind_by_word(word: &str) -> Result<Kind, Unknown> {
    let resource = by_word(word).ok_or_else(|| Unknown::NoSuchResource {
        word: word.to_owned(),
    })?;
    resource.simulated().ok_or(Unknown::NotSimulated {
        kind: resource.kind,
    })
}

/// The simulated kind that a manifest names.
///
/// # Errors
/// Why there is none.
pub fn kind_of_manifest(api_version: &str, kind: &str) -> Result<Kind, Unknown> {
    let api_version = match (api_version, kind) {
        // Kept in the newer form.
        ("autoscaling/v1", "HorizontalPodAutoscaler") => "autoscaling/v2",
        (version, _) => version,
    };
    let resource = resources()
        .iter()
        .find(|resource| resource.kind == kind && resource.api_version == api_version)
        .ok_or_else(|| Unknown::NoMatch {
            kind: kind.to_owned(),
            api_version: api_version.to_owned(),
        })?;
    resource.simulated().ok_or(Unknown::NotSimulated {
        kind: resource.kind,
    })
}
