use super::*;
use crate::testing::payload;

/// The key of the TypeScript sample, in base64.
const SAMPLE_KEY: &str = "test-key-id:dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdCE=";
/// `json/plain` of `"hello"`, encrypted with that key and the nonce 01 02 .. 0c by WebCrypto in Node, as the sample does.
const SAMPLE_DATA: [u8; 61] = [
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x68, 0x7a, 0xa0, 0x40,
    0x25, 0x0a, 0xf2, 0x53, 0x0a, 0xb7, 0x7f, 0xad, 0xc1, 0x1c, 0x72, 0x2f, 0x52, 0x3d, 0x1c, 0x2a,
    0x01, 0x16, 0xed, 0x95, 0xd4, 0x14, 0x93, 0xba, 0xc0, 0x6d, 0x45, 0x0b, 0x30, 0xb7, 0xd8, 0x4d,
    0x5d, 0x5c, 0x9c, 0xba, 0xf1, 0x36, 0x78, 0xf7, 0x85, 0xe1, 0xdf, 0xf4, 0x3b,
];

fn codec(keys: &str) -> AesGcmCodec {
    AesGcmCodec::new(AesGcmKeys::parse(keys).unwrap())
}

fn hello() -> Payload {
    Payload {
        metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
        ..payload("\"hello\"")
    }
}

fn sample() -> Payload {
    Payload {
        metadata: [
            ("encoding".to_owned(), b"binary/encrypted".to_vec()),
            ("encryption-key-id".to_owned(), b"test-key-id".to_vec()),
        ]
        .into(),
        data: SAMPLE_DATA.to_vec(),
        external_payloads: Vec::new(),
    }
}

#[test]
fn what_webcrypto_encrypted_is_decrypted_and_the_other_way_round() {
    let codec = codec(SAMPLE_KEY);
    assert_eq!(codec.decrypt(sample()), Ok(hello()));
    let nonce = SAMPLE_DATA[..NONCE_LEN].try_into().unwrap();
    assert_eq!(codec.encrypt_with(&hello(), nonce), Ok(sample()));
}

#[tokio::test]
async fn a_payload_survives_and_no_two_ciphertexts_are_equal() {
    let codec = codec("k:AAECAwQFBgcICQoLDA0ODw==");
    let payloads = vec![hello(), hello()];
    let encrypted = codec.encode(payloads.clone(), None).await.unwrap();
    assert_ne!(encrypted[0].data, encrypted[1].data);
    assert_eq!(codec.decode(encrypted, None).await, Ok(payloads));
}

#[test]
fn a_key_is_replaced_by_putting_the_new_one_first() {
    let old = codec(SAMPLE_KEY);
    let both = codec(&format!("new:AAECAwQFBgcICQoLDA0ODw==,{SAMPLE_KEY}"));
    assert_eq!(both.decrypt(old.encrypt(&hello()).unwrap()), Ok(hello()));
    let encrypted = both.encrypt(&hello()).unwrap();
    assert_eq!(encrypted.metadata["encryption-key-id"], b"new");
    let fault = old.decrypt(encrypted).unwrap_err();
    assert!(matches!(fault, CodecFault::Key(_)) && fault.to_string().contains("\"new\""));
}

#[test]
fn plain_payloads_pass() {
    assert_eq!(codec(SAMPLE_KEY).decrypt(hello()), Ok(hello()));
    let bare = Payload::default();
    assert_eq!(codec(SAMPLE_KEY).decrypt(bare.clone()), Ok(bare));
}

#[test]
fn a_changed_bit_or_another_key_is_refused() {
    let other = codec("test-key-id:AAECAwQFBgcICQoLDA0ODw==");
    let fault = other.decrypt(sample()).unwrap_err();
    assert!(matches!(fault, CodecFault::Key(_)), "{fault}");
    for index in [0, NONCE_LEN, SAMPLE_DATA.len() - 1] {
        let mut damaged = sample();
        damaged.data[index] ^= 1;
        assert!(codec(SAMPLE_KEY).decrypt(damaged).is_err(), "byte {index}");
    }
}

#[test]
fn what_is_too_short_or_names_no_key_is_refused() {
    for length in 0..SAMPLE_DATA.len() {
        let mut short = sample();
        short.data.truncate(length);
        assert!(codec(SAMPLE_KEY).decrypt(short).is_err(), "{length} bytes");
    }
    let mut nameless = sample();
    nameless.metadata.remove("encryption-key-id");
    let fault = codec(SAMPLE_KEY).decrypt(nameless).unwrap_err();
    assert!(fault.to_string().contains("names no key"), "{fault}");
}
