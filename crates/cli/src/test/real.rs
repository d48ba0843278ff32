//! A real cluster as the stage of a tutorial: the kubectl on the PATH, in a namespace of its own.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use petset_scenario::tutorial::{self, Report, Stage, Step, Tutorial, Typed};

/// The longest that one command may run.
const COMMAND_LIMIT: Duration = Duration::from_secs(180);
/// The longest wait for a cluster to settle, and how long nothing may change for that.
const SETTLE_LIMIT: Duration = Duration::from_secs(90);
const QUIET: Duration = Duration::from_secs(3);

/// Kinds without a namespace that a tutorial may make; what is new of them is named at the end.
const CLUSTER_KINDS: &str = "namespaces,persistentvolumes,storageclasses";

/// Words of commands that reach beyond a namespace.
const REACHES_OUT: [&str; 9] = [
    " drain ",
    " cordon ",
    " uncordon ",
    " taint ",
    " -n ",
    " --namespace",
    " -A",
    " --all-namespaces",
    " --context",
];

/// Runs the page on the cluster that the context names.
///
/// # Errors
/// Why it did not start, or what is left behind.
pub(super) fn check(tutorial: &Tutorial, context: &str, yes: bool) -> Result<Report, String> {
    let far: Vec<&str> = commands(tutorial)
        .filter(|line| reaches_out(line))
        .collect();
    if !far.is_empty() {
        return Err(format!(
            "not run on '{context}': these commands reach beyond the page's own namespace:\n  {}",
            far.join("\n  ")
        ));
    }
    let namespace = format!("petset-test-{}", std::process::id());
    if !yes && !agreed(context, &namespace)? {
        return Err("not run: you did not agree".to_owned());
    }
    let folder = std::env::temp_dir().join(&namespace);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let begun = Real::begin(context, &namespace, &folder);
    let outcome = begun.and_then(|mut stage| {
        let before = stage.cluster_wide();
        let report = tutorial::check(tutorial, &mut stage);
        stage.end()?;
        let left: Vec<String> = stage.cluster_wide().difference(&before).cloned().collect();
        if !left.is_empty() {
            eprintln!(
                "made outside of the page's namespace; delete it if it is still there: {}",
                left.join(" ")
            );
        }
        Ok(report)
    });
    // The folder holds a copy of the context's credentials.
    fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    outcome
}

fn commands(tutorial: &Tutorial) -> impl Iterator<Item = &str> {
    tutorial
        .steps
        .iter()
        .flat_map(|step| match step {
            Step::Block(block) => block.commands.as_slice(),
            _ => &[],
        })
        .map(|command| command.text.as_str())
}

fn reaches_out(line: &str) -> bool {
    let line = format!(" {line} ");
    let deletes = [" delete ", " patch ", " replace ", " edit "]
        .iter()
        .any(|word| line.contains(word))
        && [
            " node",
            " pv",
            " persistentvolume/",
            " persistentvolumes",
            " ns",
            " namespace",
            " sc",
            " storageclass",
        ]
        .iter()
        .any(|kind| {
            line.match_indices(kind).any(|(at, _)| {
                let rest = &line[at + kind.len()..];
                rest.starts_with([' ', '/', 's', ',']) && !rest.starts_with("svc")
            })
        });
    deletes || REACHES_OUT.iter().any(|word| line.contains(word))
}

fn agreed(context: &str, namespace: &str) -> Result<bool, String> {
    print!(
        "Run this page on the cluster of the context '{context}', in the new namespace {namespace}? [y/N] "
    );
    std::io::stdout()
        .flush()
        .map_err(|error| error.to_string())?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| error.to_string())?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

struct Real {
    folder: PathBuf,
    namespace: String,
    beside: Vec<(Child, PathBuf)>,
}

impl Real {
    /// Makes the namespace, and a configuration that chooses it.
    fn begin(context: &str, namespace: &str, folder: &Path) -> Result<Real, String> {
        let stage = Real {
            folder: folder.to_owned(),
            namespace: namespace.to_owned(),
            beside: Vec::new(),
        };
        let view = Command::new("kubectl")
            .args([
                "--context",
                context,
                "config",
                "view",
                "--minify",
                "--flatten",
                "--raw",
            ])
            .output()
            .map_err(|error| format!("kubectl: {error}"))?;
        if !view.status.success() {
            return Err(String::from_utf8_lossy(&view.stderr).trim().to_owned());
        }
        write_private(&stage.configuration(), &view.stdout)?;
        let manifest = folder.join(".namespace.json");
        let text = format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{{\"name\":\"{namespace}\"}}}}"
        );
        write_private(&manifest, text.as_bytes())?;
        stage.kubectl(&["create", "-f", &manifest.to_string_lossy()])?;
        stage.kubectl(&[
            "config",
            "set-context",
            "--current",
            "--namespace",
            namespace,
        ])?;
        Ok(stage)
    }

    /// Stops what still runs and deletes the namespace.
    fn end(&mut self) -> Result<(), String> {
        for (child, _) in &mut self.beside {
            // One that has ended by itself cannot be stopped.
            let _ = child.kill();
            let _ = child.wait();
        }
        let arguments = ["delete", "namespace", &self.namespace, "--timeout=180s"];
        self.kubectl(&arguments).map(drop)
    }

    /// What was printed, with the namespace that a page's reader has.
    fn shown(&self, printed: &[u8]) -> String {
        String::from_utf8_lossy(printed).replace(&self.namespace, "default")
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join(".kubeconfig")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .env("KUBECONFIG", self.configuration())
            .env("HOME", &self.folder);
        command
    }

    fn kubectl(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self
            .command("kubectl")
            .args(arguments)
            .output()
            .map_err(|error| format!("kubectl: {error}"))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        }
    }

    /// The names of what no namespace holds.
    fn cluster_wide(&self) -> BTreeSet<String> {
        let names = self
            .kubectl(&["get", CLUSTER_KINDS, "-o", "name"])
            .unwrap_or_default();
        let own = format!("namespace/{}", self.namespace);
        names
            .lines()
            .filter(|name| *name != own)
            .map(str::to_owned)
            .collect()
    }

    /// What shows whether anything has changed.
    fn versions(&self) -> String {
        let arguments = [
            "get",
            "all,pvc,endpointslices",
            "-o",
            "jsonpath={range .items[*]}{.metadata.uid}{.metadata.resourceVersion} {end}",
        ];
        self.kubectl(&arguments).unwrap_or_default()
    }

    /// Runs a script with bash, standard output and errors in one file, in the order in which they come.
    fn run(&self, script: &str, input: Option<&str>) -> Typed {
        let path = self.folder.join(".printed");
        let started = fs::File::create(&path).and_then(|file| {
            let errors = file.try_clone()?;
            self.command("bash")
                .args(["-c", script])
                .stdin(if input.is_some() {
                    Stdio::piped()
                } else {
                    Stdio::null()
                })
                .stdout(file)
                .stderr(errors)
                .spawn()
        });
        let mut child = match started {
            Ok(child) => child,
            Err(error) => {
                return Typed {
                    printed: vec![format!("bash: {error}\n")],
                    code: -1,
                };
            }
        };
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            // A command that has ended already reads nothing.
            let _ = stdin.write_all(input.as_bytes());
        }
        let code = wait(&mut child);
        let printed = fs::read(&path).unwrap_or_default();
        Typed {
            printed: vec![self.shown(&printed)],
            code,
        }
    }
}

/// The exit code; a command that takes too long is stopped.
fn wait(child: &mut Child) -> i32 {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.code().unwrap_or(-1),
            Ok(None) if started.elapsed() < COMMAND_LIMIT => sleep(Duration::from_millis(20)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return -1;
            }
        }
    }
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Stands between what two inputs print.
const MARK: &str = "petset-test-input-ends-here";

impl Stage for Real {
    fn write_file(&mut self, name: &str, text: &str) {
        let path = self.folder.join(name);
        // A file that is not there shows in the command that asks for it.
        let _ = path.parent().map(fs::create_dir_all);
        let _ = fs::write(path, text);
    }

    fn has_file(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    fn type_line(&mut self, line: &str, inputs: &[String]) -> Typed {
        if inputs.is_empty() {
            return self.run(line, None);
        }
        let line = line.replace(" -it ", " -i ").replace(" -ti ", " -i ");
        let mut script = format!("echo {MARK}\n");
        for input in inputs {
            script.push_str(&format!("{input}\necho {MARK}\n"));
        }
        let Typed { printed, code } = self.run(&line, Some(&script));
        let printed = printed.concat();
        let mark = format!("{MARK}\n");
        let mut printed: Vec<String> = printed.split(&mark).map(str::to_owned).collect();
        printed.truncate(inputs.len() + 1);
        Typed { printed, code }
    }

    fn type_beside(&mut self, line: &str) -> usize {
        let path = self.folder.join(format!(".beside-{}", self.beside.len()));
        let started = fs::File::create(&path).and_then(|file| {
            let errors = file.try_clone()?;
            self.command("bash")
                .args(["-c", &format!("exec {line}")])
                .stdin(Stdio::null())
                .stdout(file)
                .stderr(errors)
                .spawn()
        });
        if let Ok(child) = started {
            self.beside.push((child, path));
        }
        sleep(Duration::from_millis(700));
        self.beside.len().saturating_sub(1)
    }

    fn printed_beside(&self, terminal: usize) -> String {
        let printed = self.beside.get(terminal).map(|(_, path)| fs::read(path));
        let printed = printed.and_then(Result::ok).unwrap_or_default();
        self.shown(&printed)
    }

    fn settle(&mut self) {
        let started = Instant::now();
        let (mut last, mut since) = (self.versions(), Instant::now());
        while started.elapsed() < SETTLE_LIMIT && since.elapsed() < QUIET {
            sleep(Duration::from_millis(500));
            let now = self.versions();
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
    }

    fn pass(&mut self, millis: u64) {
        sleep(Duration::from_millis(millis));
    }
}

#[cfg(test)]
mod tests {
    use super::reaches_out;

    #[test]
    fn commands_that_reach_beyond_the_namespace_are_told() {
        for line in [
            "kubectl drain node-1",
            "kubectl get pods -n kube-system",
            "kubectl get pods -A",
            "kubectl delete pv x",
            "kubectl delete node/a",
            "kubectl delete ns default",
            "kubectl patch storageclass standard -p x",
            "kubectl --context other get pods",
        ] {
            assert!(reaches_out(line), "{line}");
        }
        for line in [
            "kubectl get pv",
            "kubectl delete pvc --all",
            "kubectl delete svc nginx",
            "kubectl apply -f sc.yaml",
            "kubectl scale sts web --replicas=5",
            "kubectl delete pod web-0",
            "kubectl exec web-0 -- ls -a",
        ] {
            assert!(!reaches_out(line), "{line}");
        }
    }
}
