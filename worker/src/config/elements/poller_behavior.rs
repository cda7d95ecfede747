//! `workflow-poller-behavior`, `activity-poller-behavior`: how many polls are open at a time, always or by the load.

use std::fmt;

use super::pollers::POLLERS_MAX;
use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::{quoted, whole_number};

/// As in the Node worker (`worker-options.ts`): polls that stay open while there is nothing to do.
pub const AUTOSCALING_MIN_DEFAULT: usize = 1;

/// As in the Node worker: polls to begin with.
pub const AUTOSCALING_INITIAL_DEFAULT: usize = 5;

/// As in the Node worker: the most polls.
pub const AUTOSCALING_MAX_DEFAULT: usize = 100;

/// How the number of polls is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PollerScaling {
    /// Always as many as there may be.
    #[default]
    SimpleMaximum,
    /// By what the server says about its backlog, between a minimum and a maximum.
    Autoscaling,
}

impl fmt::Display for PollerScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SimpleMaximum => "simple-maximum",
            Self::Autoscaling => "autoscaling",
        })
    }
}

impl PollerScaling {
    fn parse(text: &str) -> Result<Self, Problem> {
        match text.trim() {
            "simple-maximum" => Ok(Self::SimpleMaximum),
            "autoscaling" => Ok(Self::Autoscaling),
            other => Err(Problem::new(
                format!("{} is no poller behaviour", quoted(other)),
                "give simple-maximum or autoscaling",
            )),
        }
    }
}

macro_rules! kind {
    ($behavior:ident, $behavior_key:literal, $min:ident, $min_key:literal, $initial:ident, $initial_key:literal,
     $pollers:literal, $group:expr, $tasks:literal) => {
        #[doc = concat!("How the number of polls for ", $tasks, " is found.")]
        pub struct $behavior;

        impl Element for $behavior {
            type Value = PollerScaling;

            const KEY: Key = Key::worker($behavior_key, $group, Shape::Text)
                .takes("BEHAVIOR")
                .means(concat!(
                    "simple-maximum or autoscaling; then --",
                    $pollers,
                    " is the most there are"
                ))
                .defaults_to("simple-maximum");

            fn parse(text: &str) -> Result<PollerScaling, Problem> {
                PollerScaling::parse(text)
            }
        }

        #[doc = concat!("The fewest polls for ", $tasks, " under autoscaling.")]
        pub struct $min;

        impl Element for $min {
            type Value = usize;

            const KEY: Key = Key::worker($min_key, $group, Shape::Integer)
                .takes("N")
                .means("Fewest polls under autoscaling")
                .defaults_to("1");

            fn parse(text: &str) -> Result<usize, Problem> {
                whole_number(text, 1..=POLLERS_MAX)
            }
        }

        #[doc = concat!("The polls for ", $tasks, " to begin with under autoscaling.")]
        pub struct $initial;

        impl Element for $initial {
            type Value = usize;

            const KEY: Key = Key::worker($initial_key, $group, Shape::Integer)
                .takes("N")
                .means("Polls to begin with under autoscaling")
                .defaults_to("5");

            fn parse(text: &str) -> Result<usize, Problem> {
                whole_number(text, 1..=POLLERS_MAX)
            }
        }
    };
}

kind!(
    WorkflowPollerBehavior,
    "workflow-poller-behavior",
    MinWorkflowPollers,
    "min-workflow-pollers",
    InitialWorkflowPollers,
    "initial-workflow-pollers",
    "workflow-pollers",
    Group::SlotsAndCache,
    "workflow tasks"
);
kind!(
    ActivityPollerBehavior,
    "activity-poller-behavior",
    MinActivityPollers,
    "min-activity-pollers",
    InitialActivityPollers,
    "initial-activity-pollers",
    "activity-pollers",
    Group::Activities,
    "activity tasks"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaviours_are_read_as_they_are_printed() {
        for scaling in [PollerScaling::SimpleMaximum, PollerScaling::Autoscaling] {
            assert_eq!(
                WorkflowPollerBehavior::parse(&scaling.to_string()),
                Ok(scaling)
            );
        }
        let problem = ActivityPollerBehavior::parse("auto").unwrap_err();
        assert!(problem.remedy.contains("autoscaling"));
    }

    #[test]
    fn no_poll_at_all_is_refused_because_core_refuses_it() {
        assert!(MinWorkflowPollers::parse("0").is_err());
        assert!(InitialActivityPollers::parse("0").is_err());
    }
}
