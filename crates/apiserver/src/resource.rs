//! Requests about objects.
//!
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/{installer.go,handlers}`.

use crate::answer::{self, Answer};
use crate::body::{self, APPLY_PATCH};
use crate::form::Form;
use crate::listener::Face;
use crate::options::{self, Parameters};
use crate::path::Address;
use crate::{events, status, watch};
use axum::body::Bytes;
use axum::http::Method;
use petset_cluster::Kind;
use petset_cluster::api::discovery::{ApiResource, resources};
use petset_cluster::api::field::{Errors, Path, quote};
use petset_cluster::api::paging::Paging;
use petset_cluster::api::{
    Body, PatchType, Reason, Reply, Request, Response, Status, Subresource, Verb,
};
use serde_json::Value;

/// A request as it came in.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) parameters: Parameters,
    pub(crate) accept: String,
    pub(crate) content_type: String,
    pub(crate) user_agent: String,
    pub(crate) session: Option<String>,
    pub(crate) body: Bytes,
}

/// The resource that an address names.
pub(crate) fn resource(address: &Address) -> Option<&'static ApiResource> {
    let api_version = match address.api_version.as_str() {
        "autoscaling/v1" => "autoscaling/v2",
        other => other,
    };
    let mut all = resources().iter();
    all.find(|resource| resource.api_version == api_version && resource.plural == address.plural)
}

/// What is answered about a resource that is not simulated. Programs that look whether there are any of its objects (a prune, the description of a
/// namespace) learn that there are none; who asks to see them learns why.
fn not_simulated(resource: &ApiResource, address: &Address, asked: &Asked) -> Answer {
    let lists = asked.method == Method::GET && address.name.is_empty();
    let shows = asked.accept.contains("as=Table") || asked.parameters.flag("watch");
    if !lists || shows {
        return answer::failure(&status::not_simulated(resource.kind));
    }
    let none = serde_json::json!({
        "kind": format!("{}List", resource.kind),
        "apiVersion": resource.api_version,
        "metadata": {"resourceVersion": "1"},
        "items": [],
    });
    answer::json(200, &none)
}

/// Answers a request about objects.
pub(crate) async fn answer(face: &Face, address: &Address, asked: Asked) -> Answer {
    let Some(resource) = resource(address) else {
        let group = address
            .api_version
            .split_once('/')
            .map_or("", |(group, _)| group);
        let known = resources().iter().any(|resource| resource.group() == group);
        return match known {
            true => answer::failure(&status::no_resource()),
            false => answer::not_found(),
        };
    };
    let Some(kind) = resource.simulated().or_else(|| events::shown_by(resource)) else {
        return not_simulated(resource, address, &asked);
    };
    let include = asked.parameters.text("includeObject");
    let Some(form) = Form::accepted(&asked.accept, include) else {
        return not_acceptable();
    };
    let mut request = match request(kind, address, &asked) {
        Ok(request) => request,
        Err(error) => return answer::failure(&error),
    };
    let newer = events::is_newer(address);
    if newer {
        let unknown = events::body_inward(&mut request.body);
        request.options.duplicates.extend(unknown);
        request.options.newer_event = true;
        match events::selector_inward(&request.options.field_selector) {
            Ok(selector) => request.options.field_selector = selector,
            Err(error) => return answer::failure(&error),
        }
    }
    if request.verb == Verb::List && asked.parameters.flag("watch") {
        if let Err(error) = check_watch(&asked.parameters) {
            return answer::failure(&error);
        }
        return watch::answer(face, request, form, newer, &asked).await;
    }
    if request.verb == Verb::List {
        return page(face, request, form, newer, asked).await;
    }
    let at_least = match version(&asked.parameters) {
        Ok(version) if request.verb == Verb::Get => version.unwrap_or(0),
        Err(error) if request.verb == Verb::Get => return answer::failure(&error),
        _ => 0,
    };
    let verb = request.verb;
    let applying = matches!(request.body, Body::Patch(PatchType::Apply, _));
    let done = face.engine.run(asked.session, move |cluster| {
        let existed = applying && {
            let key = petset_cluster::Key::new(&request.namespace, &request.name);
            cluster.store().get(request.kind, &key).is_some()
        };
        let present = cluster.store().resource_version();
        let response = match at_least > present {
            true => Response {
                result: Err(Status::too_large(at_least, present)),
                warnings: Vec::new(),
            },
            false => cluster.handle(request),
        };
        let now = cluster.server().calendar().timestamp(cluster.now());
        (response, now, existed)
    });
    let Some((mut response, now, existed)) = done.await else {
        return answer::failure(&Status::internal("the cluster has stopped"));
    };
    if newer {
        let told = response.warnings.iter();
        response.warnings = told.map(|told| events::told_outward(told)).collect();
    }
    let mut answer = match response.result {
        Err(error) if newer => answer::failure(&events::status_outward(error)),
        Err(error) => answer::failure(&error),
        Ok(reply) => {
            let created = verb == Verb::Create || (applying && !existed);
            let code = if created { 201 } else { 200 };
            let mut value = reply_value(kind, address, form, reply, now);
            if newer {
                events::outward(&mut value);
            }
            answer::json(code, &value)
        }
    };
    answer::warn(&mut answer, &response.warnings);
    answer
}

/// Answers with a list or a part of one.
async fn page(face: &Face, request: Request, form: Form, newer: bool, asked: Asked) -> Answer {
    let paging = match paging(&asked.parameters) {
        Ok(paging) => paging,
        Err(error) => return answer::failure(&error),
    };
    let kind = request.kind;
    let listed = face.engine.run(asked.session, move |cluster| {
        let now = cluster.server().calendar().timestamp(cluster.now());
        (cluster.server().page(&request, &paging), now)
    });
    let Some((page, now)) = listed.await else {
        return answer::failure(&Status::internal("the cluster has stopped"));
    };
    match page {
        Ok(page) => {
            let mut answer = if form == Form::Whole && !newer {
                answer::json_text(Form::page_text(kind, &page, face.engine.texts()))
            } else {
                let mut value = form.page(kind, &page, now);
                if newer {
                    events::outward(&mut value);
                }
                answer::json(200, &value)
            };
            answer::warn(&mut answer, &page.warnings);
            answer
        }
        Err(error) => answer::failure(&error),
    }
}

/// The version that is asked for; none if any is right.
fn version(parameters: &Parameters) -> Result<Option<u64>, Status> {
    match parameters.text("resourceVersion") {
        "" | "0" => Ok(None),
        text => text
            .parse::<u64>()
            .map(Some)
            .map_err(|_| invalid_version(text)),
    }
}

/// A version that is no number.
pub(crate) fn invalid_version(text: &str) -> Status {
    let text = quote(text);
    Status::bad_request(format!(
        "invalid resource version: resourceVersion: Invalid value: {text}: strconv.ParseUint: parsing {text}: invalid syntax"
    ))
}

/// Whether the word on the version fits the rest.
///
/// Upstream: `staging/src/k8s.io/apimachinery/pkg/apis/meta/internalversion/validation/validation.go`.
fn check_match(parameters: &Parameters) -> Result<(), Status> {
    let (version, matching) = (
        parameters.text("resourceVersion"),
        parameters.text("resourceVersionMatch"),
    );
    let continues = !parameters.text("continue").is_empty();
    let mut errors = Errors::default();
    let path = Path::new("resourceVersionMatch");
    if !parameters.text("sendInitialEvents").is_empty() {
        let why = "sendInitialEvents is forbidden for list";
        errors.forbidden(&Path::new("sendInitialEvents"), why);
    }
    if matching.is_empty() {
        return match errors.is_empty() {
            true => Ok(()),
            false => Err(Status::invalid_options("ListOptions", errors.0)),
        };
    }
    if version.is_empty() {
        let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
        errors.forbidden(&path, why);
    }
    if continues {
        let why = "resourceVersionMatch is forbidden when continue is provided";
        errors.forbidden(&path, why);
    }
    if !matches!(matching, "Exact" | "NotOlderThan") {
        errors.not_among(&path, matching, &["Exact", "NotOlderThan", ""]);
    }
    if matching == "Exact" && version == "0" {
        let why = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
        errors.forbidden(&path, why);
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid_options("ListOptions", errors.0))
}

/// The same for a watch.
fn check_watch(parameters: &Parameters) -> Result<(), Status> {
    let matching = parameters.text("resourceVersionMatch");
    let initial = !parameters.text("sendInitialEvents").is_empty();
    let mut errors = Errors::default();
    let path = Path::new("resourceVersionMatch");
    if initial && matching != "NotOlderThan" {
        let why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
        errors.forbidden(&path, why);
    }
    if !matching.is_empty() {
        if !initial {
            let why =
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
            errors.forbidden(&path, why);
        }
        if matching != "NotOlderThan" {
            errors.not_supported(&path, matching, &["NotOlderThan"]);
        }
        if !parameters.text("continue").is_empty() {
            let why = "resourceVersionMatch is forbidden when continue is provided";
            errors.forbidden(&path, why);
        }
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Status::invalid_options("ListOptions", errors.0)),
    }
}

/// Which part of a list is asked for.
fn paging(parameters: &Parameters) -> Result<Paging, Status> {
    let (version, matching) = (
        parameters.text("resourceVersion"),
        parameters.text("resourceVersionMatch"),
    );
    let token = parameters.text("continue").to_owned();
    if !token.is_empty() && !matches!(version, "" | "0") {
        return Err(Status::bad_request(
            "specifying resource version is not allowed when using continue",
        ));
    }
    check_match(parameters)?;
    let limit = parameters.number("limit").unwrap_or(0);
    let given = self::version(parameters)?;
    // A limit without a word on the version means exactly this version, as it always did.
    let exact = matching == "Exact" || (matching.is_empty() && limit > 0);
    let exact = given.filter(|_| exact);
    Ok(Paging {
        at_least: given.unwrap_or(0),
        limit: usize::try_from(limit).unwrap_or(0),
        token,
        exact,
    })
}

/// What is answered; a part that is no object of its own has its own form of success.
fn reply_value(
    kind: Kind,
    address: &Address,
    form: Form,
    reply: Reply,
    now: k8s_openapi::jiff::Timestamp,
) -> Value {
    match address.part.as_str() {
        "binding" | "eviction" => {
            serde_json::json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})
        }
        _ => form.reply(kind, reply, now),
    }
}

/// The answer to a client that takes no form that there is.
pub(crate) fn not_acceptable() -> Answer {
    let status = serde_json::json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "406: Not Acceptable\n\nAvailable representations: application/json",
        "reason": "NotAcceptable",
        "details": {},
        "code": 406,
    });
    answer::json(406, &status)
}

/// Parts that Kubernetes has and this simulation has not.
const NOT_SIMULATED: [(Kind, &str); 6] = [
    (Kind::Pod, "ephemeralcontainers"),
    (Kind::Pod, "proxy"),
    (Kind::Pod, "resize"),
    (Kind::Service, "proxy"),
    (Kind::Node, "proxy"),
    (Kind::ServiceAccount, "token"),
];

/// Translates a request.
fn request(kind: Kind, address: &Address, asked: &Asked) -> Result<Request, Status> {
    let named = !address.name.is_empty();
    let verb = match (&asked.method, named) {
        (&Method::GET, true) if !asked.parameters.flag("watch") => Verb::Get,
        (&Method::GET, _) => Verb::List,
        (&Method::POST, _) if kind.info().namespaced && address.namespace.is_empty() => {
            return Err(method_not_allowed());
        }
        (&Method::POST, _) => Verb::Create,
        (&Method::PUT, true) => Verb::Update,
        (&Method::PATCH, true) => Verb::Patch,
        (&Method::DELETE, true) => Verb::Delete,
        (&Method::DELETE, false) => Verb::DeleteCollection,
        _ => return Err(method_not_allowed()),
    };
    let mut request = Request::new(verb, kind, &address.namespace, &address.name);
    let of = match verb {
        Verb::Create => "CreateOptions",
        Verb::Update => "UpdateOptions",
        Verb::Patch => "PatchOptions",
        Verb::Delete | Verb::DeleteCollection => "DeleteOptions",
        Verb::Get | Verb::List => "ListOptions",
    };
    request.options = asked.parameters.options(of)?;
    if request.options.force
        && verb == Verb::Patch
        && body::media(&asked.content_type) != APPLY_PATCH
    {
        let mut errors = Errors::default();
        errors.forbidden(
            &Path::new("force"),
            "may not be specified for non-apply patch",
        );
        return Err(Status::invalid_options(of, errors.0));
    }
    if request.options.field_manager.is_none() && asked.content_type != APPLY_PATCH {
        let program = asked.user_agent.split('/').next();
        request.options.field_manager = program.map(str::to_owned);
    }
    request.subresource = match address.part.as_str() {
        "" => None,
        "status" => Some(Subresource::Status),
        "scale" => Some(Subresource::Scale),
        "binding" => Some(Subresource::Binding),
        "eviction" => Some(Subresource::Eviction),
        "finalize" => Some(Subresource::Finalize),
        other if !NOT_SIMULATED.contains(&(kind, other)) => return Err(status::no_resource()),
        other => {
            return Err(status::not_simulated(&format!(
                "{} {other}",
                kind.info().kind
            )));
        }
    };
    if verb == Verb::Create && named && request.subresource.is_none() {
        return Err(method_not_allowed());
    }
    match verb {
        Verb::Create | Verb::Update => {
            let (value, duplicates) = body::document(asked, kind)?;
            request.body = Body::Json(value);
            request.options.duplicates = duplicates;
        }
        Verb::Patch => (request.body, request.options.duplicates) = body::patch(asked)?,
        Verb::Delete | Verb::DeleteCollection if !asked.body.is_empty() => {
            options::of_deletion(&body::document(asked, kind)?.0, &mut request.options)?;
        }
        _ => {}
    }
    Ok(request)
}

fn method_not_allowed() -> Status {
    Status {
        reason: Some(Reason::MethodNotAllowed),
        ..Status::bad_request("the server does not allow this method on the requested resource")
    }
}
