//! The sub-commands of `kubectl config`.

use super::property;
use super::{LISTS, SHOWN_FILE, entry, entry_mut, load, names, remove, save, text};
use crate::kubectl::commands;
use crate::kubectl::errors::{Error, quote};
use crate::kubectl::flags::Parsed;
use crate::kubectl::printers::{Format, Printer, TabWriter, format};
use crate::kubectl::session::Io;
use serde_json::{Value, json};

/// Any sub-command of `kubectl config`.
pub(crate) fn run(parsed: &Parsed, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let mut config = load(io.context.files);
    let args: Vec<&str> = parsed.args.iter().map(String::as_str).collect();
    match (parsed.command, args.as_slice()) {
        ("config current-context", _) => {
            let current = text(Some(&config), "current-context").to_owned();
            if current.is_empty() {
                return Err(Error::plain("current-context is not set"));
            }
            io.line(&current);
            return Ok(());
        }
        ("config get-contexts", _) => return contexts(parsed, &config, io),
        ("config get-clusters" | "config get-users", _) => {
            let list = match parsed.command {
                "config get-users" => "users",
                _ => "clusters",
            };
            io.line("NAME");
            for name in names(&config, list) {
                io.line(&name);
            }
            return Ok(());
        }
        ("config view", _) => return view(parsed, config, io),
        ("config use-context", [name]) => use_context(&mut config, name, io)?,
        ("config rename-context", [from, to]) => rename(&mut config, from, to, io)?,
        ("config set-context", _) => set_context(parsed, &mut config, io)?,
        ("config set-cluster", [name]) => set_cluster(parsed, &mut config, name, io)?,
        ("config set-credentials", [name]) => set_credentials(parsed, &mut config, name, io)?,
        ("config set", [name, value]) => {
            property::set(&mut config, name, Some(value))?;
            io.line(&format!("Property {} set.", quote(name)));
        }
        ("config unset", [name]) => {
            property::set(&mut config, name, None)?;
            io.line(&format!("Property {} unset.", quote(name)));
        }
        ("config delete-cluster" | "config delete-context" | "config delete-user", [name]) => {
            delete(parsed.command, &mut config, name, io)?;
        }
        _ => return Err(unexpected(parsed, io)),
    }
    save(&config, io.context.files);
    Ok(())
}

/// The help, and what was wrong.
fn unexpected(parsed: &Parsed, io: &mut Io<'_, '_>) -> Error {
    if let Some(spec) = commands::spec(parsed.command) {
        io.out(&commands::help(&spec));
    }
    let word = match parsed.command {
        "config set-credentials" => "unexpected",
        _ => "Unexpected",
    };
    Error::plain(format!("{word} args: [{}]", parsed.args.join(" ")))
}

fn contexts(parsed: &Parsed, config: &Value, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let output = parsed.text("output");
    if !matches!(output, "" | "name") {
        return Err(Error::plain(format!(
            "--output {output} is not available in kubectl config get-contexts; resetting to default output format"
        )));
    }
    let mut errors = Vec::new();
    let mut shown = names(config, "contexts");
    if !parsed.args.is_empty() {
        shown.clear();
        for name in &parsed.args {
            match entry(config, "contexts", name) {
                Some(_) => shown.push(name.clone()),
                None => errors.push(Error::plain(format!("context {name} not found"))),
            }
        }
        shown.sort();
    }
    let mut writer = TabWriter::default();
    if output.is_empty() && !parsed.is("no-headers") {
        writer.row(["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]);
    }
    for name in &shown {
        let context = entry(config, "contexts", name);
        let current = match text(Some(config), "current-context") == name {
            true => "*",
            false => "",
        };
        if output == "name" {
            writer.row([name.as_str()]);
        } else {
            let [cluster, user, namespace] =
                ["cluster", "user", "namespace"].map(|field| text(context, field));
            writer.row([current, name, cluster, user, namespace]);
        }
    }
    let text = writer.flush();
    io.out(&text);
    Error::of(errors)
}

fn view(parsed: &Parsed, mut config: Value, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if !parsed.args.is_empty() {
        return Err(Error::usage(
            "config view",
            &format!("unexpected arguments: [{}]", parsed.args.join(" ")),
        ));
    }
    if parsed.is("minify") {
        minify(&mut config, parsed.text("context"))?;
    }
    if !parsed.is("raw") {
        hide(&mut config);
    }
    let shown = match format(parsed, false)? {
        // The flag's default is yaml.
        Format::Human { .. } => Format::Yaml,
        other => other,
    };
    let text = Printer::new(shown, parsed).object(&config)?;
    io.out(&text);
    Ok(())
}

/// Leaves only the current context, and what it names.
fn minify(config: &mut Value, asked: &str) -> Result<(), Error> {
    let current = match asked {
        "" => text(Some(config), "current-context").to_owned(),
        name => name.to_owned(),
    };
    if current.is_empty() {
        return Err(Error::plain(
            "current-context must exist in order to minify",
        ));
    }
    let context = entry(config, "contexts", &current);
    if context.is_none() {
        let current = quote(&current);
        return Err(Error::plain(format!("cannot locate context {current}")));
    }
    let kept = [
        ("clusters", text(context, "cluster").to_owned()),
        ("users", text(context, "user").to_owned()),
        ("contexts", current.clone()),
    ];
    for (list, name) in kept {
        if let Some(entries) = config[list].as_array_mut() {
            entries.retain(|entry| entry["name"] == name.as_str());
        }
    }
    config["current-context"] = json!(current);
    Ok(())
}

/// Puts words in the place of secrets.
fn hide(config: &mut Value) {
    for (list, inner) in LISTS {
        let entries = config[list].as_array_mut().into_iter().flatten();
        for fields in entries.filter_map(|entry| entry[inner].as_object_mut()) {
            for (name, value) in fields {
                match name.as_str() {
                    "certificate-authority-data"
                    | "client-certificate-data"
                    | "client-key-data" => {
                        *value = json!("DATA+OMITTED");
                    }
                    "token" | "password" => *value = json!("REDACTED"),
                    _ => {}
                }
            }
        }
    }
}

fn use_context(config: &mut Value, name: &str, io: &mut Io<'_, '_>) -> Result<(), Error> {
    if entry(config, "contexts", name).is_none() {
        return Err(Error::plain(format!(
            "no context exists with the name: {}",
            quote(name)
        )));
    }
    config["current-context"] = json!(name);
    io.line(&format!("Switched to context {}.", quote(name)));
    Ok(())
}

fn rename(config: &mut Value, from: &str, to: &str, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let Some(context) = entry(config, "contexts", from).cloned() else {
        return Err(Error::plain(format!(
            "cannot rename the context {}, it's not in {SHOWN_FILE}",
            quote(from)
        )));
    };
    if entry(config, "contexts", to).is_some() {
        return Err(Error::plain(format!(
            "cannot rename the context {}, the context {} already exists in {SHOWN_FILE}",
            quote(from),
            quote(to)
        )));
    }
    remove(config, "contexts", from);
    if let Some(place) = entry_mut(config, "contexts", to) {
        *place = context;
    }
    if text(Some(config), "current-context") == from {
        config["current-context"] = json!(to);
    }
    io.line(&format!(
        "Context {} renamed to {}.",
        quote(from),
        quote(to)
    ));
    Ok(())
}

fn set_context(parsed: &Parsed, config: &mut Value, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let name = match (parsed.args.as_slice(), parsed.is("current")) {
        ([_], true) => {
            return Err(Error::plain(
                "you cannot specify both a context name and --current",
            ));
        }
        ([], false) => {
            return Err(Error::plain(
                "you must specify a non-empty context name or --current",
            ));
        }
        ([name], false) => name.clone(),
        ([], true) => text(Some(config), "current-context").to_owned(),
        _ => return Err(unexpected(parsed, io)),
    };
    if name.is_empty() {
        return Err(Error::plain("no current context is set"));
    }
    let known = entry(config, "contexts", &name).is_some();
    if let Some(context) = entry_mut(config, "contexts", &name) {
        write_fields(parsed, context, &["cluster", "user", "namespace"]);
    }
    let did = if known { "modified" } else { "created" };
    io.line(&format!("Context {} {did}.", quote(&name)));
    Ok(())
}

/// Writes the flags that were given into fields of their names; an empty one removes the field.
fn write_fields(parsed: &Parsed, to: &mut Value, flags: &[&str]) {
    let Some(map) = to.as_object_mut() else {
        return;
    };
    for flag in flags.iter().filter(|flag| parsed.changed(flag)) {
        match parsed.text(flag) {
            "" => {
                map.remove(*flag);
            }
            value => {
                map.insert((*flag).to_owned(), json!(value));
            }
        }
    }
}

fn set_cluster(
    parsed: &Parsed,
    config: &mut Value,
    name: &str,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    if parsed.is("embed-certs") {
        return Err(Error::not_simulated("config set-cluster --embed-certs"));
    }
    if let Some(cluster) = entry_mut(config, "clusters", name) {
        write_fields(
            parsed,
            cluster,
            &[
                "server",
                "tls-server-name",
                "certificate-authority",
                "proxy-url",
            ],
        );
        if parsed.changed("insecure-skip-tls-verify")
            && let Some(map) = cluster.as_object_mut()
        {
            const FIELD: &str = "insecure-skip-tls-verify";
            map.remove(FIELD);
            if parsed.is(FIELD) {
                map.insert(FIELD.to_owned(), json!(true));
                map.remove("certificate-authority");
                map.remove("certificate-authority-data");
            }
        }
    }
    io.line(&format!("Cluster {} set.", quote(name)));
    Ok(())
}

fn set_credentials(
    parsed: &Parsed,
    config: &mut Value,
    name: &str,
    io: &mut Io<'_, '_>,
) -> Result<(), Error> {
    let basic = parsed.changed("username") || parsed.changed("password");
    if parsed.changed("token") && basic {
        return Err(Error::plain(
            "you cannot specify more than one authentication method at the same time: --token, --username/--password",
        ));
    }
    for flag in ["auth-provider", "exec-command", "embed-certs"] {
        if parsed.changed(flag) {
            return Err(Error::not_simulated(format!(
                "config set-credentials --{flag}"
            )));
        }
    }
    if let Some(user) = entry_mut(config, "users", name) {
        let flags = [
            "client-certificate",
            "client-key",
            "token",
            "username",
            "password",
        ];
        write_fields(parsed, user, &flags);
        if let Some(map) = user.as_object_mut() {
            if basic {
                map.remove("token");
            } else if parsed.changed("token") {
                map.remove("username");
                map.remove("password");
            }
        }
    }
    io.line(&format!("User {} set.", quote(name)));
    Ok(())
}

fn delete(command: &str, config: &mut Value, name: &str, io: &mut Io<'_, '_>) -> Result<(), Error> {
    let what = command.rsplit('-').next().unwrap_or("");
    if !remove(config, &format!("{what}s"), name) {
        return Err(Error::plain(format!(
            "cannot delete {what} {name}, not in {SHOWN_FILE}"
        )));
    }
    if what == "context" && text(Some(config), "current-context") == name {
        io.complain("warning: this removed your active context, use \"kubectl config use-context\" to select a different one");
    }
    io.line(&format!("deleted {what} {name} from {SHOWN_FILE}"));
    Ok(())
}
