//! Inputs and invariants of length-delimited messages, for the property tests and the fuzz targets.

use proptest::prelude::*;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;

use super::frames::{FrameError, FrameReader, write_frame};

/// Activations one after the other, cut off somewhere or not.
pub fn frames() -> impl Strategy<Value = Vec<u8>> {
    let run_ids = prop::collection::vec("[a-z]{0,40}", 0..5);
    let cut = prop::option::of(0..1_000_usize);
    (run_ids, cut).prop_map(|(run_ids, cut)| {
        let messages: Vec<_> = run_ids.iter().map(|run_id| activation(run_id)).collect();
        let mut bytes = written(&messages);
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut * bytes.len() / 1_000));
        bytes
    })
}

/// Any bytes are messages that can be written again, or an error at a place inside of them.
pub fn check_frames(bytes: &[u8]) {
    match read_all(bytes) {
        Ok(messages) => {
            assert!(messages.len() <= bytes.len());
            let again = written(&messages);
            let messages_again = read_all(&again).expect("what is written is read");
            assert_eq!(messages_again.len(), messages.len());
            // Not the bytes: maps have no order. Not the messages: not-a-number does not equal itself.
            assert_eq!(written(&messages_again).len(), again.len());
        }
        Err(
            FrameError::Truncated { index, offset, .. }
            | FrameError::Length { index, offset }
            | FrameError::TooLarge { index, offset, .. }
            | FrameError::Message { index, offset, .. }
            | FrameError::Io { index, offset, .. },
        ) => {
            assert!((1..=bytes.len() as u64).contains(&index), "message {index}");
            assert!(offset < bytes.len() as u64, "byte {offset}");
        }
    }
}

pub(super) fn read_all(bytes: &[u8]) -> Result<Vec<WorkflowActivation>, FrameError> {
    let mut reader = FrameReader::new(bytes);
    let mut messages = Vec::new();
    while let Some(message) = reader.next("WorkflowActivation")? {
        messages.push(message);
    }
    Ok(messages)
}

pub(super) fn activation(run_id: &str) -> WorkflowActivation {
    WorkflowActivation {
        run_id: run_id.to_owned(),
        ..Default::default()
    }
}

pub(super) fn written(messages: &[WorkflowActivation]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        write_frame(&mut bytes, message).expect("memory takes everything");
    }
    bytes
}
