//! npm packages: installed as locked, one folder per purpose; and the editor's bundle.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;

/// The editor's sources: CodeMirror and esbuild.
pub const EDITOR: &str = "web/editor";
/// The browser tests: Playwright and axe.
pub const BROWSER_TESTS: &str = "tests/browser";
/// The peer that benchmarks compare with.
pub const PEER: &str = "tests/bench";

/// What the editor's build writes: what the page loads, and the script for other pages in its two halves.
const BUNDLES: [&str; 3] = [
    "web/generated/editor.js",
    "web/generated/embed.js",
    "web/generated/embed-use.js",
];
/// What the bundles are made of.
const SOURCES: [&str; 3] = [EDITOR, "web/embed", "web/src/link.js"];

/// Whether the folder's packages are those of its lock file.
pub fn is_installed(project: &Project, folder: &str) -> Outcome<bool> {
    let lock = read_lock(project, folder)?;
    Ok(fs::read(stamp(project, folder)).is_ok_and(|installed| installed == lock))
}

/// Installs the packages of the folder's lock file.
pub fn install(project: &Project, folder: &str, log: &Path) -> Outcome<()> {
    let mut command = project.command("npm");
    command
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(project.path(folder))
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::install(command, log)?;
    // Written last, so that an interrupted install is repeated.
    fs::write(stamp(project, folder), read_lock(project, folder)?)?;
    Ok(())
}

fn read_lock(project: &Project, folder: &str) -> Outcome<Vec<u8>> {
    let path = project.path(folder).join("package-lock.json");
    fs::read(&path).map_err(|error| Failure::new(format!("{folder}/package-lock.json: {error}")))
}

/// A copy of the lock file that the packages were installed from.
fn stamp(project: &Project, folder: &str) -> PathBuf {
    project
        .path(folder)
        .join("node_modules")
        .join(".petset-installed.json")
}

/// Bundles the editor's JavaScript and the embed script, when a source is newer than the bundle.
///
/// Trunk calls this before each build, so it must leave the file alone when nothing changed:
/// a touched file would start the next build.
pub fn editor_bundle(project: &Project) -> Outcome<()> {
    if !is_installed(project, EDITOR)? {
        let logs = project.path("target/xtask");
        fs::create_dir_all(&logs)?;
        install(project, EDITOR, &logs.join("editor-packages.log"))?;
    }
    let modified = |path: &str| {
        fs::metadata(project.path(path))
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    let oldest = BUNDLES
        .iter()
        .map(|bundle| modified(bundle))
        .min()
        .flatten();
    let newest = SOURCES
        .iter()
        .filter_map(|source| newest(&project.path(source)))
        .max();
    if oldest.is_some_and(|oldest| newest.is_some_and(|newest| newest <= oldest)) {
        return Ok(());
    }
    let mut command = project.command("npm");
    command
        .args(["run", "--silent", "build"])
        .current_dir(project.path(EDITOR));
    process::run(command)?;
    match BUNDLES
        .iter()
        .find(|bundle| !project.path(bundle).is_file())
    {
        None => Ok(()),
        Some(bundle) => Err(Failure::new(format!(
            "`npm run build` in {EDITOR} did not write {bundle}"
        ))),
    }
}

/// When a file, or the newest one below a folder, was changed; installed packages left out.
fn newest(folder: &Path) -> Option<SystemTime> {
    if folder.is_file() {
        return fs::metadata(folder)
            .and_then(|metadata| metadata.modified())
            .ok();
    }
    let entries = fs::read_dir(folder).ok()?;
    entries
        .flatten()
        .filter(|entry| entry.file_name() != "node_modules")
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            if metadata.is_dir() {
                newest(&entry.path())
            } else {
                metadata.modified().ok()
            }
        })
        .max()
}
