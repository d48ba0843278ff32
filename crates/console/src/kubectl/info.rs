//! Commands that tell of the server: `api-resources`, `api-versions`, `version`, `cluster-info`.
//!
//! Upstream: `k8s.io/kubectl/pkg/cmd/{apiresources,version,clusterinfo}`.

use super::errors::{Error, quote};
use super::flags::Parsed;
use super::printers::{Printer, TabWriter, format};
use super::resources::{self, ApiResource};
use super::session::Io;
use petset_cluster::sort;
use petset_manifest::{to_json_pretty, to_yaml};
use serde_json::{Value, json};

const VERSION: &str = "v1.36.3";

/// `kubectl api-resources`.
pub(crate) fn api_resources(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if !parsed.args.is_empty() {
        return Err(Error::usage(
            "api-resources",
            &format!("unexpected arguments: [{}]", parsed.args.join(" ")),
        ));
    }
    let sort = parsed.text("sort-by");
    if !matches!(sort, "" | "name" | "kind") {
        return Err(Error::plain("--sort-by accepts only name or kind"));
    }
    let output = parsed.text("output");
    if !matches!(output, "" | "wide" | "name" | "yaml" | "json" | "kyaml") {
        return Err(Error::plain(format!(
            "unable to match a printer suitable for the output format {}, allowed formats are: json,kyaml,name,wide,yaml",
            quote(output)
        )));
    }
    let mut shown: Vec<ApiResource> = resources::all()
        .filter(|resource| {
            !parsed.changed("namespaced") || resource.namespaced == parsed.is("namespaced")
        })
        .filter(|resource| {
            !parsed.changed("api-group") || resource.group() == parsed.text("api-group")
        })
        .filter(|resource| {
            let verbs = resource.verbs();
            let wanted = parsed.list("verbs");
            wanted.iter().all(|verb| verbs.contains(&verb.as_str()))
        })
        .filter(|resource| {
            let wanted = parsed.list("categories");
            wanted.iter().all(|one| one == "all" && in_all(resource))
        })
        .collect();
    match sort {
        "name" => sort::by_key(&mut shown, |resource| resource.plural),
        "kind" => sort::by_key(&mut shown, |resource| resource.kind),
        _ => {}
    }
    if output == "name" {
        for resource in shown {
            io.line(&resources::qualified(&resource));
        }
        return Ok(());
    }
    if !matches!(output, "" | "wide") {
        let list = json!({
            "apiVersion": "v1", "groupVersion": "", "kind": "APIResourceList",
            "resources": shown.iter().map(described).collect::<Vec<Value>>(),
        });
        let text = Printer::new(format(parsed, false)?, parsed).object(&list)?;
        io.out(&text);
        return Ok(());
    }
    let columns = if output == "wide" { 7 } else { 5 };
    let mut writer = TabWriter::default();
    if !parsed.is("no-headers") {
        let names = "NAME SHORTNAMES APIVERSION NAMESPACED KIND VERBS CATEGORIES";
        writer.row(names.split(' ').take(columns));
    }
    for resource in shown {
        let cells = [
            resource.plural,
            resource.short_names,
            resource.api_version,
            if resource.namespaced { "true" } else { "false" },
            resource.kind,
            &resource.verbs().join(","),
            if in_all(&resource) { "all" } else { "" },
        ];
        writer.row(cells.into_iter().take(columns));
    }
    let text = writer.flush();
    io.out(&text);
    Ok(())
}

/// What is not simulated has no objects, and is not among `all`.
fn in_all(resource: &ApiResource) -> bool {
    resource.in_all() && resource.simulated().is_some()
}

/// A resource as discovery has it.
fn described(resource: &ApiResource) -> Value {
    let mut value = json!({
        "kind": resource.kind, "name": resource.plural, "namespaced": resource.namespaced,
        "singularName": resource.singular_name(), "verbs": resource.verbs(),
        "version": resource.version(),
    });
    if !resource.group().is_empty() {
        value["group"] = json!(resource.group());
    }
    if !resource.short_names.is_empty() {
        let names: Vec<&str> = resource.short_names.split(',').collect();
        value["shortNames"] = json!(names);
    }
    if in_all(resource) {
        value["categories"] = json!(["all"]);
    }
    value
}

/// `kubectl api-versions`.
pub(crate) fn api_versions(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if !parsed.args.is_empty() {
        return Err(Error::usage(
            "api-versions",
            &format!("unexpected arguments: [{}]", parsed.args.join(" ")),
        ));
    }
    let mut versions: Vec<&str> = resources::all()
        .map(|resource| resource.api_version)
        .collect();
    versions.push("autoscaling/v1");
    versions.sort_unstable();
    versions.dedup();
    for version in versions {
        io.line(version);
    }
    Ok(())
}

/// What the server says of itself.
pub(crate) fn server_version() -> Value {
    json!({
        "buildDate": "", "compiler": "gc", "emulationMajor": "1", "emulationMinor": "36",
        "gitCommit": "", "gitTreeState": "clean", "gitVersion": VERSION, "goVersion": "",
        "major": "1", "minCompatibilityMajor": "1", "minCompatibilityMinor": "35", "minor": "36",
        "platform": "linux/amd64",
    })
}

/// `kubectl version`.
pub(crate) fn version(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if !parsed.args.is_empty() {
        return Err(Error::plain(format!(
            "extra arguments: [{}]",
            parsed.args.join(" ")
        )));
    }
    let client_only = parsed.is("client");
    let info = json!({
        "buildDate": "", "compiler": "gc", "gitCommit": "", "gitTreeState": "clean",
        "gitVersion": VERSION, "goVersion": "", "major": "1", "minor": "36",
        "platform": "linux/amd64",
    });
    let mut all = json!({"clientVersion": info, "kustomizeVersion": "v5.8.1"});
    if !client_only {
        all["serverVersion"] = server_version();
    }
    match parsed.text("output") {
        "" => {
            io.line(&format!("Client Version: {VERSION}"));
            io.line("Kustomize Version: v5.8.1");
            if !client_only {
                io.line(&format!("Server Version: {VERSION}"));
            }
        }
        "yaml" => io.out(&to_yaml(&all)),
        "json" => io.out(&to_json_pretty(&all)),
        _ => return Err(Error::plain("--output must be 'yaml' or 'json'")),
    }
    Ok(())
}

/// `kubectl cluster-info`.
pub(crate) fn cluster_info(_: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let address = super::config::SERVER;
    io.line(&format!("Kubernetes control plane is running at {address}"));
    io.line("");
    io.line("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(())
}
