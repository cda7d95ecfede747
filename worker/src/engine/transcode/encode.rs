//! V8 values to wire bytes. Only declared fields are read, so extra properties of an object never reach sdk-core.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deno_core::v8;

use super::decode::wire_type_of;
use super::schema::{EnumId, Field, Kind, Label, MessageId};
use super::wire::{put_delimited, put_tag, put_varint, zigzag};
use super::{DEPTH_MAX, TranscodeError, Transcoder};

impl Transcoder {
    /// Writes `object` as a message of type `id`. Unset means `undefined` or `null`.
    pub(crate) fn encode(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        id: MessageId,
        object: v8::Local<'_, v8::Object>,
    ) -> Result<Vec<u8>, TranscodeError> {
        let mut out = Vec::new();
        self.encode_message(scope, id, object, &mut out, 0)?;
        Ok(out)
    }

    fn encode_message(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        id: MessageId,
        object: v8::Local<'_, v8::Object>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), TranscodeError> {
        let message = id.message();
        if depth > DEPTH_MAX {
            return Err(TranscodeError::Deep {
                path: String::new(),
                levels_max: DEPTH_MAX,
            });
        }
        let class = self.class(scope, id)?;
        for (field, key) in message.fields.iter().zip(&class.keys) {
            v8::scope!(let scope, scope);
            let key = v8::Local::new(scope, key);
            let value = object
                .get(scope, key.into())
                .ok_or_else(|| TranscodeError::threw().under(field.name))?;
            if !value.is_null_or_undefined() && is_set(scope, field, object, key)? {
                self.encode_field(scope, field, value, out, depth)
                    .map_err(|error| error.under(field.name))?;
            }
        }
        Ok(())
    }

    fn encode_field(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        field: &Field,
        value: v8::Local<'_, v8::Value>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), TranscodeError> {
        match field.label {
            Label::Singular => self.encode_record(scope, field, value, out, depth, !field.explicit),
            Label::Repeated => self.encode_list(scope, field, value, out, depth),
            Label::Map(key_kind) => self.encode_map(scope, field, key_kind, value, out, depth),
        }
    }

    fn encode_list(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        field: &Field,
        value: v8::Local<'_, v8::Value>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), TranscodeError> {
        let Ok(list) = v8::Local::<v8::Array>::try_from(value) else {
            return Err(mismatch(scope, "an array", value));
        };
        let mut packed = Vec::new();
        for index in 0..list.length() {
            v8::scope!(let scope, scope);
            let step = || format!("[{index}]");
            let item = list
                .get_index(scope, index)
                .ok_or_else(|| TranscodeError::threw().under(&step()))?;
            if field.kind.is_packable() {
                self.encode_scalar(scope, field.kind, item, &mut packed)
                    .map_err(|error| error.under(&step()))?;
            } else {
                self.encode_record(scope, field, item, out, depth, false)
                    .map_err(|error| error.under(&step()))?;
            }
        }
        if packed.is_empty() {
            return Ok(());
        }
        put_delimited(out, field.number, |out| {
            out.extend_from_slice(&packed);
            Ok(())
        })
    }

    fn encode_map(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        field: &Field,
        key_kind: Kind,
        value: v8::Local<'_, v8::Value>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), TranscodeError> {
        let Ok(map) = v8::Local::<v8::Object>::try_from(value) else {
            return Err(mismatch(scope, "an object", value));
        };
        let names = map
            .get_own_property_names(
                scope,
                v8::GetPropertyNamesArgs {
                    key_conversion: v8::KeyConversionMode::ConvertToString,
                    ..Default::default()
                },
            )
            .ok_or_else(TranscodeError::threw)?;
        for index in 0..names.length() {
            v8::scope!(let scope, scope);
            let key = names
                .get_index(scope, index)
                .ok_or_else(TranscodeError::threw)?;
            let step = key.to_rust_string_lossy(scope);
            let item = map
                .get(scope, key)
                .ok_or_else(|| TranscodeError::threw().under(&step))?;
            if item.is_null_or_undefined() {
                continue;
            }
            put_delimited(out, field.number, |out| {
                let key_field = Field {
                    number: 1,
                    name: "key",
                    kind: key_kind,
                    label: Label::Singular,
                    oneof: None,
                    explicit: true,
                };
                self.encode_record(scope, &key_field, key, out, depth, false)?;
                let value_field = Field {
                    number: 2,
                    name: "value",
                    kind: field.kind,
                    label: Label::Singular,
                    oneof: None,
                    explicit: true,
                };
                self.encode_record(scope, &value_field, item, out, depth, false)
            })
            .map_err(|error| error.under(&step))?;
        }
        Ok(())
    }

    /// One tag and its value; `skip_default` leaves out what an unset field reads as.
    fn encode_record(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        field: &Field,
        value: v8::Local<'_, v8::Value>,
        out: &mut Vec<u8>,
        depth: usize,
        skip_default: bool,
    ) -> Result<(), TranscodeError> {
        if let Kind::Message(id) = field.kind {
            let Ok(object) = v8::Local::<v8::Object>::try_from(value) else {
                return Err(mismatch(scope, "an object", value));
            };
            return put_delimited(out, field.number, |out| {
                self.encode_message(scope, id, object, out, depth + 1)
            });
        }
        let start = out.len();
        put_tag(out, field.number, wire_type_of(field.kind));
        let body = out.len();
        self.encode_scalar(scope, field.kind, value, out)?;
        // Every default is written as zero bytes only: an empty length, a zero varint or a zero fixed value.
        if skip_default
            && out[body..].iter().all(|byte| *byte == 0)
            && is_default_width(field.kind, out.len() - body)
        {
            out.truncate(start);
        }
        Ok(())
    }

    fn encode_scalar(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        kind: Kind,
        value: v8::Local<'_, v8::Value>,
        out: &mut Vec<u8>,
    ) -> Result<(), TranscodeError> {
        match kind {
            Kind::Double => out.extend(number(scope, value)?.to_le_bytes()),
            Kind::Float => out.extend((number(scope, value)? as f32).to_le_bytes()),
            // Negative numbers of 32 bits are sign-extended to ten bytes.
            Kind::Int32 => put_varint(out, i64::from(number(scope, value)? as i64 as i32) as u64),
            Kind::Uint32 => put_varint(out, u64::from(number(scope, value)? as i64 as u32)),
            Kind::Sint32 => put_varint(
                out,
                zigzag(i64::from(number(scope, value)? as i64 as i32)) & 0xffff_ffff,
            ),
            Kind::Fixed32 | Kind::Sfixed32 => {
                out.extend((number(scope, value)? as i64 as u32).to_le_bytes())
            }
            Kind::Int64 | Kind::Uint64 => put_varint(out, self.long_bits(scope, value)?),
            Kind::Sint64 => put_varint(out, zigzag(self.long_bits(scope, value)? as i64)),
            Kind::Fixed64 | Kind::Sfixed64 => {
                out.extend(self.long_bits(scope, value)?.to_le_bytes())
            }
            Kind::Bool => out.push(u8::from(
                primitive(scope, "a boolean", value)?.boolean_value(scope),
            )),
            Kind::Enum(id) => put_varint(out, i64::from(enum_number(scope, id, value)?) as u64),
            Kind::String => {
                let text = primitive(scope, "a string", value)?.to_rust_string_lossy(scope);
                put_varint(out, text.len() as u64);
                out.extend_from_slice(text.as_bytes());
            }
            Kind::Bytes => {
                let bytes = bytes(scope, value)?;
                put_varint(out, bytes.len() as u64);
                out.extend_from_slice(&bytes);
            }
            Kind::Message(_) => unreachable!("messages are written by encode_record"),
        }
        Ok(())
    }

    /// The bits of a `Long` of any package, a bare `{low, high}`, a number, a bigint or a decimal string.
    fn long_bits(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        value: v8::Local<'_, v8::Value>,
    ) -> Result<u64, TranscodeError> {
        if let Ok(bigint) = v8::Local::<v8::BigInt>::try_from(value) {
            return Ok(bigint.u64_value().0);
        }
        if value.is_number() {
            let value = number(scope, value)?;
            return Ok(if value < 0.0 {
                value as i64 as u64
            } else {
                value as u64
            });
        }
        if value.is_string() {
            let text = value.to_rust_string_lossy(scope);
            let parsed = text
                .parse::<i64>()
                .map(|value| value as u64)
                .or_else(|_| text.parse::<u64>());
            return parsed.map_err(|_| mismatch(scope, "a 64-bit integer", value));
        }
        let Ok(object) = v8::Local::<v8::Object>::try_from(value) else {
            return Err(mismatch(scope, "a Long", value));
        };
        let mut half = |key: &v8::Global<v8::String>| {
            let key = v8::Local::new(scope, key);
            let half = object
                .get(scope, key.into())
                .ok_or_else(TranscodeError::threw)?;
            if half.is_number() {
                Ok(number(scope, half)? as i64 as u32)
            } else {
                Err(mismatch(scope, "a Long", value))
            }
        };
        let (low, high) = (half(&self.low)?, half(&self.high)?);
        Ok(u64::from(high) << 32 | u64::from(low))
    }
}

/// A string or byte array of zeros is not its default.
fn is_default_width(kind: Kind, width: usize) -> bool {
    match wire_type_of(kind) {
        super::wire::WireType::Varint | super::wire::WireType::Delimited => width == 1,
        super::wire::WireType::Fixed32 => width == 4,
        super::wire::WireType::Fixed64 => width == 8,
    }
}

/// protobufjs converts a primitive of another type, as when JSON delivered an id as a number; objects it refuses or
/// makes nonsense of.
fn primitive<'s>(
    scope: &mut v8::PinScope<'_, '_>,
    expected: &'static str,
    value: v8::Local<'s, v8::Value>,
) -> Result<v8::Local<'s, v8::Value>, TranscodeError> {
    if value.is_object() || value.is_symbol() {
        return Err(mismatch(scope, expected, value));
    }
    Ok(value)
}

fn number(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
) -> Result<f64, TranscodeError> {
    if value.is_big_int() {
        return Err(mismatch(scope, "a number", value));
    }
    let number = primitive(scope, "a number", value)?.number_value(scope);
    number.ok_or_else(TranscodeError::threw)
}

/// A view of bytes, or their base64 text.
fn bytes(
    scope: &mut v8::PinScope<'_, '_>,
    value: v8::Local<'_, v8::Value>,
) -> Result<Vec<u8>, TranscodeError> {
    if let Ok(view) = v8::Local::<v8::ArrayBufferView>::try_from(value) {
        let mut bytes = vec![0; view.byte_length()];
        view.copy_contents(&mut bytes);
        return Ok(bytes);
    }
    let text = if value.is_string() {
        value.to_rust_string_lossy(scope)
    } else {
        "?".to_owned()
    };
    STANDARD
        .decode(text)
        .map_err(|_| mismatch(scope, "a Uint8Array", value))
}

/// The number of an enum's value; a name that the enum lacks counts as unset, as for protobufjs.
fn enum_number(
    scope: &mut v8::PinScope<'_, '_>,
    id: EnumId,
    value: v8::Local<'_, v8::Value>,
) -> Result<i32, TranscodeError> {
    if !value.is_string() {
        return Ok(number(scope, value)? as i64 as i32);
    }
    let name = value.to_rust_string_lossy(scope);
    let found = id.descriptor().values.iter().find(|(own, _)| *own == name);
    Ok(found.map_or(0, |(_, number)| *number))
}

fn mismatch(
    scope: &mut v8::PinScope<'_, '_>,
    expected: &'static str,
    value: v8::Local<'_, v8::Value>,
) -> TranscodeError {
    let found = match v8::Local::<v8::String>::try_from(value) {
        Ok(text) => format!(
            "string {:?}",
            text.to_rust_string_lossy(scope)
                .chars()
                .take(40)
                .collect::<String>()
        ),
        Err(_) => value.type_of(scope).to_rust_string_lossy(scope),
    };
    TranscodeError::value(expected, found)
}

/// A scalar member of a oneof reads as its default where it is not set, so that its value does not tell. As protobufjs,
/// which asks the same of every field.
fn is_set(
    scope: &mut v8::PinScope<'_, '_>,
    field: &Field,
    object: v8::Local<'_, v8::Object>,
    key: v8::Local<'_, v8::String>,
) -> Result<bool, TranscodeError> {
    if field.oneof.is_none() || matches!(field.kind, Kind::Message(_)) {
        return Ok(true);
    }
    object
        .has_own_property(scope, key.into())
        .ok_or_else(|| TranscodeError::threw().under(field.name))
}
