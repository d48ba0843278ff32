//! Sessions and view models: everything the page shows, as plain data.
