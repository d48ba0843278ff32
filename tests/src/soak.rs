//! The random driver: what a visitor may do, mixed with faults, from one seed; and what must come of it.
//!
//! A seed gives a plan of actions. While they happen, every step is checked against the invariants of `petset_cluster`.
//! Then the faults end, templates are put right, and the cluster must converge: every workload as its spec says, at rest.

mod manifests;
mod others;
mod plan;
mod programs;
mod world;

pub use others::{Deed, Other};
pub use plan::{Action, Plan};
use world::World;

/// What the words of a panic begin with.
const PANIC: &str = "panic: ";

/// What a run ended with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// How many steps the cluster made.
    pub steps: u64,
    /// The digest of its last state: the same for the same plan, always.
    pub digest: u64,
}

/// A plan that went wrong.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The plan, as short as it could be made.
    pub plan: Plan,
    /// What was wrong.
    pub why: String,
}

/// Runs one plan.
///
/// # Errors
/// The invariant that was broken, what did not converge, or the words of a panic.
pub fn run(plan: &Plan) -> Result<Done, String> {
    let run = std::panic::AssertUnwindSafe(|| run_unguarded(plan));
    std::panic::catch_unwind(run).unwrap_or_else(|payload| {
        let words = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        let words = words.or_else(|| payload.downcast_ref::<String>().cloned());
        Err(format!("{PANIC}{}", words.unwrap_or_default()))
    })
}

fn run_unguarded(plan: &Plan) -> Result<Done, String> {
    let mut world = World::new(plan);
    live(&mut world, plan)?;
    Ok(Done {
        steps: world.steps(),
        digest: world.digest(),
    })
}

fn live(world: &mut World, plan: &Plan) -> Result<(), String> {
    for (index, action) in plan.actions.iter().enumerate() {
        world
            .act(action)
            .map_err(|why| format!("at action {index}, {action:?}: {why}"))?;
    }
    world.recover()
}

/// Runs the plan of a seed, and shortens it if it fails.
///
/// # Errors
/// The shortened plan, with what is wrong.
pub fn run_seed(seed: u64) -> Result<Done, Box<Failure>> {
    let plan = Plan::of(seed);
    run(&plan).map_err(|why| Box::new(shrink(plan, why)))
}

/// Takes away actions, many at once and then single ones, as long as the plan still fails.
fn shrink(mut plan: Plan, mut why: String) -> Failure {
    let mut size = plan.actions.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < plan.actions.len() {
            let mut shorter = plan.clone();
            let to = (from + size).min(plan.actions.len());
            shorter.actions.drain(from..to);
            match run(&shorter) {
                Err(still) => (plan, why) = (shorter, still),
                Ok(_) => from += size,
            }
        }
        size /= 2;
    }
    Failure { plan, why }
}

impl Failure {
    /// The failure for a reader: the seed, the way to see it again, the plan that is left.
    pub fn explain(&self) -> String {
        let seed = self.plan.seed;
        let mut text = format!(
            "seed {seed}: {}\nagain: cargo xtask soak --seed {seed}\n",
            self.why
        );
        for action in &self.plan.actions {
            text.push_str(&format!("  {action:?}\n"));
        }
        let mut world = World::new(&self.plan);
        // Why it fails is known; what is left then is of interest.
        if !self.why.starts_with(PANIC) && live(&mut world, &self.plan).is_err() {
            text.push_str(&world.state());
        }
        text
    }
}
