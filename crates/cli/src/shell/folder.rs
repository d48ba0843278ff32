//! The files of a folder on the disk, as the files of the shell's home directory.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use petset_console::Files;

/// How large a file may be, in bytes, and how many there may be.
const SIZE_LIMIT: u64 = 1 << 20;
const COUNT_LIMIT: usize = 500;

/// A folder and when its files were last read.
pub(super) struct Folder {
    path: PathBuf,
    read: BTreeMap<String, SystemTime>,
}

impl Folder {
    /// A folder of which nothing has been read yet.
    pub(super) fn new(path: PathBuf) -> Folder {
        Folder {
            path,
            read: BTreeMap::new(),
        }
    }

    /// Puts the text files that are new or changed into the home directory. Files that cannot be read are passed over.
    pub(super) fn read_into(&mut self, files: &mut Files) {
        let entries = fs::read_dir(&self.path).into_iter().flatten();
        for entry in entries.filter_map(Result::ok).take(COUNT_LIMIT) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let changed = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let is_known = self.read.get(&name) == Some(&changed);
            if name.starts_with('.')
                || is_known
                || !metadata.is_file()
                || metadata.len() > SIZE_LIMIT
            {
                continue;
            }
            if let Ok(text) = fs::read_to_string(entry.path()) {
                files.insert(name.clone(), text);
            }
            self.read.insert(name, changed);
        }
    }
}

/// The text after somebody has edited it with `$VISUAL`, `$EDITOR` or vi.
pub(super) fn edited(name: &str, text: &str) -> Result<String, String> {
    let program = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "vi".to_owned());
    let folder = std::env::temp_dir().join(format!("petset-edit-{}", std::process::id()));
    let said = |error: io::Error| format!("{program}: {error}");
    fs::create_dir_all(&folder).map_err(said)?;
    let base = Path::new(name).file_name().unwrap_or_default();
    let path = folder.join(base);
    fs::write(&path, text).map_err(said)?;
    let mut words = program.split_whitespace();
    let status = Command::new(words.next().unwrap_or("vi"))
        .args(words)
        .arg(&path)
        .status();
    let text = fs::read_to_string(&path);
    fs::remove_dir_all(&folder).map_err(said)?;
    match status.map_err(said)? {
        status if status.success() => text.map_err(said),
        status => Err(format!("{program}: {status}")),
    }
}
