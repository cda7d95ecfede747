//! Interceptors, payload converters and encoded failures, against a scripted core.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::{Value, json};
use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;
use temporalio_common::protos::coresdk::activity_task::Start;

use super::DispatchOptions;
use crate::converter::{ConverterError, PayloadConverter};
use crate::error::{ActivityError, ActivityResult};
use crate::interceptor::{ActivityCall, ActivityInterceptor, ActivityNext};
use crate::payload::{decode, encode};
use crate::registry::{ActivityRegistry, ActivityRegistryBuilder};
use crate::testing::{Harness, failure, result, start};
use crate::{ActivityContext, ApplicationFailure, Payload};

type Log = Arc<Mutex<Vec<String>>>;

/// Notes when it is entered and left, and adds its name to argument and result.
struct Named(&'static str, Log);

#[async_trait]
impl ActivityInterceptor for Named {
    async fn execute(
        &self,
        mut call: ActivityCall,
        next: ActivityNext<'_>,
    ) -> ActivityResult<Payload> {
        let Self(name, log) = self;
        log.lock().push(format!("{name} in"));
        let argument: String = decode(&call.input[0])?;
        call.input = vec![encode(&format!("{argument}>{name}"))?];
        let output: String = decode(&next.run(call).await?)?;
        log.lock().push(format!("{name} out"));
        Ok(encode(&format!("{output}<{name}"))?)
    }
}

/// Panics for the argument `poison`, and answers `tenant` by the header of that name.
struct Strict;

#[async_trait]
impl ActivityInterceptor for Strict {
    async fn execute(&self, call: ActivityCall, next: ActivityNext<'_>) -> ActivityResult<Payload> {
        let argument: String = decode(&call.input[0])?;
        match (argument.as_str(), call.context.headers().get("tenant")) {
            ("poison", _) => panic!("no {argument}"),
            ("tenant", Some(tenant)) => Ok(tenant.clone()),
            _ => next.run(call).await,
        }
    }
}

async fn echo(_: ActivityContext, text: String) -> ActivityResult<String> {
    Ok(text)
}

fn echoing() -> ActivityRegistryBuilder {
    ActivityRegistry::builder().register("echo", echo)
}

fn intercepted(interceptors: Vec<Arc<dyn ActivityInterceptor>>) -> Harness {
    let options = DispatchOptions {
        interceptors,
        ..DispatchOptions::default()
    };
    Harness::with_options(echoing(), options)
}

#[tokio::test]
async fn interceptors_run_in_the_order_of_registration_and_change_input_and_result() {
    let log = Log::default();
    let named = |name| Arc::new(Named(name, Arc::clone(&log))) as Arc<dyn ActivityInterceptor>;
    let mut harness = intercepted(vec![named("a"), named("b")]);
    assert_eq!(harness.call::<String>("echo", &"x").await, "x>a>b<b<a");
    assert_eq!(*log.lock(), ["a in", "b in", "b out", "a out"]);
    harness.finish().await;
}

#[tokio::test]
async fn a_panic_in_an_interceptor_fails_that_activity_alone() {
    let mut harness = intercepted(vec![Arc::new(Strict)]);
    let failed = harness.call_failing("echo", &"poison").await;
    assert_eq!(
        (failed.r#type.as_str(), failed.non_retryable),
        ("PanicError", false)
    );
    assert_eq!(harness.call::<String>("echo", &"fine").await, "fine");
    harness.finish().await;
}

#[tokio::test]
async fn an_interceptor_sees_headers_and_may_answer_in_the_handlers_place() {
    let mut harness = intercepted(vec![Arc::new(Strict)]);
    let mut task = Start {
        input: vec![encode("tenant").unwrap()],
        ..start("echo")
    };
    task.header_fields
        .insert("tenant".into(), encode("acme").unwrap());
    harness.start_as("t", task);
    assert_eq!(result::<String>(harness.report().await.1), "acme");
    harness.finish().await;
}

#[tokio::test]
async fn an_interceptor_sees_activities_that_are_not_registered() {
    let log = Log::default();
    let mut harness = intercepted(vec![Arc::new(Named("a", Arc::clone(&log)))]);
    assert_eq!(
        harness.call_failing("nowhere", &"x").await.r#type,
        "NotFoundError"
    );
    assert_eq!(*log.lock(), ["a in"]);
    harness.finish().await;
}

/// Writes texts backwards under an encoding of its own.
struct Backwards;

impl PayloadConverter for Backwards {
    fn to_payload(&self, value: &Value) -> Result<Option<Payload>, ConverterError> {
        let Value::String(text) = value else {
            return Ok(None);
        };
        let backwards = text.chars().rev().collect::<String>();
        Ok(Some(Payload {
            metadata: [("encoding".to_owned(), b"text/backwards".to_vec())].into(),
            data: backwards.into_bytes(),
            ..Payload::default()
        }))
    }

    fn to_value(&self, payload: &Payload) -> Result<Option<Value>, ConverterError> {
        if payload.metadata.get("encoding").map(Vec::as_slice) != Some(b"text/backwards") {
            return Ok(None);
        }
        let text = String::from_utf8(payload.data.clone())?;
        Ok(Some(json!(text.chars().rev().collect::<String>())))
    }
}

fn backwards(text: &str) -> Payload {
    Backwards.to_payload(&json!(text)).unwrap().unwrap()
}

#[tokio::test]
async fn a_converter_reads_and_writes_what_it_knows_and_leaves_the_rest() {
    let pair = |_: ActivityContext, (text, number): (String, i64)| async move {
        Ok::<_, ActivityError>(if number == 0 {
            json!(text)
        } else {
            json!(number)
        })
    };
    let registry = ActivityRegistry::builder()
        .register("pair", pair)
        .payload_converter(Backwards);
    let mut harness = Harness::new(registry);
    for (number, expected) in [(0, backwards("abc")), (7, encode(&7).unwrap())] {
        let input = vec![backwards("abc"), encode(&number).unwrap()];
        harness.start_as(
            "t",
            Start {
                input,
                ..start("pair")
            },
        );
        let (_, status) = harness.report().await;
        let Status::Completed(success) = status else {
            panic!("{status:?}");
        };
        assert_eq!(success.result, Some(expected));
    }
    harness.finish().await;
}

#[tokio::test]
async fn a_payload_that_the_converter_cannot_read_fails_with_its_place() {
    let mut harness = Harness::new(echoing().payload_converter(Backwards));
    let broken = Payload {
        data: vec![0xff],
        ..backwards("")
    };
    harness.start_as(
        "t",
        Start {
            input: vec![broken],
            ..start("echo")
        },
    );
    let (message, info) = failure(harness.report().await.1);
    assert_eq!(info.r#type, "DecodeError");
    assert!(message.contains("argument 1"), "{message}");
    harness.finish().await;
}

#[tokio::test]
async fn heartbeats_go_through_the_converter() {
    let beating = |context: ActivityContext, (): ()| async move {
        let last: Option<String> = context.heartbeat_details()?;
        context.heartbeat("half")?;
        Ok::<_, ActivityError>(last.is_some_and(|last| last == "quarter"))
    };
    let registry = ActivityRegistry::builder()
        .register("beat", beating)
        .payload_converter(Backwards);
    let mut harness = Harness::new(registry);
    let heartbeat_details = vec![backwards("quarter")];
    harness.start_as(
        "t",
        Start {
            heartbeat_details,
            ..start("beat")
        },
    );
    assert_eq!(harness.heartbeat().await.details, [backwards("half")]);
    assert!(result::<bool>(harness.report().await.1));
    harness.finish().await;
}

#[tokio::test]
async fn messages_of_failures_and_of_their_causes_are_payloads_when_that_is_asked_for() {
    let fails = |_: ActivityContext, (): ()| async {
        let mut failure = ApplicationFailure::new("Outer", "secret");
        failure.cause = Some(Box::new(ApplicationFailure::new("Inner", "deeper")));
        Err::<(), _>(ActivityError::Retryable(failure))
    };
    let options = DispatchOptions {
        encode_common_attributes: true,
        ..DispatchOptions::default()
    };
    let registry = ActivityRegistry::builder().register("fails", fails);
    let mut harness = Harness::with_options(registry, options);
    harness.start("fails", &());
    let (_, status) = harness.report().await;
    let Status::Failed(failed) = status else {
        panic!("{status:?}");
    };
    let mut failure = failed.failure.map(Box::new);
    for message in ["secret", "deeper"] {
        let current = failure.unwrap();
        assert_eq!(current.message, "Encoded failure");
        let encoded: Value = decode(current.encoded_attributes.as_ref().unwrap()).unwrap();
        assert_eq!(encoded, json!({"message": message, "stack_trace": ""}));
        assert!(current.failure_info.is_some());
        failure = current.cause;
    }
    harness.finish().await;
}
