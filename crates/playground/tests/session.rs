//! Sessions as a learner has them, without a browser.
#![cfg(not(target_arch = "wasm32"))]

#[path = "session/bad_input.rs"]
mod bad_input;
#[path = "session/commentary.rs"]
mod commentary;
#[path = "session/deeds.rs"]
mod deeds;
#[path = "session/disks.rs"]
mod disks;
#[path = "session/export.rs"]
mod export;
#[path = "session/faults.rs"]
mod faults;
#[path = "session/lab3.rs"]
mod lab3;
#[path = "session/learner.rs"]
mod learner;
#[path = "shared/lesson.rs"]
mod lesson;
#[path = "session/many.rs"]
mod many;
#[path = "session/nodes.rs"]
mod nodes;
#[path = "session/owners.rs"]
mod owners;
#[path = "session/past.rs"]
mod past;
#[path = "session/reasons.rs"]
mod reasons;
#[path = "session/reload.rs"]
mod reload;
#[path = "session/rollout.rs"]
mod rollout;
#[path = "session/share.rs"]
mod share;
#[path = "session/time.rs"]
mod time;
#[path = "session/timeline.rs"]
mod timeline;
#[path = "session/twin.rs"]
mod twin;
#[path = "session/typing.rs"]
mod typing;
#[path = "session/why_others.rs"]
mod why_others;
#[path = "session/why_pods.rs"]
mod why_pods;

#[test]
fn the_lesson_leaves_the_same_bytes_natively() {
    assert_eq!(lesson::digest_after_lab3(), lesson::DIGEST);
}
