//! Every message type crosses into V8 and back without a change.

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};

use super::random_message::{Random, difference};
use super::{message_id, with_transcoder};
use crate::engine::transcode::schema::MESSAGES;
use crate::engine::transcode::{MessageId, WORKFLOW_ACTIVATION, WORKFLOW_ACTIVATION_COMPLETION};

/// The descriptors that the tables were made from, read by a library that did not make the tables.
fn descriptors() -> DescriptorPool {
    DescriptorPool::decode(include_bytes!(env!("BURDOCK_DESCRIPTORS")).as_slice())
        .expect("a descriptor set")
}

/// One random message of every type in `ids`, through V8 and back.
fn round_trip(ids: impl Iterator<Item = MessageId>, seed: u64) {
    let pool = descriptors();
    with_transcoder(|scope, transcoder| {
        for id in ids {
            let name = id.message().name;
            let descriptor = pool
                .get_message_by_name(name)
                .expect("a type of the protocol");
            let message = Random(seed).message(&descriptor, 0);
            let object = transcoder
                .decode(scope, id, &message.encode_to_vec())
                .expect("a readable message");
            let bytes = transcoder
                .encode(scope, id, object)
                .expect("a writable object");
            let back = DynamicMessage::decode(descriptor, bytes.as_slice()).expect("a message");
            assert_eq!(
                difference(&message, &back),
                None,
                "seed {seed}, type {name}"
            );
        }
    });
}

fn all_types() -> impl Iterator<Item = MessageId> {
    (0..MESSAGES.len()).map(|index| MessageId(u16::try_from(index).expect("few types")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_type_survives(seed: u64) {
        round_trip(all_types(), seed);
    }

    #[test]
    fn activations_and_completions_survive(seed: u64) {
        round_trip([WORKFLOW_ACTIVATION, WORKFLOW_ACTIVATION_COMPLETION].into_iter(), seed);
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        with_transcoder(|scope, transcoder| {
            for name in ["temporal.api.failure.v1.Failure", "coresdk.workflow_activation.WorkflowActivation"] {
                let _ = transcoder.decode(scope, message_id(name), &bytes);
            }
        });
    }
}

#[test]
fn the_tables_reach_every_job_and_command() {
    let members = |name: &str| {
        let message = message_id(name).message();
        message
            .fields
            .iter()
            .filter(|field| field.oneof.is_some())
            .map(|field| field.name)
            .collect::<Vec<_>>()
    };
    let jobs = members("coresdk.workflow_activation.WorkflowActivationJob");
    let commands = members("coresdk.workflow_commands.WorkflowCommand");
    let pool = descriptors();
    let count = |name: &str| {
        pool.get_message_by_name(name)
            .expect("a type")
            .oneofs()
            .next()
            .expect("variant")
            .fields()
            .len()
    };
    assert_eq!(
        jobs.len(),
        count("coresdk.workflow_activation.WorkflowActivationJob")
    );
    assert_eq!(
        commands.len(),
        count("coresdk.workflow_commands.WorkflowCommand")
    );
    assert!(
        jobs.contains(&"removeFromCache") && commands.contains(&"modifyWorkflowProperties"),
        "{jobs:?} {commands:?}"
    );
}
