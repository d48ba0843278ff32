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

/// Whether an object fits a request's namespace, name and selectors.
pub(super) fn fits(request: &Request) -> Result<impl Fn(&Arc<Object>) -> bool + '_, Status> {
    let (labels, fields) = parse(request)?;
    Ok(move |object: &Arc<Object>| is_meant(request, &labels, &fields, object))
}

fn parse(request: &Request) -> Result<(Selector, FieldSelector), Status> {
    let options = &request.options;
    let labels = Selector::parse(&options.label_selector).map_err(Status::bad_request)?;
    let fields =
        FieldSelector::parse(request.kind, &options.field_selector).map_err(Status::bad_request)?;
    Ok((labels, fields))
}

fn is_meant(
    request: &Request,
    labels: &Selector,
    fields: &FieldSelector,
    object: &Arc<Object>,
) -> bool {
    let namespace = request.namespace.as_str();
    (namespace.is_empty() || object.namespace() == namespace)
        && (request.name.is_empty() || object.name() == request.name)
        && labels.matches(object.meta().labels.as_ref())
        && fields.matches(object)
}

/// The objects that fit a request's namespace and selectors, in etcd's order.
pub(super) fn list(server: &Server, request: &Request) -> Result<Vec<Arc<Object>>, Status> {
    let (labels, fields) = parse(request)?;
    let fits = |object: &&Arc<Object>| is_meant(request, &labels, &fields, object);
    if let Some(label) = labels.indexed() {
        let found = server.store.by_index(request.kind, Index::Label, &label);
        return Ok(found.filter(fits).cloned().collect());
    }
    let namespace = request.namespace.as_str();
    let within = (!namespace.is_empty()).then_some(namespace);
    let found = server.store.list(request.kind, within);
    Ok(found.filter(fits).cloned().collect())
}
