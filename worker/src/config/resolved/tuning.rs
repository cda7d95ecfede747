//! Slot suppliers and poller behaviours: what follows from what was said, and what contradicts it.
//!
//! The number of slots and of pollers themselves are sizes; here is only by what rule they are used.

use std::time::Duration;

use super::settings::Resolver;
use super::sizing::Sizes;
use crate::config::elements::poller_behavior::{
    AUTOSCALING_INITIAL_DEFAULT, AUTOSCALING_MIN_DEFAULT, ActivityPollerBehavior,
    InitialActivityPollers, InitialWorkflowPollers, MinActivityPollers, MinWorkflowPollers,
    PollerScaling, WorkflowPollerBehavior,
};
use crate::config::elements::slot_suppliers::{
    ACTIVITY_RESOURCE_DEFAULTS, ActivitySlotRampThrottle, ActivitySlotSupplier,
    LocalActivitySlotRampThrottle, LocalActivitySlotSupplier, MinActivitySlots,
    MinLocalActivitySlots, MinWorkflowSlots, ResourceDefaults, SlotSupplierKind, TargetCpuUsage,
    TargetMemoryUsage, WORKFLOW_RESOURCE_DEFAULTS, WorkflowSlotRampThrottle, WorkflowSlotSupplier,
};
use crate::config::error::ConfigError;
use crate::config::findings::Findings;
use crate::config::key::Element;
use crate::config::source::{Setting, Source};

/// Who hands out the slots of one kind of task. The number of slots stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotSupply {
    /// By what rule.
    pub supplier: Setting<SlotSupplierKind>,
    /// Slots that a resource-based supplier always hands out; nothing for a fixed size.
    pub min_slots: Setting<Option<usize>>,
    /// The pause of a resource-based supplier between two slots above the minimum; nothing for a fixed size.
    pub ramp_throttle: Setting<Option<Duration>>,
}

/// What resource-based suppliers aim at; nothing where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceTargets {
    /// A share of the memory, above 0 and up to 1.
    pub memory_usage: Setting<Option<f64>>,
    /// A share of the processors, above 0 and up to 1.
    pub cpu_usage: Setting<Option<f64>>,
}

/// How many polls for one kind of task are open. The most there may be stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct PollerScale {
    /// By what rule.
    pub behavior: Setting<PollerScaling>,
    /// The fewest under autoscaling; nothing otherwise.
    pub min: Setting<Option<usize>>,
    /// Those to begin with under autoscaling; nothing otherwise.
    pub initial: Setting<Option<usize>>,
}

/// The rules that the defaults of sizes depend on.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) workflow_supplier: Setting<SlotSupplierKind>,
    pub(super) activity_supplier: Setting<SlotSupplierKind>,
    pub(super) local_activity_supplier: Setting<SlotSupplierKind>,
    pub(super) workflow_pollers: Setting<PollerScaling>,
    pub(super) activity_pollers: Setting<PollerScaling>,
}

/// Everything that is settled here.
#[derive(Clone, Debug)]
pub(super) struct Tuning {
    pub(super) workflow_slot_supply: SlotSupply,
    pub(super) activity_slot_supply: SlotSupply,
    pub(super) local_activity_slot_supply: SlotSupply,
    pub(super) resource_targets: ResourceTargets,
    pub(super) workflow_poller_scale: PollerScale,
    pub(super) activity_poller_scale: PollerScale,
}

impl Resolver<'_> {
    pub(super) fn rules(&mut self) -> Rules {
        Rules {
            workflow_supplier: self.take::<WorkflowSlotSupplier>().or_default(),
            activity_supplier: self.take::<ActivitySlotSupplier>().or_default(),
            local_activity_supplier: self.take::<LocalActivitySlotSupplier>().or_default(),
            workflow_pollers: self.take::<WorkflowPollerBehavior>().or_default(),
            activity_pollers: self.take::<ActivityPollerBehavior>().or_default(),
        }
    }

    /// `known` is how many mistakes there were before rules and sizes were read.
    pub(super) fn tuning(&mut self, rules: Rules, sizes: &Sizes, known: usize) -> Tuning {
        let is_unsure = self
            .findings
            .errors
            .iter()
            .skip(known)
            .any(ConfigError::is_of_value);
        let before = self.findings.errors.len();
        let tuning = self.settle_tuning(rules, sizes);
        if is_unsure {
            // With a default in the place of a value that could not be read, contradictions would be made up.
            let found = self.findings.errors.split_off(before);
            self.findings
                .errors
                .extend(found.into_iter().filter(ConfigError::is_of_value));
        }
        tuning
    }

    fn settle_tuning(&mut self, rules: Rules, sizes: &Sizes) -> Tuning {
        let is_resource_based = [
            &rules.workflow_supplier,
            &rules.activity_supplier,
            &rules.local_activity_supplier,
        ]
        .iter()
        .any(|supplier| ***supplier == SlotSupplierKind::ResourceBased);
        Tuning {
            workflow_slot_supply: self
                .slot_supply::<WorkflowSlotSupplier, MinWorkflowSlots, WorkflowSlotRampThrottle>(
                    rules.workflow_supplier,
                    ("workflow-slots", &sizes.workflow_slots),
                    // One for each of the two queues, as core asks of every supplier of a worker with a cache.
                    if sizes.has_cache() { 2 } else { 1 },
                    WORKFLOW_RESOURCE_DEFAULTS,
                ),
            activity_slot_supply: self
                .slot_supply::<ActivitySlotSupplier, MinActivitySlots, ActivitySlotRampThrottle>(
                    rules.activity_supplier,
                    ("activity-slots", &sizes.activity_slots),
                    1,
                    ACTIVITY_RESOURCE_DEFAULTS,
                ),
            local_activity_slot_supply: self.slot_supply::<LocalActivitySlotSupplier, MinLocalActivitySlots, LocalActivitySlotRampThrottle>(
                rules.local_activity_supplier,
                ("local-activity-slots", &sizes.local_activity_slots),
                1,
                ACTIVITY_RESOURCE_DEFAULTS,
            ),
            resource_targets: ResourceTargets {
                memory_usage: self.target::<TargetMemoryUsage>(is_resource_based, "0.8"),
                cpu_usage: self.target::<TargetCpuUsage>(is_resource_based, "0.9"),
            },
            workflow_poller_scale: self.poller_scale::<WorkflowPollerBehavior, MinWorkflowPollers, InitialWorkflowPollers>(
                rules.workflow_pollers,
                ("workflow-pollers", &sizes.workflow_pollers),
            ),
            activity_poller_scale: self.poller_scale::<ActivityPollerBehavior, MinActivityPollers, InitialActivityPollers>(
                rules.activity_pollers,
                ("activity-pollers", &sizes.activity_pollers),
            ),
        }
    }

    fn slot_supply<S, M, R>(
        &mut self,
        supplier: Setting<SlotSupplierKind>,
        (slots_key, slots): (&'static str, &Setting<usize>),
        min_slots_needed: usize,
        defaults: ResourceDefaults,
    ) -> SlotSupply
    where
        S: Element,
        M: Element<Value = usize>,
        R: Element<Value = Duration>,
    {
        let (min, ramp) = (self.take::<M>().given(), self.take::<R>().given());
        if *supplier == SlotSupplierKind::FixedSize {
            for (key, source) in [
                (M::KEY.name, min.as_ref().map(|min| &min.source)),
                (R::KEY.name, ramp.as_ref().map(|ramp| &ramp.source)),
            ] {
                refuse_unused(
                    (key, source),
                    (S::KEY.name, &supplier),
                    "resource-based",
                    self.findings,
                );
            }
            let why = "the slots are of a fixed size";
            return SlotSupply {
                supplier,
                min_slots: Setting::derived(None, why),
                ramp_throttle: Setting::derived(None, why),
            };
        }
        if **slots == 0 {
            let key = S::KEY.name;
            self.findings.warn(format!(
                "`{key}` is {} ({}), which has no effect: {slots_key} is 0",
                *supplier, supplier.source
            ));
        } else if let Some(min) = &min {
            self.check_min_slots((M::KEY.name, min), (slots_key, slots), min_slots_needed);
        }
        let min_slots = min.map_or_else(
            || fitting(defaults.min_slots, defaults.min_slots.min(**slots)),
            |min| min.map(Some),
        );
        SlotSupply {
            supplier,
            min_slots,
            ramp_throttle: ramp.map_or_else(
                || Setting::default_of(Some(defaults.ramp_throttle)),
                |ramp| ramp.map(Some),
            ),
        }
    }

    fn check_min_slots(
        &mut self,
        (min_key, min): (&str, &Setting<usize>),
        (slots_key, slots): (&str, &Setting<usize>),
        min_slots_needed: usize,
    ) {
        if **min > **slots {
            self.findings.contradiction(
                format!(
                    "`{min_key}` is {} ({}), more than `{slots_key}`, which is {} ({})",
                    **min, min.source, **slots, slots.source
                ),
                format!("lower `{min_key}` or raise `{slots_key}`"),
            );
        }
        if **min < min_slots_needed {
            self.findings.contradiction(
                format!(
                    "`{min_key}` is {} ({}), but a worker with a cache needs 2, one for each of its queues",
                    **min, min.source
                ),
                format!("raise `{min_key}` to at least 2, or set `max-cached-workflows` to 0"),
            );
        }
    }

    fn target<T: Element<Value = f64>>(
        &mut self,
        is_resource_based: bool,
        example: &'static str,
    ) -> Setting<Option<f64>> {
        let taken = self.take::<T>();
        let is_invalid = taken.is_invalid();
        match (taken.given(), is_resource_based) {
            (Some(target), true) => target.map(Some),
            (Some(target), false) => {
                self.findings.contradiction(
                    format!(
                        "`{}` is given ({}), but no slot supplier is resource-based",
                        T::KEY.name,
                        target.source
                    ),
                    format!(
                        "leave `{}` out, or set `workflow-slot-supplier`, `activity-slot-supplier` or \
                         `local-activity-slot-supplier` to resource-based",
                        T::KEY.name
                    ),
                );
                target.map(Some)
            }
            (None, is_needed) => {
                if is_needed && !is_invalid {
                    let because = " while a slot supplier is resource-based";
                    self.findings.missing(&T::KEY, because, example);
                }
                Setting::derived(None, "no slot supplier is resource-based")
            }
        }
    }

    fn poller_scale<B, M, I>(
        &mut self,
        behavior: Setting<PollerScaling>,
        (max_key, max): (&'static str, &Setting<usize>),
    ) -> PollerScale
    where
        B: Element,
        M: Element<Value = usize>,
        I: Element<Value = usize>,
    {
        let (min, initial) = (self.take::<M>().given(), self.take::<I>().given());
        if *behavior == PollerScaling::SimpleMaximum {
            for (key, given) in [(M::KEY.name, &min), (I::KEY.name, &initial)] {
                let source = given.as_ref().map(|given| &given.source);
                refuse_unused(
                    (key, source),
                    (B::KEY.name, &behavior),
                    "autoscaling",
                    self.findings,
                );
            }
            let why = "the pollers are always as many";
            return PollerScale {
                behavior,
                min: Setting::derived(None, why),
                initial: Setting::derived(None, why),
            };
        }
        let ascending = [
            (M::KEY.name, min.as_ref()),
            (I::KEY.name, initial.as_ref()),
            (max_key, (**max > 0).then_some(max)),
        ];
        self.check_ascending(ascending);
        let min_or_default = min.as_ref().map_or(AUTOSCALING_MIN_DEFAULT, |min| **min);
        let initial_or_default = AUTOSCALING_INITIAL_DEFAULT.min(**max).max(min_or_default);
        PollerScale {
            behavior,
            min: min.map_or_else(
                || Setting::default_of(Some(AUTOSCALING_MIN_DEFAULT)),
                |min| min.map(Some),
            ),
            initial: initial.map_or_else(
                || fitting(AUTOSCALING_INITIAL_DEFAULT, initial_or_default),
                |initial| initial.map(Some),
            ),
        }
    }

    /// Reports each value that is above one that stands after it.
    fn check_ascending(&mut self, values: [(&str, Option<&Setting<usize>>); 3]) {
        let [min, initial, max] = values;
        for (low, high) in [(min, initial), (initial, max), (min, max)] {
            let ((low_key, Some(low)), (high_key, Some(high))) = (low, high) else {
                continue;
            };
            // The widest pair says nothing that the two narrower ones have not said.
            let is_widest = low_key == min.0 && high_key == max.0 && initial.1.is_some();
            if **low > **high && !is_widest {
                self.findings.contradiction(
                    format!(
                        "`{low_key}` is {} ({}), more than `{high_key}`, which is {} ({})",
                        **low, low.source, **high, high.source
                    ),
                    format!("lower `{low_key}` or raise `{high_key}`"),
                );
            }
        }
    }
}

/// A default, or what the rest leaves room for.
fn fitting(default: usize, value: usize) -> Setting<Option<usize>> {
    if value == default {
        Setting::default_of(Some(value))
    } else {
        Setting::derived(Some(value), "what the other sizes leave room for")
    }
}

/// Reports a setting of another rule than the one that is chosen.
fn refuse_unused(
    (key, source): (&str, Option<&Source>),
    (rule_key, rule): (&str, &Setting<impl std::fmt::Display>),
    needed: &str,
    findings: &mut Findings,
) {
    if let Some(source) = source {
        findings.contradiction(
            format!(
                "`{key}` is given ({source}), but `{rule_key}` is {} ({})",
                rule.value, rule.source
            ),
            format!("set `{rule_key}` to {needed}, or leave `{key}` out"),
        );
    }
}
