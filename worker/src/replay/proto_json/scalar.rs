//! Values without parts: from JSON to the wire.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use prost::encoding::{WireType, encode_key, encode_varint};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::schema::Kind;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A JSON value that is neither an object nor an array.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'de> {
    Null,
    Bool(bool),
    Negative(i64),
    Positive(u64),
    Float(f64),
    Text(Cow<'de, str>),
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a boolean")
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Negative(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Positive(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }
}

impl Scalar<'_> {
    /// Writes the value as field `number` of this kind.
    pub(super) fn write<E: Error>(
        &self,
        kind: Kind,
        number: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), E> {
        let expected = |what: &str| E::custom(format_args!("{self} is no {what}"));
        match kind {
            Kind::Bool => {
                let value = self.as_bool().ok_or_else(|| expected("boolean"))?;
                write_varint(number, u64::from(value), out);
            }
            Kind::Int32 | Kind::Int64 => {
                let value = self.as_i64().ok_or_else(|| expected("whole number"))?;
                write_varint(number, value.cast_unsigned(), out);
            }
            Kind::Uint32 | Kind::Uint64 => {
                let value = self
                    .as_u64()
                    .ok_or_else(|| expected("whole number without sign"))?;
                write_varint(number, value, out);
            }
            Kind::Sint32 | Kind::Sint64 => {
                let value = self.as_i64().ok_or_else(|| expected("whole number"))?;
                write_varint(number, ((value << 1) ^ (value >> 63)).cast_unsigned(), out);
            }
            Kind::Fixed64 | Kind::Sfixed64 => {
                let value = self.as_i64().map(i64::cast_unsigned).or(self.as_u64());
                let value = value.ok_or_else(|| expected("whole number"))?;
                encode_key(number, WireType::SixtyFourBit, out);
                out.extend(value.to_le_bytes());
            }
            Kind::Fixed32 | Kind::Sfixed32 => {
                let value = self
                    .as_i64()
                    .and_then(|value| u32::try_from(value & 0xffff_ffff).ok());
                let value = value.ok_or_else(|| expected("whole number"))?;
                encode_key(number, WireType::ThirtyTwoBit, out);
                out.extend(value.to_le_bytes());
            }
            Kind::Double => {
                let value = self.as_f64().ok_or_else(|| expected("number"))?;
                encode_key(number, WireType::SixtyFourBit, out);
                out.extend(value.to_le_bytes());
            }
            Kind::Float => {
                let value = self.as_f64().ok_or_else(|| expected("number"))? as f32;
                encode_key(number, WireType::ThirtyTwoBit, out);
                out.extend(value.to_le_bytes());
            }
            Kind::String => {
                let Self::Text(text) = self else {
                    return Err(expected("text"));
                };
                write_delimited(number, text.as_bytes(), out);
            }
            Kind::Bytes => {
                let bytes = self.as_bytes().ok_or_else(|| expected("base64 text"))?;
                write_delimited(number, &bytes, out);
            }
            Kind::Enum(_) | Kind::Message(_) => return Err(expected("value with parts")),
        }
        Ok(())
    }

    pub(super) fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Negative(value) => Some(*value),
            Self::Positive(value) => i64::try_from(*value).ok(),
            Self::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(*value as i64),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Positive(value) => Some(*value),
            Self::Text(text) => text.parse().ok(),
            other => u64::try_from(other.as_i64()?).ok(),
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Negative(value) => Some(*value as f64),
            Self::Positive(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Text(text) => match text.as_ref() {
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                text => text.parse().ok(),
            },
            Self::Null | Self::Bool(_) => None,
        }
    }

    fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            // Keys of maps are texts.
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn as_bytes(&self) -> Option<Vec<u8>> {
        let Self::Text(text) = self else { return None };
        STANDARD
            .decode(text.as_ref())
            .or_else(|_| URL_SAFE.decode(text.as_ref()))
            .ok()
    }
}

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_CHARS_MAX: usize = 40;
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Negative(value) => value.fmt(f),
            Self::Positive(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(text) => {
                let shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
                write!(f, "{shown:?}")
            }
        }
    }
}

pub(super) fn write_varint(number: u32, value: u64, out: &mut Vec<u8>) {
    encode_key(number, WireType::Varint, out);
    encode_varint(value, out);
}

pub(super) fn write_delimited(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend(bytes);
}
