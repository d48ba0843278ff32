//! `bench --page`: how the page in `dist/` answers, as the browser itself noted down.

use std::fmt::Write;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::{browser, machine, npm, process, setup};

const WRITTEN: &str = "docs/bench-page.md";

/// Lets the browser go through every part, and prints the table.
pub fn bench(project: &Project, write: bool) -> Outcome<()> {
    setup::ensure(project, &setup::for_page_bench())?;
    if !project.path("dist/index.html").is_file() {
        return Err(Failure::new("there is no page in dist/").with_fix("cargo xtask build"));
    }
    std::fs::create_dir_all(project.path("target/xtask"))?;
    let mut command = project.command("node");
    command
        .arg("bench.js")
        .current_dir(project.path(npm::BROWSER_TESTS));
    browser::point_to_browser(project, &mut command)?;
    println!("measuring; this takes a few minutes");
    let report = table(&process::output(command)?)?;
    println!("\n{report}");
    if write {
        std::fs::write(project.path(WRITTEN), document(project, &report))?;
        println!("written to {WRITTEN}");
    }
    Ok(())
}

/// A row for each line of JSON.
fn table(printed: &str) -> Outcome<String> {
    let mut text = String::from("| what | measured | target, at most |\n|---|--:|--:|\n");
    for line in printed.lines() {
        let figure: Value = serde_json::from_str(line)
            .map_err(|_| Failure::new(format!("the browser's part printed {line}")))?;
        let what = figure["what"].as_str().unwrap_or_default();
        let unit = figure["unit"].as_str().unwrap_or_default();
        // What could not be measured is null.
        let number = |name: &str| figure[name].as_f64().map(|value| format!("{value} {unit}"));
        let (measured, target) = (number("value"), number("target"));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {what} | {} | {} |",
            measured.as_deref().unwrap_or("–").trim_end(),
            target.as_deref().unwrap_or_default().trim_end(),
        );
    }
    Ok(text)
}

fn document(project: &Project, report: &str) -> String {
    format!(
        "# How the page answers\n\n\
         By `tests/browser/bench.js`, from the browser's own traces. The wall tells what else the machine did at that moment; \"on a processor\" is\n\
         what the page's main thread itself took: the task of the event and the one that made the next frame. Frames are those that the\n\
         compositor drew and dropped; a frame in which nothing has changed is not drawn.\n\n\
         {report}\n{}, {}. `cargo xtask build && cargo xtask bench --page --write`\n",
        machine::today(),
        machine::shape(project)
    )
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn a_line_is_a_row_and_anything_else_is_a_failure() {
        let lines = "{\"what\":\"a\",\"value\":1.5,\"unit\":\"ms\",\"target\":16}\n{\"what\":\"b\",\"value\":null,\"unit\":\"\"}\n";
        let text = table(lines).unwrap_or_default();
        assert!(text.contains("| a | 1.5 ms | 16 ms |"), "{text}");
        assert!(text.ends_with("| b | – |  |\n"), "{text}");
        assert!(table("no JSON").is_err());
    }
}
