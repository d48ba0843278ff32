//! Sessions and view models: everything the page shows, as plain data.

mod demo;
mod files;
pub mod lab3;
mod session;
pub mod text;
pub mod view;

pub use files::{MAX_FILE_BYTES, MAX_FILES};
pub use session::{RestoreError, Session};
