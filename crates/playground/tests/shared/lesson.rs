//! The first lesson at fixed moments, for every platform.

use petset_playground::{Session, lab3};

/// What [`digest_after_lab3`] gives, natively and in WebAssembly. It changes with what the cluster does in the lesson:
/// then the native test says the new number, and the browser must agree.
pub const DIGEST: u64 = 10278404858695509101;

/// Gives the lesson's commands to a new session, five seconds apart, and reads off the state at the end.
pub fn digest_after_lab3() -> u64 {
    let mut session = Session::with_lab3(1);
    let terminal = session.terminals()[0];
    for command in lab3::COMMANDS {
        session.submit(terminal, command);
        for _ in 0..100 {
            while session.advance(50.0, 64).more {}
        }
    }
    session.digest()
}
