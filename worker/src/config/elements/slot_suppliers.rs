//! `workflow-slot-supplier` and its like: who hands out the slots of each kind of task, and by what rule.

use std::fmt;
use std::time::Duration;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::{duration_between, quoted, share, whole_number};

/// Who hands out slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlotSupplierKind {
    /// Always the same number.
    #[default]
    FixedSize,
    /// As many as the machine's memory and processors leave room for, between a minimum and a maximum.
    ResourceBased,
}

impl fmt::Display for SlotSupplierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FixedSize => "fixed-size",
            Self::ResourceBased => "resource-based",
        })
    }
}

impl SlotSupplierKind {
    fn parse(text: &str) -> Result<Self, Problem> {
        match text.trim() {
            "fixed-size" => Ok(Self::FixedSize),
            "resource-based" => Ok(Self::ResourceBased),
            other => Err(Problem::new(
                format!("{} is no slot supplier", quoted(other)),
                "give fixed-size or resource-based",
            )),
        }
    }
}

/// What the Node worker goes by when slots of a kind are resource based (`worker-tuner.ts`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceDefaults {
    /// Slots that are handed out whatever the machine does.
    pub min_slots: usize,
    /// The most slots.
    pub max_slots: usize,
    /// The pause between two slots above the minimum.
    pub ramp_throttle: Duration,
}

/// For workflow tasks.
pub const WORKFLOW_RESOURCE_DEFAULTS: ResourceDefaults = ResourceDefaults {
    min_slots: 2,
    max_slots: 1_000,
    ramp_throttle: Duration::from_millis(10),
};

/// For activities, local ones among them.
pub const ACTIVITY_RESOURCE_DEFAULTS: ResourceDefaults = ResourceDefaults {
    min_slots: 1,
    max_slots: 2_000,
    ramp_throttle: Duration::from_millis(50),
};

/// A minimum is a number of slots: the bound is theirs.
const MIN_SLOTS_MAX: usize = 100_000;

/// A worker that grows by one slot a minute does not grow.
const RAMP_THROTTLE_MAX: Duration = Duration::from_secs(60);

macro_rules! kind {
    ($supplier:ident, $supplier_key:literal, $min:ident, $min_key:literal, $ramp:ident, $ramp_key:literal,
     $slots:literal, $min_default:literal, $ramp_default:literal, $group:expr, $tasks:literal) => {
        #[doc = concat!("Who hands out the slots of ", $tasks, ".")]
        pub struct $supplier;

        impl Element for $supplier {
            type Value = SlotSupplierKind;

            const KEY: Key = Key::worker($supplier_key, $group, Shape::Text)
                .takes("SUPPLIER")
                .means(concat!("fixed-size or resource-based; then --", $slots, " is the most there are"))
                .defaults_to("fixed-size");

            fn parse(text: &str) -> Result<SlotSupplierKind, Problem> {
                SlotSupplierKind::parse(text)
            }
        }

        #[doc = concat!("Slots of ", $tasks, " that a resource-based supplier hands out whatever the machine does.")]
        pub struct $min;

        impl Element for $min {
            type Value = usize;

            const KEY: Key = Key::worker($min_key, $group, Shape::Integer)
                .takes("N")
                .means("Slots that a resource-based supplier always hands out")
                .defaults_to($min_default);

            fn parse(text: &str) -> Result<usize, Problem> {
                whole_number(text, 1..=MIN_SLOTS_MAX)
            }
        }

        #[doc = concat!("The pause of a resource-based supplier between two slots of ", $tasks, " above the minimum.")]
        pub struct $ramp;

        impl Element for $ramp {
            type Value = Duration;

            const KEY: Key = Key::worker($ramp_key, $group, Shape::Text)
                .takes("DURATION")
                .means("Pause of a resource-based supplier between two slots above the minimum")
                .defaults_to($ramp_default);

            fn parse(text: &str) -> Result<Duration, Problem> {
                duration_between(text, Duration::ZERO, RAMP_THROTTLE_MAX)
            }
        }
    };
}

kind!(
    WorkflowSlotSupplier,
    "workflow-slot-supplier",
    MinWorkflowSlots,
    "min-workflow-slots",
    WorkflowSlotRampThrottle,
    "workflow-slot-ramp-throttle",
    "workflow-slots",
    "2",
    "10ms",
    Group::SlotsAndCache,
    "workflow tasks"
);
kind!(
    ActivitySlotSupplier,
    "activity-slot-supplier",
    MinActivitySlots,
    "min-activity-slots",
    ActivitySlotRampThrottle,
    "activity-slot-ramp-throttle",
    "activity-slots",
    "1",
    "50ms",
    Group::Activities,
    "activity tasks"
);
kind!(
    LocalActivitySlotSupplier,
    "local-activity-slot-supplier",
    MinLocalActivitySlots,
    "min-local-activity-slots",
    LocalActivitySlotRampThrottle,
    "local-activity-slot-ramp-throttle",
    "local-activity-slots",
    "1",
    "50ms",
    Group::Activities,
    "local activities"
);

/// The share of the machine's memory (of the container's, if it has a limit) that resource-based suppliers aim at.
pub struct TargetMemoryUsage;

impl Element for TargetMemoryUsage {
    type Value = f64;

    const KEY: Key = Key::worker("target-memory-usage", Group::SlotsAndCache, Shape::Number)
        .takes("SHARE")
        .means("Share of the memory that resource-based suppliers aim at")
        .required("with one of them");

    fn parse(text: &str) -> Result<f64, Problem> {
        share(text, "0.8")
    }
}

/// The share of the processors that resource-based suppliers aim at.
pub struct TargetCpuUsage;

impl Element for TargetCpuUsage {
    type Value = f64;

    const KEY: Key = Key::worker("target-cpu-usage", Group::SlotsAndCache, Shape::Number)
        .takes("SHARE")
        .means("Share of the processors that resource-based suppliers aim at")
        .required("with one of them");

    fn parse(text: &str) -> Result<f64, Problem> {
        share(text, "0.9")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suppliers_are_read_as_they_are_printed() {
        for kind in [SlotSupplierKind::FixedSize, SlotSupplierKind::ResourceBased] {
            assert_eq!(WorkflowSlotSupplier::parse(&kind.to_string()), Ok(kind));
        }
        let problem = ActivitySlotSupplier::parse("custom").unwrap_err();
        assert!(problem.remedy.contains("resource-based"));
    }

    #[test]
    fn a_target_is_a_share_above_0() {
        assert_eq!(TargetMemoryUsage::parse("0.8"), Ok(0.8));
        assert_eq!(TargetCpuUsage::parse("1"), Ok(1.0));
        for text in ["0", "1.1", "80", "nan", "-0.5", ""] {
            assert!(TargetMemoryUsage::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_minimum_of_no_slot_is_refused_and_no_pause_is_allowed() {
        assert!(MinActivitySlots::parse("0").is_err());
        assert_eq!(WorkflowSlotRampThrottle::parse("0s"), Ok(Duration::ZERO));
        assert!(WorkflowSlotRampThrottle::parse("61s").is_err());
    }
}
