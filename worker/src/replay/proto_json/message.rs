//! Messages: objects of JSON to length-delimited records of the wire.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::scalar::{Scalar, write_delimited, write_varint};
use super::schema::{EnumId, Field, HISTORY, Kind, Label, MessageId};
use super::time::{Time, parse_duration, parse_timestamp};

/// The field of `History` that holds its events.
const EVENTS: &str = "events";
/// The enum whose unknown values are worth a sentence.
const EVENT_TYPE: &str = "temporal.api.enums.v1.EventType";
const TIMESTAMP: &str = "google.protobuf.Timestamp";
const DURATION: &str = "google.protobuf.Duration";

/// What the protocol has no place for.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    pub(super) event_types: Vec<String>,
}

/// Reads one message and writes its fields to `out`.
pub(super) struct MessageSeed<'o> {
    message: MessageId,
    out: &'o mut Vec<u8>,
    unknown: &'o mut Unknown,
    /// A list in the place of the message is that of its events, and `history` holds one.
    is_document: bool,
}

impl<'o> MessageSeed<'o> {
    /// The document.
    pub(super) fn history(out: &'o mut Vec<u8>, unknown: &'o mut Unknown) -> Self {
        Self {
            message: HISTORY,
            out,
            unknown,
            is_document: true,
        }
    }

    /// Well-known types that JSON writes as a text.
    fn write_text<E: Error>(self, text: &str) -> Result<(), E> {
        let name = self.message.message().name;
        let time = match name {
            TIMESTAMP => parse_timestamp(text),
            DURATION => parse_duration(text),
            _ => None,
        };
        let Some(Time { seconds, nanos }) = time else {
            let shown = Scalar::Text(text.into());
            return Err(E::custom(format_args!("{shown} is no `{name}`")));
        };
        write_varint(1, seconds.cast_unsigned(), self.out);
        write_varint(2, i64::from(nanos).cast_unsigned(), self.out);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_document {
            return f.write_str("a history, `{\"events\": [...]}`");
        }
        write!(f, "a message `{}`", self.message.message().name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let message = self.message.message();
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if let Some(field) = message.field(&key) {
                map.next_value_seed(FieldSeed {
                    field,
                    out: &mut *self.out,
                    unknown: &mut *self.unknown,
                })?;
            } else if self.is_document && key == "history" {
                map.next_value_seed(MessageSeed::history(self.out, self.unknown))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        match HISTORY.message().field(EVENTS) {
            Some(field) if self.is_document => FieldSeed {
                field,
                out: self.out,
                unknown: self.unknown,
            }
            .visit_seq(seq),
            _ => Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.write_text(text)
    }
}

/// Reads the value of a field.
struct FieldSeed<'o> {
    field: &'static Field,
    out: &'o mut Vec<u8>,
    unknown: &'o mut Unknown,
}

impl<'de> DeserializeSeed<'de> for FieldSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.field.label {
            // Null is a list without elements.
            Label::Repeated | Label::Map(_) => deserializer.deserialize_option(self),
            Label::Singular => OneSeed::of(self).deserialize(deserializer),
        }
    }
}

impl<'de> Visitor<'de> for FieldSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.field.label {
            Label::Map(_) => "an object",
            _ => "a list",
        };
        write!(f, "{what} for `{}`", self.field.names[0])
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.field.label {
            Label::Map(_) => deserializer.deserialize_map(self),
            _ => deserializer.deserialize_seq(self),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq
            .next_element_seed(OneSeed {
                field: self.field,
                number: self.field.number,
                out: &mut *self.out,
                unknown: &mut *self.unknown,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Label::Map(key_kind) = self.field.label else {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Map, &self));
        };
        let mut entry = Vec::new();
        while let Some(key) = map.next_key::<Scalar<'de>>()? {
            entry.clear();
            key.write(key_kind, 1, &mut entry)?;
            map.next_value_seed(OneSeed {
                field: self.field,
                number: 2,
                out: &mut entry,
                unknown: &mut *self.unknown,
            })?;
            write_delimited(self.field.number, &entry, self.out);
        }
        Ok(())
    }
}

/// Reads one value and writes it under `number`.
struct OneSeed<'o> {
    field: &'static Field,
    number: u32,
    out: &'o mut Vec<u8>,
    unknown: &'o mut Unknown,
}

impl<'o> OneSeed<'o> {
    fn of(seed: FieldSeed<'o>) -> Self {
        Self {
            field: seed.field,
            number: seed.field.number,
            out: seed.out,
            unknown: seed.unknown,
        }
    }

    fn write_enum<E: Error>(self, descriptor: EnumId, value: &Scalar<'_>) -> Result<(), E> {
        let descriptor = descriptor.descriptor();
        let number = match value {
            Scalar::Text(name) => descriptor.number(name),
            other => other.as_i64().and_then(|number| i32::try_from(number).ok()),
        };
        match (number, value) {
            (Some(number), _) => {
                write_varint(self.number, i64::from(number).cast_unsigned(), self.out);
                Ok(())
            }
            (None, Scalar::Text(name)) => {
                if descriptor.name == EVENT_TYPE {
                    self.unknown.event_types.push(name.clone().into_owned());
                }
                Ok(())
            }
            (None, other) => Err(E::custom(format_args!(
                "{other} is no value of `{}`",
                descriptor.name
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for OneSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.field.kind {
            Kind::Message(_) => deserializer.deserialize_option(self),
            kind => {
                let value = <Scalar<'de> as serde::Deserialize>::deserialize(deserializer)?;
                match (value, kind) {
                    // As if it had not been written.
                    (Scalar::Null, _) => Ok(()),
                    (value, Kind::Enum(descriptor)) => self.write_enum(descriptor, &value),
                    (value, kind) => {
                        value
                            .write(kind, self.number, self.out)
                            .map_err(|error: D::Error| {
                                D::Error::custom(format_args!("`{}`: {error}", self.field.names[0]))
                            })
                    }
                }
            }
        }
    }
}

/// A message in the place of one value; null is none.
impl<'de> Visitor<'de> for OneSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a message for `{}`", self.field.names[0])
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Kind::Message(message) = self.field.kind else {
            return Err(D::Error::custom("a value without parts"));
        };
        let mut bytes = Vec::new();
        deserializer.deserialize_any(MessageSeed {
            message,
            out: &mut bytes,
            unknown: self.unknown,
            is_document: false,
        })?;
        write_delimited(self.number, &bytes, self.out);
        Ok(())
    }
}
