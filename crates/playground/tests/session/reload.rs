//! A reload loses nothing.

use super::learner::Learner;
use petset_playground::{RestoreError, Session};

/// Reloads the page: what was done is done again, without waiting.
fn reloaded(learner: &Learner) -> Learner {
    let saved = learner.session.save();
    let mut session = Session::restore(&saved).unwrap_or_else(|error| panic!("{error:?}"));
    while session.advance(0.0, 64).more {}
    Learner::new(session)
}

fn after_the_lesson() -> Learner {
    let mut learner = Learner::with_lab3();
    for line in [
        "kubectl apply -f headless-service.yaml",
        "kubectl apply -f statefulset.yaml",
        "kubectl get pods",
        "echo 'a: 1' > written.yaml",
        "kubectl scale statefulset nginx-ss --replicas=5",
    ] {
        learner.output(line);
    }
    learner.wait_ms(1_000);
    learner
}

#[test]
fn a_reload_brings_back_cluster_terminals_history_and_files() {
    let learner = after_the_lesson();
    let again = reloaded(&learner);
    assert_eq!(again.session.digest(), learner.session.digest());
    assert_eq!(again.session.history(), learner.session.history());
    assert_eq!(again.session.files(), learner.session.files());
    assert_eq!(again.view(), learner.view());
}

#[test]
fn a_second_reload_loses_nothing_either() {
    let learner = after_the_lesson();
    let again = reloaded(&reloaded(&learner));
    assert_eq!(again.session.digest(), learner.session.digest());
    assert_eq!(again.session.save(), learner.session.save());
}

#[test]
fn a_page_that_is_closed_while_it_restores_loses_nothing() {
    let learner = after_the_lesson();
    let saved = learner.session.save();
    let mut half = Session::restore(&saved).unwrap_or_else(|error| panic!("{error:?}"));
    assert!(half.advance(0.0, 40).more);
    assert_eq!(half.save(), saved);
    // What is typed meanwhile comes after it.
    let terminal = half.terminals()[0];
    half.submit(terminal, "kubectl get sts");
    half.step_one();
    while half.advance(16.0, 64).more {}
    let mut half = Learner::new(half);
    half.wait_ms(500);
    assert_eq!(
        half.session.history().len(),
        learner.session.history().len() + 1
    );
    assert!(half.shown().contains("nginx-ss"), "{}", half.shown());
}

#[test]
fn inputs_between_two_events_of_one_moment_keep_their_place() {
    for steps in [1, 3, 7, 20, 45] {
        let mut learner = Learner::with_lab3();
        learner.session.set_paused(true);
        learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
        for _ in 0..steps {
            learner.session.step_one();
        }
        learner.output("kubectl scale sts nginx-ss --replicas=4");
        while learner.session.run_until_quiet(7).more {}
        let again = reloaded(&learner);
        assert_eq!(
            again.session.digest(),
            learner.session.digest(),
            "{steps} steps"
        );
        assert!(again.session.time().paused, "time still stands still");
    }
}

#[test]
fn a_second_terminal_and_a_watch_come_back() {
    let mut learner = after_the_lesson();
    let second = learner
        .session
        .open_terminal()
        .unwrap_or_else(|| panic!("a second terminal"));
    learner.session.submit(second, "kubectl get pods -w");
    learner.wait_ms(2_000);
    let again = reloaded(&learner);
    assert_eq!(again.session.terminals(), learner.session.terminals());
    assert_eq!(
        again.session.terminal(second),
        learner.session.terminal(second)
    );
}

#[test]
fn a_cleared_terminal_stays_clear_and_an_editor_is_not_opened_again() {
    let mut learner = after_the_lesson();
    learner.session.clear(learner.terminal);
    learner.output("vi other.yaml");
    learner.session.take_file_to_open();
    learner
        .session
        .delete_file("other.yaml")
        .unwrap_or_else(|error| panic!("{error:?}"));
    let mut again = reloaded(&learner);
    assert_eq!(again.session.take_file_to_open(), None);
    assert_eq!(again.session.files(), learner.session.files());
    assert_eq!(again.view(), learner.view());
}

#[test]
fn edited_files_are_those_that_commands_saw() {
    let mut learner = Learner::with_lab3();
    let text = learner
        .session
        .file_text("statefulset.yaml")
        .unwrap_or_default()
        .to_owned();
    learner.output("kubectl apply -f statefulset.yaml");
    let edited = learner.session.set_file_text(
        "statefulset.yaml",
        text.replace("replicas: 3", "replicas: 1"),
    );
    assert_eq!(edited, Ok(()));
    learner.output("kubectl apply -f statefulset.yaml");
    let unsaved = learner
        .session
        .set_file_text("statefulset.yaml", "later".to_owned());
    assert_eq!(unsaved, Ok(()));
    let again = reloaded(&learner);
    assert_eq!(again.session.digest(), learner.session.digest());
    assert_eq!(again.session.file_text("statefulset.yaml"), Some("later"));
}

#[test]
fn texts_that_are_no_sessions_are_refused() {
    for (saved, expected) in [
        ("", RestoreError::Malformed),
        ("{", RestoreError::Malformed),
        ("{\"version\":1}", RestoreError::Malformed),
        ("{\"version\":99}", RestoreError::Version),
    ] {
        assert_eq!(Session::restore(saved).err(), Some(expected), "{saved}");
    }
}
