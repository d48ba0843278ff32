//! What is typed: history, completion, interrupts, several terminals.

use super::learner::{Learner, text};
use petset_playground::view::{PromptState, TerminalId};

#[test]
fn the_first_terminal_has_the_first_number() {
    let mut learner = Learner::with_lab3();
    assert_eq!(learner.session.terminals(), [TerminalId(0)]);
    assert_eq!(learner.session.open_terminal(), Some(TerminalId(1)));
    assert_eq!(learner.session.open_terminal(), None);
    learner.session.close_terminal(TerminalId(1));
    learner.session.close_terminal(TerminalId(0));
    assert_eq!(
        learner.session.terminals(),
        [TerminalId(0)],
        "the last one stays"
    );
}

#[test]
fn history_is_shared_and_has_no_repeated_neighbours() {
    let mut learner = Learner::with_lab3();
    for line in ["kubectl get pods", "kubectl get pods", "  ", "echo 한글"] {
        learner.session.submit(learner.terminal, line);
        learner.wait_ms(300);
    }
    let lines: Vec<&str> = learner
        .session
        .history()
        .iter()
        .map(|line| &**line)
        .collect();
    assert_eq!(lines, ["kubectl get pods", "echo 한글"]);
    assert_eq!(learner.shown(), "한글\n");
}

#[test]
fn completion_replaces_the_word_under_the_cursor() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    learner.settle();
    // The cursor stands at `|`.
    let cases = [
        ("kub|", "kubectl"),
        ("kubectl app|", "kubectl apply"),
        (
            "kubectl apply -f head|",
            "kubectl apply -f headless-service.yaml",
        ),
        (
            "kubectl get stat| -o yaml",
            "kubectl get statefulset -o yaml",
        ),
        (
            "kubectl describe pod nginx-ss-2|",
            "kubectl describe pod nginx-ss-2",
        ),
        ("kubectl get pods;kub|", "kubectl get pods;kubectl"),
        ("echo 한글 && kub|", "echo 한글 && kubectl"),
        ("for i in 0 1; do kub|", "for i in 0 1; do kubectl"),
        (
            "kubectl scale sts nginx-ss --repl|",
            "kubectl scale sts nginx-ss --replicas",
        ),
        ("echo $(kub|", "echo $(kubectl"),
    ];
    for (typed, expected) in cases {
        let cursor = typed.find('|').unwrap_or_default();
        let line = typed.replace('|', "");
        let completion = learner.session.complete(learner.terminal, &line, cursor);
        let first = completion.candidates.first();
        let first = first.unwrap_or_else(|| panic!("nothing for {typed}"));
        let whole = format!(
            "{}{}{}",
            &line[..completion.from],
            first.text,
            &line[cursor..]
        );
        assert!(
            whole.starts_with(expected.split(" -o").next().unwrap_or_default()),
            "{typed}: {whole}"
        );
    }
    let inside = learner.session.complete(learner.terminal, "echo 한", 6);
    assert!(
        inside.candidates.is_empty(),
        "the middle of a letter is no place"
    );
}

#[test]
fn a_watch_runs_until_it_is_interrupted() {
    let mut learner = Learner::with_lab3();
    learner
        .session
        .submit(learner.terminal, "kubectl get pods -w");
    learner.wait_ms(500);
    assert_eq!(learner.prompt(), PromptState::Running);
    let second = learner
        .session
        .open_terminal()
        .unwrap_or_else(|| panic!("a second terminal"));
    learner.session.submit(
        second,
        "kubectl apply -f headless-service.yaml -f statefulset.yaml",
    );
    learner.wait_ms(12_000);
    let watched = learner.shown();
    for words in [
        "nginx-ss-0   0/1     Pending",
        "nginx-ss-0   0/1     ContainerCreating",
        "nginx-ss-2   1/1     Running",
    ] {
        assert!(watched.contains(words), "{watched}");
    }
    learner.session.interrupt(learner.terminal);
    let view = learner.view();
    let last = view.blocks.last().unwrap_or_else(|| panic!("a block"));
    assert!(last.interrupted && last.exit_code == Some(130));
    assert_eq!(view.prompt, PromptState::Ready);
    assert!(
        learner
            .session
            .terminal(second)
            .is_some_and(|view| !text(&view.blocks[0]).is_empty())
    );
}

#[test]
fn an_unfinished_command_asks_for_the_rest() {
    let mut learner = Learner::with_lab3();
    learner.session.submit(learner.terminal, "for i in 0 1; do");
    learner.wait_ms(32);
    assert_eq!(learner.prompt(), PromptState::Continuation);
    learner.session.submit(learner.terminal, "echo $i; done");
    learner.wait_ms(100);
    assert_eq!(learner.shown(), "0\n1\n");
    learner.session.submit(learner.terminal, "for i in 0 1; do");
    learner.wait_ms(32);
    learner.session.interrupt(learner.terminal);
    assert_eq!(learner.prompt(), PromptState::Ready);
}

#[test]
fn a_flood_of_output_is_stopped() {
    let mut learner = Learner::with_lab3();
    learner.session.submit(
        learner.terminal,
        "while true; do echo 0123456789012345678901234567890123456789; done",
    );
    learner.wait_ms(4_000);
    assert_eq!(learner.prompt(), PromptState::Ready);
    assert!(learner.shown().len() < 2 << 20);
    assert!(learner.shown().contains("not simulated here: "));
}
