//! The file in which a cluster is kept: one line that says what follows, then the cluster.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use petset_apiserver::Engine;
use petset_cluster::Cluster;
use serde_json::{Value, json};

use crate::failure::{Failure, Outcome};

/// The version of the form. A newer one is refused; an older one has to be read for ever.
const VERSION: u64 = 1;
/// What the first line calls the file.
const CLUSTER: &str = "cluster";
/// The field that stands in the first line, so that time alone changes nothing below it.
const NOW: &str = "nowMicroseconds";
/// Between two writes lies at least this.
const PAUSE: Duration = Duration::from_secs(1);
/// Writing takes at most one part in so many of the time.
const SHARE: u32 = 20;

/// Reads a cluster that was kept. The file is not changed.
///
/// # Errors
/// The file is not there, is not such a file, is damaged, or is of a newer petset.
pub fn read(path: &Path) -> Outcome<Value> {
    let bytes = fs::read(path).map_err(|error| Failure::at(path, &error))?;
    parse(&bytes).map_err(|why| Failure::at(path, &why))
}

fn parse(bytes: &[u8]) -> Result<Value, String> {
    const NONE: &str = "this is no cluster that petset has saved";
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (head, body) = bytes.split_at(end.ok_or(NONE)?);
    let head: Value = serde_json::from_slice(head).map_err(|_| NONE)?;
    let body = &body[1..];
    if head["petset"] != CLUSTER {
        return Err(NONE.to_owned());
    }
    match head["version"].as_u64() {
        Some(VERSION) => {}
        Some(newer) if newer > VERSION => {
            return Err(format!(
                "saved by a newer petset (form {newer}; this one reads up to form {VERSION})"
            ));
        }
        _ => return Err(NONE.to_owned()),
    }
    let wanted = head["bytes"].as_u64().unwrap_or(0);
    if body.len() as u64 != wanted {
        return Err(format!(
            "damaged: {} bytes are there, and {wanted} were written",
            body.len()
        ));
    }
    if head["fnv1a64"] != checksum(body) {
        return Err("damaged: what is there is not what was written".to_owned());
    }
    let mut saved: Value =
        serde_json::from_slice(body).map_err(|error| format!("damaged: {error}"))?;
    saved[NOW] = head[NOW].clone();
    Ok(saved)
}

/// FNV-1a, which finds every damage that comes by itself.
fn checksum(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Replaces a file by another content: either all of it is there afterwards, or the old one still is.
fn replace(path: &Path, parts: [&[u8]; 2]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    let mut file = File::create(&fresh)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    // The rename itself lasts when the folder does.
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Keeps a cluster in a file.
pub struct Saver {
    engine: Engine,
    path: PathBuf,
    taken: AtomicU64,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    /// Which look at the cluster was written last.
    look: u64,
    checksum: String,
}

impl Saver {
    /// Writes the file for the first time.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(engine: Engine, path: &Path) -> Outcome<Arc<Saver>> {
        let saver = Saver {
            engine,
            path: path.to_owned(),
            taken: AtomicU64::new(0),
            written: Mutex::default(),
        };
        saver.save()?;
        Ok(Arc::new(saver))
    }

    /// Writes the cluster as it is now, unless the file holds it already. For threads that may wait.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self) -> Outcome<()> {
        let look = self.taken.fetch_add(1, Ordering::SeqCst) + 1;
        match self.engine.run_blocking(|cluster| cluster.clone()) {
            Some(cluster) => self.write(look, &cluster),
            None => Err(Failure::at(&self.path, &"the cluster has stopped")),
        }
    }

    fn write(&self, look: u64, cluster: &Cluster) -> Outcome<()> {
        let mut saved = cluster.save();
        let now = saved[NOW].take();
        let mut body = saved.to_string();
        body.push('\n');
        let checksum = checksum(body.as_bytes());
        let head = json!({
            "petset": CLUSTER,
            "version": VERSION,
            NOW: now,
            "bytes": body.len(),
            "fnv1a64": checksum,
        });
        let Ok(mut written) = self.written.lock() else {
            return Err(Failure::at(&self.path, &"another write has failed"));
        };
        if written.look > look || written.checksum == checksum {
            return Ok(());
        }
        let head = format!("{head}\n");
        replace(&self.path, [head.as_bytes(), body.as_bytes()])
            .map_err(|error| Failure::at(&self.path, &error))?;
        *written = Written { look, checksum };
        Ok(())
    }

    /// Writes the cluster whenever it has changed. Comes to no end by itself.
    pub async fn keep(self: Arc<Saver>) {
        let mut moved = self.engine.moved();
        while moved.changed().await.is_ok() {
            let began = Instant::now();
            let saver = self.clone();
            match tokio::task::spawn_blocking(move || saver.save()).await {
                Ok(Ok(())) => {}
                Ok(Err(failure)) => eprintln!("petset: {failure}"),
                Err(error) => eprintln!("petset: {}: {error}", self.path.display()),
            }
            tokio::time::sleep(PAUSE.max(began.elapsed() * SHARE)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u64, body: &str) -> String {
        let (bytes, fnv1a64) = (body.len(), checksum(body.as_bytes()));
        let head = json!({"petset": CLUSTER, "version": version, NOW: 7, "bytes": bytes, "fnv1a64": fnv1a64});
        format!("{head}\n{body}")
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let whole = file(VERSION, "{\"objects\":[]}\n");
        let read = parse(whole.as_bytes()).expect("a cluster");
        assert_eq!(read, json!({"objects": [], NOW: 7}));
        for length in 0..whole.len() {
            let error = parse(&whole.as_bytes()[..length]).expect_err("half a file");
            let told = error.starts_with("damaged: ") || error.starts_with("this is no cluster");
            assert!(told, "{length}: {error}");
        }
        let start = whole.find('\n').expect("a line") + 1;
        for at in start..whole.len() {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] ^= 1;
            let error = parse(&bytes).expect_err("a damaged file");
            assert_eq!(error, "damaged: what is there is not what was written");
        }
    }

    #[test]
    fn other_files_are_refused_in_plain_words() {
        let none = "this is no cluster that petset has saved";
        let newer = "saved by a newer petset (form 2; this one reads up to form 1)";
        let table = [
            (String::new(), none),
            ("apiVersion: v1\nkind: Pod\n".to_owned(), none),
            ("{\"kind\":\"Pod\"}\n".to_owned(), none),
            (file(0, "{}"), none),
            (file(2, "[\"another form\"]"), newer),
        ];
        for (text, want) in table {
            assert_eq!(
                parse(text.as_bytes()).expect_err("an error"),
                want,
                "{text}"
            );
        }
    }

    #[test]
    fn a_write_that_was_cut_off_leaves_the_old_file() {
        let folder = std::env::temp_dir().join(format!("petset-saved-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("state");
        replace(&path, [b"old", b""]).expect("written");
        // What a process that was killed in the middle has left behind.
        fs::write(folder.join("state.new"), b"ne").expect("written");
        assert_eq!(fs::read(&path).expect("the file"), b"old");
        replace(&path, [b"new", b"er"]).expect("written");
        assert_eq!(fs::read(&path).expect("the file"), b"newer");
        let left: Vec<_> = fs::read_dir(&folder).expect("the folder").collect();
        assert_eq!(left.len(), 1);
        fs::remove_dir_all(&folder).expect("removed");
    }
}
