//! Label selectors and field selectors.
//!
//! Upstream: `staging/src/k8s.io/apimachinery/pkg/{labels,fields}/selector.go`, `pkg/apis/core/v1/conversion.go`.

mod fields;
mod labels;

pub use fields::FieldSelector;
pub use labels::{Operator, Requirement, Selector};

use super::{Request, Server, Status};
use crate::object::Object;
use crate::store::Index;
use std::sync::Arc;

/// The objects that fit a request's namespace and selectors, in etcd's order.
pub(super) fn list(server: &Server, request: &Request) -> Result<Vec<Arc<Object>>, Status> {
    let labels = Selector::parse(&request.options.label_selector).map_err(Status::bad_request)?;
    let fields = FieldSelector::parse(request.kind, &request.options.field_selector)
        .map_err(Status::bad_request)?;
    let namespace = request.namespace.as_str();
    let fits = |object: &&Arc<Object>| {
        (namespace.is_empty() || object.namespace() == namespace)
            && (request.name.is_empty() || object.name() == request.name)
            && labels.matches(object.meta().labels.as_ref())
            && fields.matches(object)
    };
    if let Some(label) = labels.indexed() {
        let found = server.store.by_index(request.kind, Index::Label, &label);
        return Ok(found.filter(fits).cloned().collect());
    }
    let within = (!namespace.is_empty()).then_some(namespace);
    let found = server.store.list(request.kind, within);
    Ok(found.filter(fits).cloned().collect())
}
