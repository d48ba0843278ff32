//! Addresses, service proxying and names.

pub mod addresses;
pub mod cache;
pub mod dns;
pub mod http;
pub mod proxy;
pub mod way;
pub mod zone;
