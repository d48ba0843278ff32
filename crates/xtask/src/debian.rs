//! Debian's packages, where this program may install them.

use std::path::Path;
use std::process::Command;

use crate::failure::Outcome;
use crate::process;
use crate::project::Project;
use crate::tools;

/// Whether packages can be installed without asking anybody: apt is there, and so is the right to use it.
pub fn can_install(project: &Project) -> bool {
    let mut command = Command::new("id");
    command.arg("-u");
    let is_root = process::output(command).is_ok_and(|printed| printed.trim() == "0");
    is_root && tools::find_in(&project.search_path(), Path::new("apt-get")).is_some()
}

/// Installs packages.
pub fn install(project: &Project, packages: &[&str], log: &Path) -> Outcome<()> {
    let apt = |arguments: &[&str]| {
        let mut command = project.command("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    // A stale list of packages names files that are gone; a failure to refresh it shows in the install.
    let _ = process::install(apt(&["update", "-qq"]), log);
    let mut install = apt(&["install", "-y", "-qq", "--no-install-recommends"]);
    install.args(packages);
    process::install(install, log)
}
