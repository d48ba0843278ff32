//! The direction of dependencies: web → playground → console → cluster, with manifest under all of them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::checks;
use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;

/// Every crate of the workspace, and the crates of the workspace that it may depend on.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("petset-manifest", &[]),
    ("petset-cluster", &["petset-manifest"]),
    ("petset-console", &["petset-cluster", "petset-manifest"]),
    (
        "petset-playground",
        &["petset-console", "petset-cluster", "petset-manifest"],
    ),
    // The page sees the playground alone: it holds views, and no rules.
    ("petset-web", &["petset-playground"]),
    (
        "petset-bench",
        &["petset-playground", "petset-cluster", "petset-manifest"],
    ),
    (
        "petset-scenario",
        &[
            "petset-console",
            "petset-cluster",
            "petset-manifest",
            "petset-openapi",
        ],
    ),
    ("petset-openapi", &[]),
    (
        "petset-apiserver",
        &["petset-cluster", "petset-manifest", "petset-openapi"],
    ),
    (
        "petset-cli",
        &[
            "petset-apiserver",
            "petset-scenario",
            "petset-console",
            "petset-cluster",
            "petset-manifest",
        ],
    ),
    (
        "petset-tests",
        &[
            "petset-apiserver",
            "petset-scenario",
            "petset-playground",
            "petset-console",
            "petset-cluster",
            "petset-manifest",
        ],
    ),
    // The tasks must start when the rest does not compile.
    ("petset-xtask", &[]),
];

/// Compares the workspace with the table.
pub fn check(project: &Project) -> Outcome<()> {
    checks::outcome(violations(&metadata(project)?))
}

/// The folders of the workspace's crates.
pub fn members(project: &Project) -> Outcome<Vec<PathBuf>> {
    let metadata = metadata(project)?;
    let folders = packages(&metadata).filter_map(|package| package["manifest_path"].as_str());
    Ok(folders
        .filter_map(|manifest| Path::new(manifest).parent())
        .map(Path::to_path_buf)
        .collect())
}

fn metadata(project: &Project) -> Outcome<Value> {
    let mut command = project.cargo();
    command.args([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]);
    let metadata: Value = serde_json::from_str(&process::output(command)?)?;
    if packages(&metadata).next().is_none() {
        return Err(Failure::new("cargo metadata lists no crates"));
    }
    Ok(metadata)
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

/// Dependencies of every sort count: normal, for tests, and for builds.
fn violations(metadata: &Value) -> Vec<String> {
    let mut violations = Vec::new();
    for package in packages(metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            violations.push(format!(
                "{name} is not in the table of crates/xtask/src/checks/dependencies.rs"
            ));
            continue;
        };
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|dependency| dependency["path"].is_string()) {
            let on = dependency["name"].as_str().unwrap_or_default();
            if !allowed.contains(&on) {
                violations.push(format!(
                    "{name} depends on {on}; it may depend on {allowed:?}"
                ));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{metadata, violations};
    use crate::project::Project;

    #[test]
    fn the_workspace_keeps_the_direction() {
        let project = Project::open().expect("the repository is found");
        let metadata = metadata(&project).expect("cargo metadata runs");
        assert_eq!(violations(&metadata), Vec::<String>::new());
    }

    #[test]
    fn edges_outside_the_table_are_found() {
        let package = |name: &str, on: &str| {
            json!({ "name": name, "dependencies": [
                { "name": on, "path": "somewhere" },
                { "name": "serde_json", "source": "a registry" },
            ] })
        };
        let cases = [
            ("petset-console", "petset-cluster", 0),
            ("petset-cluster", "petset-console", 1),
            ("petset-web", "petset-cluster", 1),
            ("petset-xtask", "petset-manifest", 1),
            ("petset-new", "petset-manifest", 1),
        ];
        for (name, on, expected) in cases {
            let found = violations(&json!({ "packages": [package(name, on)] }));
            assert_eq!(found.len(), expected, "{name} → {on}: {found:?}");
        }
    }
}
