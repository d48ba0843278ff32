//! Images whose program waits to be stopped: the load is the control plane's.

use petset_cluster::kubelet::process::{
    ImageInfo, ImageLookup, Process, Runtime, StartError, Step, Wake, World,
};
use std::sync::Arc;

/// Every image exists, is small, and waits.
pub struct Idle;

impl Runtime for Idle {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::Found(Arc::new(ImageInfo {
            full_name: reference.to_owned(),
            digest: format!("sha256:{:064x}", reference.len()),
            size_bytes: 1 << 20,
            entrypoint: vec!["wait".to_owned()],
            known: true,
            ..ImageInfo::default()
        }))
    }

    fn start(&self, _: &ImageInfo, _: &[String], _: bool) -> Result<Box<dyn Process>, StartError> {
        Ok(Box::new(Waiting))
    }
}

struct Waiting;

impl Process for Waiting {
    fn resume(&mut self, wake: Wake, _: &mut World<'_>) -> Step {
        match wake {
            Wake::Signal(_) => Step::Exit(0),
            Wake::Started | Wake::Due | Wake::Input(_) | Wake::InputClosed => Step::Wait,
        }
    }

    fn clone_box(&self) -> Box<dyn Process> {
        Box::new(Waiting)
    }
}
