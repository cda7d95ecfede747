//! The messages of a history with the names that JSON has for them, as static tables made by the build script.

/// Index into [`MESSAGES`].
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageId(pub(super) u16);

/// Index into [`ENUMS`].
#[derive(Clone, Copy, Debug)]
pub(super) struct EnumId(pub(super) u16);

/// A protobuf message type.
#[derive(Debug)]
pub(super) struct Message {
    /// Full protobuf name.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

/// One field of a message.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) number: u32,
    /// What writers of JSON call it; the usual name comes first.
    pub(super) names: &'static [&'static str],
    /// Kind of the value; of a map, that of its values.
    pub(super) kind: Kind,
    pub(super) label: Label,
}

/// How often a field's value may occur.
#[derive(Clone, Copy, Debug)]
pub(super) enum Label {
    Singular,
    Repeated,
    /// A map with keys of this kind.
    Map(Kind),
}

/// Kind of one value. Names are those of the protobuf language.
#[derive(Clone, Copy, Debug)]
#[allow(
    dead_code,
    reason = "the tables use only the kinds that the protocol has today"
)]
pub(super) enum Kind {
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
pub(super) struct Enum {
    pub(super) name: &'static str,
    /// Names in capitals without underscores, with and without the common prefix, and numbers.
    pub(super) values: &'static [(&'static str, &'static str, i32)],
}

include!(concat!(env!("OUT_DIR"), "/history_json.rs"));

impl MessageId {
    pub(super) fn message(self) -> &'static Message {
        &MESSAGES[usize::from(self.0)]
    }
}

impl Message {
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.names.contains(&name))
    }
}

impl EnumId {
    pub(super) fn descriptor(self) -> &'static Enum {
        &ENUMS[usize::from(self.0)]
    }
}

impl Enum {
    /// The number of a value by any spelling of its name.
    pub(super) fn number(&self, name: &str) -> Option<i32> {
        let plain: String = name
            .chars()
            .filter(|letter| *letter != '_')
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        self.values
            .iter()
            .find(|(full, short, _)| *full == plain || *short == plain)
            .map(|(_, _, number)| *number)
    }
}
