//! Rates of activities, their eager execution and their heartbeats.

use std::time::Duration;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::{duration_between, positive_rate, whole_number};

/// As in `temporalio-sdk-core`.
pub const MAX_EAGER_RESERVATIONS_DEFAULT: usize = 3;

/// As in every Temporal SDK; used where an activity has no heartbeat timeout.
pub const DEFAULT_HEARTBEAT_THROTTLE_DEFAULT: Duration = Duration::from_secs(30);

/// As in every Temporal SDK.
pub const MAX_HEARTBEAT_THROTTLE_DEFAULT: Duration = Duration::from_secs(60);

/// Core reserves the slots one by one while a workflow task completes.
const EAGER_RESERVATIONS_MAX: usize = 1_000;

const HEARTBEAT_MIN: Duration = Duration::from_millis(1);
const HEARTBEAT_MAX: Duration = Duration::from_secs(86_400);

/// Activities per second that this worker takes. Left out, there is no limit.
pub struct MaxActivitiesPerSecond;

impl Element for MaxActivitiesPerSecond {
    type Value = f64;

    const KEY: Key = Key::worker(
        "max-activities-per-second",
        Group::Activities,
        Shape::Number,
    )
    .takes("RATE")
    .means("Activities per second that this worker takes")
    .defaults_to("no limit");

    fn parse(text: &str) -> Result<f64, Problem> {
        positive_rate(text)
    }
}

/// Activities per second that the server hands out from the whole queue. Left out, there is no
/// limit; given, core switches eager activities off, because those pass the server's count by.
pub struct MaxTaskQueueActivitiesPerSecond;

impl Element for MaxTaskQueueActivitiesPerSecond {
    type Value = f64;

    const KEY: Key = Key::worker(
        "max-task-queue-activities-per-second",
        Group::Activities,
        Shape::Number,
    )
    .takes("RATE")
    .means("Activities per second that the server hands out from the whole queue")
    .defaults_to("no limit");

    fn parse(text: &str) -> Result<f64, Problem> {
        positive_rate(text)
    }
}

/// Activity slots that one completed workflow task may reserve for eager activities. 0 switches
/// eager activities off.
pub struct MaxEagerActivityReservations;

impl Element for MaxEagerActivityReservations {
    type Value = usize;

    const KEY: Key = Key::worker(
        "max-eager-activity-reservations-per-workflow-task",
        Group::Activities,
        Shape::Integer,
    )
    .takes("N")
    .means(
        "Activity slots that a completed workflow task may reserve; 0 switches eager \
         activities off",
    )
    .defaults_to("3");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 0..=EAGER_RESERVATIONS_MAX)
    }
}

/// How often at most a heartbeat goes to the server when the activity has no heartbeat timeout.
pub struct DefaultHeartbeatThrottleInterval;

impl Element for DefaultHeartbeatThrottleInterval {
    type Value = Duration;

    const KEY: Key = Key::worker(
        "default-heartbeat-throttle-interval",
        Group::Activities,
        Shape::Text,
    )
    .takes("DURATION")
    .means("Pause between heartbeats to the server for activities without heartbeat timeout")
    .defaults_to("30s");

    fn parse(text: &str) -> Result<Duration, Problem> {
        duration_between(text, HEARTBEAT_MIN, HEARTBEAT_MAX)
    }
}

/// The longest pause between two heartbeats to the server.
pub struct MaxHeartbeatThrottleInterval;

impl Element for MaxHeartbeatThrottleInterval {
    type Value = Duration;

    const KEY: Key = Key::worker(
        "max-heartbeat-throttle-interval",
        Group::Activities,
        Shape::Text,
    )
    .takes("DURATION")
    .means("Longest pause between heartbeats to the server")
    .defaults_to("60s");

    fn parse(text: &str) -> Result<Duration, Problem> {
        duration_between(text, HEARTBEAT_MIN, HEARTBEAT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_zero_is_refused_because_core_refuses_it() {
        assert!(MaxActivitiesPerSecond::parse("0").is_err());
        assert!(MaxTaskQueueActivitiesPerSecond::parse("0").is_err());
        assert_eq!(MaxActivitiesPerSecond::parse("0.5"), Ok(0.5));
    }

    #[test]
    fn eager_activities_can_be_switched_off() {
        assert_eq!(MaxEagerActivityReservations::parse("0"), Ok(0));
    }

    #[test]
    fn a_heartbeat_needs_a_pause() {
        assert!(DefaultHeartbeatThrottleInterval::parse("0s").is_err());
        assert!(MaxHeartbeatThrottleInterval::parse("2d").is_err());
    }
}
