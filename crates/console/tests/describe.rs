//! `kubectl describe` against what the real one printed.
//!
//! Each pair in `tests/describe` is a state and a text. `NAME.json` holds the object's kind, namespace and name,
//! the moment at which it was described, whether events were asked for, and the objects that were there;
//! `NAME.txt` holds what was printed. Files that name a recording hold its bytes; the others hold what kubectl 1.36.3
//! printed for the objects in the file. Where a command had a pipe, the text is the part that came through.
//! A node's lease is not simulated, so its lines were replaced by the ones for a lease that cannot be read.

#![expect(
    clippy::disallowed_methods,
    reason = "the data of these tests is in files"
)]

use k8s_openapi::jiff::Timestamp;
use petset_cluster::api::Server;
use petset_cluster::time::Calendar;
use petset_cluster::{Instant, Key, Kind, Object};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn kind(name: &str) -> Kind {
    let mut kinds = Kind::ALL.iter();
    *kinds
        .find(|kind| kind.info().kind == name)
        .unwrap_or_else(|| panic!("no kind {name}"))
}

fn describe(case: &Value) -> String {
    let text = |key: &str| case[key].as_str().expect(key);
    let objects = case["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .map(|value| {
            let kind = kind(value["kind"].as_str().expect("kind"));
            Object::from_json(kind, value).expect("an object")
        });
    let now: Timestamp = text("now").parse().expect("a date");
    let epoch = now.as_second() - 1000;
    let calendar = Calendar::from_unix_seconds(epoch);
    let server = Server::restored(calendar, calendar.instant(&now), objects.collect());
    let key = Key::new(text("namespace"), text("name"));
    let object = server
        .store()
        .get(kind(text("kind")), &key)
        .expect("the object");
    let events = case["events"].as_bool().expect("events");
    assert_ne!(server.now(), Instant::ZERO);
    petset_console::kubectl::describe::text(&server, object, events)
}

#[test]
fn texts() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/describe");
    let mut paths: Vec<_> = fs::read_dir(directory)
        .expect("the directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let mut wrong = String::new();
    for path in paths {
        let case: Value =
            serde_json::from_str(&fs::read_to_string(&path).expect("a file")).expect("JSON");
        let expected = fs::read_to_string(path.with_extension("txt")).expect("a text");
        let found = describe(&case);
        let partial = case["command"]
            .as_str()
            .is_some_and(|command| command.contains('|'));
        let same = if partial {
            found.contains(&expected)
        } else {
            found == expected
        };
        if !same {
            wrong += &format!(
                "{}:\n--- expected\n{expected}--- found\n{found}\n",
                path.display()
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
