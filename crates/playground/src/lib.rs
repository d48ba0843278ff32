//! Sessions and view models: everything the page shows, as plain data.

mod clock;
mod engine;
mod files;
mod inputs;
pub mod lab3;
pub mod pages;
mod past;
mod present;
mod seat;
mod session;
pub mod text;
mod texts;
mod twin;
pub mod view;

pub use files::{MAX_FILE_BYTES, MAX_FILES};
pub use inputs::Look;
pub use session::{RestoreError, Session};
pub use texts::{provide_texts, wants_texts};
