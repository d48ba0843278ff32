//! `kubectl config`: one cluster, one user, one context; only its namespace can be chosen.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/config`.

use super::errors::{Error, quote};
use super::flags::Parsed;
use super::printers::TabWriter;
use super::session::Io;

/// Where the API server is said to be.
pub(crate) const SERVER: &str = "https://10.10.0.1:6443";

/// The hidden file that remembers the namespace of the context.
const FILE: &str = ".kube/namespace";

const CONTEXT: &str = "petset";

/// The namespace that was chosen, if one was.
pub(crate) fn chosen_namespace(files: &crate::command::Files) -> Option<String> {
    files.get(FILE).filter(|name| !name.is_empty()).cloned()
}

/// Any sub-command of `kubectl config`.
pub(crate) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let argument = parsed.args.first().map(String::as_str);
    match parsed.command {
        "config current-context" => io.line(CONTEXT),
        "config get-contexts" => return contexts(parsed, argument, io),
        "config use-context" => match argument {
            Some(CONTEXT) => io.line(&format!("Switched to context {}.", quote(CONTEXT))),
            Some(other) => {
                return Err(Error::plain(format!(
                    "no context exists with the name: {}",
                    quote(other)
                )));
            }
            None => {
                return Err(Error::usage(parsed.command, "unexpected args: []"));
            }
        },
        "config view" => view(parsed, io)?,
        "config set-context" => set_context(parsed, argument, io)?,
        other => return Err(Error::not_simulated(format!("kubectl {other}"))),
    }
    Ok(())
}

fn contexts(parsed: &Parsed, argument: Option<&str>, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if let Some(other) = argument.filter(|name| *name != CONTEXT) {
        return Err(Error::plain(format!("context {other} not found")));
    }
    if parsed.text("output") == "name" {
        io.line(CONTEXT);
        return Ok(());
    }
    let mut writer = TabWriter::default();
    if !parsed.is("no-headers") {
        writer.row(["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]);
    }
    let namespace = chosen_namespace(io.context.files).unwrap_or_default();
    writer.row(["*", CONTEXT, CONTEXT, "admin", namespace.as_str()]);
    let text = writer.flush();
    io.out(&text);
    Ok(())
}

fn view(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if !parsed.args.is_empty() {
        return Err(Error::usage(
            "config view",
            &format!("unexpected arguments: [{}]", parsed.args.join(" ")),
        ));
    }
    let mut context = serde_json::json!({"cluster": CONTEXT, "user": "admin"});
    if let Some(namespace) = chosen_namespace(io.context.files) {
        context["namespace"] = serde_json::json!(namespace);
    }
    let config = serde_json::json!({
        "apiVersion": "v1",
        "clusters": [{"name": CONTEXT, "cluster": {"certificate-authority-data": "DATA+OMITTED", "server": SERVER}}],
        "contexts": [{"name": CONTEXT, "context": context}],
        "current-context": CONTEXT,
        "kind": "Config",
        "users": [{"name": "admin", "user": {"client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED"}}],
    });
    let shown = match super::printers::format(parsed, false)? {
        // The flag's default is yaml.
        super::printers::Format::Human { .. } => super::printers::Format::Yaml,
        other => other,
    };
    let text = super::printers::Printer::new(shown, parsed).object(&config)?;
    io.out(&text);
    Ok(())
}

fn set_context(parsed: &Parsed, argument: Option<&str>, io: &mut Io<'_, '_>) -> Result<(), Error> {
    match (argument, parsed.is("current")) {
        (Some(_), true) => {
            return Err(Error::plain(
                "you cannot specify a context name and --current",
            ));
        }
        (None, false) => {
            return Err(Error::plain(
                "you must specify a non-empty context name or --current",
            ));
        }
        (Some(other), false) if other != CONTEXT => {
            return Err(Error::not_simulated("a second context"));
        }
        _ => {}
    }
    if parsed.changed("cluster") || parsed.changed("user") {
        return Err(Error::not_simulated("another cluster or user"));
    }
    if parsed.changed("namespace") {
        let name = parsed.text("namespace").to_owned();
        io.context.files.insert(FILE.to_owned(), name);
    }
    io.line(&format!("Context {} modified.", quote(CONTEXT)));
    Ok(())
}
