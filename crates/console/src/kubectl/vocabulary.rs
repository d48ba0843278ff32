//! The words that may follow in a kubectl command line, for completion.

use super::commands::{self, Flag, FlagType, Spec, global_flags};
use super::resources;
use super::texts;
use crate::command::Files;
use crate::completion::{Candidate, file_names};
use petset_cluster::sort;
use petset_cluster::{Cluster, Kind};

/// What may stand where `partial` is being typed, after `words` (without `kubectl`).
pub(crate) fn candidates(
    words: &[String],
    partial: &str,
    cluster: &Cluster,
    files: &Files,
) -> Vec<Candidate> {
    let line = Line::read(words);
    let Some(spec) = &line.spec else {
        let mut found = sub_commands("");
        if partial.starts_with('-') {
            found = flag_names("options", &global_flags());
        }
        return found;
    };
    if line.after_dashes {
        return Vec::new();
    }
    if let Some(flag) = &line.open_flag {
        return values(flag, &line, cluster, files);
    }
    if let Some((name, _)) = partial
        .strip_prefix("--")
        .and_then(|text| text.split_once('='))
    {
        let flag = line.flags.iter().find(|flag| flag.name == name);
        return flag
            .map(|flag| values(flag, &line, cluster, files))
            .unwrap_or_default()
            .into_iter()
            .map(|candidate| Candidate {
                text: format!("--{name}={}", candidate.text),
                ..candidate
            })
            .collect();
    }
    if partial.starts_with('-') {
        return flag_names(spec.path, &line.flags);
    }
    let mut found = Vec::new();
    if line.args.is_empty() {
        found.extend(sub_commands(spec.path));
    }
    found.extend(arguments(spec, &line, partial, cluster));
    found
}

/// A command line up to the word that is being typed.
struct Line {
    spec: Option<Spec>,
    flags: Vec<Flag>,
    args: Vec<String>,
    namespace: String,
    open_flag: Option<Flag>,
    after_dashes: bool,
}

impl Line {
    fn read(words: &[String]) -> Line {
        let plain: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .take_while(|word| !word.starts_with('-'))
            .collect();
        let (spec, used) = commands::find(&plain);
        let mut flags = spec
            .as_ref()
            .map(|spec| spec.flags.clone())
            .unwrap_or_default();
        flags.extend(global_flags());
        let mut line = Line {
            spec,
            flags,
            args: Vec::new(),
            namespace: "default".to_owned(),
            open_flag: None,
            after_dashes: false,
        };
        for word in &words[used..] {
            line.word(word);
        }
        line
    }

    fn word(&mut self, word: &str) {
        if let Some(flag) = self.open_flag.take() {
            if flag.name == "namespace" {
                self.namespace = word.to_owned();
            }
        } else if word == "--" {
            self.after_dashes = true;
        } else if let Some(long) = word.strip_prefix("--") {
            match long.split_once('=') {
                Some(("namespace", name)) => self.namespace = name.to_owned(),
                Some(_) => {}
                None => self.open_flag = self.open(|flag| flag.name == long),
            }
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            let last = letters.chars().next_back();
            self.open_flag = self.open(|flag| flag.letter == last);
        } else {
            self.args.push(word.to_owned());
        }
    }

    fn open(&self, is: impl Fn(&Flag) -> bool) -> Option<Flag> {
        let flag = self.flags.iter().find(|flag| is(flag))?;
        flag.alone().is_none().then(|| flag.clone())
    }
}

fn sub_commands(path: &str) -> Vec<Candidate> {
    commands::children(path)
        .iter()
        .map(|spec| Candidate::new(spec.name(), spec.short))
        .collect()
}

fn flag_names(path: &str, flags: &[Flag]) -> Vec<Candidate> {
    let help = texts::help(path);
    flags
        .iter()
        .map(|flag| {
            let end = if flag.kind() == FlagType::Bool {
                ""
            } else {
                "="
            };
            let first = help.flag(flag.name).split(". ").next().unwrap_or("");
            Candidate::new(format!("--{}{end}", flag.name), first)
        })
        .collect()
}

fn values(flag: &Flag, line: &Line, cluster: &Cluster, files: &Files) -> Vec<Candidate> {
    let words = |words: &[&str]| -> Vec<Candidate> {
        words.iter().map(|word| Candidate::new(*word, "")).collect()
    };
    match flag.name {
        "filename" | "patch-file" | "from-file" => file_names(files),
        "namespace" => names(Kind::Namespace, "", cluster),
        "container" => containers(line, cluster),
        "output" => words(&[
            "wide",
            "yaml",
            "json",
            "name",
            "jsonpath=",
            "custom-columns=",
        ]),
        "dry-run" => words(&["client", "server", "none"]),
        "cascade" => words(&["background", "foreground", "orphan"]),
        "restart" => words(&["Always", "OnFailure", "Never"]),
        "type" => words(&["strategic", "merge", "json"]),
        "for" => words(&["condition=Ready", "delete", "create", "jsonpath="]),
        "selector" => labels(line, cluster),
        _ => Vec::new(),
    }
}

fn names(kind: Kind, namespace: &str, cluster: &Cluster) -> Vec<Candidate> {
    let within = (kind.info().namespaced && !namespace.is_empty()).then_some(namespace);
    cluster
        .store()
        .list(kind, within)
        .map(|object| Candidate::new(object.name(), kind.info().singular))
        .collect()
}

fn labels(line: &Line, cluster: &Cluster) -> Vec<Candidate> {
    let kind = line
        .args
        .first()
        .and_then(|word| resources::kind_for(word).ok());
    let kind = kind.unwrap_or(Kind::Pod);
    let mut found: Vec<Candidate> = cluster
        .store()
        .list(kind, None)
        .flat_map(|object| object.meta().labels.clone().unwrap_or_default())
        .map(|(key, value)| Candidate::new(format!("{key}={value}"), "label"))
        .collect();
    sort::by(&mut found, Ord::cmp);
    found.dedup();
    found
}

fn containers(line: &Line, cluster: &Cluster) -> Vec<Candidate> {
    let Some(name) = line.args.first() else {
        return Vec::new();
    };
    let name = name.rsplit('/').next().unwrap_or(name);
    let key = petset_cluster::Key::new(&line.namespace, name);
    let pod = cluster
        .store()
        .get_as::<k8s_openapi::api::core::v1::Pod>(&key);
    let spec = pod.and_then(|pod| pod.spec.as_ref());
    spec.into_iter()
        .flat_map(|spec| &spec.containers)
        .map(|container| Candidate::new(container.name.clone(), "container"))
        .collect()
}

/// Commands whose first argument is a kind.
const BY_KIND: &[&str] = &[
    "annotate",
    "autoscale",
    "delete",
    "describe",
    "edit",
    "expose",
    "get",
    "label",
    "patch",
    "scale",
    "taint",
    "wait",
];

fn arguments(spec: &Spec, line: &Line, partial: &str, cluster: &Cluster) -> Vec<Candidate> {
    let by_kind = BY_KIND.contains(&spec.path) || spec.path.starts_with("rollout ");
    let in_set = spec.path.starts_with("set ");
    match spec.path {
        "exec" | "logs" | "attach" | "port-forward" | "top pod" if line.args.is_empty() => {
            return names(Kind::Pod, &line.namespace, cluster);
        }
        "cordon" | "drain" | "uncordon" | "top node" => return names(Kind::Node, "", cluster),
        "explain" => return kinds(None),
        _ => {}
    }
    if !by_kind && !in_set {
        return Vec::new();
    }
    if let Some((word, _)) = partial.split_once('/') {
        let Ok(kind) = resources::kind_for(word) else {
            return Vec::new();
        };
        return names(kind, &line.namespace, cluster)
            .into_iter()
            .map(|candidate| Candidate {
                text: format!("{word}/{}", candidate.text),
                ..candidate
            })
            .collect();
    }
    match line.args.first() {
        None => kinds(partial.rsplit_once(',').map(|(front, _)| front)),
        Some(word) if !word.contains('/') => match resources::kind_for(word) {
            Ok(kind) => names(kind, &line.namespace, cluster)
                .into_iter()
                .filter(|candidate| !line.args.contains(&candidate.text))
                .collect(),
            Err(_) => Vec::new(),
        },
        Some(_) => Vec::new(),
    }
}

/// Kinds by plural, and by short name for those who type fast.
fn kinds(front: Option<&str>) -> Vec<Candidate> {
    let front = front.map(|front| format!("{front},")).unwrap_or_default();
    let mut found = Vec::new();
    for resource in resources::all().filter(|resource| resource.simulated().is_some()) {
        let shorts = resource
            .short_names
            .split(',')
            .filter(|short| !short.is_empty());
        for word in std::iter::once(resource.plural).chain(shorts) {
            found.push(Candidate::new(format!("{front}{word}"), resource.kind));
        }
    }
    found.push(Candidate::new(
        format!("{front}all"),
        "pods, services and sets",
    ));
    sort::by(&mut found, Ord::cmp);
    found
}
