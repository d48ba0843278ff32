//! `bench --api`: requests per second of `petset serve`, beside a real API server where there is one.

use std::path::PathBuf;

use crate::failure::Outcome;
use crate::project::Project;
use crate::{machine, process};

const SOURCES: &str = "tests/api-bench";
const WRITTEN: &str = "docs/bench-api.md";

/// What `bench --api` was asked for.
pub struct Options {
    /// Writes the document.
    pub write: bool,
    /// Few objects.
    pub quick: bool,
    /// A folder that holds `etcd` and `kube-apiserver`.
    pub reference: Option<PathBuf>,
}

/// Builds, measures one server after the other, and prints the table.
pub fn bench(project: &Project, options: &Options) -> Outcome<()> {
    let built = project.path("target/xtask");
    std::fs::create_dir_all(&built)?;
    println!("building");
    let mut petset = project.cargo();
    petset.args(["build", "--profile", "bench", "--package", "petset-cli"]);
    process::logged(petset, &built.join("api-bench-petset.log"))?;
    let program = built.join("api-bench");
    let mut go = project.command("go");
    go.args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(project.path(SOURCES));
    process::logged(go, &built.join("api-bench-go.log"))?;
    let mut command = project.command(&program);
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| project.path("target"), |folder| project.path(folder));
    command.arg("-petset").arg(target.join("release/petset"));
    if options.quick {
        command.args(["-objects", "500"]);
    }
    match &options.reference {
        Some(folder) => {
            command.arg("-reference").arg(folder);
        }
        None => println!(
            "without --reference FOLDER (etcd and kube-apiserver) petset is measured alone"
        ),
    }
    let report = process::output(command)?;
    println!("\n{report}");
    if options.write {
        std::fs::write(project.path(WRITTEN), document(project, &report))?;
        println!("written to {WRITTEN}");
    }
    Ok(())
}

fn document(project: &Project, report: &str) -> String {
    format!(
        "# Requests per second\n\n\
         The same load on `petset serve` and on a real kube-apiserver with etcd, one after the other on the same machine, by `tests/api-bench`:\n\
         JSON over connections that stay open; config maps of about a kilobyte, 10,000 of them. petset speaks HTTP/1.1 without TLS and keeps all in\n\
         memory; kube-apiserver speaks HTTP/2 with TLS and has etcd behind it, which does not wait for the disk (`--unsafe-no-fsync`). The client runs\n\
         on the same processors. Each row begins when the one before has ended.\n\n\
         {report}\n{}, {}. `cargo xtask bench --api --reference FOLDER --write`\n",
        machine::today(),
        machine::shape(project)
    )
}
