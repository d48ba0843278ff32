//! What the Tab key offers: commands, kinds, live names, flags, files.

use crate::command::Files;
use crate::kubectl::vocabulary;
use crate::programs::fault;
use petset_cluster::Cluster;

/// One thing that may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The whole word.
    pub text: String,
    /// What it is, in a few words; empty if it speaks for itself.
    pub description: String,
}

impl Candidate {
    /// A candidate with a description.
    pub fn new(text: impl Into<String>, description: impl Into<String>) -> Candidate {
        Candidate {
            text: text.into(),
            description: description.into(),
        }
    }
}

/// Words of the shell itself.
const SHELL: &[(&str, &str)] = &[
    ("cat", "print a file"),
    ("clear", "clear the screen"),
    ("echo", "print words"),
    ("fault", "break something, or mend it"),
    ("for", "repeat commands"),
    ("kubectl", "control the cluster"),
    ("ls", "list files"),
    ("sleep", "wait"),
];

/// What may stand at byte `cursor` of `line`, best first; each candidate replaces the word under the cursor.
pub fn complete(line: &str, cursor: usize, cluster: &Cluster, files: &Files) -> Vec<Candidate> {
    let mut end = cursor.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let words = last_command(&line[..end]);
    let Some((partial, before)) = words.split_last() else {
        return Vec::new();
    };
    let mut found = match before.first().map(String::as_str) {
        None => SHELL
            .iter()
            .map(|(text, description)| Candidate::new(*text, *description))
            .collect(),
        Some("kubectl" | "k") => vocabulary::candidates(&before[1..], partial, cluster, files),
        Some("cat" | "ls") => file_names(files),
        Some("fault") => fault_words(&before[1..], cluster),
        Some(_) => Vec::new(),
    };
    found.retain(|candidate| candidate.text.starts_with(partial.as_str()));
    found.dedup_by(|a, b| a.text == b.text);
    found
}

/// What may stand behind `fault`: what to break, then what it is about.
fn fault_words(before: &[String], cluster: &Cluster) -> Vec<Candidate> {
    let Some(word) = before.first() else {
        let all = fault::DEEDS.iter();
        return all
            .map(|(word, _, does)| Candidate::new(*word, *does))
            .collect();
    };
    let namespace = before.iter().position(|word| word == "-n");
    let namespace = namespace.and_then(|at| before.get(at + 1));
    let namespace = namespace.map_or("default", String::as_str);
    let known = fault::DEEDS.iter().find(|(known, ..)| known == word);
    let names = known.map(|(_, target, _)| fault::candidates(cluster, *target, namespace));
    let names = names.into_iter().flatten();
    names.map(|name| Candidate::new(name, "")).collect()
}

/// The names of the learner's files.
pub(crate) fn file_names(files: &Files) -> Vec<Candidate> {
    files
        .keys()
        .filter(|name| !name.starts_with('.'))
        .map(|name| Candidate::new(name.clone(), "file"))
        .collect()
}

/// The words of the command that the cursor stands in; the last one is being typed and may be empty.
fn last_command(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None::<char>);
    for c in text.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            ('|' | ';' | '&' | '(' | '\n', None) => {
                words.clear();
                word.clear();
            }
            (' ' | '\t', None) => {
                if matches!(word.as_str(), "do" | "then" | "time" | "while") {
                    words.clear();
                    word.clear();
                } else if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (c, _) => word.push(c),
        }
    }
    words.push(word);
    words
}
