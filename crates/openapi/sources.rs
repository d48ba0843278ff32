//! Where the sources of `k8s-openapi` are, for build scripts that take something out of them.

use serde_json::Value;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stops a build.
pub type Error = Box<dyn std::error::Error>;

/// The folder of the version of Kubernetes in the crate's sources.
///
/// # Errors
/// When cargo does not tell where the crate is.
pub fn sources() -> Result<PathBuf, Error> {
    let cargo = env::var_os("CARGO").ok_or("no CARGO")?;
    let target = env::var_os("TARGET").ok_or("no TARGET")?;
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline"])
        .arg("--filter-platform")
        .arg(target)
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().ok_or("no packages")?;
    let package = packages
        .iter()
        .find(|package| package["name"] == "k8s-openapi")
        .ok_or("k8s-openapi is no dependency")?;
    let manifest = package["manifest_path"].as_str().ok_or("no path")?;
    let folder = Path::new(manifest).parent().ok_or("no folder")?;
    Ok(folder.join("src").join("v1_36"))
}
