//! A program that uses client-go, built and run against `petset serve`.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::kubectl;
use crate::process;
use crate::project::Project;

const SOURCES: &str = "tests/client-go";
const START_LIMIT: Duration = Duration::from_secs(60);

/// Builds the program and runs it; without Go that is left out as the real kubectl is.
pub fn test(project: &Project, log: &Path) -> Outcome<()> {
    let mut go = project.command("go");
    go.arg("version");
    if process::output(go).is_err() && std::env::var_os("CI").is_none() {
        println!("left out: {}", kubectl::NO_GO);
        return Ok(());
    }
    let program = project.path("target/client-go");
    let mut build = project.command("go");
    build
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(project.path(SOURCES));
    process::logged(build, log)?;
    let mut petset = project.cargo();
    petset.args(["build", "--quiet", "--package", "petset-cli"]);
    process::logged(petset, log)?;
    let kubeconfig = project.path("target/client-go.kubeconfig");
    // One of an earlier run would be taken for this one's.
    let _ = std::fs::remove_file(&kubeconfig);
    let mut serve = project.command(project.path("target/debug/petset"));
    serve
        .args(["serve", "--speed", "max", "--write-kubeconfig"])
        .arg(&kubeconfig)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut server = Server(serve.spawn()?);
    server.wait_for(&kubeconfig)?;
    let mut client = project.command(&program);
    client.arg(&kubeconfig);
    process::logged(client, log)
}

/// A server that is stopped when it is no longer needed.
struct Server(Child);

impl Server {
    fn wait_for(&mut self, kubeconfig: &Path) -> Outcome<()> {
        let begun = Instant::now();
        while !kubeconfig.is_file() {
            if let Some(status) = self.0.try_wait()? {
                return Err(Failure::new(format!("petset serve ended with {status}")));
            }
            if begun.elapsed() > START_LIMIT {
                return Err(Failure::new("petset serve did not start"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
