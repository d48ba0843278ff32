//! Images on nodes: present or pulled, with what goes wrong.
//!
//! Upstream: `pkg/kubelet/images/image_manager.go`.

use super::Kubelet;
use super::pod::{Job, PodWorker};
use super::process::{ImageInfo, ImageLookup};
use crate::client::Client;
use crate::record::EventType;
use crate::time::{Duration, Instant};
use std::sync::Arc;

/// One MiB in bytes.
const MIB: u64 = 1 << 20;

impl Kubelet {
    /// What is known of an image.
    pub(super) fn image(&mut self, reference: &str) -> ImageLookup {
        if let Some(known) = self.images.get(reference) {
            return known.clone();
        }
        let found = self.runtime.image(reference);
        self.images.insert_mut(reference.to_owned(), found.clone());
        found
    }

    /// The image of a container, if the runtime has it.
    pub(super) fn found_image(
        &mut self,
        worker: &PodWorker,
        index: usize,
    ) -> Option<Arc<ImageInfo>> {
        let reference = worker.container_spec(index)?.image.clone()?;
        match self.image(&reference) {
            ImageLookup::Found(image) => Some(image),
            ImageLookup::NotFound { .. } => None,
        }
    }

    /// Sees to it that a container's image is on the node; then the container is created. Returns whether a step was
    /// planned.
    pub(super) fn ensure_image_exists(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        client: &mut Client<'_>,
    ) -> bool {
        let Some(spec) = worker.container_spec(index) else {
            return false;
        };
        let reference = spec.image.clone().unwrap_or_default();
        let policy = spec.image_pull_policy.clone().unwrap_or_default();
        if let Some(why) = name_error(&reference) {
            let message = format!(
                "Failed to apply default image tag \"{reference}\": couldn't parse image name \"{reference}\": invalid reference format{why}"
            );
            self.event(
                worker,
                Some(index),
                client,
                EventType::Warning,
                "InspectFailed",
                message.clone(),
            );
            return self.hold_back(worker, index, "InvalidImageName", message, client);
        }
        let exists = matches!(self.image(&reference), ImageLookup::Found(_));
        let name = (worker.node.clone(), reference.clone());
        let lost = self.has_lost(&reference, &worker.node);
        let present = exists && !lost && (self.images_preloaded || self.pulled.contains(&name));
        match policy.as_str() {
            "Never" if !present => {
                let message = format!(
                    "Container image \"{reference}\" is not present with pull policy of Never"
                );
                self.event(
                    worker,
                    Some(index),
                    client,
                    EventType::Warning,
                    "ErrImageNeverPull",
                    message.clone(),
                );
                self.hold_back(worker, index, "ErrImageNeverPull", message, client)
            }
            "IfNotPresent" | "Never" | "" if present => {
                let message = format!(
                    "Container image \"{reference}\" already present on machine and can be accessed by the pod"
                );
                self.event(
                    worker,
                    Some(index),
                    client,
                    EventType::Normal,
                    "Pulled",
                    message,
                );
                self.create_container(worker, index, client)
            }
            _ => self.pull_image(worker, index, &reference, present, client),
        }
    }

    fn pull_image(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        reference: &str,
        present: bool,
        client: &mut Client<'_>,
    ) -> bool {
        let now = client.now();
        let container = &worker.containers[index];
        if let Some((at, why)) = &container.pull_failed
            && now < container.pull_back_off.until(*at)
        {
            let message = format!("Back-off pulling image \"{reference}\"");
            let held = format!("{message}: ErrImagePull: {why}");
            self.event(
                worker,
                Some(index),
                client,
                EventType::Normal,
                "BackOff",
                message,
            );
            self.failed(worker, index, client, "ImagePullBackOff");
            worker.containers[index].held_back = Some(("ImagePullBackOff", held));
            return false;
        }
        let message = format!("Pulling image \"{reference}\"");
        self.event(
            worker,
            Some(index),
            client,
            EventType::Normal,
            "Pulling",
            message,
        );
        let latency = client.latency();
        let length = match self.image(reference) {
            // Only the name is looked up at the registry when the content is there or does not exist.
            ImageLookup::Found(_) if present => Duration(latency.pull.0 / 10),
            ImageLookup::NotFound { .. } => Duration(latency.pull.0 / 10),
            ImageLookup::Found(image) => {
                latency.pull + Duration(latency.pull_per_mib.0 * image.size_bytes / MIB)
            }
        };
        let length = length + self.pull_delay(reference);
        self.plan(worker, Job::Pull(index, now), length, client);
        true
    }

    /// A pull has come to its end.
    pub(super) fn finish_pull(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        since: Instant,
        client: &mut Client<'_>,
    ) {
        let now = client.now();
        let spec = worker.container_spec(index);
        let reference = spec.and_then(|spec| spec.image.clone()).unwrap_or_default();
        let found = match self.image(&reference) {
            ImageLookup::Found(image) if self.pulls_fail || self.pull_is_broken(&image) => {
                ImageLookup::NotFound {
                    message: unreachable(&image),
                }
            }
            found => found,
        };
        match found {
            ImageLookup::Found(image) => {
                let took = format_duration(now.since(since));
                let message = format!(
                    "Successfully pulled image \"{reference}\" in {took} ({took} including waiting). Image size: {} bytes.",
                    image.size_bytes
                );
                self.event(
                    worker,
                    Some(index),
                    client,
                    EventType::Normal,
                    "Pulled",
                    message,
                );
                self.pulled.insert_mut((worker.node.clone(), reference));
                worker.containers[index].pull_failed = None;
                if !self.create_container(worker, index, client) {
                    self.start_next(worker, client);
                }
            }
            ImageLookup::NotFound { message } => {
                let text = format!("Failed to pull image \"{reference}\": {message}");
                self.event(
                    worker,
                    Some(index),
                    client,
                    EventType::Warning,
                    "Failed",
                    text,
                );
                let container = &mut worker.containers[index];
                container.pull_back_off.next(now, now);
                container.pull_failed = Some((now, message.clone()));
                self.hold_back(worker, index, "ErrImagePull", message, client);
                self.start_next(worker, client);
            }
        }
    }

    /// Remembers why a container could not be started, and reports it.
    pub(super) fn hold_back(
        &mut self,
        worker: &mut PodWorker,
        index: usize,
        reason: &'static str,
        message: String,
        client: &mut Client<'_>,
    ) -> bool {
        let text = match reason {
            "InvalidImageName" | "ErrImageNeverPull" | "ErrImagePull" => reason,
            _ => message.as_str(),
        };
        self.failed(worker, index, client, text);
        worker.containers[index].held_back = Some((reason, message));
        false
    }

    fn failed(&self, worker: &PodWorker, index: usize, client: &mut Client<'_>, error: &str) {
        let message = format!("Error: {error}");
        self.event(
            worker,
            Some(index),
            client,
            EventType::Warning,
            "Failed",
            message,
        );
    }
}

/// What is wrong with an image's name, as the end of the error text; none when nothing is.
fn name_error(reference: &str) -> Option<String> {
    let name = reference.split('@').next().unwrap_or(reference);
    let slash = name.rfind('/').unwrap_or(0);
    let (repository, tag) = match name[slash..].find(':') {
        Some(colon) => (&name[..slash + colon], &name[slash + colon + 1..]),
        None => (name, ""),
    };
    if repository.chars().any(char::is_uppercase) {
        let full = match repository.contains('/') {
            true => repository.to_owned(),
            false => format!("library/{repository}"),
        };
        return Some(format!(": repository name ({full}) must be lowercase"));
    }
    let well = |text: &str, extra: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
    };
    let wrong = repository.is_empty() || !well(repository, "._-/:") || !well(tag, "._-");
    wrong.then(String::new)
}

/// A span as Go prints it, rounded to milliseconds: `42ms`, `2.345s`, `1m20s`.
pub(super) fn format_duration(span: Duration) -> String {
    let millis = span.as_millis();
    if millis == 0 {
        return "0s".to_owned();
    }
    if millis < 1000 {
        return format!("{millis}ms");
    }
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    let seconds = format!("{}.{:03}", rest / 1000, rest % 1000);
    let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// What containerd says when the registry's name leads nowhere.
fn unreachable(image: &ImageInfo) -> String {
    let full = &image.full_name;
    let (host, path) = full.split_once('/').unwrap_or(("docker.io", full));
    let (path, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
    let host = if host == "docker.io" {
        "registry-1.docker.io"
    } else {
        host
    };
    format!(
        "failed to pull and unpack image \"{full}\": failed to resolve reference \"{full}\": failed to do request: \
         Head \"https://{host}/v2/{path}/manifests/{tag}\": dial tcp: lookup {host}: no such host"
    )
}
