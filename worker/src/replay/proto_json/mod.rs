//! Histories in protobuf's JSON form.
//!
//! One pass over the text writes the protobuf wire format, by tables that `worker/build.rs` makes from the protocol's
//! descriptors. It takes what the CLI, the UI and the SDKs write: field names in both cases, enum values by name with or
//! without their prefix or by number, 64-bit numbers as text or number. As in Node, fields and enum values that the
//! protocol does not have are left out: they come from a newer server.

mod message;
mod scalar;
mod schema;
mod time;

use prost::Message as _;
use serde::de::DeserializeSeed as _;
use temporalio_common::protos::temporal::api::history::v1::History;

use message::{MessageSeed, Unknown};

/// A history and what of it has no place in the protocol.
#[derive(Debug)]
pub(super) struct JsonHistory {
    pub(super) history: History,
    /// Names of event types that the protocol does not have, in the order of their events.
    pub(super) unknown_event_types: Vec<String>,
}

/// Reads `{"events": [...]}`, the same below the key `history`, or the bare list.
///
/// # Errors
/// What is wrong, with line and column.
pub(super) fn parse(text: &[u8]) -> Result<JsonHistory, String> {
    let mut unknown = Unknown::default();
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let seed = MessageSeed::history(&mut bytes, &mut unknown);
    seed.deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| error.to_string())?;
    let history = History::decode(bytes.as_slice()).map_err(|error| error.to_string())?;
    Ok(JsonHistory {
        history,
        unknown_event_types: unknown.event_types,
    })
}

#[cfg(test)]
mod tests;
