//! The program itself: pages that are true, pages that are not, and what it ends with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn petset(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_petset"));
    command.args(arguments).output().expect("petset runs")
}

fn shared(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests")
        .join(folder)
}

fn pages(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let mut pages: Vec<String> = files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    pages.sort();
    assert!(!pages.is_empty(), "{}", folder.display());
    pages
}

/// A page in a folder of its own.
fn page(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("page.md");
    std::fs::write(&path, text).expect("a page");
    path
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_tutorials_are_true() {
    for path in pages(&shared("tutorials")) {
        let output = petset(&["test", &path]);
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    }
}

/// The tutorials that petset was made for are not part of the project: `PETSET_SEEDS` names the folder that holds them.
#[test]
fn the_seeds_are_true_with_what_their_sidecars_say() {
    let Some(folder) = std::env::var_os("PETSET_SEEDS") else {
        return;
    };
    let sidecars = shared("seeds");
    for path in pages(Path::new(&folder)) {
        let output = petset(&["test", "--sidecars", &sidecars.to_string_lossy(), &path]);
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    }
}

const LIE: &str = "1. Look:\n   ```console\n   $ kubectl get ns default kube-public -o name\n   namespace/default\n   namespace/other\n   $ kubectl get pod x\n   ```\n";

#[test]
fn a_page_that_is_not_true_is_told_apart_and_can_be_mended() {
    let path = page("lie", LIE);
    let path = path.to_string_lossy();
    let junit = format!("{path}.xml");
    let output = petset(&["test", &path, "--junit", &junit]);
    let text = printed(&output).replace(path.as_ref(), "page.md");
    assert_eq!(output.status.code(), Some(1));
    let (told, _) = text.rsplit_once(" (").expect("a time at the end");
    assert_eq!(
        told,
        "page.md:3\n  $ kubectl get ns default kube-public -o name\n  - on the page   + printed\n    namespace/default\n  - namespace/other\n  + namespace/kube-public\n\n\
         page.md:6\n  $ kubectl get pod x\n  exit code 1, expected 0\n  | Error from server (NotFound): pods \"x\" not found\n\n\
         page.md: NOT true: 0 of 2 commands do what the page says, 1 outputs compared"
    );
    let junit = std::fs::read_to_string(junit).expect("a report");
    assert!(junit.contains("tests=\"2\" failures=\"2\""), "{junit}");
    assert!(
        junit.contains("message=\"exit code 1, expected 0\""),
        "{junit}"
    );

    let output = petset(&["test", &path, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json[0]["true"], false);
    assert_eq!(json[0]["commands"][0]["verdict"], "wrong output");

    petset(&["test", &path, "--update"]);
    let mended = std::fs::read_to_string(path.as_ref()).expect("the page");
    assert_eq!(
        mended,
        LIE.replace("namespace/other", "namespace/kube-public")
    );
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let good = page("good", "```sh\ntrue\n```\n");
    let wrong = page("wrong", "<!-- petset: what -->\n```sh\ntrue\n```\n");
    let (good, wrong) = (good.to_string_lossy(), wrong.to_string_lossy());
    let table: [(&[&str], i32); 9] = [
        (&["test", &good], 0),
        (&["test", &wrong], 3),
        (&["test", &good, "no-such-page.md"], 3),
        (&["test"], 2),
        (&["test", &good, "--format", "xml"], 2),
        (&["test", "--help"], 0),
        (&["run", "--help"], 0),
        (&["what"], 2),
        (&[], 2),
    ];
    for (arguments, code) in table {
        assert_eq!(petset(arguments).status.code(), Some(code), "{arguments:?}");
    }
}
