//! `utf8Encode`, `utf8EncodeInto` and `utf8Decode`.

use deno_core::v8;

use super::throw_range_error;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// A UTF-16 code unit becomes at most this many bytes of UTF-8.
const UTF8_BYTES_PER_UNIT: usize = 3;

/// `(string) => Uint8Array`; a lone surrogate becomes U+FFFD.
pub(super) fn encode(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let text = arguments.get(0).to_rust_string_lossy(scope);
    let buffer = v8::ArrayBuffer::new(scope, text.len());
    copy_to(&buffer.get_backing_store(), 0, text.as_bytes());
    match v8::Uint8Array::new(scope, buffer, 0, text.len()) {
        Some(array) => result.set(array.into()),
        None => throw_range_error(scope, "The encoded string is too long for a Uint8Array"),
    }
}

/// `(string, Uint8Array) => [read, written]`: UTF-16 units read and bytes written, whole characters only.
pub(super) fn encode_into(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let (Ok(text), Ok(target)) = (
        v8::Local::<v8::String>::try_from(arguments.get(0)),
        v8::Local::<v8::Uint8Array>::try_from(arguments.get(1)),
    ) else {
        return throw_range_error(scope, "utf8EncodeInto takes a string and a Uint8Array");
    };
    let room = target
        .byte_length()
        .min(text.length().saturating_mul(UTF8_BYTES_PER_UNIT));
    let mut bytes = vec![0; room];
    let mut read = 0;
    let flags = v8::WriteFlags::kReplaceInvalidUtf8;
    let written = text.write_utf8_v2(scope, &mut bytes, flags, Some(&mut read));
    if let Some(store) = target.get_backing_store() {
        copy_to(&store, target.byte_offset(), &bytes[..written.min(room)]);
    }
    let counts = [read, written].map(|count| v8::Number::new(scope, count as f64).into());
    result.set(v8::Array::new_with_elements(scope, &counts).into());
}

/// `(Uint8Array, fatal, ignoreBOM) => string | null`; null: not UTF-8 although `fatal`.
pub(super) fn decode(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let Ok(view) = v8::Local::<v8::ArrayBufferView>::try_from(arguments.get(0)) else {
        return throw_range_error(scope, "utf8Decode takes a Uint8Array");
    };
    let fatal = arguments.get(1).is_true();
    let ignore_byte_order_mark = arguments.get(2).is_true();
    let mut inside_heap = [0; v8::TYPED_ARRAY_MAX_SIZE_IN_HEAP];
    let bytes = view.get_contents(&mut inside_heap);
    let Some(text) = decode_utf8(bytes, fatal, ignore_byte_order_mark) else {
        return result.set_null();
    };
    match v8::String::new(scope, &text) {
        Some(text) => result.set(text.into()),
        None => throw_range_error(scope, "The decoded text is too long for a string"),
    }
}

fn decode_utf8(
    bytes: &[u8],
    fatal: bool,
    ignore_byte_order_mark: bool,
) -> Option<std::borrow::Cow<'_, str>> {
    let skipped = if ignore_byte_order_mark {
        None
    } else {
        bytes.strip_prefix(BYTE_ORDER_MARK)
    };
    let bytes = skipped.unwrap_or(bytes);
    if fatal {
        return std::str::from_utf8(bytes).ok().map(Into::into);
    }
    // Replaces maximal subparts, as the standard asks.
    Some(String::from_utf8_lossy(bytes))
}

/// Copies as much of `bytes` as the store has room for from `offset` on.
fn copy_to(store: &v8::SharedRef<v8::BackingStore>, offset: usize, bytes: &[u8]) {
    let target = store.get(offset..).unwrap_or_default();
    for (cell, byte) in target.iter().zip(bytes) {
        cell.set(*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::decode_utf8;

    #[test]
    fn a_byte_order_mark_is_text_only_when_asked_for() {
        assert_eq!(
            decode_utf8(b"\xef\xbb\xbfx", true, false).as_deref(),
            Some("x")
        );
        assert_eq!(
            decode_utf8(b"\xef\xbb\xbfx", true, true).as_deref(),
            Some("\u{feff}x")
        );
    }

    #[test]
    fn invalid_bytes_are_replaced_or_refused() {
        assert_eq!(
            decode_utf8(b"a\xf0\x9f\x98b\xff", false, false).as_deref(),
            Some("a\u{fffd}b\u{fffd}")
        );
        assert_eq!(decode_utf8(b"a\xff", true, false), None);
    }
}
