//! `petset shell`: the console in a native terminal.

mod desk;
mod folder;

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use petset_console::completion;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};

use crate::failure::{Failure, Outcome};
use desk::{Desk, Pause};
use folder::Folder;

const USAGE: &str = "\
A simulated cluster behind a shell with kubectl, in this terminal. State lives in memory and ends with the shell.

Usage: petset shell [FOLDER] [OPTIONS]

The text files of FOLDER (.) are in the shell's home directory; a file that changes on the disk changes there. Nothing is written to
the disk. `edit FILE` and `kubectl edit` open $EDITOR.

Keys: Tab completes, Ctrl-R searches the history, Ctrl-C ends a command, Ctrl-D leaves.

Options:
      --speed N    virtual seconds for each second (1)
      --nodes N    how many nodes (3)
      --seed N     the seed of all chance (1)
  -h, --help       this text

Exit codes: that of the last command; 1 something did not work; 2 wrong arguments
";

struct Options {
    folder: PathBuf,
    speed: f64,
    nodes: u32,
    seed: u64,
}

/// Runs the command with what follows its name.
pub fn main(parser: lexopt::Parser) -> Outcome<ExitCode> {
    let Some(options) = options(parser)? else {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    petset_scenario::provide_texts();
    let folder = Folder::new(options.folder);
    let config = petset_cluster::Config {
        seed: options.seed,
        nodes: options.nodes,
        ..petset_cluster::Config::default()
    };
    let desk = Rc::new(RefCell::new(Desk::new(config, options.speed)));
    let pressed = interrupts()?;
    converse(&desk, folder, &pressed)
        .map(|code| ExitCode::from(u8::try_from(code).unwrap_or(1)))
        .map_err(|error| Failure::new(error.to_string()))
}

fn options(mut parser: lexopt::Parser) -> Outcome<Option<Options>> {
    use lexopt::ValueExt as _;
    use lexopt::prelude::{Long, Short, Value};
    let mut options = Options {
        folder: PathBuf::from("."),
        speed: 1.0,
        nodes: 3,
        seed: 1,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("speed") => options.speed = parser.value()?.parse()?,
            Long("nodes") => options.nodes = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Value(folder) => options.folder = PathBuf::from(folder),
            other => return Err(other.unexpected().into()),
        }
    }
    if !(0.01..=10_000.0).contains(&options.speed) {
        return Err(Failure::usage("--speed is between 0.01 and 10000"));
    }
    if options.nodes > 1_000 {
        return Err(Failure::usage("--nodes is at most 1000"));
    }
    Ok(Some(options))
}

/// Becomes true when Ctrl-C is pressed while a command runs.
fn interrupts() -> Outcome<Arc<AtomicBool>> {
    let pressed = Arc::new(AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::new(error.to_string()))?;
    let told = Arc::clone(&pressed);
    std::thread::spawn(move || {
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                told.store(true, Ordering::Relaxed);
            }
        });
    });
    Ok(pressed)
}

/// What the line editor asks about.
struct Helper(Rc<RefCell<Desk>>);

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let Ok(mut desk) = self.0.try_borrow_mut() else {
            return Ok((cursor, Vec::new()));
        };
        desk.catch_up();
        let found = completion::complete(line, cursor, &desk.cluster, &desk.files);
        let before = line.get(..cursor).unwrap_or(line);
        let start = before
            .rfind([' ', '|', ';', '&', '('])
            .map_or(0, |at| at + 1);
        let pair = |candidate: completion::Candidate| Pair {
            display: match candidate.description.as_str() {
                "" => candidate.text.clone(),
                about => format!("{:<24} ({about})", candidate.text),
            },
            replacement: candidate.text,
        };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl rustyline::hint::Hinter for Helper {
    type Hint = String;
}
impl rustyline::highlight::Highlighter for Helper {}
impl rustyline::validate::Validator for Helper {}
impl rustyline::Helper for Helper {}

/// Reads lines and runs them until the shell is left. The exit code of the last command.
fn converse(
    desk: &Rc<RefCell<Desk>>,
    mut folder: Folder,
    pressed: &AtomicBool,
) -> rustyline::Result<i32> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .max_history_size(petset_console::terminal::HISTORY_LIMIT)?
        .build();
    let mut editor: Editor<Helper, FileHistory> = Editor::with_config(config)?;
    editor.set_helper(Some(Helper(Rc::clone(desk))));
    loop {
        let prompt = desk.borrow().prompt();
        match editor.readline(prompt) {
            Ok(line) => {
                if !line.trim().is_empty() {
                    editor.add_history_entry(line.as_str())?;
                }
                folder.read_into(&mut desk.borrow_mut().files);
                desk.borrow_mut().submit(&line);
            }
            Err(ReadlineError::Interrupted) => desk.borrow_mut().interrupt(),
            Err(ReadlineError::Eof) => return Ok(desk.borrow().exit_code()),
            Err(error) => return Err(error),
        }
        run(desk, &mut editor, pressed)?;
        if desk.borrow().is_left() {
            return Ok(desk.borrow().exit_code());
        }
    }
}

/// Runs what was typed to its end, and types into it what it asks for.
fn run(
    desk: &Rc<RefCell<Desk>>,
    editor: &mut Editor<Helper, FileHistory>,
    pressed: &AtomicBool,
) -> rustyline::Result<()> {
    pressed.store(false, Ordering::Relaxed);
    loop {
        if pressed.swap(false, Ordering::Relaxed) {
            desk.borrow_mut().interrupt();
        }
        let pause = desk.borrow_mut().advance();
        match pause {
            Pause::Ended => return Ok(()),
            Pause::For(span) => std::thread::sleep(span),
            Pause::Edit(name) => {
                let text = desk.borrow().files.get(&name).cloned().unwrap_or_default();
                match folder::edited(&name, &text) {
                    Ok(text) => {
                        desk.borrow_mut().files.insert(name, text);
                    }
                    Err(why) => eprintln!("{why}"),
                }
                desk.borrow_mut().input("\n");
            }
            Pause::Input(prompt) => match editor.readline(&prompt) {
                Ok(line) => desk.borrow_mut().input(&format!("{line}\n")),
                Err(ReadlineError::Interrupted) => desk.borrow_mut().interrupt(),
                Err(ReadlineError::Eof) => desk.borrow_mut().close_input(),
                Err(error) => return Err(error),
            },
        }
    }
}
