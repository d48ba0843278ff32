//! Pinned command-line tools, and where one that fits is found.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;

/// Where a tool is installed from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Compiled by `cargo install`.
    Cargo,
    /// An npm package whose programs run in Node.
    Npm,
}

/// A tool at one version.
pub struct Tool {
    /// The crate or the npm package.
    pub package: &'static str,
    /// The programs that are used, the one that is asked for its version first.
    pub programs: &'static [&'static str],
    /// The only version that is accepted.
    pub version: &'static str,
    pub source: Source,
    /// What an install takes on two cores, for people who wait.
    pub takes: &'static str,
}

/// Must be the version of the crate that is linked into the page: the two talk an unstable format.
pub const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    version: "0.2.129",
    source: Source::Cargo,
    takes: "about 3 minutes",
};

/// Builds and serves the page. Later versions need a newer Rust than the workspace asks for.
pub const TRUNK: Tool = Tool {
    package: "trunk",
    programs: &["trunk"],
    version: "0.21.14",
    source: Source::Cargo,
    takes: "about 5 minutes",
};

/// Runs Rust tests in a real browser.
pub const WASM_PACK: Tool = Tool {
    package: "wasm-pack",
    programs: &["wasm-pack"],
    version: "0.15.1",
    source: Source::Cargo,
    takes: "about 2 minutes",
};

/// Shrinks WebAssembly. Taken from npm because distributions carry versions that refuse today's modules.
pub const WASM_OPT: Tool = Tool {
    package: "binaryen",
    programs: &["wasm-opt"],
    version: "132.0.0",
    source: Source::Npm,
    takes: "a few seconds",
};

const ALL: [&Tool; 4] = [&WASM_BINDGEN, &TRUNK, &WASM_PACK, &WASM_OPT];

impl Tool {
    /// The tool's own folder in the cache.
    fn folder(&self, project: &Project) -> PathBuf {
        project
            .tools
            .join(format!("{}-{}", self.package, self.version))
    }

    /// The folder that holds the programs once the tool is installed.
    fn programs_folder(&self, project: &Project) -> PathBuf {
        match self.source {
            Source::Cargo => self.folder(project).join("bin"),
            Source::Npm => self.folder(project).join("node_modules").join(".bin"),
        }
    }

    /// The first program, when every program is found and the version is the pinned one.
    pub fn find(&self, project: &Project) -> Option<PathBuf> {
        let path = project.search_path();
        let mut found = self
            .programs
            .iter()
            .map(|program| find_in(&path, Path::new(program)));
        let first = found.next()??;
        if found.any(|program| program.is_none()) {
            return None;
        }
        let mut command = Command::new(&first);
        command.arg("--version").env("PATH", &path);
        let printed = process::output(command).ok()?;
        is_version(&printed, self.version).then_some(first)
    }

    /// Installs into the cache.
    pub fn install(&self, project: &Project, log: &Path) -> Outcome<()> {
        let folder = self.folder(project);
        std::fs::create_dir_all(&folder)?;
        let command = match self.source {
            Source::Cargo => self.cargo_install(project, &folder),
            Source::Npm => {
                let mut command = project.command("npm");
                let package = format!("{}@{}", self.package, self.version);
                command.arg("install").arg("--prefix").arg(&folder).args([
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--loglevel=error",
                    &package,
                ]);
                command
            }
        };
        process::install(command, log)?;
        match self.find(project) {
            Some(_) => Ok(()),
            None => Err(Failure::new(format!(
                "{} {} was installed but does not run",
                self.package, self.version
            ))
            .with_fix(format!("remove {} and try again", folder.display()))),
        }
    }

    /// A tool runs for seconds, so it is not worth minutes of optimisation.
    fn cargo_install(&self, project: &Project, folder: &Path) -> Command {
        let mut command = project.cargo();
        command
            .args(["install", "--locked", "--root"])
            .arg(folder)
            .args(["--version", self.version, self.package])
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false");
        command
    }
}

/// Every folder of the cache that may hold programs.
pub fn folders(project: &Project) -> Vec<PathBuf> {
    ALL.iter()
        .map(|tool| tool.programs_folder(project))
        .collect()
}

/// Looks a program up in a search path, with the endings that Windows gives to programs.
pub fn find_in(path: &OsStr, program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_path_buf());
    }
    let endings: &[&str] = if cfg!(windows) {
        &[".exe", ".cmd"]
    } else {
        &[""]
    };
    env::split_paths(path).find_map(|folder| {
        endings.iter().find_map(|ending| {
            let mut name = program.as_os_str().to_os_string();
            name.push(ending);
            let candidate = folder.join(name);
            candidate.is_file().then_some(candidate)
        })
    })
}

/// Whether what `--version` printed names this version. Binaryen prints its major number only.
fn is_version(printed: &str, version: &str) -> bool {
    let short = version.strip_suffix(".0.0").unwrap_or(version);
    printed
        .split_whitespace()
        .any(|word| word == version || word == short)
}

/// Fails when the page is linked with another wasm-bindgen than the tool that is installed.
pub fn check_wasm_bindgen_pin(project: &Project) -> Outcome<()> {
    let lock = std::fs::read_to_string(project.path("Cargo.lock"))?;
    let locked = locked_version(&lock, "wasm-bindgen").unwrap_or("missing");
    if locked == WASM_BINDGEN.version {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Cargo.lock holds wasm-bindgen {locked}, but wasm-bindgen-cli is pinned to {}: the two must be equal",
        WASM_BINDGEN.version
    ))
    .with_fix(format!(
        "cargo update -p wasm-bindgen --precise {}, or change the pin in crates/xtask/src/tools.rs",
        WASM_BINDGEN.version
    )))
}

fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&entry)?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::{is_version, locked_version};

    #[test]
    fn versions_are_read_from_what_tools_print() {
        let cases = [
            ("wasm-bindgen 0.2.129\n", "0.2.129", true),
            ("wasm-bindgen 0.2.130\n", "0.2.129", false),
            ("wasm-opt version 132 (version_132)\n", "132.0.0", true),
            ("wasm-opt version 108\n", "132.0.0", false),
            ("trunk 0.21.14-alpha\n", "0.21.14", false),
        ];
        for (printed, version, expected) in cases {
            assert_eq!(
                is_version(printed, version),
                expected,
                "{printed:?} {version}"
            );
        }
    }

    #[test]
    fn the_lock_file_names_one_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.129"));
        assert_eq!(locked_version(lock, "absent"), None);
    }
}
