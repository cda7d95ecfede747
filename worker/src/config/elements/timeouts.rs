//! `workflow-timeout`, `sticky-queue-schedule-to-start-timeout`, `connect-timeout`,
//! `shutdown-grace-time`: how long the worker waits for what.

use std::time::Duration;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::duration_between;

/// As the Node worker's `isolateExecutionTimeout`; users know the 5 s from TMPRL1101.
pub const WORKFLOW_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

/// As in every Temporal SDK.
pub const STICKY_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// Long enough for a server that starts at the same time, short enough for a supervisor to see
/// that something is wrong.
pub const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(60);

/// A third of the 30 s that ECS and Kubernetes leave between `SIGTERM` and `SIGKILL`.
pub const SHUTDOWN_GRACE_TIME_DEFAULT: Duration = Duration::from_secs(10);

/// Nothing here is meant to be waited for longer.
const MAX: Duration = Duration::from_secs(3600);

/// The longest that one entry into workflow code may run before it is stopped.
pub struct WorkflowTimeout;

impl Element for WorkflowTimeout {
    type Value = Duration;

    const KEY: Key = Key::worker("workflow-timeout", Group::Workflows, Shape::Text)
        .takes("DURATION")
        .means("Stops an entry into workflow code that runs longer; its workflow task fails")
        .defaults_to("5s");

    fn parse(text: &str) -> Result<Duration, Problem> {
        // Under 10 ms a pause of the garbage collector would count as a deadlock.
        duration_between(text, Duration::from_millis(10), MAX)
    }
}

/// How long a workflow task waits on this worker's sticky queue before any worker may take it.
pub struct StickyQueueScheduleToStartTimeout;

impl Element for StickyQueueScheduleToStartTimeout {
    type Value = Duration;

    const KEY: Key = Key::worker(
        "sticky-queue-schedule-to-start-timeout",
        Group::SlotsAndCache,
        Shape::Text,
    )
    .takes("DURATION")
    .means("How long a workflow task waits for this worker before any worker may take it")
    .defaults_to("10s");

    fn parse(text: &str) -> Result<Duration, Problem> {
        duration_between(text, Duration::from_millis(1), MAX)
    }
}

/// How long the worker tries to reach the server before it ends.
pub struct ConnectTimeout;

impl Element for ConnectTimeout {
    type Value = Duration;

    const KEY: Key = Key::worker("connect-timeout", Group::Connection, Shape::Text)
        .takes("DURATION")
        .means("How long to try to reach the server before ending")
        .defaults_to("60s");

    fn parse(text: &str) -> Result<Duration, Problem> {
        duration_between(text, Duration::from_millis(1), MAX)
    }
}

/// How long work in flight may go on after the first signal.
pub struct ShutdownGraceTime;

impl Element for ShutdownGraceTime {
    type Value = Duration;

    const KEY: Key = Key::worker("shutdown-grace-time", Group::Shutdown, Shape::Text)
        .takes("DURATION")
        .means("How long work in flight may go on after the first signal")
        .defaults_to("10s");

    fn parse(text: &str) -> Result<Duration, Problem> {
        duration_between(text, Duration::ZERO, MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_grace_time_may_be_zero() {
        assert_eq!(ShutdownGraceTime::parse("0s"), Ok(Duration::ZERO));
        assert!(WorkflowTimeout::parse("0s").is_err());
        assert!(ConnectTimeout::parse("0s").is_err());
        assert!(StickyQueueScheduleToStartTimeout::parse("0s").is_err());
    }

    #[test]
    fn a_timeout_ends_within_the_hour() {
        assert!(WorkflowTimeout::parse("1h").is_ok());
        assert!(WorkflowTimeout::parse("61m").is_err());
    }
}
