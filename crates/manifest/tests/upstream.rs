//! What Go's own libraries answered (sigs.k8s.io/yaml 1.6.0 with go.yaml.in/yaml/v2 2.4.3, as Kubernetes 1.36.3 uses them), as data.
//!
//! `read.jsonl`: a document's text, and the JSON it becomes or the error. `emit.jsonl`: JSON, and the YAML it becomes.

use std::fmt::Write as _;

use petset_manifest::{Value, read, to_json_compact_go, to_yaml};

fn cases(table: &str) -> Vec<(String, Option<String>, Option<String>)> {
    let field =
        |case: &Value, name: &str| case.get(name).and_then(Value::as_str).map(str::to_owned);
    let parse = |line: &str| -> Value { serde_json::from_str(line).expect("a table line is JSON") };
    table
        .lines()
        .map(parse)
        .map(|case| {
            (
                field(&case, "in").expect("input"),
                field(&case, "out"),
                field(&case, "err"),
            )
        })
        .collect()
}

#[test]
fn reading_gives_upstreams_json_or_error() {
    let cases = cases(include_str!("expectations/read.jsonl"));
    let mut report = String::new();
    let mut failed = 0;
    for (input, json, error) in &cases {
        let (documents, errors) = read_single(input);
        let got = match (documents, errors) {
            (_, Some(message)) => Err(message),
            (value, None) => Ok(value),
        };
        let want = match (json, error) {
            (Some(json), _) => Ok(json.clone()),
            (None, error) => Err(error.clone().unwrap_or_default()),
        };
        if got != want {
            failed += 1;
            let _ = writeln!(report, "{input:?}\n  want {want:?}\n  got  {got:?}");
        }
    }
    assert!(failed == 0, "{failed} of {} differ\n{report}", cases.len());
}

/// The table's inputs are single documents.
fn read_single(input: &str) -> (String, Option<String>) {
    let (documents, errors) = read(input);
    let value = documents
        .first()
        .map_or(Value::Null, |document| document.value.clone());
    (
        to_json_compact_go(&value),
        errors.into_iter().next().map(|error| error.message),
    )
}

#[test]
fn printing_gives_upstreams_yaml() {
    let cases = cases(include_str!("expectations/emit.jsonl"));
    let mut report = String::new();
    let mut failed = 0;
    for (input, yaml, _) in &cases {
        let Some(want) = yaml else { continue };
        let value: Value = serde_json::from_str(input).expect("input is JSON");
        let got = to_yaml(&value);
        if got != *want {
            failed += 1;
            let _ = writeln!(report, "{input}\n  want {want:?}\n  got  {got:?}");
        }
    }
    assert!(failed == 0, "{failed} of {} differ\n{report}", cases.len());
}
