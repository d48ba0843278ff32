//! `serve` and `build`: the page, through Trunk with the cached tools.

use std::net::TcpListener;
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::process;
use crate::project::Project;
use crate::{setup, tools};

const FIRST_PORT: u16 = 8080;
/// How many ports after the first are tried when the person named none.
const PORTS_TRIED: u16 = 20;

/// What `serve` was asked for.
#[derive(Default)]
pub struct Options {
    port: Option<u16>,
    no_open: bool,
    release: bool,
}

impl Options {
    pub fn parse(mut parser: lexopt::Parser) -> Outcome<Self> {
        use lexopt::ValueExt;
        let mut options = Self::default();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("port") => options.port = Some(parser.value()?.parse()?),
                lexopt::Arg::Long("no-open") => options.no_open = true,
                lexopt::Arg::Long("release") => options.release = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Sets up, builds, serves and opens the page; ends when it is interrupted.
pub fn serve(project: &Project, options: &Options) -> Outcome<()> {
    let needs = if options.release {
        setup::for_build()
    } else {
        setup::for_serve()
    };
    setup::ensure(project, &needs)?;
    let port = free_port(options.port)?;
    println!("building the page; the first build takes a few minutes");
    println!("petset: http://127.0.0.1:{port}/ (Ctrl-C stops it)");
    let mut command = trunk(project);
    command.args([
        "serve",
        "--offline",
        "--address",
        "127.0.0.1",
        "--port",
        &port.to_string(),
    ]);
    if !options.no_open {
        command.arg("--open");
    }
    if options.release {
        command.arg("--release");
    }
    process::replace(command)
}

/// Sets up and builds the page, optimised, into dist/.
pub fn build(project: &Project) -> Outcome<()> {
    setup::ensure(project, &setup::for_build())?;
    process::run(release_build(project))
}

/// The command that writes dist/. wasm-opt runs inside it, because the page carries digests of its files.
pub fn release_build(project: &Project) -> Command {
    let mut command = trunk(project);
    command.args(["build", "--release", "--offline"]);
    command
}

/// Adds to the page what Trunk does not make. Only an optimised page is kept by browsers: what is being developed must not be.
pub fn finish(project: &Project) -> Outcome<()> {
    let Some(staging) = std::env::var_os("TRUNK_STAGING_DIR") else {
        return Err(Failure::new("there is no TRUNK_STAGING_DIR").with_fix("cargo xtask build"));
    };
    let is_release = std::env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");
    let mut command = project.command("node");
    command
        .arg(project.path("web/page/finish.mjs"))
        .arg(staging)
        .arg(env!("CARGO_PKG_VERSION"));
    if is_release {
        command.arg("offline");
    }
    process::run(command)
}

fn trunk(project: &Project) -> Command {
    let mut command = project.command(tools::TRUNK.programs[0]);
    // Trunk reads NO_COLOR as a boolean and refuses to start on any other value.
    command.env_remove("NO_COLOR");
    command
}

fn free_port(wanted: Option<u16>) -> Outcome<u16> {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    match wanted {
        Some(port) if is_free(port) => Ok(port),
        Some(port) => {
            Err(Failure::new(format!("port {port} is in use"))
                .with_fix("--port with another number"))
        }
        None => (FIRST_PORT..FIRST_PORT + PORTS_TRIED)
            .find(|port| is_free(*port))
            .ok_or_else(|| {
                Failure::new(format!("the ports from {FIRST_PORT} on are in use"))
                    .with_fix("--port N")
            }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Trunk stops when a folder that it is told not to watch does not exist, as in a fresh checkout.
    #[test]
    fn folders_that_are_not_watched_exist_before_the_first_build() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = std::fs::read_to_string(top.join("Trunk.toml")).unwrap();
        let (_, list) = text.split_once("ignore = [").unwrap();
        let (list, _) = list.split_once(']').unwrap();
        let folders = list.split(',').map(|name| name.trim().trim_matches('"'));
        for folder in folders {
            // Trunk, cargo and set-up make these.
            if ["dist", "target", "web/editor/node_modules"].contains(&folder) {
                continue;
            }
            let is_stored = ["Cargo.toml", ".gitignore"]
                .iter()
                .any(|file| top.join(folder).join(file).is_file());
            assert!(is_stored, "{folder} holds no file of the repository");
        }
    }
}
