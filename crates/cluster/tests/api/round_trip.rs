//! Every recorded state of every object is read and written again as it was.

use petset_cluster::Kind;
use petset_cluster::api::decode;
use serde_json::Value;
use std::path::Path;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the recordings are too many and too large to be compiled in"
)]
fn recorded_objects_are_written_as_they_were_read() {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference");
    let entries = std::fs::read_dir(&recordings).unwrap_or_else(|error| panic!("{error}"));
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in entries.flatten() {
        let Ok(changes) = std::fs::read_to_string(entry.path().join("changes.jsonl")) else {
            continue;
        };
        for line in changes.lines() {
            let change: Value = serde_json::from_str(line).unwrap_or_default();
            let object = &change["object"];
            let named = |kind: &&Kind| {
                let info = kind.info();
                object["kind"] == info.kind && object["apiVersion"] == info.api_version().as_str()
            };
            let Some(kind) = Kind::ALL.iter().find(named) else {
                continue;
            };
            count += 1;
            let (read, findings) = decode::read(*kind, object.clone());
            assert_eq!(findings.unknown, Vec::<String>::new());
            let written = read.map(|read| read.to_json());
            if written.as_ref() != Ok(object) && wrong.len() < 5 {
                wrong.push(format!("{object}\n{written:?}"));
            }
        }
    }
    assert!(count > 1000, "only {count} recorded objects were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
