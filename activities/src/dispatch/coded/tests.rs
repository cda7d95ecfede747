//! Attempts between codecs, against a scripted core.

use std::sync::Arc;

use burdock_codecs::{CodecFault, CodecFuture, Payload, PayloadCodec, SerializationContext};
use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;
use temporalio_common::protos::coresdk::activity_task::Start;

use crate::payload::{decode, encode};
use crate::registry::{ActivityRegistry, ActivityRegistryBuilder};
use crate::testing::{Harness, failure, start};
use crate::{ActivityContext, ActivityError, CancelReason};

/// What the codec puts before the data.
const MARK: u8 = b'#';

/// Marks payloads; refuses to encode those that hold `unspeakable`.
struct Marking;

impl PayloadCodec for Marking {
    fn name(&self) -> &'static str {
        "marking"
    }

    fn encode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        _: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a> {
        Box::pin(async move {
            let marked = payloads.into_iter().map(|mut payload| {
                if payload.data.windows(11).any(|part| part == b"unspeakable") {
                    return Err(CodecFault::Payload("it is unspeakable".into()));
                }
                payload.data.insert(0, MARK);
                Ok(payload)
            });
            marked.collect()
        })
    }

    fn decode<'a>(
        &'a self,
        payloads: Vec<Payload>,
        _: Option<&'a SerializationContext>,
    ) -> CodecFuture<'a> {
        Box::pin(async move { payloads.iter().map(unmarked).collect() })
    }
}

fn unmarked(payload: &Payload) -> Result<Payload, CodecFault> {
    let data = payload.data.strip_prefix(&[MARK]);
    let data = data.ok_or_else(|| CodecFault::Payload("it has no mark".into()))?;
    Ok(Payload {
        data: data.to_vec(),
        ..payload.clone()
    })
}

fn marked(value: &str) -> Payload {
    let mut payload = encode(value).unwrap();
    payload.data.insert(0, MARK);
    payload
}

fn text(payload: &Payload) -> String {
    decode(&unmarked(payload).unwrap()).unwrap()
}

/// Starts `activity` with one encoded argument.
fn started(registry: ActivityRegistryBuilder, argument: &str) -> Harness {
    let harness = Harness::with_codecs(registry, vec![Arc::new(Marking)]);
    let input = vec![marked(argument)];
    let task = Start {
        input,
        ..start("activity")
    };
    harness.start_as("token", task);
    harness
}

fn echo() -> ActivityRegistryBuilder {
    ActivityRegistry::builder()
        .register("activity", |_: ActivityContext, input: String| async move {
            Ok::<_, ActivityError>(input)
        })
}

#[tokio::test]
async fn the_input_is_decoded_and_the_result_is_encoded() {
    let mut harness = started(echo(), "x");
    let Status::Completed(success) = harness.report().await.1 else {
        panic!("not completed");
    };
    assert_eq!(text(&success.result.unwrap()), "x");
    harness.finish().await;
}

#[tokio::test]
async fn details_of_a_failure_are_encoded_after_the_last_heartbeat_has_gone_out() {
    let failing = |context: ActivityContext, input: String| async move {
        context.heartbeat("first")?;
        context.heartbeat(&input)?;
        let failure = crate::ApplicationFailure::new("T", "m").with_detail(&input);
        Err::<(), _>(ActivityError::Retryable(failure))
    };
    let registry = ActivityRegistry::builder().register("activity", failing);
    let mut harness = started(registry, "x");
    let (_, info) = failure(harness.report().await.1);
    assert_eq!(text(&info.details.unwrap().payloads[0]), "x");
    let mut last = None;
    while let Some(heartbeat) = harness.heartbeat_so_far() {
        last = Some(text(&heartbeat.details[0]));
    }
    assert_eq!(last.as_deref(), Some("x"));
    harness.finish().await;
}

#[tokio::test]
async fn input_that_cannot_be_decoded_is_a_retryable_failure() {
    let mut harness = Harness::with_codecs(echo(), vec![Arc::new(Marking)]);
    harness.start("activity", &"x");
    let (message, info) = failure(harness.report().await.1);
    assert_eq!(
        (info.r#type.as_str(), info.non_retryable),
        ("PayloadCodecError", false)
    );
    assert!(
        message.contains("`marking` could not decode") && message.contains("activity activity"),
        "{message}"
    );
    harness.finish().await;
}

#[tokio::test]
async fn a_result_or_a_failure_that_cannot_be_encoded_is_a_retryable_failure() {
    let failing = |_: ActivityContext, input: String| async move {
        let failure = crate::ApplicationFailure::new("T", "m").with_detail(&input);
        Err::<(), _>(ActivityError::NonRetryable(failure))
    };
    let failing = ActivityRegistry::builder().register("activity", failing);
    for registry in [echo(), failing] {
        let mut harness = Harness::with_codecs(registry, vec![Arc::new(Marking)]);
        let input = vec![marked("unspeakable")];
        let task = Start {
            input,
            ..start("activity")
        };
        harness.start_as("token", task);
        let (message, info) = failure(harness.report().await.1);
        assert_eq!(
            (info.r#type.as_str(), info.non_retryable),
            ("PayloadCodecError", false)
        );
        assert!(message.contains("could not encode"), "{message}");
        harness.finish().await;
    }
}

#[tokio::test]
async fn a_heartbeat_that_cannot_be_encoded_asks_the_activity_to_stop_and_fails_it() {
    let waiting = |context: ActivityContext, input: String| async move {
        context.heartbeat(&input)?;
        let reason = context.cancelled().await;
        assert_eq!(reason, CancelReason::HeartbeatNotEncoded);
        Err::<(), _>(ActivityError::cancelled())
    };
    let registry = ActivityRegistry::builder().register("activity", waiting);
    let mut harness = started(registry, "unspeakable");
    let (message, info) = failure(harness.report().await.1);
    assert_eq!(
        (info.r#type.as_str(), info.non_retryable),
        ("CancelledFailure", false)
    );
    assert!(
        message.starts_with("HEARTBEAT_DETAILS_CONVERSION_FAILED"),
        "{message}"
    );
    assert!(harness.heartbeat_so_far().is_none());
    harness.finish().await;
}
