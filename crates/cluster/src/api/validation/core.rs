//! Configuration and endpoints.
//!
//! Upstream: `pkg/apis/core/validation/validation.go`, `pkg/apis/discovery/validation/validation.go`.

use super::{label, names, one_of};
use crate::api::field::{Errors, Path};
use k8s_openapi::api::core::v1::{ConfigMap, Endpoints, Secret};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use std::net::IpAddr;

/// Said of texts that are no addresses.
pub(super) const BAD_IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
/// The most that a ConfigMap or Secret may hold, in bytes.
const MAX_SIZE: usize = 1024 * 1024;
const FIXED: &str = "field is immutable when `immutable` is set";
/// The most endpoints and ports of a slice.
const MAX_ENDPOINTS: usize = 1000;
const MAX_PORTS: usize = 20_000;

pub(super) fn config_map(map: &ConfigMap, errors: &mut Errors) {
    let mut size = 0;
    for (key, value) in map.data.iter().flatten() {
        let list = Path::new("data");
        for why in names::config_key(key) {
            errors.invalid(&list.key(key), key, &why);
        }
        if map
            .binary_data
            .as_ref()
            .is_some_and(|data| data.contains_key(key))
        {
            errors.invalid(
                &list.key(key),
                key,
                "duplicate of key present in binaryData",
            );
        }
        size += value.len();
    }
    for (key, value) in map.binary_data.iter().flatten() {
        let list = Path::new("binaryData");
        for why in names::config_key(key) {
            errors.invalid(&list.key(key), key, &why);
        }
        size += value.0.len();
    }
    if size > MAX_SIZE {
        errors.too_long(&Path::new(""), MAX_SIZE);
    }
}

pub(super) fn config_map_update(new: &ConfigMap, old: &ConfigMap, errors: &mut Errors) {
    if old.immutable == Some(true) {
        if new.immutable != Some(true) {
            errors.forbidden(&Path::new("immutable"), FIXED);
        }
        if new.data != old.data {
            errors.forbidden(&Path::new("data"), FIXED);
        }
        if new.binary_data != old.binary_data {
            errors.forbidden(&Path::new("binaryData"), FIXED);
        }
    }
    config_map(new, errors);
}

pub(super) fn secret(secret: &Secret, errors: &mut Errors) {
    let list = Path::new("data");
    let mut size = 0;
    for (key, value) in secret.data.iter().flatten() {
        for why in names::config_key(key) {
            errors.invalid(&list.key(key), key, &why);
        }
        size += value.0.len();
    }
    if size > MAX_SIZE {
        errors.too_long(&list, MAX_SIZE);
    }
    let has = |key: &str| {
        secret
            .data
            .as_ref()
            .is_some_and(|data| data.contains_key(key))
    };
    match secret.type_.as_deref() {
        Some("kubernetes.io/tls") => {
            for key in ["tls.crt", "tls.key"] {
                if !has(key) {
                    errors.required(&list.key(key), "");
                }
            }
        }
        Some("kubernetes.io/dockerconfigjson") if !has(".dockerconfigjson") => {
            errors.required(&list.key(".dockerconfigjson"), "");
        }
        Some("kubernetes.io/basic-auth") if !has("username") && !has("password") => {
            errors.required(&list.key("username"), "");
            errors.required(&list.key("password"), "");
        }
        _ => {}
    }
}

pub(super) fn secret_update(new: &Secret, old: &Secret, errors: &mut Errors) {
    if new.type_ != old.type_ {
        errors.invalid(&Path::new("type"), &new.type_, "field is immutable");
    }
    if old.immutable == Some(true) {
        if new.immutable != Some(true) {
            errors.forbidden(&Path::new("immutable"), FIXED);
        }
        if new.data != old.data {
            errors.forbidden(&Path::new("data"), FIXED);
        }
    }
    secret(new, errors);
}

pub(super) fn endpoints(endpoints: &Endpoints, errors: &mut Errors) {
    let list = Path::new("subsets");
    for (at, subset) in endpoints.subsets.iter().flatten().enumerate() {
        let place = list.index(at);
        let addresses = subset.addresses.as_deref().unwrap_or(&[]);
        let waiting = subset.not_ready_addresses.as_deref().unwrap_or(&[]);
        if addresses.is_empty() && waiting.is_empty() {
            errors.required(&place, "must specify `addresses` or `notReadyAddresses`");
        }
        for (list, name) in [(addresses, "addresses"), (waiting, "notReadyAddresses")] {
            for (index, address) in list.iter().enumerate() {
                if address.ip.parse::<IpAddr>().is_err() {
                    let field = place.child(name);
                    let one = field.index(index);
                    errors.invalid(&one.child("ip"), &address.ip, BAD_IP);
                }
            }
        }
        let ports = subset.ports.as_deref().unwrap_or(&[]);
        for (index, port) in ports.iter().enumerate() {
            let field = place.child("ports");
            let one = field.index(index);
            let name = port.name.as_deref().unwrap_or("");
            if name.is_empty() && ports.len() > 1 {
                errors.required(&one.child("name"), "");
            } else if !name.is_empty() {
                label(name, &one.child("name"), errors);
            }
            if let Some(why) = names::port_number(port.port) {
                errors.invalid(&one.child("port"), &port.port, why);
            }
        }
    }
}

pub(super) fn endpoint_slice(slice: &EndpointSlice, errors: &mut Errors) {
    one_of(
        &slice.address_type,
        &["FQDN", "IPv4", "IPv6"],
        &Path::new("addressType"),
        errors,
    );
    let endpoints = slice.endpoints.as_deref().unwrap_or(&[]);
    let list = Path::new("endpoints");
    if endpoints.len() > MAX_ENDPOINTS {
        errors.too_many(&list, endpoints.len(), MAX_ENDPOINTS);
        return;
    }
    for (at, endpoint) in endpoints.iter().enumerate() {
        let place = list.index(at);
        if endpoint.addresses.is_empty() {
            errors.required(&place.child("addresses"), "must contain at least 1 address");
        }
        for (index, address) in endpoint.addresses.iter().enumerate() {
            let wrong = slice.address_type != "FQDN" && address.parse::<IpAddr>().is_err();
            if wrong {
                let field = place.child("addresses");
                errors.invalid(&field.index(index), address, BAD_IP);
            }
        }
    }
    let ports = slice.ports.as_deref().unwrap_or(&[]);
    if ports.len() > MAX_PORTS {
        errors.too_many(&Path::new("ports"), ports.len(), MAX_PORTS);
    }
}
