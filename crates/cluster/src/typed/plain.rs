//! What has no fields: texts, numbers, and the types of the API that are one value.

use super::{Data, Mismatch};
use k8s_openapi::ByteString;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{FieldsV1, MicroTime, Time};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use k8s_openapi::jiff::Timestamp;
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde_json::Value;
use std::fmt::Display;

/// How values of one type are read and written.
macro_rules! plain {
    ($($type:ty: $unset:expr, |$value:ident| $read:expr, |$own:ident| $write:expr;)*) => { $(
        impl Data for $type {
            fn unset() -> Self {
                $unset
            }
            fn read(&mut self, $value: &Value) -> Result<(), Mismatch> {
                *self = $read;
                Ok(())
            }
            fn write(&self) -> Option<Value> {
                let $own = self;
                Some($write)
            }
        }
    )* };
}

plain! {
    String: String::new(), |value| text(value)?.to_owned(), |own| Value::String(own.clone());
    bool: false, |value| value.as_bool().ok_or(Mismatch)?, |own| Value::Bool(*own);
    i32: 0, |value| int32(value)?, |own| Value::from(*own);
    i64: 0, |value| value.as_i64().ok_or(Mismatch)?, |own| Value::from(*own);
    Quantity: Quantity::default(), |value| Quantity(text(value)?.to_owned()), |own| Value::String(own.0.clone());
    IntOrString: IntOrString::default(), |value| int_or_string(value)?, |own| match own {
        IntOrString::Int(number) => Value::from(*number),
        IntOrString::String(text) => Value::String(text.clone()),
    };
    Time: Time(Timestamp::UNIX_EPOCH), |value| Time(date(value)?), |own| whole_seconds(own.0, "");
    MicroTime: MicroTime(Timestamp::UNIX_EPOCH), |value| MicroTime(date(value)?), |own| {
        whole_seconds(own.0, &format!(".{:06}", own.0.subsec_microsecond()))
    };
    RawExtension: RawExtension::default(), |value| RawExtension(value.clone()), |own| own.0.clone();
    FieldsV1: FieldsV1::default(), |value| FieldsV1(value.clone()), |own| own.0.clone();
    ByteString: ByteString::default(), |value| bytes(value)?, |own| serde_json::to_value(own).unwrap_or_default();
}

fn text(value: &Value) -> Result<&str, Mismatch> {
    value.as_str().ok_or(Mismatch)
}

fn int32(value: &Value) -> Result<i32, Mismatch> {
    let number = value.as_i64().ok_or(Mismatch)?;
    i32::try_from(number).map_err(|_| Mismatch)
}

fn int_or_string(value: &Value) -> Result<IntOrString, Mismatch> {
    match value {
        Value::String(text) => Ok(IntOrString::String(text.clone())),
        value => int32(value).map(IntOrString::Int),
    }
}

fn date(value: &Value) -> Result<Timestamp, Mismatch> {
    text(value)?.parse().map_err(|_| Mismatch)
}

/// A date without the part of its second, which is given as text.
fn whole_seconds(date: Timestamp, fraction: &str) -> Value {
    let date = Timestamp::from_second(date.as_second()).unwrap_or(date);
    let text = date.to_string();
    let bare = text.trim_end_matches('Z');
    Value::String([bare, fraction, "Z"].concat())
}

impl serde::de::Error for Mismatch {
    fn custom<T: Display>(_: T) -> Self {
        Mismatch
    }
}

/// The type reads its base64 itself.
fn bytes(value: &Value) -> Result<ByteString, Mismatch> {
    ByteString::deserialize(StrDeserializer::<Mismatch>::new(text(value)?))
}
