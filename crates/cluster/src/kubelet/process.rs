//! What runs in containers: images and the programs in them, on virtual time.
//!
//! The kubelet knows this interface alone; what each image holds and what its programs do is the console's business.

use crate::time::Instant;
use std::collections::BTreeMap;

/// What a registry answers about an image name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageLookup {
    /// The image exists.
    Found(ImageInfo),
    /// The registry has no such image or tag; the registry's words.
    NotFound {
        /// The error as containerd reports it.
        message: String,
    },
}

/// What is known of an image before any of its programs runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageInfo {
    /// The full name with registry and tag, `docker.io/library/nginx:1.21`.
    pub full_name: String,
    /// `sha256:…` of the content.
    pub digest: String,
    /// Size in MiB, for the length of a pull.
    pub size_mib: u64,
    /// What runs when the manifest names no command.
    pub entrypoint: Vec<String>,
    /// Arguments when the manifest names neither command nor arguments.
    pub cmd: Vec<String>,
    /// Environment that the image sets.
    pub env: Vec<(String, String)>,
    /// Where programs start.
    pub working_dir: String,
    /// Whether the content is simulated; an image that nobody knows runs as a plain shell container.
    pub known: bool,
    /// The image's files: path to content. Directories are implied.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A program that cannot be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    /// The runtime's words, as `describe pod` shows them.
    pub message: String,
    /// The exit code that the container gets.
    pub exit_code: i32,
}

/// Images and their programs: the place that containerd and runc have upstream.
pub trait Runtime: Send + Sync {
    /// Looks an image up in its registry.
    fn image(&self, reference: &str) -> ImageLookup;

    /// Starts `argv` in a container of `image`.
    ///
    /// # Errors
    /// When the image has no such program.
    fn start(
        &self,
        image: &ImageInfo,
        argv: &[String],
        tty: bool,
    ) -> Result<Box<dyn Process>, StartError>;
}

/// Why a process is resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wake {
    /// It was just started.
    Started,
    /// The moment it asked for has come.
    Due,
    /// A signal; 15 is TERM, 2 is INT. KILL never arrives: it ends the process.
    Signal(i32),
    /// Somebody typed.
    Input(String),
    /// Standard input was closed.
    InputClosed,
}

/// What a process does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It ended.
    Exit(i32),
    /// It wants to be resumed at this moment, or earlier by a signal or input.
    SleepUntil(Instant),
    /// It waits for signals and input alone.
    Wait,
}

/// A running program, as resumable state.
pub trait Process: Send + Sync {
    /// Lets the program go on until it waits or ends.
    fn resume(&mut self, wake: Wake, world: &mut World<'_>) -> Step;

    /// A copy, for snapshots.
    fn clone_box(&self) -> Box<dyn Process>;
}

impl Clone for Box<dyn Process> {
    fn clone(&self) -> Box<dyn Process> {
        self.clone_box()
    }
}

/// What a program can reach.
pub struct World<'a> {
    /// The present moment.
    pub now: Instant,
    /// Standard output so far written in this resumption.
    pub stdout: &'a mut String,
    /// Standard error so far written in this resumption.
    pub stderr: &'a mut String,
    /// Environment variables, in the order in which the container got them.
    pub env: &'a [(String, String)],
    /// The host name.
    pub hostname: &'a str,
}
