//! Programs that do all they do at once: a real one still takes a moment to end, so that its pod is seen running.

use super::process::{Process, Step, Wake, World};
use crate::time::Duration;

/// How long the shortest of programs runs.
pub(super) const SHORTEST_LIFE: Duration = Duration::millis(50);

/// A program that has done everything and is about to end with this exit code.
#[derive(Clone)]
pub(super) struct AboutToEnd(pub i32);

impl Process for AboutToEnd {
    fn resume(&mut self, _wake: Wake, _world: &mut World<'_>) -> Step {
        Step::Exit(self.0)
    }

    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(self.clone())
    }
}
