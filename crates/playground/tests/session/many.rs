//! Ten thousand pods, in slices.

use super::learner::Learner;
use petset_playground::Session;

const MANY: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  podManagementPolicy: Parallel
  replicas: 10000
  serviceName: web
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: 'nginx:1.21'}]
";

#[test]
fn ten_thousand_replicas_come_in_slices() {
    let files = [("many.yaml".to_owned(), MANY.to_owned())];
    let mut learner = Learner::new(Session::new(1, files));
    learner
        .session
        .submit(learner.terminal, "kubectl apply -f many.yaml");
    let mut slices = 0;
    loop {
        let work = learner.session.advance(16.0, 32);
        assert!(work.events <= 32, "a slice is as large as it may be");
        slices += 1;
        if slices >= 20_000 {
            break;
        }
    }
    let view = learner.session.set_views(9_990, 24).remove(0);
    assert_eq!(
        (view.place_count, view.places.len(), view.strip.len()),
        (10_000, 10, 24)
    );
    let then = learner.session.digest();
    learner.session.interrupt(learner.terminal);
    assert_eq!(learner.session.digest(), then);
    assert_eq!(learner.output("echo still here"), "still here\n");
}
