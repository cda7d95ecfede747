//! Payload converters of the program's own.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::Payload;
use crate::payload::{self, DecodeError, EncodeError};

/// Why a converter could not read or write a value. Any standard error turns into it by `?`.
pub type ConverterError = Box<dyn std::error::Error + Send + Sync>;

/// An encoding besides the default ones, for arguments, results and heartbeats of activities.
///
/// A converter works on JSON values, the common ground of the SDKs: the handler's types become them by serde. What it
/// does not know it leaves to the default encodings (`json/plain`, `json/protobuf`, `binary/null`, `binary/plain`), as
/// one converter of a TypeScript `CompositePayloadConverter` leaves it to the next. Details of failures are always
/// written by the default. To encrypt or compress payloads is the affair of a payload codec.
pub trait PayloadConverter: Send + Sync {
    /// Writes a value; nothing leaves it to the default.
    ///
    /// # Errors
    /// A value of the converter's own kind that cannot be written.
    fn to_payload(&self, value: &Value) -> Result<Option<Payload>, ConverterError>;

    /// Reads a payload; nothing leaves it to the default.
    ///
    /// # Errors
    /// A payload of the converter's own encoding that cannot be read.
    fn to_value(&self, payload: &Payload) -> Result<Option<Value>, ConverterError>;
}

/// The default encodings, behind a converter of the program's own if there is one.
#[derive(Clone, Default)]
pub(crate) struct Converter(Option<Arc<dyn PayloadConverter>>);

impl Converter {
    pub(crate) fn of(own: Arc<dyn PayloadConverter>) -> Self {
        Self(Some(own))
    }

    /// Writes one value.
    pub(crate) fn encode<T: Serialize + ?Sized>(&self, value: &T) -> Result<Payload, EncodeError> {
        let Some(own) = &self.0 else {
            return payload::encode(value);
        };
        let value = payload::to_value(value)?;
        match own.to_payload(&value).map_err(EncodeError::Converter)? {
            Some(payload) => Ok(payload),
            None => payload::encode(&value),
        }
    }

    /// The payloads in default encodings. Those that are in one already are not copied.
    pub(crate) fn to_default<'a>(
        &self,
        payloads: &'a [Payload],
    ) -> Result<Cow<'a, [Payload]>, DecodeError> {
        let Some(own) = &self.0 else {
            return Ok(Cow::Borrowed(payloads));
        };
        let read = payloads.iter().enumerate().map(|(index, payload)| {
            let own = own
                .to_value(payload)
                .map_err(|error| DecodeError::Shape(format!("argument {}: {error}", index + 1)))?;
            match own {
                None => Ok(payload.clone()),
                Some(value) => {
                    payload::encode(&value).map_err(|error| DecodeError::Shape(error.to_string()))
                }
            }
        });
        read.collect::<Result<Vec<_>, _>>().map(Cow::Owned)
    }
}

impl std::fmt::Debug for Converter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "own" } else { "default" })
    }
}
