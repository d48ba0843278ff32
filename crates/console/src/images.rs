//! What images hold and what their programs do: the console's side of the kubelet's runtime.

mod catalogue;
mod kinds;
mod layers;
mod process;
mod reference;
#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod tests;

use crate::programs::Place;
use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use process::ProgramProcess;
use std::sync::Arc;

/// The images that are known here, with their programs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Images;

impl Images {
    /// The runtime of a cluster.
    pub fn new() -> Arc<Images> {
        Arc::new(Images)
    }
}

impl Runtime for Images {
    fn image(&self, reference: &str) -> ImageLookup {
        let full_name = reference::full_name(reference);
        match catalogue::image(&full_name) {
            Some(image) => ImageLookup::Found(Arc::new(image)),
            None => ImageLookup::NotFound {
                message: format!(
                    "rpc error: code = NotFound desc = failed to pull and unpack image \"{full_name}\": failed to resolve image: {full_name}: not found"
                ),
            },
        }
    }

    fn start(
        &self,
        image: &ImageInfo,
        argv: &[String],
        tty: bool,
    ) -> Result<Box<dyn Process>, StartError> {
        let Some(name) = argv.first().filter(|name| !name.is_empty()) else {
            return Err(StartError {
                message: "no command specified".to_owned(),
                exit_code: 128,
            });
        };
        if !can_start(image, name) {
            return Err(StartError {
                message: match name.contains('/') {
                    true => format!("exec: \"{name}\": stat {name}: no such file or directory"),
                    false => format!("exec: \"{name}\": executable file not found in $PATH"),
                },
                exit_code: 127,
            });
        }
        Ok(Box::new(ProgramProcess::new(
            argv.to_vec(),
            place(image),
            tty,
        )))
    }
}

/// Whether the image has a program of this name. A path outside of the image's own folders of programs may come from a
/// volume; whether it is there shows when it starts.
fn can_start(image: &ImageInfo, name: &str) -> bool {
    let has = |path: &str| {
        image.files.contains_key(path)
            || image.links.contains_key(path)
            || image.links.iter().any(|(link, target)| {
                path.strip_prefix(link.as_str()).is_some_and(|rest| {
                    rest.starts_with('/')
                        && image
                            .files
                            .contains_key(&format!("/{}{rest}", target.trim_start_matches('/')))
                })
            })
    };
    if name.contains('/') {
        let below_bin = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"]
            .iter()
            .any(|folder| name.starts_with(folder));
        return !below_bin || has(name);
    }
    let path = image
        .env
        .iter()
        .find(|(variable, _)| variable == "PATH")
        .map_or(layers::PATH, |(_, value)| value.as_str());
    path.split(':')
        .any(|folder| has(&format!("{folder}/{name}")))
}

/// Whose programs an image has.
fn place(image: &ImageInfo) -> Place {
    match image.files.get("/bin/busybox") {
        Some(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            let minor = text.trim_start_matches("\u{7f}ELF").parse();
            Place::BusyBox(minor.unwrap_or(37))
        }
        None => Place::Debian,
    }
}
