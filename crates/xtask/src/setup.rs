//! Set-up: looks for what a task needs and installs what is missing, with visible progress.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::need::{Need, State};
use crate::npm;
use crate::project::Project;
use crate::tools;

/// For `serve`: the page without optimisation.
pub fn for_serve() -> Vec<Need> {
    vec![
        Need::WasmTarget,
        Need::Crates,
        Need::Node,
        Need::Packages(npm::EDITOR),
        Need::Tool(&tools::WASM_BINDGEN),
        Need::Tool(&tools::TRUNK),
    ]
}

/// For `build`: the page, made small.
pub fn for_build() -> Vec<Need> {
    let mut needs = for_serve();
    needs.push(Need::Tool(&tools::WASM_OPT));
    needs
}

/// For `test --fast`: what needs neither a browser nor the page.
pub fn for_fast_test() -> Vec<Need> {
    vec![Need::RustComponents, Need::WasmTarget, Need::Crates]
}

/// For `test`.
pub fn for_test() -> Vec<Need> {
    let mut needs = for_build();
    needs.extend([
        Need::RustComponents,
        Need::Tool(&tools::WASM_PACK),
        Need::Packages(npm::BROWSER_TESTS),
        Need::Browser,
        Need::Driver,
        Need::KoreanFonts,
        Need::Kubectl,
    ]);
    needs
}

/// For `parity --kubectl`.
pub fn for_kubectl() -> Vec<Need> {
    vec![Need::Crates, Need::Kubectl]
}

/// For `bench`.
pub fn for_bench() -> Vec<Need> {
    vec![
        Need::WasmTarget,
        Need::Crates,
        Need::Node,
        Need::Packages(npm::PEER),
        Need::Tool(&tools::WASM_BINDGEN),
    ]
}

/// For `bench --page`: a browser, and what drives it.
pub fn for_page_bench() -> Vec<Need> {
    vec![
        Need::Node,
        Need::Packages(npm::BROWSER_TESTS),
        Need::Browser,
    ]
}

/// Everything any task needs.
pub fn everything() -> Vec<Need> {
    let mut needs = for_test();
    needs.push(Need::Packages(npm::PEER));
    needs
}

/// The task `setup`.
pub fn all(project: &Project) -> Outcome<()> {
    ensure(project, &everything())
}

/// Installs what is missing. Says nothing but one line when nothing is.
pub fn ensure(project: &Project, needs: &[Need]) -> Outcome<()> {
    tools::check_wasm_bindgen_pin(project)?;
    let logs = project.path("target/xtask");
    std::fs::create_dir_all(&logs)?;
    let started = Instant::now();
    let mut installed = 0;
    for (index, need) in needs.iter().enumerate() {
        let step = format!("[{}/{}] {}", index + 1, needs.len(), need.name());
        match need.look(project)? {
            State::Present(_) => {}
            State::Optional(without) => println!("{step} … not there: {without}"),
            State::Missing => {
                print!("{step} … installing ({})", need.takes());
                flush_line();
                let begun = Instant::now();
                need.install(project, &logs.join(format!("setup-{}.log", index + 1)))?;
                if matches!(need.look(project)?, State::Missing) {
                    let what = format!("{} was installed, but is still not found", need.name());
                    return Err(Failure::new(what).with_fix(need.fix()));
                }
                println!("{step} … installed in {}", took(begun.elapsed()));
                installed += 1;
            }
        }
    }
    let found = if installed == 0 {
        "nothing was missing".into()
    } else {
        format!("{installed} installed")
    };
    println!(
        "set-up: {} looked at, {found} ({})",
        needs.len(),
        took(started.elapsed())
    );
    Ok(())
}

/// Ends a progress line, and shows it at once even when output is a file.
fn flush_line() {
    println!();
    // A closed output is no reason to stop installing.
    let _ = std::io::stdout().flush();
}

/// A duration as people say it.
pub fn took(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        return format!("{:.1} s", duration.as_secs_f64());
    }
    format!("{} min {} s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::took;
    use std::time::Duration;

    #[test]
    fn durations_read_as_people_say_them() {
        let cases = [(300, "0.3 s"), (59_940, "59.9 s"), (238_000, "3 min 58 s")];
        for (milliseconds, expected) in cases {
            assert_eq!(took(Duration::from_millis(milliseconds)), expected);
        }
    }
}
