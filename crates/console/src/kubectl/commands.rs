//! The commands and their flags: data that kubectl 1.36.3 itself prints as help.

use super::errors::quote;
use super::texts::{self, Help};

const TEXT: &str = include_str!("commands.txt");

/// What values a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlagType {
    /// `true` or `false`; the flag alone means true.
    Bool,
    /// Any text.
    Text,
    /// Any number of texts.
    List,
    /// A whole number.
    Int,
    /// A span of time such as `1m30s`.
    Duration,
}

/// A flag.
#[derive(Clone, Debug)]
pub(crate) struct Flag {
    /// The letter, if it has one.
    pub(crate) letter: Option<char>,
    /// The long name.
    pub(crate) name: &'static str,
    /// The default as help prints it.
    pub(crate) default: &'static str,
}

impl Flag {
    /// What values it takes, told by its default.
    pub(crate) fn kind(&self) -> FlagType {
        match self.default {
            "true" | "false" => FlagType::Bool,
            "[]" => FlagType::List,
            text if text.starts_with('\'') || text.is_empty() => FlagType::Text,
            number if number.parse::<i64>().is_ok() => FlagType::Int,
            _ => FlagType::Duration,
        }
    }

    /// The default as a value.
    pub(crate) fn default_value(&self) -> &'static str {
        match self.default {
            "[]" => "",
            text => text.trim_matches('\''),
        }
    }

    /// The value that the flag has when it stands alone; none if it needs one.
    pub(crate) fn alone(&self) -> Option<&'static str> {
        match (self.kind(), self.name) {
            (FlagType::Bool, _) => Some("true"),
            (_, "dry-run") => Some("unchanged"),
            (_, "cascade") => Some("background"),
            (_, "validate") => Some("strict"),
            _ => None,
        }
    }
}

/// A command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spec {
    /// Its words after `kubectl`.
    pub(crate) path: &'static str,
    /// The heading under which `kubectl` alone lists it; empty for sub-commands.
    pub(crate) group: &'static str,
    /// One line.
    pub(crate) short: &'static str,
    /// The line under `Usage:`.
    pub(crate) usage: &'static str,
    /// Other names, its own first.
    pub(crate) aliases: Vec<&'static str>,
    /// Its own flags.
    pub(crate) flags: Vec<Flag>,
    /// Flags that no help shows any more.
    pub(crate) hidden: Vec<Flag>,
}

impl Spec {
    /// The last word.
    pub(crate) fn name(&self) -> &'static str {
        self.path.rsplit(' ').next().unwrap_or("")
    }

    fn answers_to(&self, word: &str) -> bool {
        self.name() == word || self.aliases.contains(&word)
    }
}

/// The command with exactly these words.
pub(crate) fn spec(path: &str) -> Option<Spec> {
    sections()
        .find(|(name, _)| *name == path)
        .map(|(name, body)| parse(name, body))
}

/// The commands directly under `path` (the empty text for `kubectl` itself), in the order of the help.
pub(crate) fn children(path: &str) -> Vec<Spec> {
    sections()
        .filter(|(name, _)| match name.rsplit_once(' ') {
            Some((parent, _)) => parent == path,
            None => path.is_empty(),
        })
        .map(|(name, body)| parse(name, body))
        .collect()
}

/// The flags that every command takes.
pub(crate) fn global_flags() -> Vec<Flag> {
    spec("options").map(|spec| spec.flags).unwrap_or_default()
}

/// The longest run of words at the front of `words` that names a command, and how many words that is.
pub(crate) fn find(words: &[&str]) -> (Option<Spec>, usize) {
    let mut found: Option<Spec> = None;
    let mut used = 0;
    for word in words {
        let path = found.as_ref().map_or("", |spec| spec.path);
        match children(path)
            .into_iter()
            .find(|spec| spec.answers_to(word))
        {
            Some(spec) => {
                found = Some(spec);
                used += 1;
            }
            None => break,
        }
    }
    (found, used)
}

fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXT.trim_start_matches("# ")
        .split("\n# ")
        .map(|section| section.split_once('\n').unwrap_or((section, "")))
}

fn parse(path: &'static str, body: &'static str) -> Spec {
    let mut spec = Spec {
        path,
        ..Spec::default()
    };
    for line in body.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "group" => spec.group = rest,
            "short" => spec.short = rest,
            "usage" => spec.usage = rest,
            "aliases" => spec.aliases = rest.split(", ").collect(),
            "flag" => spec.flags.extend(parse_flag(rest)),
            "hidden" => spec.hidden.extend(parse_flag(rest)),
            _ => {}
        }
    }
    spec
}

fn parse_flag(text: &'static str) -> Option<Flag> {
    let mut words = text.splitn(3, ' ');
    let letter = words.next()?;
    Some(Flag {
        letter: letter.chars().next().filter(|c| *c != '-'),
        name: words.next()?,
        default: words.next()?,
    })
}

/// What `kubectl` alone prints.
pub(crate) fn root_help() -> String {
    let mut text = "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n".to_owned();
    let mut group = "";
    let all = children("");
    for spec in all.iter().filter(|spec| !spec.group.is_empty()) {
        if spec.group != group {
            if spec.group == "Other Commands" {
                text.push_str("\nSubcommands provided by plugins:\n");
            }
            group = spec.group;
            text.push_str(&format!("\n{group}:\n"));
        }
        text.push_str(&format!("  {:<13}   {}\n", spec.name(), spec.short));
    }
    text.push_str("\nUsage:\n  kubectl [flags] [options]\n\nUse \"kubectl <command> --help\" for more information about a given command.\nUse \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
    text
}

/// What `--help` prints for a command.
pub(crate) fn help(spec: &Spec) -> String {
    let texts = texts::help(spec.path);
    if spec.path == "options" {
        return format!(
            "The following options can be passed to any command:\n\n{}",
            flag_block(&spec.flags, texts)
        );
    }
    let mut text = match texts.are_there() {
        true => texts.long().join("\n"),
        false => "not simulated here: the texts of kubectl's help, which this host does not have."
            .to_owned(),
    };
    text.push('\n');
    if !spec.aliases.is_empty() {
        text.push_str(&format!("\nAliases:\n{}\n", spec.aliases.join(", ")));
    }
    let examples = texts.examples();
    if !examples.is_empty() {
        text.push_str("\nExamples:\n");
        for line in examples {
            text.push_str(&format!("  {line}\n"));
        }
    }
    let subcommands = children(spec.path);
    if !subcommands.is_empty() {
        text.push_str("\nAvailable Commands:\n");
        let width = subcommands.iter().map(|sub| sub.name().len()).max();
        let width = width.unwrap_or(0).max(11);
        for sub in &subcommands {
            text.push_str(&format!("  {:<width$}   {}\n", sub.name(), sub.short));
        }
    }
    if !spec.flags.is_empty() {
        text.push_str(&format!("\nOptions:\n{}", flag_block(&spec.flags, texts)));
    } else {
        text.push('\n');
    }
    text.push_str(&format!("Usage:\n  {}\n\n", spec.usage));
    if !subcommands.is_empty() {
        text.push_str(&format!(
            "Use \"kubectl {} <command> --help\" for more information about a given command.\n",
            spec.path
        ));
    }
    text.push_str("Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
    text
}

fn flag_block(flags: &[Flag], texts: Help) -> String {
    let mut text = String::new();
    for flag in flags {
        let letter = flag
            .letter
            .map(|letter| format!("-{letter}, "))
            .unwrap_or_default();
        text.push_str(&format!(
            "    {letter}--{}={}:\n\t{}\n\n",
            flag.name,
            flag.default,
            texts.flag(flag.name)
        ));
    }
    text
}

/// The answer to a word that is no command.
pub(crate) fn unknown(word: &str) -> String {
    let mut text = format!("unknown command {} for \"kubectl\"", quote(word));
    let near: Vec<&str> = children("")
        .iter()
        .map(Spec::name)
        .filter(|name| distance(word, name) <= 2 || name.starts_with(&word.to_lowercase()))
        .collect();
    if !near.is_empty() {
        text.push_str("\n\nDid you mean this?\n");
        for name in near {
            text.push_str(&format!("\t{name}\n"));
        }
    }
    text
}

/// Levenshtein's distance, letters taken as lower case (upstream: cobra `ld`).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (
        a.to_lowercase().chars().take(64).collect(),
        b.to_lowercase().chars().take(64).collect(),
    );
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = if x == y {
                corner
            } else {
                1 + corner.min(row[j]).min(row[j + 1])
            };
            corner = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}
