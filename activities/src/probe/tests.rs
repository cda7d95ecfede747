use serde_json::{Value, json};
use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;
use temporalio_common::protos::coresdk::activity_task::{ActivityCancelReason, Start};

use super::*;
use crate::payload::{decode, encode};
use crate::registry::ActivityRegistry;
use crate::testing::{Harness, failure, result, start};

fn probe() -> Harness {
    Harness::new(register(ActivityRegistry::builder()))
}

fn attempt(number: u32, input: &Value) -> Start {
    Start {
        attempt: number,
        input: vec![encode(input).unwrap()],
        ..start("failTimes")
    }
}

#[tokio::test]
async fn wait_ends_after_the_given_time() {
    let mut harness = probe();
    let waited: Value = harness
        .call("wait", &json!({"ms": 3, "heartbeatMs": 1}))
        .await;
    assert!(waited["waitedMs"].as_u64() >= Some(3), "{waited}");
    let at_once: Value = harness.call("wait", &json!({"ms": 0})).await;
    assert!(at_once["waitedMs"].is_u64(), "{at_once}");
    harness.finish().await;
}

#[tokio::test]
async fn wait_heartbeats_its_progress_until_it_is_cancelled() {
    let mut harness = probe();
    harness.start("wait", &json!({"ms": 3_600_000, "heartbeatMs": 1}));
    let mut progress = Vec::new();
    for _ in 0..3 {
        let details = harness.heartbeat().await.details;
        assert_eq!(details.len(), 1);
        progress.push(decode::<u64>(&details[0]).unwrap());
    }
    assert!(progress.is_sorted() && progress[2] > 0, "{progress:?}");
    harness.cancel("wait", ActivityCancelReason::Cancelled);
    let (_, status) = harness.report().await;
    assert!(matches!(status, Status::Cancelled(_)), "{status:?}");
    harness.finish().await;
}

#[tokio::test]
async fn fail_times_counts_attempts() {
    let mut harness = probe();
    let input = json!({"key": "k", "times": 2});
    for number in [1, 2] {
        harness.start_as("t", attempt(number, &input));
        let (message, info) = failure(harness.report().await.1);
        assert_eq!(message, format!("failure {number} of 2 of \"k\""));
        assert_eq!((info.r#type.as_str(), info.non_retryable), ("Flaky", false));
        assert_eq!(info.details.unwrap().payloads, [encode(&number).unwrap()]);
    }
    harness.start_as("t", attempt(3, &input));
    assert_eq!(
        result::<Value>(harness.report().await.1),
        json!({"attempts": 3})
    );
    harness.finish().await;
}

#[tokio::test]
async fn fail_times_fails_as_it_is_told() {
    let mut harness = probe();
    let input = json!({"key": "k", "times": 1, "type": "Mine", "nonRetryable": true});
    let info = harness.call_failing("failTimes", &input).await;
    assert_eq!((info.r#type.as_str(), info.non_retryable), ("Mine", true));
    harness.finish().await;
}

#[tokio::test]
async fn echo_returns_the_very_payload() {
    let mut harness = probe();
    let mut odd = encode(&1).unwrap();
    odd.data = br#"{"z": 12345678901234567890123, "a": 1.0}"#.to_vec();
    odd.metadata.insert("messageType".into(), b"x".to_vec());
    harness.start_as(
        "e",
        Start {
            input: vec![odd.clone()],
            ..start("echo")
        },
    );
    let (_, status) = harness.report().await;
    let Status::Completed(success) = status else {
        panic!("{status:?}")
    };
    assert_eq!(success.result, Some(odd));
    harness.finish().await;
}

#[tokio::test]
async fn echo_of_nothing_is_no_value() {
    let mut harness = probe();
    harness.start_as("e", start("echo"));
    assert_eq!(result::<Option<u8>>(harness.report().await.1), None);
    harness.finish().await;
}
