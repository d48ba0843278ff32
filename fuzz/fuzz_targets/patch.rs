//! Patch documents of all forms against stored objects. The first byte chooses the kind, the second the form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use petset_cluster::Cluster;
use petset_cluster::api::{Body, PatchType, Request, Subresource, Tracking, Verb};
use std::cell::RefCell;

thread_local! {
    static CLUSTER: RefCell<Cluster> = RefCell::new(petset_fuzz::cluster());
}

const FORMS: [PatchType; 4] = [
    PatchType::Json,
    PatchType::Merge,
    PatchType::Strategic,
    PatchType::Apply,
];

fuzz_target!(|bytes: &[u8]| {
    let [kind, form, rest @ ..] = bytes else {
        return;
    };
    let Ok(patch) = serde_json::from_slice(rest) else {
        return;
    };
    let kind = petset_fuzz::kind(*kind);
    let namespace = if kind.info().namespaced {
        "default"
    } else {
        ""
    };
    let mut request = Request::new(Verb::Patch, kind, namespace, "x");
    request.subresource = match form / 4 % 4 {
        1 => Some(Subresource::Status),
        2 => Some(Subresource::Scale),
        _ => None,
    };
    request.body = Body::Patch(FORMS[usize::from(form % 4)], patch);
    request.options.dry_run = true;
    request.options.tracking = Tracking::Tracked;
    request.options.field_manager = Some("fuzz".to_owned());
    request.options.force = form & 0x80 != 0;
    CLUSTER.with_borrow_mut(|cluster| {
        let _ = cluster.handle(request);
    });
});
