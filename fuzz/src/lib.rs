//! What the targets share: a cluster with some objects, in which nothing runs.

use petset_cluster::api::discovery::kind_of_manifest;
use petset_cluster::api::{Body, Request, Verb};
use petset_cluster::kubelet::process::{ImageInfo, ImageLookup, Process, Runtime, StartError};
use petset_cluster::{Cluster, Config, Kind};
use serde_json::Value;
use std::sync::Arc;

/// One object of most kinds, each named `x`.
pub const OBJECTS: &str = include_str!("objects.yaml");

struct NoImages;

impl Runtime for NoImages {
    fn image(&self, reference: &str) -> ImageLookup {
        ImageLookup::NotFound {
            message: reference.to_owned(),
        }
    }

    fn start(
        &self,
        _image: &ImageInfo,
        _argv: &[String],
        _tty: bool,
    ) -> Result<Box<dyn Process>, StartError> {
        Err(StartError {
            message: String::new(),
            exit_code: 127,
        })
    }
}

/// A cluster that holds [`OBJECTS`].
///
/// # Panics
/// When one of them is refused.
pub fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Config::default(), Arc::new(NoImages));
    let (documents, errors) = petset_manifest::read(OBJECTS);
    assert!(errors.is_empty(), "{errors:?}");
    for document in documents {
        let (kind, request) = creation(document.value).expect("a kind");
        let created = cluster.handle(request).result;
        assert!(created.is_ok(), "{kind:?}: {created:?}");
    }
    cluster
}

/// The request that creates what a manifest describes; none for kinds that are not simulated.
pub fn creation(value: Value) -> Option<(Kind, Request)> {
    let word = |pointer: &str| {
        let found = value.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or("").to_owned()
    };
    let kind = kind_of_manifest(&word("/apiVersion"), &word("/kind")).ok()?;
    let namespace = if kind.info().namespaced {
        "default"
    } else {
        ""
    };
    let request = Request::new(Verb::Create, kind, namespace, "");
    Some((kind, request.with_body(Body::Json(value))))
}

/// One of the kinds, by a byte.
pub fn kind(byte: u8) -> Kind {
    Kind::ALL[usize::from(byte) % Kind::ALL.len()]
}
