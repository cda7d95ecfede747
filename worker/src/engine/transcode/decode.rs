//! Wire bytes to V8 values.

use deno_core::v8;

use super::schema::{Field, Kind, Label, MessageId};
use super::wire::{Reader, WireError, WireType, unzigzag};
use super::{DEPTH_MAX, TranscodeError, Transcoder};

type Slots<'s> = Vec<(usize, Slot<'s>)>;

/// What has been read of a field that may occur more than once.
enum Slot<'s> {
    List(Vec<v8::Local<'s, v8::Value>>),
    Map(v8::Local<'s, v8::Object>),
}

impl Transcoder {
    /// Reads `bytes` as a message of type `id`. Fields that the tables do not know are skipped.
    pub(crate) fn decode<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        id: MessageId,
        bytes: &[u8],
    ) -> Result<v8::Local<'s, v8::Object>, TranscodeError> {
        self.decode_message(scope, id, bytes, 0)
    }

    fn decode_message<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        id: MessageId,
        bytes: &[u8],
        depth: usize,
    ) -> Result<v8::Local<'s, v8::Object>, TranscodeError> {
        let message = id.message();
        let wire = |source| TranscodeError::Wire {
            message: message.name,
            source,
        };
        if depth > DEPTH_MAX {
            return Err(wire(WireError::Depth(DEPTH_MAX)));
        }
        let class = self.class(scope, id)?;
        let constructor = v8::Local::new(scope, &class.constructor);
        let object = constructor
            .new_instance(scope, &[])
            .ok_or_else(TranscodeError::threw)?;
        let mut slots: Slots<'s> = Vec::new();
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            let (number, wire_type) = reader.tag().map_err(wire)?;
            let Some(index) = message.field_index(number) else {
                reader.skip(wire_type).map_err(wire)?;
                continue;
            };
            let field = &message.fields[index];
            match field.label {
                Label::Singular => {
                    let value =
                        self.decode_value(scope, field, wire_type, &mut reader, id, depth)?;
                    let key = v8::Local::new(scope, &class.keys[index]);
                    object
                        .create_data_property(scope, key.into(), value)
                        .ok_or_else(TranscodeError::threw)?;
                }
                Label::Repeated => self.decode_repeated(
                    scope,
                    index,
                    id,
                    wire_type,
                    &mut reader,
                    &mut slots,
                    depth,
                )?,
                Label::Map(key_kind) => {
                    let entry = expect_delimited(field, wire_type, &mut reader).map_err(wire)?;
                    let map = map_slot(scope, &mut slots, index);
                    self.decode_entry(scope, map, key_kind, field, entry, id, depth)?;
                }
            }
        }
        for (index, slot) in slots {
            let value: v8::Local<v8::Value> = match slot {
                Slot::List(values) => v8::Array::new_with_elements(scope, &values).into(),
                Slot::Map(map) => map.into(),
            };
            let key = v8::Local::new(scope, &class.keys[index]);
            object
                .create_data_property(scope, key.into(), value)
                .ok_or_else(TranscodeError::threw)?;
        }
        Ok(object)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the reading position of one field"
    )]
    fn decode_repeated<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        index: usize,
        id: MessageId,
        wire_type: WireType,
        reader: &mut Reader<'_>,
        slots: &mut Slots<'s>,
        depth: usize,
    ) -> Result<(), TranscodeError> {
        let field = &id.message().fields[index];
        let mut values = Vec::new();
        if field.kind.is_packable() && wire_type == WireType::Delimited {
            let wire = |source| TranscodeError::Wire {
                message: id.message().name,
                source,
            };
            let mut packed = Reader::new(reader.delimited().map_err(wire)?);
            while !packed.is_empty() {
                values.push(self.decode_value(
                    scope,
                    field,
                    wire_type_of(field.kind),
                    &mut packed,
                    id,
                    depth,
                )?);
            }
        } else {
            values.push(self.decode_value(scope, field, wire_type, reader, id, depth)?);
        }
        match slots.iter_mut().find(|(own, _)| *own == index) {
            Some((_, Slot::List(list))) => list.extend(values),
            _ => slots.push((index, Slot::List(values))),
        }
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the reading position of one map entry"
    )]
    fn decode_entry<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        map: v8::Local<'s, v8::Object>,
        key_kind: Kind,
        field: &Field,
        entry: &[u8],
        id: MessageId,
        depth: usize,
    ) -> Result<(), TranscodeError> {
        let wire = |source| TranscodeError::Wire {
            message: id.message().name,
            source,
        };
        let key_field = Field {
            number: 1,
            name: "key",
            kind: key_kind,
            label: Label::Singular,
            oneof: None,
            explicit: false,
        };
        let mut reader = Reader::new(entry);
        let (mut key, mut value) = (None, None);
        while !reader.is_empty() {
            let (number, wire_type) = reader.tag().map_err(wire)?;
            match number {
                1 => {
                    key = Some(self.decode_value(
                        scope,
                        &key_field,
                        wire_type,
                        &mut reader,
                        id,
                        depth,
                    )?)
                }
                2 => {
                    value =
                        Some(self.decode_value(scope, field, wire_type, &mut reader, id, depth)?)
                }
                _ => reader.skip(wire_type).map_err(wire)?,
            }
        }
        let key = match key {
            Some(key) => key,
            None => self.decode_default(scope, key_kind, depth)?,
        };
        let value = match value {
            Some(value) => value,
            None => self.decode_default(scope, field.kind, depth)?,
        };
        let key = key.to_string(scope).ok_or_else(TranscodeError::threw)?;
        map.create_data_property(scope, key.into(), value)
            .ok_or_else(TranscodeError::threw)?;
        Ok(())
    }

    /// The value of a map entry's missing half.
    fn decode_default<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        kind: Kind,
        depth: usize,
    ) -> Result<v8::Local<'s, v8::Value>, TranscodeError> {
        Ok(match kind {
            Kind::Message(id) => self.decode_message(scope, id, &[], depth + 1)?.into(),
            Kind::String => v8::String::empty(scope).into(),
            Kind::Bytes => bytes_value(scope, &[])?,
            Kind::Bool => v8::Boolean::new(scope, false).into(),
            kind if kind.is_long() => self.long(scope, 0, kind.is_unsigned())?,
            _ => v8::Integer::new(scope, 0).into(),
        })
    }

    fn decode_value<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        field: &Field,
        wire_type: WireType,
        reader: &mut Reader<'_>,
        id: MessageId,
        depth: usize,
    ) -> Result<v8::Local<'s, v8::Value>, TranscodeError> {
        let wire = |source| TranscodeError::Wire {
            message: id.message().name,
            source,
        };
        if wire_type != wire_type_of(field.kind) {
            return Err(wire(WireError::Mismatch(field.number)));
        }
        Ok(match field.kind {
            Kind::Double => {
                v8::Number::new(scope, f64::from_bits(reader.fixed64().map_err(wire)?)).into()
            }
            Kind::Float => v8::Number::new(
                scope,
                f64::from(f32::from_bits(reader.fixed32().map_err(wire)?)),
            )
            .into(),
            Kind::Int32 | Kind::Enum(_) => {
                v8::Integer::new(scope, reader.varint().map_err(wire)? as i32).into()
            }
            Kind::Uint32 => {
                v8::Integer::new_from_unsigned(scope, reader.varint().map_err(wire)? as u32).into()
            }
            Kind::Sint32 => {
                v8::Integer::new(scope, unzigzag(reader.varint().map_err(wire)?) as i32).into()
            }
            Kind::Fixed32 => {
                v8::Integer::new_from_unsigned(scope, reader.fixed32().map_err(wire)?).into()
            }
            Kind::Sfixed32 => {
                v8::Integer::new(scope, reader.fixed32().map_err(wire)? as i32).into()
            }
            Kind::Bool => v8::Boolean::new(scope, reader.varint().map_err(wire)? != 0).into(),
            Kind::Int64 | Kind::Uint64 => {
                let bits = reader.varint().map_err(wire)?;
                self.long(scope, bits, field.kind.is_unsigned())?
            }
            Kind::Sint64 => {
                let bits = unzigzag(reader.varint().map_err(wire)?) as u64;
                self.long(scope, bits, false)?
            }
            Kind::Fixed64 | Kind::Sfixed64 => {
                let bits = reader.fixed64().map_err(wire)?;
                self.long(scope, bits, field.kind.is_unsigned())?
            }
            Kind::String => {
                let text = reader.delimited().map_err(wire)?;
                std::str::from_utf8(text).map_err(|_| wire(WireError::Utf8(field.number)))?;
                v8::String::new_from_utf8(scope, text, v8::NewStringType::Normal)
                    .ok_or(TranscodeError::TooLarge("a string"))?
                    .into()
            }
            Kind::Bytes => bytes_value(scope, reader.delimited().map_err(wire)?)?,
            Kind::Message(inner) => {
                let bytes = reader.delimited().map_err(wire)?;
                self.decode_message(scope, inner, bytes, depth + 1)?.into()
            }
        })
    }

    fn long<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        bits: u64,
        unsigned: bool,
    ) -> Result<v8::Local<'s, v8::Value>, TranscodeError> {
        let make_long = v8::Local::new(scope, &self.factories.make_long);
        let low = v8::Integer::new(scope, bits as i32).into();
        let high = v8::Integer::new(scope, (bits >> 32) as i32).into();
        let unsigned = v8::Boolean::new(scope, unsigned).into();
        let undefined = v8::undefined(scope).into();
        make_long
            .call(scope, undefined, &[low, high, unsigned])
            .ok_or_else(TranscodeError::threw)
    }
}

pub(super) fn wire_type_of(kind: Kind) -> WireType {
    match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => WireType::Fixed64,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => WireType::Fixed32,
        Kind::String | Kind::Bytes | Kind::Message(_) => WireType::Delimited,
        _ => WireType::Varint,
    }
}

fn expect_delimited<'a>(
    field: &Field,
    wire_type: WireType,
    reader: &mut Reader<'a>,
) -> Result<&'a [u8], WireError> {
    match wire_type {
        WireType::Delimited => reader.delimited(),
        _ => Err(WireError::Mismatch(field.number)),
    }
}

fn map_slot<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    slots: &mut Slots<'s>,
    index: usize,
) -> v8::Local<'s, v8::Object> {
    let found = slots.iter().find_map(|(own, slot)| match slot {
        Slot::Map(map) if *own == index => Some(*map),
        _ => None,
    });
    found.unwrap_or_else(|| {
        let map = v8::Object::new(scope);
        slots.push((index, Slot::Map(map)));
        map
    })
}

/// A `Uint8Array` with its own buffer: a view of the whole activation would keep all of it alive.
fn bytes_value<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    bytes: &[u8],
) -> Result<v8::Local<'s, v8::Value>, TranscodeError> {
    let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes.to_vec()).make_shared();
    let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
    v8::Uint8Array::new(scope, buffer, 0, bytes.len())
        .map(Into::into)
        .ok_or(TranscodeError::TooLarge("a byte array"))
}
