//! `doctor`: what is there, what is missing, and how to get it.

use crate::failure::Outcome;
use crate::need::State;
use crate::project::Project;
use crate::{setup, tools};

/// Prints one line per thing that tasks need. Changes nothing.
pub fn doctor(project: &Project) -> Outcome<()> {
    println!("cached tools: {}", project.tools.display());
    println!();
    let needs = setup::everything();
    let width = needs
        .iter()
        .map(|need| need.name().chars().count())
        .max()
        .unwrap_or_default();
    let mut missing = 0;
    for need in &needs {
        let name = need.name();
        match need.look(project)? {
            State::Present(detail) => println!("  there    {name:width$}  {detail}"),
            State::Optional(without) => println!("  without  {name:width$}  {without}"),
            State::Missing => {
                missing += 1;
                println!("  MISSING  {name:width$}  {}", need.fix());
            }
        }
    }
    println!();
    if missing == 0 {
        println!("Nothing is missing.");
    } else {
        println!("{missing} missing. `cargo xtask setup` installs what can be installed.");
    }
    tools::check_wasm_bindgen_pin(project)
}
