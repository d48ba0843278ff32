//! Numbered statements as rows: what is done, and what is seen then.

use crate::stage::Stage;

/// A statement's number, what is done, and what is seen then.
pub type Row = (&'static str, fn(&mut Stage) -> String, &'static str);

/// Runs each row on a stage of its own, and fails with all that saw something else.
pub fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (name, act, expected) in rows {
        let mut stage = Stage::new();
        let seen = act(&mut stage);
        if seen != *expected {
            wrong.push(format!("{name}\n  expected {expected}\n  seen     {seen}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
