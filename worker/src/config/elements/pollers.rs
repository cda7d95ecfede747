//! `workflow-pollers`, `activity-pollers` and how the former share the two queues.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::{ratio, whole_number};

/// The default is this or the number of slots, whichever is less, as in the Node worker.
pub const POLLERS_DEFAULT_MAX: usize = 10;

/// As in every Temporal SDK: four of five pollers ask the sticky queue.
pub const NONSTICKY_TO_STICKY_POLL_RATIO_DEFAULT: f32 = 0.2;

/// Every poller is an open call to the server; more than this is a slip of the pen.
pub(super) const POLLERS_MAX: usize = 1_000;

/// Concurrent polls for workflow tasks. At least 2 with a cache: one for each queue.
pub struct WorkflowPollers;

impl Element for WorkflowPollers {
    type Value = usize;

    const KEY: Key = Key::worker("workflow-pollers", Group::SlotsAndCache, Shape::Integer)
        .takes("N")
        .means("Concurrent polls for workflow tasks")
        .defaults_to("10, at most --workflow-slots");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 1..=POLLERS_MAX)
    }
}

/// Concurrent polls for activity tasks.
pub struct ActivityPollers;

impl Element for ActivityPollers {
    type Value = usize;

    const KEY: Key = Key::worker("activity-pollers", Group::Activities, Shape::Integer)
        .takes("N")
        .means("Concurrent polls for activity tasks")
        .defaults_to("10, at most --activity-slots");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 1..=POLLERS_MAX)
    }
}

/// The share of the workflow pollers that may ask the normal queue while the cache is on. Each
/// queue keeps at least one.
pub struct NonstickyToStickyPollRatio;

impl Element for NonstickyToStickyPollRatio {
    type Value = f32;

    const KEY: Key = Key::worker(
        "nonsticky-to-sticky-poll-ratio",
        Group::SlotsAndCache,
        Shape::Number,
    )
    .takes("SHARE")
    .means("Share of the workflow pollers for the normal queue while the cache is on")
    .defaults_to("0.2");

    fn parse(text: &str) -> Result<f32, Problem> {
        ratio(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_pollers_are_refused_because_core_refuses_them() {
        assert!(WorkflowPollers::parse("0").is_err());
        assert!(ActivityPollers::parse("0").is_err());
        assert_eq!(WorkflowPollers::parse("1"), Ok(1));
    }
}
