//! What `kubectl create deployment` creates.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/create/create_deployment.go`.

use crate::kubectl::errors::Error;
use crate::kubectl::flags::Parsed;
use crate::kubectl::session::Io;
use serde_json::{Value, json};

/// The Deployment that the flags describe, without its name.
pub(super) fn manifest(parsed: &Parsed, name: &str, io: &Io<'_, '_>) -> Result<Value, Error> {
    let images = parsed.list("image").iter();
    let images: Vec<&str> = images
        .flat_map(|list| list.split(','))
        .filter(|image| !image.is_empty())
        .collect();
    let command = parsed.args.get(1..).unwrap_or_default();
    if images.len() > 1 && !command.is_empty() {
        return Err(Error::plain(
            "cannot specify multiple --image options and command",
        ));
    }
    let mut containers = Vec::new();
    for image in images {
        let mut container = json!({
            "name": container_name(image, io),
            "image": image,
            "resources": {},
        });
        if !command.is_empty() {
            container["command"] = json!(command);
        }
        let port = parsed.number("port");
        if port >= 0 && containers.is_empty() {
            container["ports"] = json!([{ "containerPort": port }]);
        }
        containers.push(container);
    }
    let labels = json!({ "app": name });
    Ok(json!({
        "metadata": { "labels": labels },
        "spec": {
            "replicas": parsed.number("replicas"),
            "selector": { "matchLabels": labels },
            "strategy": {},
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": containers },
            },
        },
        "status": {},
    }))
}

/// The last part of an image's name, with a random end if letters had to be replaced.
fn container_name(image: &str, io: &Io<'_, '_>) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let end = last.find([':', '@']).unwrap_or(last.len());
    let (name, _) = last.split_at(end);
    if name.contains(['_', '.']) {
        return format!("{}-{}", name.replace(['_', '.'], "-"), suffix(image, io));
    }
    name.to_owned()
}

/// Five letters that differ from moment to moment and from image to image.
fn suffix(image: &str, io: &Io<'_, '_>) -> String {
    const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    let moment = io.now().0.to_le_bytes();
    let seed = image.bytes().chain(moment).fold(0_u64, |seed, byte| {
        seed.wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(u64::from(byte) + 1)
    });
    (0..5)
        .scan(seed >> 16, |rest, _| {
            let letter = LETTERS[usize::try_from(*rest % 27).unwrap_or(0)];
            *rest /= 27;
            Some(char::from(letter))
        })
        .collect()
}
