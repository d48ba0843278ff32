//! Thousands of runs of the random driver; `cargo xtask soak` makes more of them.

use petset_tests::soak::{Plan, run, run_seed};

/// Two threads share the runs; each prints the seed that failed.
const THREADS: u64 = 2;
const SEEDS_PER_THREAD: u64 = 500;

fn seeds(from: u64) {
    for seed in from..from + SEEDS_PER_THREAD {
        if let Err(failure) = run_seed(seed) {
            panic!("{}", failure.explain());
        }
    }
}

#[test]
fn whatever_happens_it_converges() {
    let workers: Vec<_> = (0..THREADS)
        .map(|thread| std::thread::spawn(move || seeds(thread * SEEDS_PER_THREAD)))
        .collect();
    for worker in workers {
        assert!(worker.join().is_ok());
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..10 {
        let plan = Plan::of(seed);
        assert_eq!(run(&plan), run(&plan));
    }
}
