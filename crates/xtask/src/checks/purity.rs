//! The lists of what the pure crates must not use. Clippy reads one per crate, so they are copies.

use crate::checks;
use crate::failure::Outcome;
use crate::project::Project;

const PURE: [&str; 3] = ["cluster", "console", "manifest"];

/// Compares the pure crates' lists with one another.
pub fn check(project: &Project) -> Outcome<()> {
    let path = |name: &str| format!("crates/{name}/clippy.toml");
    let list = |name: &str| std::fs::read_to_string(project.path(path(name)));
    let first = list(PURE[0])?;
    let mut findings = Vec::new();
    for name in &PURE[1..] {
        if list(name)? != first {
            findings.push(format!("{} differs from {}", path(name), path(PURE[0])));
        }
    }
    checks::outcome(findings)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::project::Project;

    #[test]
    fn pure_crates_carry_one_list() {
        let project = Project::open().expect("the repository is found");
        check(&project).expect("the lists are equal");
    }
}
