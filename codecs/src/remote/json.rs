//! Payloads in the JSON form of protobuf: bytes are base64, 64-bit numbers are strings, defaults are left out.

use std::collections::HashMap;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::STANDARD as WRITTEN;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use temporalio_common::protos::temporal::api::common::v1::payload::ExternalPayloadDetails;

use crate::Payload;
use crate::fault::CodecFault;

/// A reader of protobuf JSON takes both alphabets, with and without padding.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const READ: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const READ_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

#[derive(Serialize, Deserialize)]
struct JsonPayloads {
    #[serde(default)]
    payloads: Option<Vec<JsonPayload>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct JsonPayload {
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<HashMap<String, Base64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Base64>,
    #[serde(alias = "external_payloads", skip_serializing_if = "Option::is_none")]
    external_payloads: Option<Vec<JsonExternal>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonExternal {
    #[serde(alias = "size_bytes", default)]
    size_bytes: Int64,
}

struct Base64(Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&WRITTEN.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let decoded = READ.decode(&text).or_else(|_| READ_URL_SAFE.decode(&text));
        // The text may be plaintext of a payload, so the message does not show it.
        decoded
            .map(Self)
            .map_err(|_| D::Error::custom("a value that is not base64"))
    }
}

#[derive(Default)]
struct Int64(i64);

impl Serialize for Int64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_string())
    }
}

impl<'de> Deserialize<'de> for Int64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => {
                let number = text.parse().map(Self);
                number.map_err(|_| D::Error::custom("a size that is no number"))
            }
        }
    }
}

impl From<&Payload> for JsonPayload {
    fn from(payload: &Payload) -> Self {
        let metadata = payload
            .metadata
            .iter()
            .map(|(key, value)| (key.clone(), Base64(value.clone())));
        let external = payload
            .external_payloads
            .iter()
            .map(|external| JsonExternal {
                size_bytes: Int64(external.size_bytes),
            });
        Self {
            metadata: (!payload.metadata.is_empty()).then(|| metadata.collect()),
            data: (!payload.data.is_empty()).then(|| Base64(payload.data.clone())),
            external_payloads: (!payload.external_payloads.is_empty()).then(|| external.collect()),
        }
    }
}

impl From<JsonPayload> for Payload {
    fn from(payload: JsonPayload) -> Self {
        let metadata = payload.metadata.unwrap_or_default();
        let external = payload.external_payloads.unwrap_or_default();
        Self {
            metadata: metadata
                .into_iter()
                .map(|(key, value)| (key, value.0))
                .collect(),
            data: payload.data.map(|data| data.0).unwrap_or_default(),
            external_payloads: external
                .into_iter()
                .map(|external| ExternalPayloadDetails {
                    size_bytes: external.size_bytes.0,
                })
                .collect(),
        }
    }
}

/// The body of a request.
pub(super) fn request(payloads: &[Payload]) -> Result<Vec<u8>, CodecFault> {
    let body = JsonPayloads {
        payloads: Some(payloads.iter().map(JsonPayload::from).collect()),
    };
    serde_json::to_vec(&body)
        .map_err(|error| CodecFault::Payload(format!("it cannot be written as JSON ({error})")))
}

/// The payloads in the body of a response, or what is wrong with it. Shows nothing of the body.
pub(super) fn response(body: &[u8]) -> Result<Vec<Payload>, String> {
    let read: Result<JsonPayloads, _> = serde_json::from_slice(body);
    let payloads = read.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!(
            "something other than {{\"payloads\": [...]}} (line {line}, column {column}); correct the codec server"
        )
    })?;
    let payloads = payloads.payloads.unwrap_or_default();
    Ok(payloads.into_iter().map(Payload::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::payload;

    #[test]
    fn a_payload_is_written_as_protobuf_writes_it() {
        let full = Payload {
            metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
            external_payloads: vec![ExternalPayloadDetails { size_bytes: 7 }],
            ..payload("\u{fb}?")
        };
        let body = request(&[full.clone(), Payload::default()]).unwrap();
        assert_eq!(
            String::from_utf8(body.clone()).unwrap(),
            r#"{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"w7s/","externalPayloads":[{"sizeBytes":"7"}]},{}]}"#
        );
        assert_eq!(response(&body).unwrap(), [full, Payload::default()]);
    }

    #[test]
    fn a_lenient_reader_takes_what_other_writers_write() {
        for body in [
            r#"{"payloads":[{"data":"w7s/"}],"more":1}"#,
            r#"{"payloads":[{"data":"w7s_","metadata":null}]}"#,
        ] {
            assert_eq!(
                response(body.as_bytes()).unwrap(),
                [payload("\u{fb}?")],
                "{body}"
            );
        }
        for body in ["{}", r#"{"payloads":null}"#] {
            assert_eq!(response(body.as_bytes()), Ok(Vec::new()), "{body}");
        }
    }

    #[test]
    fn what_is_no_answer_is_refused_without_showing_it() {
        for body in [
            "",
            "<html>hush",
            r#"{"payloads":[{"data":"hush!"}]}"#,
            r#"{"payloads":"hush"}"#,
        ] {
            let problem = response(body.as_bytes()).unwrap_err();
            assert!(
                problem.contains("line ") && !problem.contains("hush"),
                "{problem}"
            );
        }
    }
}
