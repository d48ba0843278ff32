//! Addresses, service proxying and names.

pub mod dns;
pub mod http;
pub mod proxy;
pub mod zone;
