//! What `[[` asks a shell.

use super::state::State;
use super::variables::Array;
use crate::programs::test::Names;

impl Names for State {
    fn is_set(&self, name: &str) -> bool {
        self.parameter(name).is_some()
    }

    fn number(&mut self, text: &str) -> Result<i64, String> {
        super::arith::evaluate(text, self)
    }

    fn matched(&mut self, groups: Vec<String>) {
        let entries = (0..).zip(groups).collect();
        let variable = self.variables.entry("BASH_REMATCH".to_owned()).or_default();
        variable.array = Some(Array::Numbered(entries));
    }
}
