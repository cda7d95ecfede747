//! The dispatcher against a scripted core.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;
use temporalio_common::protos::coresdk::activity_task::{
    ActivityCancelReason, ActivityTask, Start,
};
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_sdk_core::PollError;
use tokio::sync::mpsc;

use crate::error::{ActivityError, ActivityResult};
use crate::payload::{decode, encode};
use crate::registry::{ActivityRegistry, ActivityRegistryBuilder};
use crate::testing::{Harness, failure, result, start};
use crate::{ActivityContext, CancelReason};

#[derive(Deserialize)]
struct Greeting {
    name: String,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Greeted {
    text: String,
}

async fn greet(_: ActivityContext, input: Greeting) -> ActivityResult<Greeted> {
    Ok(Greeted {
        text: format!("Hello, {}!", input.name),
    })
}

/// Ends when it is cancelled, and says why.
async fn until_cancelled(context: ActivityContext, (): ()) -> ActivityResult<()> {
    context.heartbeat("started")?;
    let reason = context.cancelled().await;
    assert!(context.is_cancelled());
    Err(ActivityError::cancelled_with(&format!("{reason:?}")))
}

fn greeter() -> ActivityRegistryBuilder {
    ActivityRegistry::builder().register("greet", greet)
}

fn waiter() -> ActivityRegistryBuilder {
    ActivityRegistry::builder().register("wait", until_cancelled)
}

#[tokio::test]
async fn a_handler_gets_its_input_and_its_output_is_reported() {
    let mut harness = Harness::new(greeter());
    harness.start("greet", &serde_json::json!({"name": "you"}));
    let (token, status) = harness.report().await;
    assert_eq!(token, "greet");
    assert_eq!(
        result::<Greeted>(status),
        Greeted {
            text: "Hello, you!".into()
        }
    );
    harness.finish().await;
}

#[tokio::test]
async fn several_arguments_arrive_as_a_tuple() {
    let add = |_: ActivityContext, (a, b): (i64, Option<i64>)| async move {
        Ok::<_, ActivityError>(a + b.unwrap_or(10))
    };
    let mut harness = Harness::new(ActivityRegistry::builder().register("add", add));
    let input = vec![encode(&1).unwrap(), encode(&2).unwrap()];
    harness.start_as(
        "two",
        Start {
            input,
            ..start("add")
        },
    );
    assert_eq!(result::<i64>(harness.report().await.1), 3);
    assert_eq!(harness.call::<i64>("add", &1).await, 11);
    harness.finish().await;
}

#[tokio::test]
async fn input_that_does_not_fit_is_a_retryable_decode_error() {
    let mut harness = Harness::new(greeter());
    harness.start("greet", &serde_json::json!({"title": "you"}));
    let (message, info) = failure(harness.report().await.1);
    assert_eq!(
        (info.r#type.as_str(), info.non_retryable),
        ("DecodeError", false)
    );
    for part in ["\"greet\"", "argument 1", "missing field `name`"] {
        assert!(message.contains(part), "{message}");
    }
    harness.finish().await;
}

#[tokio::test]
async fn an_unknown_type_is_a_retryable_failure_that_lists_the_known_ones() {
    let mut harness = Harness::new(greeter().register("wait", until_cancelled));
    harness.start("gret", &());
    let (message, info) = failure(harness.report().await.1);
    assert_eq!(
        (info.r#type.as_str(), info.non_retryable),
        ("NotFoundError", false)
    );
    assert!(
        message.contains("\"gret\"") && message.ends_with("registered: greet, wait"),
        "{message}"
    );
    harness.finish().await;
}

#[tokio::test]
async fn a_panic_before_or_after_an_await_is_a_retryable_failure_and_nothing_else_falls() {
    let early = |_: ActivityContext, (): ()| {
        assert!(std::env::args().count() == 0, "early");
        async { Ok::<_, ActivityError>(()) }
    };
    let late = |_: ActivityContext, (): ()| async {
        tokio::task::yield_now().await;
        assert!(std::env::args().count() == 0, "late");
        Ok::<_, ActivityError>(())
    };
    let mut harness = Harness::new(greeter().register("early", early).register("late", late));
    for name in ["early", "late"] {
        harness.start(name, &());
        let (message, info) = failure(harness.report().await.1);
        assert_eq!(
            (info.r#type.as_str(), info.non_retryable),
            ("PanicError", false)
        );
        assert_eq!(message, format!("the activity panicked: {name}"));
    }
    let greeted: Greeted = harness
        .call("greet", &serde_json::json!({"name": "you"}))
        .await;
    assert_eq!(greeted.text, "Hello, you!");
    harness.finish().await;
}

#[tokio::test]
async fn a_request_to_cancel_reaches_the_handler() {
    let mut harness = Harness::new(waiter());
    harness.start("wait", &());
    let heartbeat = harness.heartbeat().await;
    assert_eq!(heartbeat.task_token, b"wait");
    assert_eq!(decode::<String>(&heartbeat.details[0]).unwrap(), "started");
    harness.cancel("wait", ActivityCancelReason::WorkerShutdown);
    let (_, status) = harness.report().await;
    let Status::Cancelled(cancelled) = status else {
        panic!("{status:?}")
    };
    let failure_info = cancelled.failure.unwrap().failure_info;
    let Some(FailureInfo::CanceledFailureInfo(info)) = failure_info else {
        panic!("{failure_info:?}")
    };
    assert_eq!(
        info.details.unwrap().payloads,
        [encode("WorkerShutdown").unwrap()]
    );
    harness.finish().await;
}

#[tokio::test]
async fn a_request_for_another_or_an_ended_activity_is_ignored() {
    let mut harness = Harness::new(waiter().register("greet", greet));
    harness.start("wait", &());
    harness.heartbeat().await;
    harness.cancel("nobody", ActivityCancelReason::Cancelled);
    let _: Greeted = harness
        .call("greet", &serde_json::json!({"name": "you"}))
        .await;
    harness.cancel("greet", ActivityCancelReason::Cancelled);
    assert_eq!(harness.counters.in_flight(), 1, "the waiting one goes on");
    harness.cancel("wait", ActivityCancelReason::Cancelled);
    assert_eq!(harness.report().await.0, "wait");
    harness.finish().await;
}

#[tokio::test]
async fn pause_and_reset_are_failures_that_the_server_knows() {
    for (reason, failure_type) in [
        (ActivityCancelReason::Paused, "ActivityPause"),
        (ActivityCancelReason::Reset, "ActivityReset"),
    ] {
        let mut harness = Harness::new(waiter());
        harness.start("wait", &());
        harness.heartbeat().await;
        harness.cancel("wait", reason);
        assert_eq!(failure(harness.report().await.1).1.r#type, failure_type);
        harness.finish().await;
    }
}

#[tokio::test]
async fn local_and_remote_activities_are_counted_apart() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let hold = move |context: ActivityContext, (): ()| {
        let tell = tell.clone();
        async move {
            tell.send(context.info().is_local)?;
            assert_eq!(context.cancelled().await, CancelReason::TimedOut);
            Ok::<_, ActivityError>(())
        }
    };
    let mut harness = Harness::new(ActivityRegistry::builder().register("hold", hold));
    harness.start_as(
        "l1",
        Start {
            is_local: true,
            ..start("hold")
        },
    );
    harness.start_as(
        "l2",
        Start {
            is_local: true,
            ..start("hold")
        },
    );
    harness.start_as("r", start("hold"));
    for _ in 0..3 {
        told.recv().await.unwrap();
    }
    let counters = &harness.counters;
    assert_eq!(
        (counters.in_flight_local(), counters.in_flight_non_local()),
        (2, 1)
    );
    assert_eq!(counters.in_flight(), 3);
    for token in ["l1", "l2", "r"] {
        harness.cancel(token, ActivityCancelReason::TimedOut);
        harness.report().await;
    }
    harness.finish().await;
}

#[tokio::test]
async fn a_poll_error_is_survived_and_counted() {
    let mut harness = Harness::new(greeter());
    harness.send(Err(PollError::TonicError(tonic::Status::unavailable(
        "away",
    ))));
    harness.send(Ok(ActivityTask::default()));
    let _: Greeted = harness
        .call("greet", &serde_json::json!({"name": "you"}))
        .await;
    assert_eq!(harness.counters.poll_errors(), 1);
    harness.finish().await;
}

#[tokio::test]
async fn shutdown_waits_for_what_still_runs() {
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let released = std::sync::Arc::new(parking_lot::Mutex::new(Some(released)));
    let hold = move |context: ActivityContext, (): ()| {
        let released = released.lock().take();
        async move {
            context.heartbeat(())?;
            if let Some(released) = released {
                released.await?;
            }
            Ok::<_, ActivityError>("done")
        }
    };
    let mut harness = Harness::new(ActivityRegistry::builder().register("hold", hold));
    harness.start("hold", &());
    harness.heartbeat().await;
    harness.shut_down().await;
    assert_eq!(harness.counters.in_flight(), 1);
    release.send(()).unwrap();
    assert_eq!(result::<String>(harness.report().await.1), "done");
    harness.finish().await;
}

#[tokio::test]
async fn a_handler_sees_where_it_runs() {
    let info = |context: ActivityContext, (): ()| async move {
        let info = context.info();
        Ok::<_, ActivityError>((
            info.task_queue.clone(),
            info.attempt,
            info.heartbeat_timeout,
        ))
    };
    let mut harness = Harness::new(ActivityRegistry::builder().register("info", info));
    let heartbeat_timeout = Duration::from_secs(5).try_into().ok();
    harness.start_as(
        "i",
        Start {
            attempt: 3,
            heartbeat_timeout,
            ..start("info")
        },
    );
    let seen: (String, u32, Option<Duration>) = result(harness.report().await.1);
    assert_eq!(seen, ("queue".into(), 3, Some(Duration::from_secs(5))));
    harness.finish().await;
}
