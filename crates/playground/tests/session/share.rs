//! Sessions that travel: in links and in files.

use super::learner::Learner;
use petset_playground::{Look, RestoreError, Session};

/// A session as the first version of links and files wrote it. It must be read for ever.
const VERSION_1: &str = include_str!("version-1.json");

fn restored(text: &str) -> Learner {
    let mut session = Session::restore(text).unwrap_or_else(|error| panic!("{error:?}"));
    for _ in 0..100_000 {
        if !session.advance(0.0, 64).more {
            return Learner::new(session);
        }
    }
    panic!("the replay does not end");
}

fn commands(learner: &Learner) -> Vec<String> {
    let blocks = learner.view().blocks;
    blocks.iter().map(|block| block.command.clone()).collect()
}

#[test]
fn a_session_of_the_first_version_is_still_read() {
    let learner = restored(VERSION_1);
    assert_eq!(
        commands(&learner),
        [
            "kubectl apply -f headless-service.yaml -f statefulset.yaml",
            "kubectl scale statefulset nginx-ss --replicas=2",
            "kubectl get pods",
        ]
    );
    let shown = learner.shown();
    assert!(shown.contains("nginx-ss-1   1/1     Running"), "{shown}");
    assert!(!shown.contains("nginx-ss-2   1/1"), "{shown}");
    let look = Session::look_of(VERSION_1);
    assert_eq!(look.get("picture").map(String::as_str), Some("storage"));
}

#[test]
fn what_is_shared_is_what_was_there_with_what_was_looked_at() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.wait_ms(4_000);
    let look = Look::from([("picture".to_owned(), "dns".to_owned())]);
    let text = learner.session.share(look.clone());
    assert_eq!(Session::look_of(&text), look);
    let again = restored(&text);
    assert_eq!(again.session.digest(), learner.session.digest());
    assert_eq!(again.view(), learner.view());
    assert_eq!(Session::look_of(&again.session.save()), Look::new());
}

#[test]
fn commands_without_moments_come_when_the_cluster_is_quiet() {
    let text = serde_json::json!({
        "version": 1,
        "files": [["web.yaml", include_str!("../../lab3/statefulset.yaml")], ["svc.yaml", include_str!("../../lab3/headless-service.yaml")]],
        "commands": ["kubectl apply -f svc.yaml -f web.yaml", "kubectl get pods", "kubectl scale sts nginx-ss --replicas=1", "kubectl get pods"],
    })
    .to_string();
    let learner = restored(&text);
    let outputs: Vec<String> = learner
        .view()
        .blocks
        .iter()
        .map(|block| super::learner::text(block))
        .collect();
    assert_eq!(outputs.len(), 4);
    assert_eq!(
        outputs[1].matches("1/1     Running").count(),
        3,
        "{}",
        outputs[1]
    );
    assert_eq!(
        outputs[3].matches("1/1     Running").count(),
        1,
        "{}",
        outputs[3]
    );
    // Saved again, they have moments, and lead to the same.
    let again = restored(&learner.session.save());
    assert_eq!(again.session.digest(), learner.session.digest());
    assert_eq!(commands(&again), commands(&learner));
}

#[test]
fn a_list_of_commands_that_is_left_half_way_is_still_all_there() {
    let text = serde_json::json!({ "version": 1, "files": [], "commands": ["kubectl create deployment a --image=nginx", "kubectl get pods"] }).to_string();
    let mut half = Session::restore(&text).unwrap_or_else(|error| panic!("{error:?}"));
    assert!(half.advance(0.0, 20).more);
    let learner = restored(&half.save());
    assert_eq!(commands(&learner).len(), 2);
    assert_eq!(learner.session.digest(), restored(&text).session.digest());
}

#[test]
fn what_never_gets_quiet_does_not_hold_up_the_next_command() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: busybox, command: [sh, -c, exit 1]}]}\n";
    let text = serde_json::json!({ "version": 1, "files": [["a.yaml", pod]], "commands": ["kubectl apply -f a.yaml", "echo here"] }).to_string();
    assert!(restored(&text).shown().contains("here"));
}

#[test]
fn a_session_is_untouched_only_while_nothing_was_done_in_it() {
    let mut session = Session::with_lab3(1);
    assert!(session.is_untouched());
    let terminal = session.terminals()[0];
    session.submit(terminal, "kubectl get pods");
    assert!(!session.is_untouched());
    // Not even before the commands of an earlier visit were given again.
    let restored = Session::restore(&session.save()).unwrap_or_else(|error| panic!("{error:?}"));
    assert!(!restored.is_untouched());
    let mut edited = Session::with_lab3(1);
    assert_eq!(
        edited.set_file_text("statefulset.yaml", "a: 1".into()),
        Ok(())
    );
    assert!(!edited.is_untouched());
}

#[test]
fn what_is_no_session_is_refused_and_says_why() {
    let far = serde_json::json!({ "version": 1, "files": [], "now_us": u64::MAX - 1 }).to_string();
    let cases = [
        ("", RestoreError::Malformed),
        ("{}", RestoreError::Malformed),
        ("[1, 2]", RestoreError::Malformed),
        ("{\"version\": 1}", RestoreError::Malformed),
        (
            "{\"version\": 1, \"files\": {\"a\": 1}}",
            RestoreError::Malformed,
        ),
        ("{\"version\": 2, \"files\": []}", RestoreError::Version),
        ("{\"version\": 99, \"boxes\": []}", RestoreError::Version),
        (&far, RestoreError::Malformed),
    ];
    for (text, expected) in cases {
        assert_eq!(Session::restore(text).err(), Some(expected), "{text}");
    }
}
