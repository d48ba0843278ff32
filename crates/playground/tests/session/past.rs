//! Looking back, going on from an earlier moment, and coming back.

use super::learner::Learner;
use petset_playground::view::PromptState;

const APPLY: &str = "kubectl apply -f headless-service.yaml -f statefulset.yaml";
const FIVE: &str = "kubectl scale statefulset nginx-ss --replicas=5";
const ONE: &str = "kubectl scale statefulset nginx-ss --replicas=1";

fn applied_and_scaled() -> Learner {
    let mut learner = Learner::with_lab3();
    learner.output(APPLY);
    learner.wait_ms(8_000);
    learner.output(FIVE);
    learner.wait_ms(8_000);
    learner
}

/// The moment in which a command was given.
fn before(learner: &Learner, command: &str) -> usize {
    let past = learner.session.past();
    let given =
        |moment: &petset_playground::view::MomentView| moment.command.as_deref() == Some(command);
    let found = past.moments.iter().position(given);
    found.unwrap_or_else(|| panic!("{command} is not among {past:?}"))
}

fn pods(learner: &Learner) -> usize {
    let places = learner.session.set_views(0, 24).into_iter().next();
    let places = places.map(|set| set.places).unwrap_or_default();
    places.iter().filter(|place| place.pod.is_some()).count()
}

#[test]
fn looking_back_changes_nothing() {
    let mut learner = applied_and_scaled();
    let (digest, saved) = (learner.session.digest(), learner.session.save());
    let (view, files) = (learner.view(), learner.session.files());
    let revision = learner.session.revision();
    learner.session.look_at(Some(before(&learner, APPLY)));
    assert!(
        learner.session.revision() > revision,
        "the page draws again"
    );
    assert_eq!(
        (pods(&learner), learner.prompt()),
        (0, PromptState::LookingBack)
    );
    assert_eq!(
        learner.session.suggestion(),
        Some("kubectl apply -f headless-service.yaml")
    );
    // Nothing that is done meanwhile reaches the cluster.
    learner
        .session
        .submit(learner.terminal, "kubectl delete sts nginx-ss");
    learner.session.interrupt(learner.terminal);
    learner.session.clear(learner.terminal);
    assert_eq!(learner.session.open_terminal(), None);
    learner.wait_ms(5_000);
    assert_eq!(pods(&learner), 0);
    learner.session.look_at(None);
    assert_eq!(learner.session.digest(), digest);
    assert_eq!(learner.session.save(), saved);
    assert_eq!((learner.view(), learner.session.files()), (view, files));
    learner.wait_ms(100);
    assert_eq!(learner.prompt(), PromptState::Ready);
}

#[test]
fn every_moment_can_be_looked_at_one_after_the_other() {
    let mut learner = applied_and_scaled();
    let last = learner.session.past().moments.len();
    assert!(last > 10, "{last} moments");
    let mut seen = vec![pods(&learner)];
    for _ in 0..last + 3 {
        learner.session.step_back();
        seen.push(pods(&learner));
    }
    assert_eq!(learner.session.past().looking_at, Some(0));
    assert!(
        seen.is_sorted_by(|later, earlier| later >= earlier),
        "{seen:?}"
    );
    assert_eq!((seen.first(), seen.last()), (Some(&5), Some(&0)));
    // The same way forward ends in the present.
    for _ in 0..last {
        learner.session.step_one();
    }
    assert_eq!(learner.session.past().looking_at, None);
    assert_eq!(pods(&learner), 5);
}

#[test]
fn going_on_from_an_earlier_moment_keeps_the_old_future() {
    let mut learner = applied_and_scaled();
    let old = learner.session.digest();
    learner.session.look_at(Some(before(&learner, FIVE)));
    let revision = learner.session.revision();
    learner.session.continue_from_here();
    assert!(learner.session.revision() > revision);
    assert_eq!((pods(&learner), learner.prompt()), (3, PromptState::Ready));
    assert!(
        !learner
            .session
            .past()
            .moments
            .iter()
            .any(|moment| moment.command.as_deref() == Some(FIVE))
    );
    learner.output(ONE);
    learner.wait_ms(8_000);
    assert_eq!(pods(&learner), 1);
    let new = learner.session.digest();
    // What was typed in the old future can still be found.
    assert!(learner.session.history().iter().any(|line| &**line == FIVE));

    let futures = learner.session.past().futures;
    assert_eq!(futures.len(), 1);
    assert_eq!(futures[0].command.as_deref(), Some(FIVE));
    learner.session.return_to(0);
    assert_eq!((learner.session.digest(), pods(&learner)), (old, 5));
    before(&learner, FIVE);
    let futures = learner.session.past().futures;
    assert_eq!(futures.len(), 1);
    assert_eq!(futures[0].command.as_deref(), Some(ONE));
    learner.session.return_to(0);
    assert_eq!((learner.session.digest(), pods(&learner)), (new, 1));
    // A future that is not there changes nothing.
    learner.session.return_to(7);
    assert_eq!(learner.session.digest(), new);
}

#[test]
fn the_last_command_is_taken_back() {
    let mut learner = applied_and_scaled();
    assert_eq!(learner.session.past().last_command.as_deref(), Some(FIVE));
    learner.session.undo_command();
    assert_eq!(pods(&learner), 3);
    assert_eq!(learner.session.past().last_command.as_deref(), Some(APPLY));
    learner.session.undo_command();
    assert_eq!(pods(&learner), 0);
    assert_eq!(learner.session.past().last_command, None);
    let digest = learner.session.digest();
    learner.session.undo_command();
    assert_eq!(
        learner.session.digest(),
        digest,
        "there is nothing left to take back"
    );
}

#[test]
fn a_reload_brings_back_the_past_of_the_present() {
    let mut learner = applied_and_scaled();
    learner.session.undo_command();
    learner.output(ONE);
    learner.wait_ms(8_000);
    let saved = learner.session.save();
    let session = petset_playground::Session::restore(&saved);
    let mut again = Learner::new(session.unwrap_or_else(|error| panic!("{error:?}")));
    while again.session.advance(0.0, 64).more {}
    assert_eq!(again.session.digest(), learner.session.digest());
    let commands = |learner: &Learner| -> Vec<String> {
        let moments = learner.session.past().moments;
        moments
            .iter()
            .filter_map(|moment| Some(moment.command.as_deref()?.to_owned()))
            .collect()
    };
    assert_eq!(commands(&again), commands(&learner));
    assert_eq!(commands(&again), [APPLY, ONE]);
    // A moment of the replay goes on as itself, without the rest of the replay.
    again.session.look_at(Some(before(&again, APPLY)));
    again.session.continue_from_here();
    again.wait_ms(8_000);
    assert_eq!(pods(&again), 0);
}

#[test]
fn an_hour_is_held_in_a_bounded_number_of_moments() {
    let mut learner = Learner::with_lab3();
    learner.output(APPLY);
    learner.session.set_speed(100.0);
    for round in 0..120 {
        learner.output(&format!(
            "kubectl scale sts nginx-ss --replicas={}",
            1 + round % 5
        ));
        learner.wait_ms(300);
    }
    let past = learner.session.past();
    assert!(past.moments.len() <= 400, "{} moments", past.moments.len());
    assert!(learner.session.time().now_ms > 3_600_000);
    // Commands stay longest.
    let commands = past
        .moments
        .iter()
        .filter(|moment| moment.command.is_some())
        .count();
    assert!(commands > 100, "{commands} commands");
    assert!(past.moments.is_sorted_by_key(|moment| moment.at_ms));
}
