//! The real kubectl, built from Go modules once and kept in the cache.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::need::State;
use crate::process;
use crate::project::Project;
use crate::tools::find_in;

/// The version that everything is compared with.
pub const VERSION: &str = "1.36.3";
/// The staging modules of that version, as they are published.
const STAGING: &str = "0.36.3";
/// Why something is left out.
pub const NO_GO: &str = "there is no Go to build it with";
const MODULE: &str = "k8s.io/kubernetes";

fn folder(project: &Project) -> PathBuf {
    project.tools.join(format!("kubectl-{VERSION}"))
}

/// A kubectl of the version: the one in the cache, or one on the PATH.
pub fn find(project: &Project) -> Option<PathBuf> {
    let name = if cfg!(windows) {
        "kubectl.exe"
    } else {
        "kubectl"
    };
    let cached = folder(project).join("bin").join(name);
    let on_path = find_in(&project.search_path(), Path::new("kubectl"));
    [Some(cached), on_path]
        .into_iter()
        .flatten()
        .find(|program| program.is_file() && is_wanted(project, program))
}

fn is_wanted(project: &Project, program: &Path) -> bool {
    let mut command = project.command(program);
    command.args(["version", "--client", "--output=json"]);
    let wanted = format!("\"gitVersion\": \"v{VERSION}\"");
    process::output(command).is_ok_and(|printed| printed.contains(&wanted))
}

/// Looks for it. Without Go it is left out, with a message; in CI it may not be left out.
pub fn look(project: &Project) -> State {
    if let Some(program) = find(project) {
        return State::Present(program.display().to_string());
    }
    let mut go = project.command("go");
    go.arg("version");
    if process::output(go).is_ok() || std::env::var_os("CI").is_some() {
        return State::Missing;
    }
    State::Optional(NO_GO.into())
}

/// Builds it.
pub fn install(project: &Project, log: &Path) -> Outcome<()> {
    let folder = folder(project);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("go.mod"), "module kubectl\ngo 1.26.0\n")?;
    let go = |arguments: &[&str]| {
        let mut command = project.command("go");
        command
            .args(arguments)
            .current_dir(&folder)
            .env("GOFLAGS", "-mod=mod");
        command
    };
    let module = format!("{MODULE}@v{VERSION}");
    let downloaded = process::output(go(&["mod", "download", "-json", &module]))?;
    let downloaded: serde_json::Value = serde_json::from_str(&downloaded)?;
    let source = downloaded["Dir"]
        .as_str()
        .map(PathBuf::from)
        .ok_or_else(|| Failure::new(format!("go did not say where {module} is")))?;
    let manifest = std::fs::read_to_string(source.join("go.mod"))?;
    std::fs::write(folder.join("go.mod"), own_manifest(&manifest))?;
    std::fs::copy(source.join("go.sum"), folder.join("go.sum"))?;
    let flags = format!(
        "-s -w -X k8s.io/component-base/version.gitVersion=v{VERSION} -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36 -X k8s.io/client-go/pkg/version.gitVersion=v{VERSION}"
    );
    let package = format!("{MODULE}/cmd/kubectl");
    process::install(
        go(&["build", "-o", "bin/", "-ldflags", &flags, &package]),
        log,
    )
}

/// Kubernetes names its staging modules by folders of its own; here they are the published modules.
fn own_manifest(theirs: &str) -> String {
    let mut ours = String::new();
    for line in theirs.lines() {
        let staged = line.split_once(" => ./staging/src/");
        if line.starts_with("module ") {
            ours.push_str("module kubectl");
        } else if let Some((module, published)) = staged {
            ours.push_str(&format!("{module} => {published} v{STAGING}"));
        } else {
            ours.push_str(line);
        }
        ours.push('\n');
    }
    ours.push_str(&format!("require {MODULE} v{VERSION}\n"));
    ours
}

#[cfg(test)]
mod tests {
    use super::own_manifest;

    #[test]
    fn staging_folders_become_published_modules() {
        let theirs =
            "module k8s.io/kubernetes\nreplace (\n\tk8s.io/api => ./staging/src/k8s.io/api\n)\n";
        let ours = "module kubectl\nreplace (\n\tk8s.io/api => k8s.io/api v0.36.3\n)\nrequire k8s.io/kubernetes v1.36.3\n";
        assert_eq!(own_manifest(theirs), ours);
    }
}
