//! Label selectors and field selectors. The first byte chooses the kind; a line feed stands between the two.
#![no_main]

use libfuzzer_sys::fuzz_target;
use petset_cluster::Cluster;
use petset_cluster::api::paging::Paging;
use petset_cluster::api::{Request, Verb};
use std::cell::RefCell;

thread_local! {
    static CLUSTER: RefCell<Cluster> = RefCell::new(petset_fuzz::cluster());
}

fuzz_target!(|bytes: &[u8]| {
    let [kind, rest @ ..] = bytes else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let mut parts = text.splitn(3, '\n');
    let mut part = || parts.next().unwrap_or("").to_owned();
    let mut request = Request::new(Verb::List, petset_fuzz::kind(*kind), "", "");
    request.options.label_selector = part();
    request.options.field_selector = part();
    let paging = Paging {
        limit: 1,
        token: part(),
        ..Paging::default()
    };
    CLUSTER.with_borrow_mut(|cluster| {
        let _ = cluster.server().page(&request, &paging);
        let _ = cluster.handle(request);
    });
});
