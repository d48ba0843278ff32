//! Images that do as little as they can.

use std::sync::Arc;

use petset_cluster::kubelet::process::{
    ImageInfo, ImageLookup, Process, Runtime, SIGKILL, StartError, Step, Wake, World,
};

/// `app:…` waits to be asked to end, `crash:…` ends at once, `done:…` ends well, `nosuch/…` does not exist; `kill` ends the container it runs in.
pub struct Programs;

impl Runtime for Programs {
    fn image(&self, reference: &str) -> ImageLookup {
        if reference.starts_with("nosuch/") {
            return ImageLookup::NotFound {
                message: format!("{reference}: not found"),
            };
        }
        let name = reference.split(':').next().unwrap_or(reference);
        ImageLookup::Found(Arc::new(ImageInfo {
            full_name: reference.to_owned(),
            digest: format!("sha256:{:064x}", reference.len()),
            size_bytes: 1 << 20,
            entrypoint: vec![name.to_owned()],
            known: true,
            ..ImageInfo::default()
        }))
    }

    fn start(
        &self,
        _: &ImageInfo,
        argv: &[String],
        _: bool,
    ) -> Result<Box<dyn Process>, StartError> {
        let program = match argv.first().map(String::as_str) {
            Some("crash") => Program::Ends(1),
            Some("done") => Program::Ends(0),
            Some("no") => Program::Ends(1),
            Some("kill") => Program::Kills,
            _ => Program::Waits,
        };
        Ok(Box::new(program))
    }
}

#[derive(Clone, Copy)]
enum Program {
    Waits,
    Ends(i32),
    Kills,
}

impl Process for Program {
    fn resume(&mut self, wake: Wake, world: &mut World<'_>) -> Step {
        match (*self, wake) {
            (Program::Ends(code), _) => Step::Exit(code),
            (Program::Kills, _) => match world.host.kill(1, SIGKILL) {
                Ok(()) => Step::Exit(0),
                Err(_) => Step::Exit(1),
            },
            (Program::Waits, Wake::Signal(_)) => Step::Exit(0),
            (Program::Waits, _) => Step::Wait,
        }
    }

    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(*self)
    }
}
