//! The words by which a server of Kubernetes 1.36 knows its resources, simulated or not.

use super::errors::Error;
use petset_cluster::Kind;

const TEXT: &str = include_str!("resources.txt");

/// One line of `kubectl api-resources`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ApiResource {
    /// The plural.
    pub(crate) name: &'static str,
    /// Short names, joined by commas; empty if none.
    pub(crate) short_names: &'static str,
    /// `group/version`.
    pub(crate) api_version: &'static str,
    /// Whether objects live in a namespace.
    pub(crate) namespaced: bool,
    /// The kind.
    pub(crate) kind: &'static str,
}

impl ApiResource {
    /// The group; empty for the core group.
    pub(crate) fn group(&self) -> &'static str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// The version.
    pub(crate) fn version(&self) -> &'static str {
        self.api_version
            .split_once('/')
            .map_or(self.api_version, |(_, version)| version)
    }

    /// The singular: the kind in small letters.
    pub(crate) fn singular(&self) -> String {
        self.kind.to_lowercase()
    }

    /// `plural.group`.
    pub(crate) fn qualified(&self) -> String {
        if self.group().is_empty() {
            self.name.to_owned()
        } else {
            format!("{}.{}", self.name, self.group())
        }
    }

    /// The simulated kind, if it is one.
    pub(crate) fn simulated(&self) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| {
            let info = kind.info();
            info.plural == self.name && info.api_version() == self.api_version
        })
    }

    fn answers_to(&self, word: &str) -> bool {
        self.name == word
            || self.singular() == word
            || self
                .short_names
                .split(',')
                .any(|short| !short.is_empty() && short == word)
    }
}

/// Every resource, sorted by group and name.
pub(crate) fn all() -> impl Iterator<Item = ApiResource> {
    TEXT.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(ApiResource {
            name: words.next()?,
            short_names: words.next().map(|s| if s == "-" { "" } else { s })?,
            api_version: words.next()?,
            namespaced: words.next()? == "true",
            kind: words.next()?,
        })
    })
}

/// The resource that a word on the command line means.
pub(crate) fn find(word: &str) -> Option<ApiResource> {
    let lower = word.to_lowercase();
    if let Some(found) = all().find(|resource| resource.answers_to(&lower)) {
        return Some(found);
    }
    let (name, rest) = lower.split_once('.')?;
    all().find(|resource| {
        let versioned = format!("{}.{}", resource.version(), resource.group());
        resource.answers_to(name)
            && (rest == resource.group()
                || rest == versioned
                || (resource.group().is_empty()
                    && rest.trim_end_matches('.') == resource.version()))
    })
}

/// The resource of a kind as manifests write it.
pub(crate) fn of_kind(api_version: &str, kind: &str) -> Option<ApiResource> {
    all().find(|resource| resource.api_version == api_version && resource.kind == kind)
}

/// The simulated kind that a word on the command line means.
///
/// # Errors
/// The server has no such resource, or it is not simulated.
pub(crate) fn kind_for(word: &str) -> Result<Kind, Error> {
    let Some(resource) = find(word) else {
        let name = word.split('.').next().unwrap_or(word);
        return Err(Error::plain(format!(
            "the server doesn't have a resource type {}",
            super::errors::quote(name)
        )));
    };
    resource
        .simulated()
        .ok_or_else(|| Error::not_simulated(resource.qualified()))
}
