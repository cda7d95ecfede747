// TextEncoder and TextDecoder (WHATWG Encoding): UTF-8 and UTF-16LE.
(function installEncoding(native, host) {
  'use strict';
  const { utf8Encode, utf8EncodeInto, utf8Decode } = native;
  const { codedError, defineInterface, invalidArgument } = host;
  const { isView } = ArrayBuffer;
  const { apply } = Reflect;
  const { fromCharCode } = String;

  const getter = (prototype, key) => Object.getOwnPropertyDescriptor(prototype, key).get;
  const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
  const typedArrayTag = getter(typedArrayPrototype, Symbol.toStringTag);
  const viewGetters = (prototype) => ['buffer', 'byteOffset', 'byteLength'].map((key) => getter(prototype, key));
  const typedArrayGetters = viewGetters(typedArrayPrototype);
  const dataViewGetters = viewGetters(DataView.prototype);
  const arrayBufferLength = getter(ArrayBuffer.prototype, 'byteLength');

  // A Uint8Array of this realm over the same bytes. Getters are the intrinsic ones, so that a sandbox object cannot
  // lie about its length.
  function bytesOf(input) {
    if (input === undefined) return new Uint8Array(0);
    if (isView(input)) {
      const getters = apply(typedArrayTag, input, []) === undefined ? dataViewGetters : typedArrayGetters;
      const [buffer, offset, length] = getters.map((get) => apply(get, input, []));
      return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer, offset, length); // 0 too if it is detached
    }
    const kind = native.kind(input);
    if (kind === 'sharedarraybuffer') return new Uint8Array(input);
    if (kind === 'arraybuffer') return new Uint8Array(apply(arrayBufferLength, input, []) === 0 ? 0 : input);
    throw invalidArgument('list', 'an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView', input);
  }

  class TextEncoder {
    #brand; // `this.#brand` throws a TypeError on any other receiver
    get encoding() {
      void this.#brand;
      return 'utf-8';
    }
    encode(input = '') {
      void this.#brand;
      return utf8Encode(`${input}`);
    }
    encodeInto(source, destination) {
      void this.#brand;
      if (typeof source !== 'string') throw invalidArgument('src', 'of type string', source);
      if (!isView(destination) || apply(typedArrayTag, destination, []) !== 'Uint8Array') {
        throw invalidArgument('dest', 'an instance of Uint8Array', destination);
      }
      const [read, written] = utf8EncodeInto(source, destination);
      return { read, written };
    }
  }

  const LABELS = new Map([
    ...['utf-8', 'utf8', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'x-unicode20utf8'].map((label) => [
      label,
      'utf-8',
    ]),
    ...['utf-16le', 'utf-16', 'ucs-2', 'csunicode', 'iso-10646-ucs-2', 'unicode', 'unicodefeff'].map((label) => [
      label,
      'utf-16le',
    ]),
  ]);

  function canonicalEncoding(label) {
    const key = label.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '').toLowerCase();
    const encoding = LABELS.get(key);
    if (encoding !== undefined) return encoding;
    throw codedError(RangeError, 'ERR_ENCODING_NOT_SUPPORTED', `The "${label}" encoding is not supported`);
  }

  // How many bytes at the end of `bytes` are the valid beginning of a UTF-8 sequence that goes on in the next chunk.
  function incompleteUtf8Tail(bytes) {
    for (let back = 1; back <= 3 && back <= bytes.length; back++) {
      const byte = bytes[bytes.length - back];
      if (byte < 0x80) return 0;
      if (byte < 0xc0) continue;
      const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (byte < 0xc2 || byte > 0xf4 || need <= back) return 0;
      return back === 1 || validSecondByte(byte, bytes[bytes.length - back + 1]) ? back : 0;
    }
    return 0;
  }

  function validSecondByte(lead, second) {
    if (lead === 0xe0) return second >= 0xa0;
    if (lead === 0xed) return second <= 0x9f;
    if (lead === 0xf0) return second >= 0x90;
    if (lead === 0xf4) return second <= 0x8f;
    return true;
  }

  // An odd byte, or a high surrogate that waits for its low one.
  function incompleteUtf16Tail(bytes) {
    const odd = bytes.length % 2;
    const last = bytes.length - odd - 1;
    const high = last >= 1 && bytes[last] >= 0xd8 && bytes[last] <= 0xdb;
    return odd + (high ? 2 : 0);
  }

  function utf16Decode(bytes, fatal, keepBom) {
    let text = '';
    for (let i = 0; i + 1 < bytes.length; i += 2) text += fromCharCode(bytes[i] | (bytes[i + 1] << 8));
    const wellFormed = text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (unit) =>
      unit.length === 2 ? unit : '\ufffd'
    );
    const odd = bytes.length % 2 === 1;
    if (fatal && (odd || wellFormed !== text)) return null;
    // A high surrogate and an odd byte at the end are one error, not two.
    const lone = odd && !/[\ud800-\udbff]$/.test(text);
    const body = lone ? `${wellFormed}\ufffd` : wellFormed;
    return !keepBom && body.charCodeAt(0) === 0xfeff ? body.slice(1) : body;
  }

  class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBom;
    #pending = new Uint8Array(0); // an incomplete sequence kept between two `stream: true` calls
    #started = false; // whether output of the current stream has begun, after which a BOM is text

    constructor(label = 'utf-8', options = undefined) {
      if (options !== undefined && options !== null && typeof options !== 'object' && typeof options !== 'function') {
        throw invalidArgument('options', 'of type object', options);
      }
      this.#encoding = canonicalEncoding(`${label}`);
      this.#fatal = Boolean(options?.fatal);
      this.#ignoreBom = Boolean(options?.ignoreBOM);
    }
    get encoding() {
      return this.#encoding;
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#ignoreBom;
    }

    decode(input = undefined, options = undefined) {
      const stream = Boolean(options?.stream);
      const bytes = this.#join(bytesOf(input));
      const isUtf8 = this.#encoding === 'utf-8';
      const tail = !stream ? 0 : isUtf8 ? incompleteUtf8Tail(bytes) : incompleteUtf16Tail(bytes);
      const whole = bytes.subarray(0, bytes.length - tail);
      const text = (isUtf8 ? utf8Decode : utf16Decode)(whole, this.#fatal, this.#ignoreBom || this.#started);
      this.#pending = stream && text !== null ? bytes.slice(bytes.length - tail) : new Uint8Array(0);
      this.#started = stream && text !== null && (this.#started || whole.length > 0);
      if (text !== null) return text;
      throw codedError(
        TypeError,
        'ERR_ENCODING_INVALID_ENCODED_DATA',
        `The encoded data was not valid for encoding ${this.#encoding}`
      );
    }

    #join(bytes) {
      if (this.#pending.length === 0) return bytes;
      const joined = new Uint8Array(this.#pending.length + bytes.length);
      joined.set(this.#pending);
      joined.set(bytes, this.#pending.length);
      return joined;
    }
  }

  defineInterface(TextEncoder, 'TextEncoder');
  defineInterface(TextDecoder, 'TextDecoder');
  return { TextEncoder, TextDecoder };
});
