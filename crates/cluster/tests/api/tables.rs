//! Tables of recorded objects against what the real kubectl printed of them at that moment.

use petset_cluster::api::{decode, table};
use petset_cluster::{Kind, Object};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What one recording holds at a moment, by kind, namespace and name.
type State = BTreeMap<(Kind, String, String), Arc<Object>>;

fn kind_of(word: &str) -> Option<Kind> {
    petset_cluster::api::discovery::kind_by_word(word).ok()
}

/// The kind and whether it is wide, of commands as simple as `kubectl get pods -o wide`.
fn simple_get(command: &str) -> Option<(Kind, bool)> {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["kubectl", "get", word] => Some((kind_of(word)?, false)),
        ["kubectl", "get", word, "-o", "wide"] => Some((kind_of(word)?, true)),
        _ => None,
    }
}

/// A line without its ages and without the width of its columns.
fn bare(line: &str) -> String {
    let age = |word: &&str| {
        let word = word.trim_matches(['(', ')']);
        word.starts_with(|first: char| first.is_ascii_digit())
            && word.ends_with(['s', 'm', 'h', 'd'])
            && word
                .chars()
                .all(|letter| letter.is_ascii_digit() || "smhd".contains(letter))
    };
    let words = line.split_whitespace().filter(|word| !age(word));
    words.collect::<Vec<_>>().join(" ")
}

fn printed(state: &State, kind: Kind, wide: bool) -> Vec<String> {
    let objects: Vec<Arc<Object>> = state
        .iter()
        .filter(|((of, namespace, _), _)| {
            *of == kind && matches!(namespace.as_str(), "" | "default")
        })
        .map(|(_, object)| object.clone())
        .collect();
    let now = k8s_openapi::jiff::Timestamp::UNIX_EPOCH;
    let table = table::table(kind, &objects, now, wide);
    let columns: Vec<usize> = (0..table.columns.len())
        .filter(|at| wide || table.columns[*at].priority == 0)
        .filter(|at| table.columns[*at].name != "Age")
        .collect();
    let row = |cells: &Vec<String>| {
        let shown: Vec<&str> = columns.iter().map(|at| cells[*at].as_str()).collect();
        bare(&shown.join(" ").replace("<invalid>", "0s"))
    };
    table.rows.iter().map(row).collect()
}

fn json_lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_default())
}

fn apply(state: &mut State, change: &Value) {
    let object = &change["object"];
    let named = |kind: &&Kind| object["kind"] == kind.info().kind;
    let Some(kind) = Kind::ALL.iter().find(named) else {
        return;
    };
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or("").to_owned();
    let key = (*kind, text("namespace"), text("name"));
    if change["type"] == "DELETED" {
        state.remove(&key);
    } else if let (Ok(object), _) = decode::read(*kind, object.clone()) {
        state.insert(key, Arc::new(object));
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the recordings are too many and too large to be compiled in"
)]
fn tables_are_printed_as_recorded() {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference");
    let entries = std::fs::read_dir(&recordings).unwrap_or_else(|error| panic!("{error}"));
    let (mut wrong, mut right) = (Vec::new(), 0);
    for entry in entries.flatten() {
        let read =
            |name: &str| std::fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let changes: Vec<Value> = json_lines(&read("changes.jsonl")).collect();
        if changes.is_empty() {
            continue;
        }
        let commands: Value = serde_json::from_str(&read("commands.json")).unwrap_or_default();
        for command in commands.as_array().into_iter().flatten() {
            let line = command["command"].as_str().unwrap_or("");
            let Some((kind, wide)) = simple_get(line) else {
                continue;
            };
            let stdout = command["stdout"].as_str().unwrap_or("");
            let expected: Vec<String> = stdout.lines().skip(1).map(bare).collect();
            // Objects from before the recording are not in it.
            let mut state = State::new();
            let mut candidates = Vec::new();
            for change in &changes {
                if change["ms"].as_f64() > command["end_ms"].as_f64() {
                    break;
                }
                if change["ms"].as_f64() >= command["start_ms"].as_f64() {
                    candidates.push(printed(&state, kind, wide));
                }
                apply(&mut state, change);
            }
            candidates.push(printed(&state, kind, wide));
            let from_before = !matches!(
                kind,
                Kind::Pod | Kind::StatefulSet | Kind::PersistentVolumeClaim
            );
            let known = |rows: &Vec<String>| {
                rows.iter().all(|row| expected.contains(row))
                    && (from_before || rows.len() == expected.len())
            };
            if candidates.iter().any(known) {
                right += 1;
            } else {
                wrong.push(format!("{line}\n{expected:#?}\n{:#?}", candidates.last()));
            }
        }
    }
    assert!(wrong.is_empty(), "{right} right, but {}", wrong.join("\n"));
    assert!(right > 20, "only {right} commands were looked at");
}
