//! Activities to test a worker with: they wait, fail and echo on demand.
//!
//! | activity | input | output |
//! |---|---|---|
//! | `wait` | `{ms, heartbeatMs?}` | `{waitedMs}` |
//! | `failTimes` | `{key, times, type?, nonRetryable?}` | `{attempts}` |
//! | `echo` | any value | the same value |

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};

use crate::context::ActivityContext;
use crate::error::{ActivityError, ActivityResult};
use crate::failure::ApplicationFailure;
use crate::payload;
use crate::registry::ActivityRegistryBuilder;

/// Often enough that a request to cancel arrives soon; core throttles what is too often.
const DEFAULT_HEARTBEAT_MS: u64 = 100;

const DEFAULT_FAILURE_TYPE: &str = "Flaky";

/// Adds the probe activities.
pub fn register(builder: ActivityRegistryBuilder) -> ActivityRegistryBuilder {
    builder
        .register("wait", wait)
        .register(
            "failTimes",
            |context: ActivityContext, input: FailTimes| async move {
                fail_times(context.info().attempt, input)
            },
        )
        // Payloads are passed on unread: no rounding of numbers, no reordering of keys.
        .register_raw("echo", |_, input| async move {
            match input.into_iter().next() {
                Some(first) => Ok(first),
                None => Ok(payload::encode(&())?),
            }
        })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wait {
    ms: u64,
    heartbeat_ms: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Waited {
    waited_ms: u64,
}

/// Waits for `ms`, with a heartbeat at the start and then every `heartbeatMs` (100 if absent),
/// whose details are the milliseconds waited so far. Gives up when asked to.
async fn wait(context: ActivityContext, input: Wait) -> ActivityResult<Waited> {
    let began = Instant::now();
    let interval = Duration::from_millis(input.heartbeat_ms.unwrap_or(DEFAULT_HEARTBEAT_MS).max(1));
    let whole = Duration::from_millis(input.ms);
    loop {
        let waited = began.elapsed();
        let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        if waited >= whole {
            return Ok(Waited { waited_ms });
        }
        context.heartbeat(waited_ms)?;
        let pause = interval.min(whole - waited);
        tokio::select! {
            biased;
            _ = context.cancelled() => return Err(ActivityError::cancelled_with(&waited_ms)),
            () = sleep_until(Instant::now() + pause) => {}
        }
    }
}

/// `key` is not needed to count, because the server counts attempts; it tells calls apart for
/// whoever reads the history.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailTimes {
    key: String,
    times: u32,
    r#type: Option<String>,
    non_retryable: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Attempts {
    attempts: u32,
}

/// Fails the first `times` attempts, with the attempt as the failure's detail.
fn fail_times(attempt: u32, input: FailTimes) -> ActivityResult<Attempts> {
    if attempt > input.times {
        return Ok(Attempts { attempts: attempt });
    }
    let message = format!("failure {attempt} of {} of {:?}", input.times, input.key);
    let failure_type = input
        .r#type
        .unwrap_or_else(|| DEFAULT_FAILURE_TYPE.to_owned());
    let failure = ApplicationFailure::new(failure_type, message).with_detail(&attempt);
    Err(if input.non_retryable.unwrap_or(false) {
        ActivityError::NonRetryable(failure)
    } else {
        ActivityError::Retryable(failure)
    })
}

#[cfg(test)]
mod tests;
