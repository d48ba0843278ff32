//! Where things are: the repository, the cache of tools, and the environment tasks run in.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome};
use crate::tools;

/// The repository this was started in, and the cache shared by all clones.
pub struct Project {
    /// The repository's top folder.
    pub root: PathBuf,
    /// Tools live here, one folder per tool and version, so that clones with other pins can share it.
    pub tools: PathBuf,
}

impl Project {
    /// Finds the repository and the cache.
    pub fn open() -> Outcome<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .ancestors()
            .nth(2)
            .ok_or_else(|| Failure::new("the repository's top folder was not found"))?
            .to_path_buf();
        Ok(Self {
            tools: cache_folder()?.join("petset").join("tools"),
            root,
        })
    }

    /// A path inside the repository.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// A command that runs in the repository and sees the cached tools first.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let program = program.as_ref();
        let path = self.search_path();
        let resolved = tools::find_in(&path, program).unwrap_or_else(|| program.to_path_buf());
        let mut command = Command::new(resolved);
        command.current_dir(&self.root).env("PATH", path);
        // What `cargo run` set for this program describes this program, not what it starts.
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if name == "CARGO_MANIFEST_DIR"
                || name == "CARGO_MANIFEST_PATH"
                || name.starts_with("CARGO_PKG_")
            {
                command.env_remove(&*name);
            }
        }
        command
    }

    /// Cargo, in the repository.
    pub fn cargo(&self) -> Command {
        self.command("cargo")
    }

    /// The cached tools' folders, then the person's own PATH.
    pub fn search_path(&self) -> OsString {
        let own = env::var_os("PATH").unwrap_or_default();
        let folders = tools::folders(self)
            .into_iter()
            .chain(env::split_paths(&own));
        env::join_paths(folders).unwrap_or(own)
    }
}

fn cache_folder() -> Outcome<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("PETSET_CACHE")
        .or_else(|| absolute("XDG_CACHE_HOME"))
        .or_else(|| absolute("LOCALAPPDATA"))
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))
        .ok_or_else(|| {
            Failure::new("no folder for cached tools: there is no home folder")
                .with_fix("set PETSET_CACHE to an absolute path")
        })
}
