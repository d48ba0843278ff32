//! `petset serve`: the simulated API over HTTP, for the real kubectl.

mod saved;

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use petset_apiserver::{Engine, Face, Log, Pace, kubeconfig};
use petset_cluster::api::discovery::kind_of_manifest;
use petset_cluster::api::{Body, Request, Verb};
use petset_cluster::{Cluster, Config};

use crate::failure::{Failure, Outcome};
use saved::Saver;

const USAGE: &str = "\
Serves the API of a simulated cluster: kubectl and other clients use it like any cluster's. State lives in memory.

Usage: petset serve [OPTIONS] [FILES…]

FILES are manifests that are created before the first request.

Options:
      --listen ADDRESS         where to listen (127.0.0.1:0: any free port of this machine)
      --insecure-listen        allow addresses that other machines reach; whoever reaches them may do everything
      --nodes N                how many nodes (3)
      --speed 1|N|max          virtual seconds for each second (1); max: run until quiet after each change
      --seed N                 the seed of all chance (1)
      --write-kubeconfig FILE  write a kubeconfig for this server
      --save FILE              keep the cluster in FILE: written when something has changed, and at the end
      --load FILE              go on with the cluster in FILE, as after its machines were switched off and on: objects and
                               disks are as they were, containers start again, and the time between has passed
  -v                           a line for each request, on standard error
  -h, --help                   this text

Exit codes: 0 stopped by Ctrl-C or SIGTERM; 1 an address or file could not be used; 2 wrong arguments
";

/// With `--speed max` virtual time runs ahead of the wall's; beginning this much earlier keeps ages from being negative.
const HEAD_START_SECONDS: i64 = 60;
/// What `--speed` may be.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.01..=10_000.0;
const MOST_NODES: u32 = 1_000;

struct Options {
    listen: SocketAddr,
    insecure: bool,
    nodes: Option<u32>,
    pace: Pace,
    seed: u64,
    kubeconfig: Option<PathBuf>,
    save: Option<PathBuf>,
    load: Option<PathBuf>,
    verbose: bool,
    files: Vec<PathBuf>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            insecure: false,
            nodes: None,
            pace: Pace::Times(1.0),
            seed: 1,
            kubeconfig: None,
            save: None,
            load: None,
            verbose: false,
            files: Vec::new(),
        }
    }
}

/// Runs the command with what follows its name.
pub fn main(parser: lexopt::Parser) -> Outcome<ExitCode> {
    let Some(options) = options(parser)? else {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    if !options.listen.ip().is_loopback() && !options.insecure {
        return Err(Failure::usage(format!(
            "petset serve: {} can be reached by other machines, and the server asks nobody who they are: whoever reaches it may do everything. --insecure-listen allows it",
            options.listen
        )));
    }
    let engine = start(&options)?;
    let saver = options
        .save
        .as_deref()
        .map(|path| Saver::new(engine.clone(), path));
    let saver = saver.transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("no threads: {error}")))?;
    runtime.block_on(listen(&options, engine, saver.clone()))?;
    // Streams that are still open are cut.
    runtime.shutdown_background();
    if let Some(saver) = saver {
        saver.save()?;
    }
    say("stopped");
    Ok(ExitCode::SUCCESS)
}

async fn listen(options: &Options, engine: Engine, saver: Option<Arc<Saver>>) -> Outcome<()> {
    let refused = |error| Failure::new(format!("{}: {error}", options.listen));
    let listener = tokio::net::TcpListener::bind(options.listen).await;
    let listener = listener.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let told_to_stop = told_to_stop();
    say(&format!(
        "petset serves Kubernetes 1.36.3 at http://{address}; Ctrl-C stops it"
    ));
    match &options.kubeconfig {
        Some(path) => {
            fs::write(path, kubeconfig::text(&address.to_string()))
                .map_err(|error| Failure::at(path, &error))?;
            say(&format!("export KUBECONFIG={}", absolute(path).display()));
        }
        None => say(&format!("kubectl --server=http://{address} get nodes")),
    }
    let log: Log = Arc::new(|line| eprintln!("{line}"));
    let face = Face {
        engine,
        log: options.verbose.then_some(log),
        activity: Arc::default(),
    };
    if let Some(saver) = saver {
        tokio::spawn(saver.keep());
    }
    petset_apiserver::serve(listener, face, told_to_stop).await;
    Ok(())
}

/// Ends with Ctrl-C or a polite request to end that comes after this call, even if it is waited for later: whoever has read the
/// first line may send one. Without a signal's handler there is still its default.
#[cfg(unix)]
fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn heard(signal: std::io::Result<Signal>) {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
    let interrupted = signal(SignalKind::interrupt());
    let terminated = signal(SignalKind::terminate());
    async {
        tokio::select! {
            () = heard(interrupted) => {}
            () = heard(terminated) => {}
        }
    }
}

/// Ends with Ctrl-C. Without its handler there is still the default.
#[cfg(not(unix))]
fn told_to_stop() -> impl Future<Output = ()> {
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Prints a line. Whoever read the first one may have gone; the server stays.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn options(mut parser: lexopt::Parser) -> Outcome<Option<Options>> {
    use lexopt::ValueExt as _;
    use lexopt::prelude::{Long, Short, Value};
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Short('v') => options.verbose = true,
            Long("listen") => options.listen = parser.value()?.parse()?,
            Long("insecure-listen") => options.insecure = true,
            Long("nodes") => options.nodes = Some(parser.value()?.parse()?),
            Long("speed") => options.pace = pace(&parser.value()?.string()?)?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("write-kubeconfig") => options.kubeconfig = Some(parser.value()?.into()),
            Long("save") => options.save = Some(parser.value()?.into()),
            Long("load") => options.load = Some(parser.value()?.into()),
            Value(path) => options.files.push(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.nodes.is_some_and(|nodes| nodes > MOST_NODES) {
        return Err(Failure::usage(format!(
            "petset serve: at most {MOST_NODES} nodes"
        )));
    }
    if options.load.is_some() && options.nodes.is_some() {
        return Err(Failure::usage(
            "petset serve: a cluster that is loaded has its nodes: --nodes does not go with --load",
        ));
    }
    if let Some(path) = &options.save
        && options.load.as_ref() != Some(path)
        && path.exists()
    {
        return Err(Failure::usage(format!(
            "petset serve: {0} is there already: --load {0} goes on with the cluster in it",
            path.display()
        )));
    }
    Ok(Some(options))
}

fn pace(text: &str) -> Outcome<Pace> {
    if text == "max" {
        return Ok(Pace::Max);
    }
    match text.parse::<f64>() {
        Ok(times) if SPEEDS.contains(&times) => Ok(Pace::Times(times)),
        _ => Err(Failure::usage(format!(
            "petset serve: --speed is max or a number from {} to {}",
            SPEEDS.start(),
            SPEEDS.end()
        ))),
    }
}

/// Makes the cluster and what the files ask for.
fn start(options: &Options) -> Outcome<Engine> {
    let mut requests = Vec::new();
    for path in &options.files {
        requests.extend(creations(path)?);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0));
    let ahead = if options.pace == Pace::Max {
        HEAD_START_SECONDS
    } else {
        0
    };
    let mut config = Config {
        seed: options.seed,
        epoch_unix_seconds: now - ahead,
        ..Config::default()
    };
    config.nodes = options.nodes.unwrap_or(config.nodes);
    let cluster = match &options.load {
        None => Cluster::new(config, petset_console::Images::new()),
        Some(path) => {
            let saved = saved::read(path)?;
            Cluster::restore(&saved, &config, petset_console::Images::new())
                .map_err(|why| Failure::at(path, &format!("damaged: {why}")))?
        }
    };
    let engine = Engine::start(move || cluster, options.pace)
        .map_err(|error| Failure::new(format!("no thread: {error}")))?;
    for (path, request) in requests {
        let created = engine.run_blocking(move |cluster| cluster.handle(request).result);
        if let Some(Err(status)) = created {
            return Err(Failure::at(&path, &status.message));
        }
    }
    Ok(engine)
}

/// The objects of a file, each as a request that creates it.
fn creations(path: &Path) -> Outcome<Vec<(PathBuf, Request)>> {
    let text = fs::read_to_string(path).map_err(|error| Failure::at(path, &error))?;
    let (documents, errors) = petset_manifest::read(&text);
    if let Some(error) = errors.first() {
        return Err(Failure::at(path, &error.kubectl()));
    }
    let mut requests = Vec::new();
    for document in documents {
        let word = |pointer: &str| {
            let value = document.value.pointer(pointer);
            value.and_then(|value| value.as_str()).unwrap_or("")
        };
        let kind = kind_of_manifest(word("/apiVersion"), word("/kind"))
            .map_err(|unknown| Failure::at(path, &unknown))?;
        let namespace = match (kind.info().namespaced, word("/metadata/namespace")) {
            (false, _) => "",
            (true, "") => "default",
            (true, given) => given,
        };
        let request = Request::new(Verb::Create, kind, namespace, "");
        let request = request.with_body(Body::Json(document.value.clone()));
        requests.push((path.to_owned(), request));
    }
    Ok(requests)
}
