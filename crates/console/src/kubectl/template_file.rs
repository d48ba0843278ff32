//! `-o custom-columns-file`, `jsonpath-file` and `go-template-file`: the template stands in a file.
//!
//! Upstream: `k8s.io/cli-runtime/pkg/genericclioptions`, `k8s.io/kubectl/pkg/cmd/get/customcolumn_flags.go`.

use super::errors::Error;
use super::flags::Parsed;
use crate::command::Files;

/// Puts the file's text in the place of its name.
///
/// # Errors
/// kubectl's sentences when there is no such file, or too little in it.
pub(super) fn read(parsed: &mut Parsed, files: &Files) -> Result<(), Error> {
    let output = parsed.text("output").to_owned();
    let (name, file) = output.split_once('=').unwrap_or((&output, ""));
    let format = match name {
        "custom-columns-file" => "custom-columns",
        "jsonpath-file" => "jsonpath",
        "go-template-file" | "templatefile" => "go-template",
        _ => return Ok(()),
    };
    let file = match file {
        "" => parsed.text("template"),
        file => file,
    };
    if file.is_empty() {
        return Err(Error::plain(match format {
            "custom-columns" => "custom-columns format specified but no custom columns given",
            _ => "template format specified but no template given",
        }));
    }
    let Some(text) = files.get(file.trim_start_matches("./")) else {
        let what = match format {
            "custom-columns" => "reading template",
            _ => "reading --template",
        };
        return Err(Error::plain(format!(
            "error {what} {file}, open {file}: no such file or directory\n"
        )));
    };
    let template = match format {
        "custom-columns" => columns(text)?,
        _ => text.clone(),
    };
    parsed.replace("output", format!("{format}={template}"));
    Ok(())
}

/// The first line's names with the second line's paths.
fn columns(text: &str) -> Result<String, Error> {
    let mut lines = text.lines();
    let wanted = "Expected format is one line of space separated headers, one line of space separated column specs.";
    let missing =
        |what: &str| Error::plain(format!("invalid template, missing {what} line. {wanted}"));
    let names = lines.next().ok_or_else(|| missing("header"))?;
    let paths = lines.next().ok_or_else(|| missing("spec"))?;
    let (names, paths): (Vec<&str>, Vec<&str>) = (
        names.split_whitespace().collect(),
        paths.split_whitespace().collect(),
    );
    if names.len() != paths.len() {
        return Err(Error::plain(format!(
            "number of headers ({}) and field specifications ({}) don't match",
            names.len(),
            paths.len()
        )));
    }
    let pairs = names.iter().zip(&paths);
    let pairs: Vec<String> = pairs.map(|(name, path)| format!("{name}:{path}")).collect();
    Ok(pairs.join(","))
}
