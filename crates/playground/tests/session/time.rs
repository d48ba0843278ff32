//! Pause, step, speed, and the run until nothing changes.

use super::learner::Learner;
use petset_playground::view::PromptState;

#[test]
fn a_paused_cluster_answers_and_does_not_move() {
    let mut learner = Learner::with_lab3();
    learner.session.set_paused(true);
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    let then = learner.session.time().now_ms;
    learner.wait_ms(5_000);
    assert_eq!(learner.session.time().now_ms, then);
    assert!(learner.session.time().next.is_some() && !learner.session.time().quiet);
    let before = learner.places();
    let mut steps = 0;
    while learner.places() == before && steps < 100 {
        learner.session.step_one();
        steps += 1;
    }
    assert!(steps > 0 && steps < 100, "a few steps bring the first pod");
    learner.session.set_paused(false);
    learner.wait_ms(10_000);
    assert_eq!(learner.set().ready, 3);
}

#[test]
fn time_follows_the_wall_at_its_speed() {
    for (speed, expected) in [(1.0, 2_000), (0.5, 1_000), (20.0, 40_000)] {
        let mut learner = Learner::with_lab3();
        let start = learner.session.time().now_ms;
        learner.session.set_speed(speed);
        learner.wait_ms(2_000);
        let passed = learner.session.time().now_ms - start;
        assert!(
            passed.abs_diff(expected) <= expected / 50,
            "{passed} at {speed}"
        );
    }
}

#[test]
fn quiet_means_that_nothing_is_on_its_way() {
    let mut learner = Learner::with_lab3();
    learner.settle();
    assert!(learner.session.time().quiet);
    learner.output("kubectl apply -f headless-service.yaml -f statefulset.yaml");
    assert!(!learner.session.time().quiet);
    learner.settle();
    assert_eq!(learner.set().ready, 3);
    assert!(learner.session.time().quiet && learner.session.time().next.is_none());
    let then = learner.session.time().now_ms;
    learner.session.step_one();
    assert_eq!(
        learner.session.time().now_ms,
        then,
        "a step has nowhere to go"
    );
}

#[test]
fn a_waiting_command_is_worth_waiting_for() {
    let mut learner = Learner::with_lab3();
    learner
        .session
        .submit(learner.terminal, "sleep 300; echo done");
    learner.wait_ms(100);
    assert!(!learner.session.time().quiet);
    learner.settle();
    assert_eq!(learner.shown(), "done\n");
    // One that only repeats is not.
    learner
        .session
        .submit(learner.terminal, "while true; do sleep 1; done");
    learner.settle();
    assert_eq!(learner.prompt(), PromptState::Running);
    learner.session.interrupt(learner.terminal);
    assert_eq!(learner.prompt(), PromptState::Ready);
}

#[test]
fn a_long_grace_period_is_not_quiet() {
    let mut learner = Learner::with_lab3();
    learner.output("kubectl run slow --image=busybox:1.28 -- sleep 3600");
    learner.settle();
    learner.output("kubectl delete pod slow --wait=false");
    learner.wait_ms(500);
    let pods = learner.output("kubectl get pods");
    assert!(pods.contains("Terminating"), "{pods}");
    assert!(!learner.session.time().quiet);
    learner.settle();
    let pods = learner.output("kubectl get pods");
    assert_eq!(pods, "No resources found in default namespace.\n");
}

#[test]
fn an_endless_loop_of_requests_does_not_race() {
    let mut learner = Learner::with_lab3();
    let start = learner.session.time().now_ms;
    learner
        .session
        .submit(learner.terminal, "while true; do kubectl get pods; done");
    learner.wait_ms(3_000);
    let passed = learner.session.time().now_ms - start;
    assert!(passed < 10_000, "{passed} ms for 3 s on the wall");
}
