//! `worker-heartbeat-interval`: how often the worker tells the server about itself.

use std::time::Duration;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::duration_between;

/// As the Node worker's `workerHeartbeatInterval`.
pub const DEFAULT: Duration = Duration::from_secs(60);

/// Bounds of `temporalio-sdk-core`.
const MIN: Duration = Duration::from_secs(1);
const MAX: Duration = Duration::from_secs(60);

/// The pause between two of the worker's own heartbeats: its slots, pollers and cache for the server. Nothing: off.
pub struct WorkerHeartbeatInterval;

impl Element for WorkerHeartbeatInterval {
    type Value = Option<Duration>;

    const KEY: Key = Key::worker("worker-heartbeat-interval", Group::Connection, Shape::Text)
        .takes("DURATION|off")
        .means("Pause between the worker's own heartbeats to the server, from 1s to 60s, or off")
        .defaults_to("60s");

    fn parse(text: &str) -> Result<Option<Duration>, Problem> {
        if matches!(text.trim(), "off" | "0" | "0s") {
            return Ok(None);
        }
        duration_between(text, MIN, MAX)
            .map(Some)
            .map_err(|problem| Problem::new(problem.what, format!("{}, or off", problem.remedy)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_of_core() {
        let parse = WorkerHeartbeatInterval::parse;
        assert_eq!(parse("1s"), Ok(Some(MIN)));
        assert_eq!(parse("60s"), Ok(Some(DEFAULT)));
        for text in ["999ms", "61s", "-1s", "10", "on"] {
            assert!(
                parse(text).unwrap_err().remedy.ends_with("or off"),
                "{text}"
            );
        }
    }

    #[test]
    fn it_can_be_switched_off() {
        for text in ["off", "0", "0s"] {
            assert_eq!(WorkerHeartbeatInterval::parse(text), Ok(None), "{text}");
        }
    }
}
