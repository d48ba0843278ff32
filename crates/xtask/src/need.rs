//! The things tasks need: how each is looked for, installed, and what a person does when it cannot be had.

use std::path::Path;

use crate::browser;
use crate::debian;
use crate::failure::{Failure, Outcome};
use crate::kubectl;
use crate::npm;
use crate::process;
use crate::project::Project;
use crate::tools::{self, Tool};

/// The oldest Node whose features the scripts use.
const NODE_MAJOR: u32 = 20;

/// One thing that a task needs.
pub enum Need {
    /// rustfmt and clippy.
    RustComponents,
    /// Rust's standard library for WebAssembly.
    WasmTarget,
    /// The dependencies in Cargo.lock; later builds run offline.
    Crates,
    /// A command-line tool at its pinned version.
    Tool(&'static Tool),
    /// The real kubectl.
    Kubectl,
    /// Node and npm.
    Node,
    /// The npm packages of one folder.
    Packages(&'static str),
    /// A Chromium or Chrome.
    Browser,
    /// The program through which Rust tests drive the browser.
    Driver,
    /// Fonts without which screenshots show boxes in place of Hangul.
    KoreanFonts,
}

/// What was found.
pub enum State {
    /// It is there: which version, or where.
    Present(String),
    /// It is not there.
    Missing,
    /// It is not there, and the task works without it, in the way described.
    Optional(String),
}

impl Need {
    /// Its name in progress lines and in the doctor's table.
    pub fn name(&self) -> String {
        match self {
            Self::RustComponents => "rustfmt and clippy".into(),
            Self::WasmTarget => "Rust target wasm32-unknown-unknown".into(),
            Self::Crates => "crates of Cargo.lock".into(),
            Self::Tool(tool) => format!("{} {}", tool.programs[0], tool.version),
            Self::Kubectl => format!("kubectl {}", kubectl::VERSION),
            Self::Node => format!("Node {NODE_MAJOR} or newer, with npm"),
            Self::Packages(folder) => format!("npm packages of {folder}"),
            Self::Browser => "Chromium".into(),
            Self::Driver => "ChromeDriver".into(),
            Self::KoreanFonts => "Korean fonts".into(),
        }
    }

    /// What installing takes.
    pub fn takes(&self) -> &'static str {
        match self {
            Self::Tool(tool) => tool.takes,
            Self::Crates | Self::Packages(_) | Self::RustComponents => "some seconds",
            Self::WasmTarget | Self::KoreanFonts => "some seconds",
            Self::Browser | Self::Driver | Self::Node => "about 1 minute",
            Self::Kubectl => "about 3 minutes",
        }
    }

    /// Looks without changing anything.
    pub fn look(&self, project: &Project) -> Outcome<State> {
        Ok(match self {
            Self::RustComponents => rust_components(project),
            Self::WasmTarget => wasm_target(project),
            Self::Crates => crates(project),
            Self::Tool(tool) => present(tool.find(project).map(|path| path.display().to_string())),
            Self::Kubectl => kubectl::look(project),
            Self::Node => present(node_version(project)),
            Self::Packages(folder) => {
                present(npm::is_installed(project, folder)?.then(|| "as locked".into()))
            }
            Self::Browser => present(browser::find(project).map(|path| path.display().to_string())),
            Self::Driver => browser::look_for_driver(project),
            Self::KoreanFonts => browser::look_for_korean_fonts(project),
        })
    }

    /// Installs it. Called only when it is missing.
    pub fn install(&self, project: &Project, log: &Path) -> Outcome<()> {
        let outcome = match self {
            Self::RustComponents => {
                rustup(project, &["component", "add", "rustfmt", "clippy"], log)
            }
            Self::WasmTarget => rustup(project, &["target", "add", "wasm32-unknown-unknown"], log),
            Self::Crates => {
                let mut command = project.cargo();
                command.arg("fetch");
                process::install(command, log)
            }
            Self::Tool(tool) => tool.install(project, log),
            Self::Kubectl => kubectl::install(project, log),
            Self::Node => install_node(project, log),
            Self::Packages(folder) => npm::install(project, folder, log),
            Self::Browser => browser::install(project, log),
            Self::Driver => browser::install_driver(project, log),
            Self::KoreanFonts => browser::install_fonts(project, log),
        };
        outcome.map_err(|failure| failure.with_fix(self.fix()))
    }

    /// What a person does when the installer cannot.
    pub fn fix(&self) -> String {
        match self {
            Self::RustComponents => "rustup component add rustfmt clippy".into(),
            Self::WasmTarget => {
                "rustup target add wasm32-unknown-unknown (rustup is at https://rustup.rs; without it see CONTRIBUTING.md)"
                    .into()
            }
            Self::Crates => "cargo fetch (needs the network once)".into(),
            Self::Tool(tool) => match tool.source {
                tools::Source::Cargo => format!(
                    "cargo install --locked {} --version {} (any folder on PATH will do)",
                    tool.package, tool.version
                ),
                tools::Source::Npm => format!("npm install --global {}@{}", tool.package, tool.version),
            },
            Self::Kubectl => {
                format!("put kubectl {} on PATH, or install Go 1.26 or newer (https://go.dev) with which it is built", kubectl::VERSION)
            }
            Self::Node => {
                format!("install Node {NODE_MAJOR} or newer: https://nodejs.org, or `apt install nodejs npm`, `brew install node`")
            }
            Self::Packages(folder) => format!("cd {folder} && npm ci (needs the network once)"),
            Self::Browser => {
                "install Chromium or Google Chrome, or set PETSET_CHROMIUM to its path (Debian: apt install chromium)".into()
            }
            Self::Driver => {
                "install the ChromeDriver of your browser's version (Debian: apt install chromium-driver; macOS: brew install chromedriver)"
                    .into()
            }
            Self::KoreanFonts => "install a Korean font (Debian: apt install fonts-nanum)".into(),
        }
    }
}

fn present(found: Option<String>) -> State {
    found.map_or(State::Missing, State::Present)
}

fn first_line(printed: &str) -> String {
    printed.lines().next().unwrap_or_default().to_owned()
}

fn rust_components(project: &Project) -> State {
    let versions: Option<Vec<String>> = ["fmt", "clippy"]
        .iter()
        .map(|component| {
            let mut command = project.cargo();
            command.args([component, "--version"]);
            process::output(command)
                .ok()
                .map(|printed| first_line(&printed))
        })
        .collect();
    present(versions.map(|versions| versions.join(", ")))
}

fn wasm_target(project: &Project) -> State {
    let mut command = project.command("rustc");
    command.args([
        "--print",
        "target-libdir",
        "--target",
        "wasm32-unknown-unknown",
    ]);
    let folder = process::output(command)
        .ok()
        .map(|printed| printed.trim().to_owned());
    present(folder.filter(|folder| Path::new(folder).is_dir()))
}

fn crates(project: &Project) -> State {
    let mut command = project.cargo();
    command.args(["metadata", "--offline", "--format-version", "1"]);
    present(
        process::output(command)
            .ok()
            .map(|_| "all downloaded".into()),
    )
}

fn node_version(project: &Project) -> Option<String> {
    let mut node = project.command("node");
    node.arg("--version");
    let version = process::output(node).ok()?.trim().to_owned();
    let major: u32 = version.strip_prefix('v')?.split('.').next()?.parse().ok()?;
    let mut npm = project.command("npm");
    npm.arg("--version");
    let npm = process::output(npm).ok()?;
    (major >= NODE_MAJOR).then(|| format!("{version}, npm {}", npm.trim()))
}

/// Debian's Node is taken where it is new enough.
fn install_node(project: &Project, log: &Path) -> Outcome<()> {
    if debian::can_install(project) {
        debian::install(project, &["nodejs", "npm"], log)?;
    }
    match node_version(project) {
        Some(_) => Ok(()),
        None => Err(Failure::new(format!(
            "Node {NODE_MAJOR} or newer, with npm, was not found"
        ))),
    }
}

fn rustup(project: &Project, arguments: &[&str], log: &Path) -> Outcome<()> {
    let mut command = project.command("rustup");
    command.args(arguments);
    process::install(command, log)
}
