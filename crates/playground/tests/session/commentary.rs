//! The running commentary.

use super::learner::Learner;
use super::reasons::{APPLY, SERVICE, SET};
use petset_playground::Session;
use petset_playground::view::Remark;

#[test]
fn the_commentary_tells_one_decision_after_another_and_stays_bounded() {
    let files = [("s.yaml".to_owned(), SET.to_owned())];
    let mut learner = Learner::new(Session::new(1, files));
    assert_eq!(learner.session.commentary(10), []);
    learner.run(SERVICE);
    learner.run(APPLY);
    learner.settle();
    let told: Vec<(Remark, String)> = learner
        .session
        .commentary(40)
        .into_iter()
        .map(|view| (view.remark, view.values.join(" ")))
        .collect();
    let expected = [
        (Remark::Made, "web-0 0"),
        (Remark::WaitsRunning, "web web-0"),
        (Remark::Placed, "web-0 NODE 3"),
        (Remark::Pulled, "web-0"),
        (Remark::Started, "web-0"),
        (Remark::Ready, "web-0"),
        (Remark::Made, "web-1 1"),
    ];
    let node = |text: &str| {
        let word = |word: &str| word.replace(|c: char| c.is_ascii_digit(), "");
        let words = text.split(' ');
        let words: Vec<&str> = words
            .map(|w| if word(w) == "node-" { "NODE" } else { w })
            .collect();
        words.join(" ")
    };
    let first: Vec<(Remark, String)> = told
        .iter()
        .filter(|(remark, _)| *remark != Remark::Pulling)
        .take(expected.len())
        .map(|(remark, values)| (*remark, node(values)))
        .collect();
    assert_eq!(
        first,
        expected.map(|(remark, values)| (remark, values.to_owned())),
        "{told:?}"
    );

    learner.run("kubectl scale sts web --replicas=60");
    learner.settle();
    let all = learner.session.commentary(usize::MAX);
    assert!(all.len() <= 300, "{}", all.len());
    assert!(
        all.iter()
            .zip(all.iter().skip(1))
            .all(|(a, b)| a.number < b.number)
    );
    assert_eq!(learner.session.commentary(5), all[all.len() - 5..]);
}
