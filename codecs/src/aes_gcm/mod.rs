//! Encryption by AES-GCM, on the wire as in Temporal's encryption samples for TypeScript, Go, Java, Python and .NET.
//!
//! A payload becomes one with `encoding` `binary/encrypted` and the key's name in `encryption-key-id`; its data is the
//! 12 bytes of a random nonce, then the ciphertext of the whole encoded payload, then the 16 bytes of the tag.

mod keys;

use prost::Message as _;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom as _, SystemRandom};

pub use keys::{AesGcmKeys, KeyProblem};

use crate::Payload;
use crate::codec::{CodecFuture, PayloadCodec};
use crate::context::SerializationContext;
use crate::fault::CodecFault;

const ENCODING: &str = "encoding";
const ENCRYPTED: &[u8] = b"binary/encrypted";
const KEY_ID: &str = "encryption-key-id";

/// Encrypts with the first of its keys, and decrypts with the key that a payload names.
///
/// Nonces are random: after about four billion payloads under one key it should be replaced.
#[derive(Debug)]
pub struct AesGcmCodec {
    keys: AesGcmKeys,
    random: SystemRandom,
}

impl AesGcmCodec {
    /// A codec with these keys.
    #[must_use]
    pub fn new(keys: AesGcmKeys) -> Self {
        Self {
            keys,
            random: SystemRandom::new(),
        }
    }

    fn encrypt(&self, payload: &Payload) -> Result<Payload, CodecFault> {
        let mut nonce = [0; NONCE_LEN];
        let no_random = |_| CodecFault::Unavailable("the system has no random numbers".to_owned());
        self.random.fill(&mut nonce).map_err(no_random)?;
        self.encrypt_with(payload, nonce)
    }

    fn encrypt_with(
        &self,
        payload: &Payload,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Payload, CodecFault> {
        let (key_id, key) = self.keys.first();
        let mut ciphertext = payload.encode_to_vec();
        let nonce_value = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce_value, Aad::empty(), &mut ciphertext)
            .map_err(|_| CodecFault::Payload("it is too long to encrypt".to_owned()))?;
        let mut data = nonce.to_vec();
        data.append(&mut ciphertext);
        Ok(Payload {
            metadata: [
                (ENCODING.to_owned(), ENCRYPTED.to_vec()),
                (KEY_ID.to_owned(), key_id.as_bytes().to_vec()),
            ]
            .into(),
            data,
            external_payloads: Vec::new(),
        })
    }

    /// Payloads that are not encrypted pass, as in the samples: a history may be older than its codec.
    fn decrypt(&self, payload: Payload) -> Result<Payload, CodecFault> {
        let is_encrypted = payload
            .metadata
            .get(ENCODING)
            .is_some_and(|encoding| encoding.as_slice() == ENCRYPTED);
        if !is_encrypted {
            return Ok(payload);
        }
        let Some(key_id) = payload.metadata.get(KEY_ID) else {
            return Err(CodecFault::Payload(format!(
                "the payload is encrypted but names no key in its metadata `{KEY_ID}`; see what wrote it"
            )));
        };
        let Some(key) = self.keys.named(key_id) else {
            return Err(CodecFault::Key(format!(
                "the payload is encrypted with key {:?}, which is not configured; add it to `codec-aes-gcm-key`",
                String::from_utf8_lossy(key_id)
            )));
        };
        let mut data = payload.data;
        if data.len() < NONCE_LEN {
            return Err(CodecFault::Payload(
                "the payload is too short to be encrypted; see what wrote it".to_owned(),
            ));
        }
        let mut ciphertext = data.split_off(NONCE_LEN);
        let wrong = || {
            CodecFault::Key(format!(
                "the payload cannot be decrypted with key {:?}: it was made with another key of that name, or it was \
                 damaged; correct `codec-aes-gcm-key`",
                String::from_utf8_lossy(key_id)
            ))
        };
        let nonce = Nonce::try_assume_unique_for_key(&data).map_err(|_| wrong())?;
        let plaintext = key
            .open_in_place(nonce, Aad::empty(), &mut ciphertext)
            .map_err(|_| wrong())?;
        Payload::decode(&*plaintext).map_err(|error| {
            CodecFault::Payload(format!(
                "the decrypted bytes are no payload ({error}); see what wrote it"
            ))
        })
    }
}

impl PayloadCodec for AesGcmCodec {
    fn name(&self) -> &'static str {
        "aes-gcm"
    }

    fn encode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        _: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a> {
        Box::pin(async move {
            payloads
                .iter()
                .map(|payload| self.encrypt(payload))
                .collect()
        })
    }

    fn decode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        _: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a> {
        Box::pin(async move {
            let decrypted = payloads.into_iter().map(|payload| self.decrypt(payload));
            decrypted.collect()
        })
    }
}

#[cfg(test)]
mod tests;
