//! The shape of every message that crosses the sandbox's border, as static tables made by the build script.

/// Index into [`MESSAGES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageId(pub(crate) u16);

/// Index into [`ENUMS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EnumId(pub(crate) u16);

/// A protobuf message type.
#[derive(Debug)]
pub(crate) struct Message {
    /// Full protobuf name.
    pub(crate) name: &'static str,
    /// Property names of the real (not synthetic) oneofs.
    pub(crate) oneofs: &'static [&'static str],
    /// Fields in the order of their declaration.
    pub(crate) fields: &'static [Field],
}

/// One field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) number: u32,
    /// Property name as protobufjs spells it.
    pub(crate) name: &'static str,
    /// Kind of the value; of a map, that of its values.
    pub(crate) kind: Kind,
    pub(crate) label: Label,
    /// Position of its oneof in [`Message::oneofs`].
    pub(crate) oneof: Option<u16>,
    /// Presence is tracked: a default value that is set is written to the wire.
    pub(crate) explicit: bool,
}

/// How often a field's value may occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Singular,
    Repeated,
    /// A map with keys of this kind.
    Map(Kind),
}

/// Kind of one value. Names are those of the protobuf language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    dead_code,
    reason = "the tables use only the kinds that the protocol has today"
)]
pub(crate) enum Kind {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Enum(EnumId),
    Message(MessageId),
}

/// A protobuf enum type.
#[derive(Debug)]
pub(crate) struct Enum {
    /// Value names with their numbers.
    pub(crate) values: &'static [(&'static str, i32)],
}

include!(concat!(env!("OUT_DIR"), "/schema.rs"));

impl MessageId {
    pub(crate) fn message(self) -> &'static Message {
        &MESSAGES[usize::from(self.0)]
    }
}

impl EnumId {
    pub(crate) fn descriptor(self) -> &'static Enum {
        &ENUMS[usize::from(self.0)]
    }
}

impl Message {
    /// The field with this number; unknown fields have none and are skipped.
    pub(crate) fn field_index(&self, number: u32) -> Option<usize> {
        let guess = (number as usize).wrapping_sub(1);
        if self
            .fields
            .get(guess)
            .is_some_and(|field| field.number == number)
        {
            return Some(guess);
        }
        self.fields.iter().position(|field| field.number == number)
    }
}

impl Kind {
    /// Repeated values of this kind share one length-delimited record.
    pub(crate) fn is_packable(self) -> bool {
        !matches!(self, Self::String | Self::Bytes | Self::Message(_))
    }

    /// Written to the wire as 64 bits and shown to JavaScript as a `Long`.
    pub(crate) fn is_long(self) -> bool {
        matches!(
            self,
            Self::Int64 | Self::Uint64 | Self::Sint64 | Self::Fixed64 | Self::Sfixed64
        )
    }

    pub(crate) fn is_unsigned(self) -> bool {
        matches!(
            self,
            Self::Uint32 | Self::Uint64 | Self::Fixed32 | Self::Fixed64
        )
    }
}
