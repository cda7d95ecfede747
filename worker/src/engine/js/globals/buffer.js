// The part of Node's `Buffer` that the proto-JSON payload converter of SDKs before 1.24 needs. It is no global: that
// converter digs it out of Node's outer realm, see `js/host/realm_escape.js`.
(function installBuffer(native) {
  'use strict';
  const { utf8Encode, utf8Decode } = native;
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  // Both alphabets are read, as Node does.
  const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));
  VALUES.set('-', 62).set('_', 63);

  function fromBase64(text) {
    const bytes = [];
    let bits = 0;
    let width = 0;
    for (const letter of text) {
      if (letter === '=') break;
      const value = VALUES.get(letter);
      // Node passes over what is no letter of the alphabet.
      if (value === undefined) continue;
      bits = ((bits << 6) | value) & 0xffffff;
      width += 6;
      if (width >= 8) {
        width -= 8;
        bytes.push((bits >> width) & 0xff);
      }
    }
    return bytes;
  }

  function toBase64(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const [a, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]];
      const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
      text += ALPHABET[bits >> 18] + ALPHABET[(bits >> 12) & 63];
      text += b === undefined ? '=' : ALPHABET[(bits >> 6) & 63];
      text += c === undefined ? '=' : ALPHABET[bits & 63];
    }
    return text;
  }

  function unknownEncoding(encoding) {
    return new TypeError(`Unknown encoding: ${encoding}; this Buffer knows utf8 and base64`);
  }

  class Buffer extends Uint8Array {
    static isBuffer(value) {
      return value instanceof Buffer;
    }

    static from(value, encoding = 'utf8') {
      if (typeof value !== 'string') return new Buffer(value);
      if (encoding === 'base64' || encoding === 'base64url') return new Buffer(fromBase64(value));
      if (encoding === 'utf8' || encoding === 'utf-8') return new Buffer(utf8Encode(value));
      throw unknownEncoding(encoding);
    }

    toString(encoding = 'utf8') {
      if (encoding === 'base64') return toBase64(this);
      if (encoding === 'utf8' || encoding === 'utf-8') return utf8Decode(this, false, true);
      throw unknownEncoding(encoding);
    }
  }

  return { Buffer };
});
