//! Slots, cache, isolates and pollers: what follows from what was said, and what contradicts it.
//!
//! Pure arithmetic. A cache whose size nobody said holds as many runs as fit the memory limit, which is found later; the
//! memory plan never makes it smaller than the slots and isolates ask for
//! ([`fewest_cached_workflows`](crate::memory::plan::fewest_cached_workflows)), so that nothing here has to be lowered for it.
//!
//! The rules about cache, slots and pollers are those of `WorkerConfig` in
//! `temporalio-sdk-core` 0.10.1, which would refuse some combinations without naming our keys and
//! quietly cap others.

use crate::config::elements::poller_behavior::AUTOSCALING_MAX_DEFAULT;
use crate::config::elements::slot_suppliers::{
    ACTIVITY_RESOURCE_DEFAULTS, WORKFLOW_RESOURCE_DEFAULTS,
};
use crate::config::elements::{isolates, pollers, slots};
use crate::config::findings::Findings;
use crate::config::source::{Setting, Source};

/// Why a value is 0 when workflows are off.
const NO_WORKFLOWS: &str = "workflow-slots is 0";

/// Why a value is 0 when activities are off.
const NO_ACTIVITIES: &str = "activity-slots is 0";

/// The sizes that were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct GivenSizes {
    pub(super) workflow_slots: Option<Setting<usize>>,
    pub(super) max_cached_workflows: Option<Setting<usize>>,
    pub(super) isolates: Option<Setting<usize>>,
    pub(super) workflow_pollers: Option<Setting<usize>>,
    pub(super) activity_slots: Option<Setting<usize>>,
    pub(super) local_activity_slots: Option<Setting<usize>>,
    pub(super) activity_pollers: Option<Setting<usize>>,
    /// Whether workflow hosting is off unless slots are given: `burdock dev` without a bundle.
    pub(super) workflows_are_optional: bool,
    pub(super) resource_based: ResourceBased,
    pub(super) autoscaling: Autoscaling,
}

/// Of which kinds of task the slots follow the machine's resources; their numbers are upper bounds then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ResourceBased {
    pub(super) workflows: bool,
    pub(super) activities: bool,
    pub(super) local_activities: bool,
}

/// Of which kinds of task the pollers follow the load; their numbers are upper bounds then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Autoscaling {
    pub(super) workflows: bool,
    pub(super) activities: bool,
}

/// The sizes to go by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sizes {
    pub(super) workflow_slots: Setting<usize>,
    /// Nothing: as many as fit.
    pub(super) max_cached_workflows: Setting<Option<usize>>,
    pub(super) isolates: Setting<usize>,
    pub(super) workflow_pollers: Setting<usize>,
    pub(super) activity_slots: Setting<usize>,
    pub(super) local_activity_slots: Setting<usize>,
    pub(super) activity_pollers: Setting<usize>,
}

impl Sizes {
    pub(super) fn has_cache(&self) -> bool {
        *self.max_cached_workflows != Some(0)
    }
}

/// Settles the sizes and reports what does not fit together.
pub(super) fn settle(given: &GivenSizes, findings: &mut Findings) -> Sizes {
    let sizes = fill_in(given);
    contradictions(given, &sizes, findings);
    unused(given, &sizes, findings);
    lower(given, sizes, findings)
}

/// What was said, and defaults that fit it.
fn fill_in(given: &GivenSizes) -> Sizes {
    let or =
        |given: &Option<Setting<usize>>, default: Setting<usize>| given.clone().unwrap_or(default);
    let cache_said = given.max_cached_workflows.as_ref().map(|cache| **cache);
    let workflow_slots = or(&given.workflow_slots, default_slots(given, cache_said));
    let hosts_workflows = *workflow_slots > 0;
    let activity_slots = or(
        &given.activity_slots,
        Setting::default_of(if given.resource_based.activities {
            ACTIVITY_RESOURCE_DEFAULTS.max_slots
        } else {
            slots::ACTIVITY_SLOTS_DEFAULT
        }),
    );
    let if_hosting = |default: Setting<usize>| {
        if hosts_workflows {
            default
        } else {
            Setting::derived(0, NO_WORKFLOWS)
        }
    };
    let max_cached_workflows = match &given.max_cached_workflows {
        Some(cache) => cache.clone().map(Some),
        None if hosts_workflows => Setting::derived(None, "as many as fit memory-limit"),
        None => Setting::derived(Some(0), NO_WORKFLOWS),
    };
    let isolates = default_isolates(*max_cached_workflows);
    let workflow_pollers = default_pollers(*workflow_slots, WORKFLOW_POLLS, given);
    let activity_pollers = default_pollers(*activity_slots, ACTIVITY_POLLS, given);
    let local_slots = Setting::default_of(if given.resource_based.local_activities {
        ACTIVITY_RESOURCE_DEFAULTS.max_slots
    } else {
        slots::LOCAL_ACTIVITY_SLOTS_DEFAULT
    });
    Sizes {
        isolates: or(&given.isolates, if_hosting(isolates)),
        workflow_pollers: or(&given.workflow_pollers, workflow_pollers),
        local_activity_slots: or(&given.local_activity_slots, if_hosting(local_slots)),
        activity_pollers: or(&given.activity_pollers, activity_pollers),
        workflow_slots,
        max_cached_workflows,
        activity_slots,
    }
}

fn default_slots(given: &GivenSizes, cache_said: Option<usize>) -> Setting<usize> {
    if given.workflows_are_optional {
        return Setting::derived(0, "no bundle is given");
    }
    let room = permits(cache_said);
    let default = if given.resource_based.workflows {
        WORKFLOW_RESOURCE_DEFAULTS.max_slots
    } else {
        slots::WORKFLOW_SLOTS_DEFAULT
    };
    if room < default {
        return Setting::derived(room, "as many as max-cached-workflows leaves room for");
    }
    Setting::default_of(default)
}

fn default_isolates(max_cached_workflows: Option<usize>) -> Setting<usize> {
    match max_cached_workflows {
        Some(cache) if cache > 0 && cache < isolates::DEFAULT => {
            Setting::derived(cache, "no more than max-cached-workflows")
        }
        _ => Setting::default_of(isolates::DEFAULT),
    }
}

/// One kind of task as its pollers see it.
#[derive(Clone, Copy)]
struct Polls {
    is_autoscaling: fn(&Autoscaling) -> bool,
    as_many_as_slots: &'static str,
    why_off: &'static str,
}

const WORKFLOW_POLLS: Polls = Polls {
    is_autoscaling: |autoscaling| autoscaling.workflows,
    as_many_as_slots: "as many as workflow-slots",
    why_off: NO_WORKFLOWS,
};

const ACTIVITY_POLLS: Polls = Polls {
    is_autoscaling: |autoscaling| autoscaling.activities,
    as_many_as_slots: "as many as activity-slots",
    why_off: NO_ACTIVITIES,
};

fn default_pollers(slots: usize, polls: Polls, given: &GivenSizes) -> Setting<usize> {
    if slots == 0 {
        return Setting::derived(0, polls.why_off);
    }
    if (polls.is_autoscaling)(&given.autoscaling) {
        return Setting::default_of(AUTOSCALING_MAX_DEFAULT);
    }
    if slots >= pollers::POLLERS_DEFAULT_MAX {
        return Setting::default_of(pollers::POLLERS_DEFAULT_MAX);
    }
    Setting::derived(slots, polls.as_many_as_slots)
}

/// How many workflow tasks core lets out at a time: with a cache no more than it holds, but
/// always two, one for each queue.
fn permits(max_cached_workflows: Option<usize>) -> usize {
    match max_cached_workflows {
        None | Some(0) => usize::MAX,
        Some(cache) => cache.max(2),
    }
}

/// A value with its key and place, for messages: `` `isolates` is 4 (--isolates)``.
fn said(key: &str, setting: &Setting<usize>) -> String {
    format!("`{key}` is {} ({})", setting.value, setting.source)
}

/// Reports combinations that cannot work.
fn contradictions(given: &GivenSizes, sizes: &Sizes, findings: &mut Findings) {
    nothing_to_do(sizes, findings);
    if *sizes.workflow_slots > 0 {
        cache_needs_two_slots(sizes, findings);
        if !given.autoscaling.workflows {
            cache_needs_two_pollers(sizes, findings);
        }
        isolates_need_cache(sizes, findings);
        let pollers = given.workflow_pollers.as_ref();
        // Under autoscaling a poller without a slot waits for one; the number is the most there ever are.
        let pollers = pollers.filter(|_| !given.autoscaling.workflows);
        pollers_need_slots(
            ("workflow-pollers", pollers),
            ("workflow-slots", &sizes.workflow_slots),
            findings,
        );
    }
    if *sizes.activity_slots > 0 {
        let pollers = given.activity_pollers.as_ref();
        let pollers = pollers.filter(|_| !given.autoscaling.activities);
        pollers_need_slots(
            ("activity-pollers", pollers),
            ("activity-slots", &sizes.activity_slots),
            findings,
        );
    }
}

fn nothing_to_do(sizes: &Sizes, findings: &mut Findings) {
    if *sizes.workflow_slots == 0 && *sizes.activity_slots == 0 {
        findings.contradiction(
            format!(
                "{} and {}, so that the worker has nothing to do",
                said("workflow-slots", &sizes.workflow_slots),
                said("activity-slots", &sizes.activity_slots)
            ),
            "raise one of `workflow-slots` and `activity-slots`",
        );
    }
}

fn cache_needs_two_slots(sizes: &Sizes, findings: &mut Findings) {
    if sizes.has_cache() && *sizes.workflow_slots < 2 {
        findings.contradiction(
            format!(
                "{}, but a worker with a cache needs 2, one for each of its queues",
                said("workflow-slots", &sizes.workflow_slots)
            ),
            "raise `workflow-slots` to at least 2, or set `max-cached-workflows` to 0",
        );
    }
}

fn cache_needs_two_pollers(sizes: &Sizes, findings: &mut Findings) {
    let slots_are_enough = *sizes.workflow_slots >= 2;
    if sizes.has_cache() && *sizes.workflow_pollers < 2 && slots_are_enough {
        findings.contradiction(
            format!(
                "{}, but a worker with a cache needs 2, one for each of its queues",
                said("workflow-pollers", &sizes.workflow_pollers)
            ),
            "raise `workflow-pollers` to at least 2, or set `max-cached-workflows` to 0",
        );
    }
}

fn isolates_need_cache(sizes: &Sizes, findings: &mut Findings) {
    if let Some(cache) = *sizes.max_cached_workflows
        && cache > 0
        && *sizes.isolates > cache
    {
        findings.contradiction(
            format!(
                "{}, more than {}, so that some isolates would never hold a workflow",
                said("isolates", &sizes.isolates),
                said(
                    "max-cached-workflows",
                    &sizes.max_cached_workflows.clone().map(|_| cache)
                )
            ),
            "lower `isolates` or raise `max-cached-workflows`",
        );
    }
}

fn pollers_need_slots(
    (pollers_key, pollers): (&str, Option<&Setting<usize>>),
    (slots_key, slots): (&str, &Setting<usize>),
    findings: &mut Findings,
) {
    if let Some(pollers) = pollers
        && **pollers > **slots
    {
        findings.contradiction(
            format!(
                "{}, more than {}, so that some would poll for tasks without a slot",
                said(pollers_key, pollers),
                said(slots_key, slots)
            ),
            format!("lower `{pollers_key}` or raise `{slots_key}`"),
        );
    }
}

/// Mentions sizes that were given for a part of the worker that is off.
fn unused(given: &GivenSizes, sizes: &Sizes, findings: &mut Findings) {
    let of_workflows = [
        ("max-cached-workflows", &given.max_cached_workflows),
        ("isolates", &given.isolates),
        ("workflow-pollers", &given.workflow_pollers),
        ("local-activity-slots", &given.local_activity_slots),
    ];
    let of_activities = [("activity-pollers", &given.activity_pollers)];
    let mut mention = |keys: &[(&str, &Option<Setting<usize>>)], why: &str| {
        for (key, setting) in keys {
            if let Some(setting) = setting
                && **setting > 0
            {
                findings.warn(format!(
                    "{}, which has no effect: {why}",
                    said(key, setting)
                ));
            }
        }
    };
    if *sizes.workflow_slots == 0 {
        mention(&of_workflows, NO_WORKFLOWS);
    }
    if *sizes.activity_slots == 0 {
        mention(&of_activities, NO_ACTIVITIES);
    }
}

/// Lowers what the rest leaves no room for, as the Node worker does, and says so.
fn lower(given: &GivenSizes, mut sizes: Sizes, findings: &mut Findings) -> Sizes {
    if *sizes.workflow_slots == 0 {
        if let Some(cache) = &given.max_cached_workflows {
            let mut cache = cache.clone();
            lower_to(&mut cache, 0, "workflow-slots");
            sizes.max_cached_workflows = cache.map(Some);
        }
        for size in [
            &mut sizes.isolates,
            &mut sizes.workflow_pollers,
            &mut sizes.local_activity_slots,
        ] {
            lower_to(size, 0, "workflow-slots");
        }
    }
    if *sizes.activity_slots == 0 {
        lower_to(&mut sizes.activity_pollers, 0, "activity-slots");
    }
    let room = permits(*sizes.max_cached_workflows);
    if *sizes.workflow_slots > room {
        findings.warn(format!(
            "{}, lowered to {room}, because no more tasks run at a time than workflows are cached; \
             raise `max-cached-workflows` for more",
            said("workflow-slots", &sizes.workflow_slots)
        ));
        lower_to(&mut sizes.workflow_slots, room, "max-cached-workflows");
        if given.autoscaling.workflows {
            return sizes;
        }
        if given.workflow_pollers.is_some() {
            lower_to(&mut sizes.workflow_pollers, room, "max-cached-workflows");
        } else {
            sizes.workflow_pollers = default_pollers(room, WORKFLOW_POLLS, given);
        }
    }
    sizes
}

fn lower_to(size: &mut Setting<usize>, room: usize, by: &'static str) {
    if size.value <= room {
        return;
    }
    let given = size.value;
    let source = Box::new(size.source.clone());
    *size = Setting {
        value: room,
        source: Source::Lowered { by, given, source },
    };
}

#[cfg(test)]
#[path = "sizing_tests.rs"]
mod tests;
