//! Every recorded scenario against the simulation.

use petset_scenario::Simulated;
use petset_tests::parity::{judge, known_failures, measure_all};

#[test]
fn all_but_the_known_failures_answer_as_the_real_cluster_did() {
    let results =
        measure_all(|_| Box::new(Simulated::default())).expect("the references are readable");
    if let Err(complaints) = judge(
        &results,
        &known_failures(include_str!("../known-failures.txt")),
    ) {
        panic!("{complaints}");
    }
}
