//! `workflow-slots`, `activity-slots`, `local-activity-slots`: how many tasks at a time.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::whole_number;

/// As the Node worker's `maxConcurrentWorkflowTaskExecutions`, so that a move changes nothing.
pub const WORKFLOW_SLOTS_DEFAULT: usize = 40;

/// As the Node worker's `maxConcurrentActivityTaskExecutions`.
pub const ACTIVITY_SLOTS_DEFAULT: usize = 100;

/// As the Node worker's `maxConcurrentLocalActivityExecutions`.
pub const LOCAL_ACTIVITY_SLOTS_DEFAULT: usize = 100;

/// A limit on every queue: more than this in one process is a slip of the pen.
const SLOTS_MAX: usize = 100_000;

/// Workflow tasks at a time. 0 switches workflow hosting off.
pub struct WorkflowSlots;

impl Element for WorkflowSlots {
    type Value = usize;

    const KEY: Key = Key::worker("workflow-slots", Group::SlotsAndCache, Shape::Integer)
        .takes("N")
        .means("Workflow tasks at a time; 0 switches workflow hosting off")
        .defaults_to("40");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 0..=SLOTS_MAX)
    }
}

/// Activity tasks at a time. 0 switches activities off.
pub struct ActivitySlots;

impl Element for ActivitySlots {
    type Value = usize;

    const KEY: Key = Key::worker("activity-slots", Group::Activities, Shape::Integer)
        .takes("N")
        .means("Activity tasks at a time; 0 switches activities off")
        .defaults_to("100");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 0..=SLOTS_MAX)
    }
}

/// Local activities at a time. 0 switches them off.
pub struct LocalActivitySlots;

impl Element for LocalActivitySlots {
    type Value = usize;

    const KEY: Key = Key::worker("local-activity-slots", Group::Activities, Shape::Integer)
        .takes("N")
        .means("Local activities at a time; 0 switches them off")
        .defaults_to("100");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 0..=SLOTS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_switches_off_and_is_no_mistake() {
        assert_eq!(WorkflowSlots::parse("0"), Ok(0));
        assert_eq!(ActivitySlots::parse("0"), Ok(0));
        assert_eq!(LocalActivitySlots::parse("0"), Ok(0));
    }

    #[test]
    fn the_limit_is_named() {
        let problem = WorkflowSlots::parse("100001").unwrap_err();
        assert!(problem.remedy.contains("100000"));
    }
}
