//! Keys by their names.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};

/// Base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const KEY_128_BYTES: usize = 16;
const KEY_256_BYTES: usize = 32;

/// AES keys by their names. Neither `Debug` nor any error shows a key. Cloning is cheap.
#[derive(Clone)]
pub struct AesGcmKeys(Arc<[(String, LessSafeKey)]>);

/// Why a text names no keys: what is wrong, and what to write instead. Neither shows any of the text but a key's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {remedy}")]
pub struct KeyProblem {
    /// For example: `key 2 ("b") has 24 bytes`.
    pub what: String,
    /// For example: `give 16 or 32 bytes`.
    pub remedy: &'static str,
}

const FORM: &str =
    "give NAME:KEY, with the 16 or 32 bytes of the key in base64 or hex, and a comma between keys";

impl AesGcmKeys {
    /// Reads `NAME:KEY[,NAME:KEY]...`. New payloads are encrypted with the first key; the others decrypt old ones.
    /// A key is 16 or 32 bytes in base64 or hex.
    ///
    /// # Errors
    /// Says which key is wrong, counted from 1, and why.
    pub fn parse(text: &str) -> Result<Self, KeyProblem> {
        let mut keys: Vec<(String, LessSafeKey)> = Vec::new();
        for (index, part) in text.split(',').enumerate() {
            let number = index + 1;
            let problem = |what: String| KeyProblem { what, remedy: FORM };
            let Some((name, key)) = part.trim().rsplit_once(':') else {
                return Err(problem(format!("key {number} has no name")));
            };
            let is_name = !name.is_empty() && !name.chars().any(char::is_control);
            if !is_name || name.trim() != name {
                return Err(problem(format!(
                    "the name of key {number} is empty, or has spaces at an end or control characters"
                )));
            }
            if keys.iter().any(|(taken, _)| taken == name) {
                return Err(problem(format!(
                    "key {number} has the name of an earlier key"
                )));
            }
            let bytes = bytes(key).ok_or_else(|| {
                problem(format!("key {number} ({name:?}) is neither base64 nor hex"))
            })?;
            let count = bytes.len();
            let key = key_of(&bytes)
                .ok_or_else(|| problem(format!("key {number} ({name:?}) has {count} bytes")))?;
            keys.push((name.to_owned(), key));
        }
        Ok(Self(keys.into()))
    }

    /// The key to encrypt with. There is one, since a text that names none is refused.
    pub(super) fn first(&self) -> (&str, &LessSafeKey) {
        let (name, key) = &self.0[0];
        (name, key)
    }

    pub(super) fn named(&self, name: &[u8]) -> Option<&LessSafeKey> {
        let mut keys = self.0.iter();
        keys.find_map(|(known, key)| (known.as_bytes() == name).then_some(key))
    }
}

impl fmt::Debug for AesGcmKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// No length of a key in hex is the length of a key in base64, so that there is no telling apart to do.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex && matches!(text.len(), 32 | 64) {
        return hex(text);
    }
    BASE64.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pairs = digits?;
    pairs
        .chunks_exact(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok())
        .collect()
}

fn key_of(bytes: &[u8]) -> Option<LessSafeKey> {
    let algorithm = match bytes.len() {
        KEY_128_BYTES => &AES_128_GCM,
        KEY_256_BYTES => &AES_256_GCM,
        _ => return None,
    };
    UnboundKey::new(algorithm, bytes).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX_256: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    #[test]
    fn keys_are_read_in_hex_and_base64_and_the_first_one_encrypts() {
        let base64 = "AAECAwQFBgcICQoLDA0ODw==";
        let keys = AesGcmKeys::parse(&format!("new:{HEX_256}, ns:old:{base64}")).unwrap();
        assert_eq!(keys.first().0, "new");
        assert!(keys.named(b"ns:old").is_some() && keys.named(b"old").is_none());
        assert_eq!(bytes(HEX_256).unwrap()[30..], [30, 31]);
        assert_eq!(bytes(base64), bytes(&HEX_256[..32]));
        assert_eq!(bytes("AAECAwQFBgcICQoLDA0ODw"), bytes(base64));
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        let twice = format!("a:{HEX_256},a:{HEX_256}");
        let texts = [
            "",
            "c2VjcmV0c2VjcmV0c2VjcmV0",
            ":c2VjcmV0",
            "a:",
            "a:c2Vj cmV0",
            "a:c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
            "a:secret!",
            " :c2VjcmV0",
            "a:AAECAwQFBgcICQoLDA0ODw==,",
            twice.as_str(),
        ];
        for text in texts {
            let problem = AesGcmKeys::parse(text).unwrap_err().to_string();
            assert!(
                problem.contains("key 1") || problem.contains("key 2"),
                "{problem}"
            );
            assert!(
                !problem.contains("c2Vj") && !problem.contains("secret"),
                "{problem}"
            );
        }
    }

    #[test]
    fn keys_are_never_shown() {
        let keys = AesGcmKeys::parse(&format!("a:{HEX_256}")).unwrap();
        assert_eq!(format!("{keys:?}"), "[redacted]");
    }
}
