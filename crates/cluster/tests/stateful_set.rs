//! The StatefulSet controller alone: no node exists, so nothing runs unless the script says so.
//!
//! A case is a script of the form `action -> expected pods`. Pods are shown in order as ordinal, state and revision:
//! `p` pending, `u` running but not ready, `r` ready, `s` succeeded, `f` failed; `!` being deleted; revisions are
//! lettered in order of appearance. The template holds a finalizer, so a deleted pod stays until `gone N`.

#[path = "stateful_set/cases.rs"]
mod cases;
#[path = "stateful_set/edges.rs"]
mod edges;
#[path = "stateful_set/shown.rs"]
mod shown;
#[path = "stateful_set/stage.rs"]
mod stage;

use cases::CASES;
use edges::EDGES;
use stage::Stage;

#[test]
fn scripts() {
    let mut failures = Vec::new();
    for (name, script) in CASES.iter().chain(EDGES) {
        let mut stage = Stage::new();
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let Some((action, expected)) = line.split_once("->") else {
                stage.act(line);
                continue;
            };
            stage.act(action.trim());
            let shown = stage.show(expected.trim());
            if shown != expected.trim() {
                failures.push(format!("{name}\n  {line}\n  but: {shown}"));
                break;
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// S-STS-64
#[test]
fn a_quiet_set_is_not_written() {
    let mut stage = Stage::new();
    stage.act("set replicas=2 policy=Parallel");
    stage.act("ready 0");
    stage.act("ready 1");
    let before = stage.cluster.store().resource_version();
    stage.act("sync");
    // The write that caused the sync is the only one.
    assert_eq!(stage.cluster.store().resource_version(), before + 1);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let run = || {
        let mut stage = Stage::new();
        for action in [
            "set replicas=3 claims",
            "ready 0",
            "ready 1",
            "ready 2",
            "scale 1",
            "gone 2",
        ] {
            stage.act(action);
        }
        stage.cluster.digest()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_large_parallel_set_settles_in_few_syncs() {
    let mut stage = Stage::new();
    stage.act("set replicas=120 policy=Parallel");
    assert_eq!(stage.pods().len(), 120);
    for ordinal in 0..120 {
        stage.act(&format!("ready {ordinal}"));
    }
    assert_eq!(stage.show("status="), "status=120/120/120/120");
}
