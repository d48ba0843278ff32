//! The browser that tests run in, its driver, and fonts for screenshots.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::failure::{Failure, Outcome};
use crate::need::State;
use crate::npm;
use crate::process;
use crate::project::Project;
use crate::tools;

/// The browser's flags, in the form that ChromeDriver reads. Playwright's configuration reads the same file.
const CAPABILITIES: &str = "tests/browser/webdriver.json";

/// What the pictures are set in that browser tests compare, Latin and Korean alike.
const FONT: &str = "NanumGothic";

const PROGRAMS: [&str; 5] = [
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "chrome",
];

const APPLICATIONS: [&str; 4] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
];

/// The browser: the one named by PETSET_CHROMIUM, an installed one, or Playwright's own.
pub fn find(project: &Project) -> Option<PathBuf> {
    if let Some(named) = env::var_os("PETSET_CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let path = project.search_path();
    PROGRAMS
        .iter()
        .find_map(|program| tools::find_in(&path, Path::new(program)))
        .or_else(|| {
            APPLICATIONS
                .iter()
                .map(PathBuf::from)
                .find(|path| path.is_file())
        })
        .or_else(|| playwrights_own(project))
}

fn playwrights_own(project: &Project) -> Option<PathBuf> {
    let mut command = project.command("node");
    command
        .args([
            "--print",
            "require('@playwright/test').chromium.executablePath()",
        ])
        .current_dir(project.path(npm::BROWSER_TESTS));
    let printed = process::output(command).ok()?;
    Some(PathBuf::from(printed.trim())).filter(|path| path.is_file())
}

/// Installs from Debian where that is possible, and Playwright's own build elsewhere.
pub fn install(project: &Project, log: &Path) -> Outcome<()> {
    if debian::can_install(project) {
        return debian::install(project, &["chromium", "chromium-driver"], log);
    }
    let mut command = project.command("npx");
    command
        .args(["playwright", "install", "chromium"])
        .current_dir(project.path(npm::BROWSER_TESTS));
    process::install(command, log)
}

/// ChromeDriver, as `wasm-pack` looks for it.
pub fn look_for_driver(project: &Project) -> State {
    match tools::find_in(&project.search_path(), Path::new("chromedriver")) {
        Some(path) => State::Present(path.display().to_string()),
        None if debian::can_install(project) => State::Missing,
        None => {
            State::Optional("wasm-pack downloads one for Google Chrome's newest version".into())
        }
    }
}

/// Installs ChromeDriver from Debian.
pub fn install_driver(project: &Project, log: &Path) -> Outcome<()> {
    debian::install(project, &["chromium-driver"], log)
}

/// Asks fontconfig; systems without it bring their own Korean fonts.
pub fn look_for_korean_fonts(project: &Project) -> State {
    let mut command = project.command("fc-list");
    command.args([":lang=ko", "family"]);
    match process::output(command) {
        Ok(families) if families.contains(FONT) => State::Present(FONT.to_owned()),
        Ok(_) => missing_fonts(project),
        Err(_) if cfg!(target_os = "linux") => missing_fonts(project),
        Err(_) => State::Present("the system's own".into()),
    }
}

fn missing_fonts(project: &Project) -> State {
    if debian::can_install(project) {
        return State::Missing;
    }
    State::Optional(
        "browser tests compare pictures that are set in NanumGothic; `apt install fonts-nanum` or the like helps".into(),
    )
}

/// Installs Korean fonts from Debian.
pub fn install_fonts(project: &Project, log: &Path) -> Outcome<()> {
    debian::install(project, &["fonts-nanum", "fontconfig"], log)
}

/// Tells a test which browser to use: Playwright's configuration and wasm-bindgen's test runner.
pub fn point_to_browser(project: &Project, command: &mut Command) -> Outcome<()> {
    let browser = find(project).ok_or_else(|| Failure::new("no browser was found"))?;
    let mut capabilities: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(project.path(CAPABILITIES))?)?;
    capabilities["goog:chromeOptions"]["binary"] = browser.display().to_string().into();
    let written = project.path("target/xtask/webdriver.json");
    std::fs::write(&written, capabilities.to_string())?;
    command
        .env("PETSET_CHROMIUM", &browser)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", written)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "180");
    Ok(())
}
