//! Single values to and from [`Payload`]s, with the encodings of the SDKs' default converters.
//!
//! Written: `json/plain`, and `binary/null` for "no value" (`()` and `None`), which TypeScript
//! reads as `undefined`. Read: those two, `json/protobuf` (the same text form) and `binary/plain`
//! (a sequence of bytes).

use std::collections::HashMap;

use serde::Serialize;
use serde::de::value::{Error as ValueError, SeqDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed};
use temporalio_common::protos::temporal::api::common::v1::Payload;

const ENCODING: &str = "encoding";
const JSON_PLAIN: &str = "json/plain";
const JSON_PROTOBUF: &str = "json/protobuf";
const BINARY_NULL: &str = "binary/null";
const BINARY_PLAIN: &str = "binary/plain";

/// A value that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// JSON cannot hold it: use another type, for example string keys in a map.
    #[error("cannot write a value of type {type_name} as JSON: {source}")]
    Json {
        /// The type's name.
        type_name: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The program's own payload converter failed.
    #[error("the payload converter failed: {0}")]
    Converter(crate::converter::ConverterError),
}

/// A payload that could not be read as the wanted type.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The value is not of the shape that the handler declares: fix the caller or the type.
    #[error("{0}")]
    Shape(String),
    /// The payload is in an encoding that this crate does not read, for example encrypted by a
    /// payload codec: send JSON.
    #[error(
        "payload encoding {0:?} is not supported; send json/plain, binary/null or binary/plain"
    )]
    Encoding(String),
}

impl serde::de::Error for DecodeError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Shape(message.to_string())
    }
}

impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        Self::Shape(error.to_string())
    }
}

impl From<ValueError> for DecodeError {
    fn from(error: ValueError) -> Self {
        Self::Shape(error.to_string())
    }
}

/// Writes one value.
///
/// # Errors
/// Types that JSON cannot hold, such as a map whose keys are not strings.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Payload, EncodeError> {
    let data = serde_json::to_vec(value).map_err(unwritable::<T>)?;
    Ok(if data == b"null" {
        payload(BINARY_NULL, Vec::new())
    } else {
        payload(JSON_PLAIN, data)
    })
}

/// A value as JSON holds it.
///
/// # Errors
/// Types that JSON cannot hold.
pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<serde_json::Value, EncodeError> {
    serde_json::to_value(value).map_err(unwritable::<T>)
}

fn unwritable<T: ?Sized>(source: serde_json::Error) -> EncodeError {
    EncodeError::Json {
        type_name: std::any::type_name::<T>(),
        source,
    }
}

/// Reads one value.
///
/// # Errors
/// See [`DecodeError`].
pub(crate) fn decode<T: DeserializeOwned>(payload: &Payload) -> Result<T, DecodeError> {
    decode_seed(payload, std::marker::PhantomData)
}

/// Reads one value through a serde seed, so that a caller which is itself a deserializer can
/// hand a payload to whatever it is asked for.
pub(crate) fn decode_seed<'de, S: DeserializeSeed<'de>>(
    payload: &'de Payload,
    seed: S,
) -> Result<S::Value, DecodeError> {
    match encoding(payload)? {
        JSON_PLAIN | JSON_PROTOBUF => {
            let mut reader = serde_json::Deserializer::from_slice(&payload.data);
            let value = seed.deserialize(&mut reader)?;
            reader.end()?;
            Ok(value)
        }
        BINARY_NULL => Ok(seed.deserialize(serde_json::Value::Null)?),
        BINARY_PLAIN => {
            let bytes = SeqDeserializer::<_, ValueError>::new(payload.data.iter().copied());
            Ok(seed.deserialize(bytes)?)
        }
        other => Err(DecodeError::Encoding(other.to_owned())),
    }
}

/// `true` for a payload that stands for "no value" (`undefined` in TypeScript).
pub(crate) fn is_absent(payload: &Payload) -> bool {
    matches!(encoding(payload), Ok(BINARY_NULL))
}

fn encoding(payload: &Payload) -> Result<&str, DecodeError> {
    let Some(name) = payload.metadata.get(ENCODING) else {
        return Err(DecodeError::Encoding(String::new()));
    };
    std::str::from_utf8(name)
        .map_err(|_| DecodeError::Encoding(String::from_utf8_lossy(name).into_owned()))
}

fn payload(encoding: &str, data: Vec<u8>) -> Payload {
    Payload {
        metadata: HashMap::from([(ENCODING.to_owned(), encoding.as_bytes().to_vec())]),
        data,
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn raw(encoding: &str, data: &[u8]) -> Payload {
        payload(encoding, data.to_vec())
    }

    #[test]
    fn values_are_written_as_plain_json() {
        let written = encode(&json!({"a": [1, "x"]})).unwrap();
        assert_eq!(written.metadata[ENCODING], b"json/plain");
        assert_eq!(written.data, br#"{"a":[1,"x"]}"#);
    }

    #[test]
    fn no_value_is_written_as_binary_null() {
        for written in [encode(&()).unwrap(), encode(&None::<u8>).unwrap()] {
            assert_eq!(written.metadata[ENCODING], b"binary/null");
            assert!(written.data.is_empty());
            assert!(is_absent(&written));
        }
        assert!(!is_absent(&encode(&0).unwrap()));
    }

    #[test]
    fn binary_null_reads_as_none_and_unit() {
        assert_eq!(
            decode::<Option<String>>(&raw(BINARY_NULL, b"")).unwrap(),
            None
        );
        decode::<()>(&raw(BINARY_NULL, b"")).unwrap();
        assert!(decode::<String>(&raw(BINARY_NULL, b"")).is_err());
    }

    #[test]
    fn binary_plain_reads_as_bytes() {
        assert_eq!(
            decode::<Vec<u8>>(&raw(BINARY_PLAIN, &[0, 255])).unwrap(),
            [0, 255]
        );
    }

    #[test]
    fn an_unknown_or_missing_encoding_is_named() {
        let error = decode::<Value>(&raw("binary/encrypted", b"x")).unwrap_err();
        assert!(error.to_string().contains("binary/encrypted"), "{error}");
        assert!(decode::<Value>(&Payload::default()).is_err());
        assert!(decode::<Value>(&raw("\u{fffd}", b"x")).is_err());
    }

    #[test]
    fn text_after_the_value_is_refused() {
        assert!(decode::<u8>(&raw(JSON_PLAIN, b"1 2")).is_err());
    }

    #[test]
    fn a_value_that_json_cannot_hold_is_an_error() {
        let keyed_by_list = HashMap::from([(vec![1], 2)]);
        let error = encode(&keyed_by_list).unwrap_err().to_string();
        assert!(error.contains("HashMap"), "{error}");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in ".*", number in any::<i64>(), list in proptest::collection::vec(any::<bool>(), 0..8)) {
            let value = (text, number, list);
            prop_assert_eq!(decode::<(String, i64, Vec<bool>)>(&encode(&value).unwrap()).unwrap(), value);
        }
    }
}
