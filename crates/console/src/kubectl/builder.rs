//! From `TYPE NAME`, `TYPE/NAME` and selectors to objects.
//!
//! Upstream: `k8s.io/cli-runtime/pkg/resource/builder.go`.

use super::errors::{Error, quote};
use super::flags::Parsed;
use super::resources;
use super::session::{Io, Session};
use petset_cluster::api::Reason;
use petset_cluster::{Kind, Object};
use std::sync::Arc;

/// One object by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its namespace; empty for cluster-scoped kinds.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
}

/// What the arguments of a command mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Objects by name.
    Named {
        /// The objects.
        targets: Vec<Target>,
        /// Whether the words can only mean one object.
        single: bool,
    },
    /// All objects of some kinds that fit.
    Listed {
        /// Kinds, each with its namespace; empty for all.
        kinds: Vec<(Kind, String)>,
        /// A label selector.
        labels: String,
        /// A field selector.
        fields: String,
    },
    /// Nothing was named.
    Nothing,
}

/// What a command wants of its arguments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// Words after the command.
    pub(crate) args: Vec<String>,
    /// The namespace to look in.
    pub(crate) namespace: String,
    /// Look in all of them.
    pub(crate) all_namespaces: bool,
    /// Label selector.
    pub(crate) labels: String,
    /// Field selector.
    pub(crate) fields: String,
    /// `--all`.
    pub(crate) all: bool,
    /// A kind alone means all its objects.
    pub(crate) kind_alone: bool,
    /// Only one kind makes sense.
    pub(crate) single_kind: bool,
}

impl Query {
    /// The usual flags of a command.
    pub(crate) fn new(parsed: &Parsed, session: &Session) -> Query {
        Query {
            args: parsed.args.clone(),
            namespace: session.namespace.clone(),
            all_namespaces: parsed.is("all-namespaces"),
            labels: parsed.text("selector").trim().to_owned(),
            fields: parsed.text("field-selector").trim().to_owned(),
            all: parsed.is("all"),
            kind_alone: false,
            single_kind: false,
        }
    }

    /// Takes the arguments apart.
    ///
    /// # Errors
    /// cli-runtime's sentences.
    pub(crate) fn select(&self) -> Result<Selection, Error> {
        if self.all && (!self.labels.is_empty() || !self.fields.is_empty()) {
            return Err(Error::plain(
                "setting 'all' parameter but found a non empty selector. ",
            ));
        }
        let args = spread(&self.args);
        let slashes = args.iter().filter(|arg| arg.contains('/')).count();
        let selecting = !self.labels.is_empty() || !self.fields.is_empty() || self.all;
        if slashes > 0 && slashes < args.len() {
            return Err(Error::plain(MIXED_FORMS));
        }
        if slashes > 0 {
            let pairs = args
                .iter()
                .map(|arg| pair(arg))
                .collect::<Result<Vec<_>, _>>()?;
            if selecting {
                return Err(Error::plain(
                    "selectors and the all flag cannot be used when passing resource/name arguments",
                ));
            }
            return self.by_pairs(&pairs);
        }
        let Some((types, names)) = args.split_first() else {
            return if selecting {
                Err(Error::plain(
                    "at least one resource must be specified to use a selector",
                ))
            } else {
                Ok(Selection::Nothing)
            };
        };
        if selecting && !names.is_empty() {
            return Err(Error::plain(
                "name cannot be provided when a selector is specified",
            ));
        }
        let kinds = self.kinds(types)?;
        if !names.is_empty() {
            return self.by_names(&kinds, names);
        }
        if selecting || self.kind_alone {
            return Ok(Selection::Listed {
                kinds: kinds
                    .iter()
                    .map(|kind| (*kind, self.scope(*kind)))
                    .collect(),
                labels: self.labels.clone(),
                fields: self.fields.clone(),
            });
        }
        Err(Error::plain(
            "resource(s) were provided, but no name was specified",
        ))
    }

    fn kinds(&self, types: &str) -> Result<Vec<Kind>, Error> {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut words = 0;
        for word in types.split(',') {
            if word == "all" {
                let all = Kind::ALL.iter().filter(|kind| kind.info().in_all);
                words += all.clone().count();
                kinds.extend(all);
            } else if !word.is_empty() {
                words += 1;
                let kind = resources::kind_for(word);
                if self.single_kind && types.contains(',') && kind.is_ok() {
                    continue;
                }
                kinds.push(kind?);
            }
        }
        if self.single_kind && words > 1 {
            return Err(Error::plain("you may only specify a single resource type"));
        }
        let mut unique: Vec<Kind> = Vec::new();
        for kind in kinds {
            if !unique.contains(&kind) {
                unique.push(kind);
            }
        }
        Ok(unique)
    }

    fn scope(&self, kind: Kind) -> String {
        if self.all_namespaces || !kind.info().namespaced {
            String::new()
        } else {
            self.namespace.clone()
        }
    }

    fn target(&self, kind: Kind, name: &str) -> Result<Target, Error> {
        if kind.info().namespaced && self.all_namespaces {
            return Err(Error::plain(
                "a resource cannot be retrieved by name across all namespaces",
            ));
        }
        Ok(Target {
            kind,
            namespace: self.scope(kind),
            name: name.to_owned(),
        })
    }

    fn by_pairs(&self, pairs: &[(&str, &str)]) -> Result<Selection, Error> {
        let kinds = pairs
            .iter()
            .map(|(word, _)| resources::kind_for(word))
            .collect::<Result<Vec<Kind>, Error>>()?;
        if self.single_kind && kinds.iter().any(|kind| Some(kind) != kinds.first()) {
            return Err(Error::plain("you may only specify a single resource type"));
        }
        let targets = pairs
            .iter()
            .zip(kinds)
            .map(|((_, name), kind)| self.target(kind, name))
            .collect::<Result<Vec<Target>, Error>>()?;
        let single = targets.len() == 1;
        Ok(Selection::Named { targets, single })
    }

    fn by_names(&self, kinds: &[Kind], names: &[String]) -> Result<Selection, Error> {
        let Some(kind) = kinds.first() else {
            return Err(Error::plain(
                "you must provide a resource and a resource name together",
            ));
        };
        if kinds.len() > 1 {
            return Err(Error::plain("you must specify only one resource"));
        }
        let targets = names
            .iter()
            .map(|name| self.target(*kind, name))
            .collect::<Result<Vec<Target>, Error>>()?;
        Ok(Selection::Named {
            targets,
            single: names.len() == 1,
        })
    }
}

const MIXED_FORMS: &str = "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

/// What is said when a command is given files and objects.
pub(crate) const FILES_AND_WORDS: &str = "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well";

/// What is said when a command is given nothing to work on.
pub(crate) const MISSING: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/// `a,b x` means `a/x b/x`.
fn spread(args: &[String]) -> Vec<String> {
    let Some((first, names)) = args.split_first() else {
        return Vec::new();
    };
    let types: Vec<&str> = first.split(',').filter(|word| !word.is_empty()).collect();
    if names.is_empty() || types.len() < 2 {
        return args.to_vec();
    }
    types
        .iter()
        .flat_map(|word| names.iter().map(move |name| format!("{word}/{name}")))
        .collect()
}

fn pair(arg: &str) -> Result<(&str, &str), Error> {
    let mut parts = arg.split('/');
    let (word, name, more) = (
        parts.next().unwrap_or(""),
        parts.next().unwrap_or(""),
        parts.next(),
    );
    if more.is_some() {
        return Err(Error::plain(
            "arguments in resource/name form may not have more than one slash",
        ));
    }
    if word.is_empty() || name.is_empty() || word.contains(',') {
        return Err(Error::plain(
            "arguments in resource/name form must have a single resource and name",
        ));
    }
    Ok((word, name))
}

/// The objects of a selection, and what went wrong with some.
pub(crate) fn fetch(selection: &Selection, io: &mut Io<'_, '_>) -> (Vec<Arc<Object>>, Vec<Error>) {
    let (mut objects, mut errors) = (Vec::new(), Vec::new());
    match selection {
        Selection::Named { targets, .. } => {
            for target in targets {
                match io.get(target.kind, &target.namespace, &target.name) {
                    Ok(object) => objects.push(object),
                    Err(error) => errors.push(error),
                }
            }
        }
        Selection::Listed {
            kinds,
            labels,
            fields,
        } => {
            for (kind, namespace) in kinds {
                match io.list(*kind, namespace, labels, fields) {
                    Ok((items, _)) => objects.extend(items),
                    Err(error) => errors.push(list_error(*kind, labels, fields, error)),
                }
            }
        }
        Selection::Nothing => errors.push(Error::plain(MISSING)),
    }
    (objects, errors)
}

/// The objects that a command changes.
pub(crate) struct Chosen {
    /// The objects.
    pub(crate) objects: Vec<Arc<Object>>,
    /// What went wrong with others.
    pub(crate) errors: Vec<Error>,
    /// Whether the words can only mean one.
    pub(crate) single: bool,
}

/// The objects that `resources` name, or the files; with `--local` as the files have them.
///
/// # Errors
/// Nothing is named, or both.
pub(crate) fn chosen(
    parsed: &Parsed,
    resources: Vec<String>,
    io: &mut Io<'_, '_>,
) -> Result<Chosen, Error> {
    if parsed.is("local") {
        return from_files(parsed, &resources, io);
    }
    let selection = if parsed.changed("filename") || parsed.changed("kustomize") {
        let mut alone = parsed.clone();
        alone.args = resources;
        super::get::select(&alone, io, false)?
    } else {
        let mut query = Query::new(parsed, io.session);
        query.args = resources;
        query.select()?
    };
    if selection == Selection::Nothing {
        return Err(Error::plain(MISSING));
    }
    let single = matches!(selection, Selection::Named { single: true, .. });
    let (objects, errors) = fetch(&selection, io);
    Ok(Chosen {
        objects,
        errors,
        single,
    })
}

fn from_files(parsed: &Parsed, resources: &[String], io: &mut Io<'_, '_>) -> Result<Chosen, Error> {
    if !resources.is_empty() || !parsed.changed("filename") {
        return Err(Error::plain(
            "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
        ));
    }
    let (manifests, mut errors) = super::files::read(parsed, io)?;
    let mut objects = Vec::new();
    for mut manifest in manifests {
        let given = io.session.namespace_given;
        if let Some(meta) = manifest.object["metadata"].as_object_mut()
            && !given
            && manifest.namespace == io.session.namespace
        {
            meta.remove("namespace");
        }
        match Object::from_json(manifest.kind, &manifest.object) {
            Ok(object) => objects.push(Arc::new(object)),
            Err(why) => errors.push(Error::plain(format!(
                "unable to decode {}: {why}",
                quote(&manifest.source)
            ))),
        }
    }
    Ok(Chosen {
        objects,
        errors,
        single: false,
    })
}

/// A list that fails says what it looked for (upstream: `EnhanceListError` in `resource/helper.go`).
pub(crate) fn list_error(kind: Kind, labels: &str, fields: &str, error: Error) -> Error {
    match error {
        Error::Status(mut status)
            if matches!(status.reason, Some(Reason::BadRequest | Reason::NotFound)) =>
        {
            let info = kind.info();
            let version = if info.group.is_empty() {
                format!("/{}", info.version)
            } else {
                info.api_version()
            };
            let subject = quote(&format!("{version}, Resource={}", info.plural));
            let why = &status.message;
            status.message = if labels.is_empty() && fields.is_empty() {
                format!("Unable to list {subject}: {why}")
            } else {
                format!(
                    "Unable to find {subject} that match label selector {}, field selector {}: {why}",
                    quote(labels),
                    quote(fields)
                )
            };
            Error::Status(status)
        }
        other => other,
    }
}

/// `singular.group/name`, as success lines begin.
pub(crate) fn display(object: &Object) -> String {
    format!(
        "{}/{}",
        object.kind().info().qualified_singular(),
        object.name()
    )
}
