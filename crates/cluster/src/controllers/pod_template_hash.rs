//! The hash of a pod template that names what is made from it.
//!
//! Upstream hashes a dump of the Go value: every field of every struct under its Go name, with its type. That text is made
//! again here from the table of fields, with what the table does not say: Go names that are not the field's name in capitals,
//! and structs that are embedded.
//!
//! Upstream: ComputeHash in `pkg/controller/controller_utils.go`, `k8s.io/utils/dump`, `github.com/davecgh/go-spew`.

use crate::api::quantity::{Amount, Short};
use crate::api::schema::{self, Field, Presence, Type};
use crate::hash::{fnv1a_32, safe_encode};
use crate::typed;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Map, Value};
use std::fmt::Write;

/// Go names by the field's name, with a struct before it where another has a field of that name too.
const GO_NAMES: &str = "metadata=ObjectMeta uid=UID serviceAccount=DeprecatedServiceAccount os=OS ip=IP tty=TTY \
     csi=CSI fc=FC nfs=NFS rbd=RBD grpc=GRPC iscsi=ISCSI cephfs=CephFS storageos=StorageOS iqn=IQN wwids=WWIDs \
     diskURI=DataDiskURI chapAuthDiscovery=DiscoveryCHAPAuth chapAuthSession=SessionCHAPAuth pdID=PdID RBDVolumeSource.image=RBDImage \
     RBDVolumeSource.monitors=CephMonitors RBDVolumeSource.pool=RBDPool RBDVolumeSource.user=RadosUser \
     GlusterfsVolumeSource.endpoints=EndpointsName";
/// First words that Go writes in capitals.
const CAPITALS: [&str; 12] = [
    "api", "aws", "dns", "fs", "gce", "gmsa", "http", "iscsi", "pd", "se", "ssl", "tcp",
];
/// Structs with the struct that is embedded in them, and its fields: so many from a place on, or all the rest.
const EMBEDDED: [(&str, &str, usize, usize); 10] = [
    ("ConfigMapEnvSource", "LocalObjectReference", 0, 1),
    ("ConfigMapKeySelector", "LocalObjectReference", 0, 1),
    ("ConfigMapProjection", "LocalObjectReference", 0, 1),
    ("ConfigMapVolumeSource", "LocalObjectReference", 0, 1),
    ("EphemeralContainer", "EphemeralContainerCommon", 0, 25),
    ("Probe", "ProbeHandler", 0, 4),
    ("SecretEnvSource", "LocalObjectReference", 0, 1),
    ("SecretKeySelector", "LocalObjectReference", 0, 1),
    ("SecretProjection", "LocalObjectReference", 0, 1),
    ("Volume", "VolumeSource", 1, usize::MAX),
];

/// The hash of `template`, kept apart from that of an equal name by the count of collisions, if there were any.
pub(crate) fn compute_hash(template: &PodTemplateSpec, collisions: Option<i32>) -> String {
    let value = typed::to_value(template);
    let mut text = "(v1.PodTemplateSpec)".to_owned();
    structure("PodTemplateSpec", &value, &mut text);
    let mut salt = [0; 8];
    if let Some(collisions) = collisions {
        salt[..4].copy_from_slice(&collisions.to_le_bytes());
    }
    let salt = collisions.map_or(&[][..], |_| &salt);
    safe_encode(fnv1a_32(&[text.as_bytes(), salt]))
}

fn go_name(id: &str, name: &str) -> String {
    let scoped = format!("{id}.{name}");
    let known = GO_NAMES
        .split_whitespace()
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name || *key == scoped);
    if let Some((_, go)) = known {
        return go.to_owned();
    }
    let first = name.find(|letter: char| letter.is_uppercase());
    let (word, rest) = name.split_at(first.unwrap_or(name.len()));
    if !rest.is_empty() && CAPITALS.contains(&word) {
        return word.to_uppercase() + rest;
    }
    let mut letters = name.chars();
    let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
    capital.into_iter().chain(letters).collect()
}

fn structure(id: &str, value: &Value, text: &mut String) {
    let none = Map::new();
    let map = value.as_object().unwrap_or(&none);
    let embedded = EMBEDDED.iter().find(|(outer, ..)| *outer == id);
    let first = embedded.map_or(usize::MAX, |(_, _, first, _)| *first);
    let end = embedded.map_or(usize::MAX, |(_, _, first, count)| {
        first.saturating_add(*count)
    });
    text.push('{');
    let mut inside = false;
    for (at, (name, field)) in schema::in_order(id).enumerate() {
        if at == end {
            text.push('}');
            inside = false;
        }
        if at > 0 {
            text.push(' ');
        }
        if at == first
            && let Some((_, inner, ..)) = embedded
        {
            let _ = write!(text, "{inner}:(v1.{inner}){{");
            inside = true;
        }
        let _ = write!(text, "{}:", go_name(id, name));
        let value = map.get(name).unwrap_or(&Value::Null);
        write_field(&field, value, text);
    }
    text.push_str(if inside { "}}" } else { "}" });
}

/// A field's value behind its type.
fn write_field(field: &Field, value: &Value, text: &mut String) {
    let ty = go_type(&field.ty);
    if field.presence == Presence::IfSet {
        let _ = write!(text, "(*{ty})");
        if value.is_null() {
            return text.push_str("<nil>");
        }
    } else {
        let _ = write!(text, "({ty})");
    }
    write_value(&field.ty, value, text);
}

/// The Go type's name.
fn go_type(ty: &Type) -> String {
    match ty {
        Type::IntOrString => "intstr.IntOrString".to_owned(),
        Type::Time | Type::MicroTime => "v1.Time".to_owned(),
        Type::List(element) => format!("[]{}", go_type(element)),
        // The only one of this kind in a template.
        Type::Raw => "v1.FieldsV1".to_owned(),
        other => other.go_name(),
    }
}

/// A value without its type.
fn write_value(ty: &Type, value: &Value, text: &mut String) {
    match ty {
        Type::String(_) => text.push_str(value.as_str().unwrap_or("")),
        Type::Bool => {
            let _ = write!(text, "{}", value.as_bool().unwrap_or(false));
        }
        Type::Int32 | Type::Int64 => {
            let _ = write!(text, "{}", value.as_i64().unwrap_or(0));
        }
        Type::Quantity => quantity(value.as_str().unwrap_or(""), text),
        Type::IntOrString => {
            let kind = u8::from(value.is_string());
            let number = value.as_i64().unwrap_or(0);
            let word = value.as_str().unwrap_or("");
            let _ = write!(
                text,
                "{{Type:(intstr.Type){kind} IntVal:(int32){number} StrVal:(string){word}}}"
            );
        }
        // No date of a template's metadata is ever set.
        Type::Time | Type::MicroTime => text
            .push_str("{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}"),
        Type::Struct(id) => structure(schema::go_struct(id), value, text),
        Type::List(element) => {
            let items = value.as_array().filter(|items| !items.is_empty());
            let Some(items) = items else {
                return text.push_str("<nil>");
            };
            for (at, item) in items.iter().enumerate() {
                text.push(if at == 0 { '[' } else { ' ' });
                write_value(element, item, text);
            }
            text.push(']');
        }
        Type::Map(element) => {
            let entries = value.as_object().filter(|entries| !entries.is_empty());
            let Some(entries) = entries else {
                return text.push_str("<nil>");
            };
            for (at, (key, item)) in entries.iter().enumerate() {
                text.push_str(if at == 0 { "map[" } else { " " });
                let _ = write!(text, "{key}:");
                write_value(element, item, text);
            }
            text.push(']');
        }
        Type::Bytes | Type::Raw => text.push_str("<nil>"),
    }
}

/// An amount as it is in memory after it was read: short ones as an `int64` with a scale, long ones as a decimal of any
/// length.
///
/// Upstream: ParseQuantity in `staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go`.
fn quantity(amount: &str, text: &mut String) {
    let Ok(parsed) = Amount::parse(amount) else {
        return;
    };
    let format = parsed.format_name();
    let Some(Short { value, scale, kept }) = Short::of(amount) else {
        return long(parsed, text);
    };
    let kept = if kept { amount } else { "" };
    let _ = write!(
        text,
        "{{i:(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}} \
         d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){kept} Format:(resource.Format){format}}}"
    );
}

/// A long amount: thousand-millionths in words of 64 bits, the lowest first.
fn long(amount: Amount, text: &mut String) {
    let (nano, negative) = (amount.nano().unsigned_abs(), amount.nano() < 0);
    let format = amount.format_name();
    let low = nano & u128::from(u64::MAX);
    let words = match nano >> 64 {
        0 => low.to_string(),
        high => format!("{low} {high}"),
    };
    let _ = write!(
        text,
        "{{i:(resource.int64Amount){{value:(int64)0 scale:(resource.Scale)0}} d:(resource.infDecAmount){{Dec:(*inf.Dec)\
         {{unscaled:(big.Int){{neg:(bool){negative} abs:(big.nat)[{words}]}} scale:(inf.Scale)9}}}} s:(string) \
         Format:(resource.Format){format}}}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::quantity;

    /// Templates of real Deployments with the hashes that a real cluster gave them.
    const RECORDED: &str = include_str!("pod_template_hashes.json");

    #[test]
    fn templates_have_the_recorded_hashes() {
        let recorded: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
        assert!(recorded.len() >= 8);
        for pair in recorded {
            let template: PodTemplateSpec = typed::from_value(&pair["template"]).unwrap();
            let collisions = pair["collisions"].as_i64().map(|n| n as i32);
            assert_eq!(
                compute_hash(&template, collisions),
                pair["hash"].as_str().unwrap()
            );
        }
    }

    /// Amounts as they are written, as the API server stores them, and the FNV-1a of what a real controller hashes of them:
    /// all made by `k8s.io/apimachinery` v0.36.3.
    const QUANTITIES: &str = include_str!("pod_template_quantities.txt");

    #[test]
    fn amounts_are_hashed_as_they_are_in_memory() {
        let mut wrong = Vec::new();
        for line in QUANTITIES.lines() {
            let mut words = line.split(' ');
            let mut word = || words.next().unwrap_or_default();
            let (written, stored, expected) = (word(), word(), word());
            let kept = quantity::stored(written).unwrap_or_else(str::to_owned);
            let mut dumped = "(resource.Quantity)".to_owned();
            super::quantity(stored, &mut dumped);
            let hash = fnv1a_32(&[dumped.as_bytes()]).to_string();
            if kept != stored || hash != expected {
                wrong.push(format!("{line}: {kept}, {dumped}"));
            }
        }
        assert!(wrong.is_empty(), "{} {:#?}", wrong.len(), wrong);
    }
}
