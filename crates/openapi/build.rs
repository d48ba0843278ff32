//! Takes the schemas of Kubernetes' types, with their descriptions, out of the sources of `k8s-openapi`: one JSON object in `OUT_DIR/schemas.json`, from the
//! schemas' names to the schemas in the form of OpenAPI v3; and as lines for `kubectl explain`, with those of `kubectl --help` behind them, in `OUT_DIR/texts.txt`. (Compiling that crate a second time with its own support for schemas takes minutes.)

#[path = "explain.rs"]
mod explain;
#[path = "sources.rs"]
mod sources;

use serde_json::{Map, Value, json};
use sources::Error;
use std::path::Path;
use std::{env, fs};

/// The groups whose types are wanted, as folders.
const FOLDERS: [&str; 10] = [
    "api/apps",
    "api/autoscaling",
    "api/batch",
    "api/coordination/v1",
    "api/core",
    "api/discovery/v1",
    "api/events",
    "api/policy",
    "api/storage/v1",
    "apimachinery",
];

fn main() -> Result<(), Error> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=explain.rs");
    println!("cargo::rerun-if-changed=sources.rs");
    println!("cargo::rerun-if-changed=values.txt");
    println!("cargo::rerun-if-changed=help.txt");
    println!("cargo::rerun-if-changed=Cargo.toml");
    let sources = sources::sources()?;
    let mut schemas = Map::new();
    for folder in FOLDERS {
        collect(&sources.join(folder), &mut schemas)?;
    }
    explain::add_values(&mut schemas);
    let out = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    let out = Path::new(&out);
    let help = fs::read_to_string("help.txt")?;
    fs::write(out.join("texts.txt"), explain::lines(&schemas) + &help)?;
    fs::write(out.join("schemas.json"), Value::Object(schemas).to_string())?;
    Ok(())
}

fn collect(folder: &Path, schemas: &mut Map<String, Value>) -> Result<(), Error> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, schemas)?;
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && let Some((name, schema)) = schema(&fs::read_to_string(&path)?)
        {
            schemas.insert(name, schema);
        }
    }
    Ok(())
}

/// The schema in a source file; none if it has none that is plain data.
fn schema(source: &str) -> Option<(String, Value)> {
    let (_, rest) = source.split_once("fn schema_name()")?;
    let (_, rest) = rest.split_once('"')?;
    let (name, rest) = rest.split_once('"')?;
    let (_, rest) = rest.split_once("json_schema!(")?;
    let (body, _) = rest.split_once("\n        })")?;
    let mut schema: Value = serde_json::from_str(&plain(&format!("{body}\n}}"))).ok()?;
    // The crate wants what the API does not.
    let may_be_empty = schema["properties"]["name"]["description"]
        .as_str()
        .is_some_and(|text| text.contains("is allowed to be empty"));
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|field| field != "metadata" && !(may_be_empty && field == "name"));
    }
    Some((name.to_owned(), schema))
}

/// Turns the macro's text, line by line, into JSON.
fn plain(body: &str) -> String {
    const REFERENCE: &str = "__gen.subschema_for::<crate::";
    let mut lines: Vec<String> = Vec::new();
    let mut reference = String::new();
    for line in body.lines() {
        let text = line.trim();
        if let Some((before, after)) = text.split_once(REFERENCE) {
            let path = after.split('>').next().unwrap_or("");
            let name = format!("io.k8s.{}", path.replace("::", "."));
            let place = format!("#/components/schemas/{name}");
            if before.starts_with("let ") {
                reference = place;
            } else {
                let key = before.trim_end_matches('(');
                lines.push(format!("{key}{},", json!({"$ref": place})));
            }
        } else if let Some((_, after)) = text.split_once(".insert(\"description\".into(), ") {
            let description = after.trim_end_matches(".into());");
            let all_of = json!([{"$ref": reference}]);
            lines.push(format!(
                "\"description\": {description}, \"allOf\": {all_of}"
            ));
        } else if text != "schema_obj" {
            lines.push(text.replace("({", "{").replace("}),", "},"));
        }
    }
    without_last_commas(&lines)
}

fn without_last_commas(lines: &[String]) -> String {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let closes = lines
            .get(at + 1)
            .is_none_or(|next| next.starts_with('}') || next.starts_with(']'));
        let line = if closes {
            line.trim_end_matches(',')
        } else {
            line
        };
        text.push_str(line);
        text.push('\n');
    }
    text
}
