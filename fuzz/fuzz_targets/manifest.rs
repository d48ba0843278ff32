//! The bytes of a manifest: read, decoded, defaulted, validated.
#![no_main]

use libfuzzer_sys::fuzz_target;
use petset_cluster::Cluster;
use petset_cluster::api::FieldValidation;
use std::cell::RefCell;

thread_local! {
    static CLUSTER: RefCell<Cluster> = RefCell::new(petset_fuzz::cluster());
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (documents, errors) = petset_manifest::read(text);
    for error in errors {
        let _ = error.kubectl();
    }
    CLUSTER.with_borrow_mut(|cluster| {
        for document in documents {
            let _ = cluster.server().check(&document.value);
            let Some((_, mut request)) = petset_fuzz::creation(document.value) else {
                continue;
            };
            request.options.dry_run = true;
            request.options.field_validation = FieldValidation::Strict;
            let _ = cluster.handle(request.clone());
            request.options.field_validation = FieldValidation::Warn;
            let _ = cluster.handle(request);
        }
    });
});
