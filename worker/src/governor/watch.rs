//! What the governor does at each tick of its clock: a pure rule from what it sees.

use crate::memory::PressureLevel;

/// Evictions leave garbage; it is collected once there is this much of it, and as much as [`GARBAGE_SHARE`] of what stays: a
/// collection goes through all that lives, so that less would make the end of many runs cost the square of their number.
const COLLECT_FROM_BYTES: u64 = 16 << 20;
/// The part of what stays that garbage must have reached, as a divisor.
const GARBAGE_SHARE: u64 = 2;
/// A worker that never rests collects at this multiple of what stays; V8 collects by itself meanwhile.
const GARBAGE_TIMES_WHILE_BUSY: u64 = 4;
/// Under pressure less is worth a collection, and while the worker has nothing to do.
const COLLECT_AT_LEISURE_FROM_BYTES: u64 = 2 << 20;
/// Ticks, a minute of them, after which `malloc` gives back what is free in any case: small blocks that live for minutes lie
/// among large ones that did not, and keep these from being given back at once.
const TRIM_EVERY_TICKS: u32 = 300;
/// Ticks between two collections; each stops an isolate for some time.
const COLLECT_EVERY_TICKS: u32 = 5;
/// The part of the cache that one tick may ask back, as a divisor: the effect shows only after a collection.
const EVICT_SHARE: u64 = 8;

/// What is seen at a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) level: PressureLevel,
    /// Ticks since isolates were last told to collect.
    pub(super) ticks_since_collection: u32,
    /// How far resident memory is over the point where pressure ends.
    pub(super) over_bytes: u64,
    /// What cached runs cost that stay.
    pub(super) staying_bytes: u64,
    /// What evictions cost that are under way.
    pub(super) leaving_bytes: u64,
    /// What evictions set free since the last collection.
    pub(super) evicted_bytes: u64,
    /// What a collection could give back otherwise: garbage and free pages in heaps.
    pub(super) garbage_bytes: u64,
    /// An entry was stopped for its memory since `malloc` last gave back what is free.
    pub(super) is_trim_due: bool,
    /// Ticks since that, if tasks began meanwhile.
    pub(super) ticks_since_trim: u32,
    /// An entry is being stopped for its memory, which comes back in a moment.
    pub(super) is_stopping: bool,
    /// No isolate has work waiting.
    pub(super) is_idle: bool,
    /// No task began for a second: a burst of tasks, and of runs that end, is over.
    pub(super) is_resting: bool,
    /// No task came for so long that the worker may tidy up: true once, until the next task.
    pub(super) is_quiet: bool,
}

/// What to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Doing {
    /// Isolates collect their garbage.
    pub(super) collect: bool,
    /// What evictions left is gone already: V8 has collected it by itself.
    pub(super) forget_evicted: bool,
    /// `malloc` gives back what is free.
    pub(super) trim: bool,
    /// Least recently used runs of this size leave.
    pub(super) evict_bytes: u64,
}

/// Whether evictions left so much that the isolates are worth asking how much of it is still there.
pub(super) fn is_worth_asking(sight: &Sight) -> bool {
    sight.evicted_bytes >= calm_worth_bytes(sight)
}

/// Garbage that is worth a collection while memory is not short.
fn calm_worth_bytes(sight: &Sight) -> u64 {
    let share_bytes = if sight.is_resting {
        sight.staying_bytes / GARBAGE_SHARE
    } else {
        sight.staying_bytes.saturating_mul(GARBAGE_TIMES_WHILE_BUSY)
    };
    COLLECT_FROM_BYTES.max(share_bytes)
}

pub(super) fn decide(sight: &Sight) -> Doing {
    let is_pressed = sight.level > PressureLevel::Normal;
    let is_urgent = is_pressed || sight.is_quiet;
    let worth_bytes = if is_urgent {
        COLLECT_AT_LEISURE_FROM_BYTES
    } else {
        calm_worth_bytes(sight)
    };
    let is_rested = sight.ticks_since_collection >= COLLECT_EVERY_TICKS;
    let trim = sight.is_trim_due || sight.is_quiet || sight.ticks_since_trim >= TRIM_EVERY_TICKS;
    let collectable = if is_urgent {
        sight.evicted_bytes.max(sight.garbage_bytes)
    } else {
        sight.evicted_bytes.min(sight.garbage_bytes)
    };
    // A busy isolate collects by itself when it must; V8's heaps keep to their limits.
    let collect = is_rested && collectable >= worth_bytes && (is_pressed || sight.is_idle);
    let forget_evicted = !is_urgent && is_worth_asking(sight) && sight.garbage_bytes < worth_bytes;
    // First what costs no replay; and what is on its way comes first.
    let is_promised = sight.leaving_bytes > 0 || sight.is_stopping;
    let can_evict = is_pressed && !collect && !is_promised && is_rested;
    let evict_bytes = if can_evict {
        sight
            .over_bytes
            .min((sight.staying_bytes / EVICT_SHARE).max(1))
    } else {
        0
    };
    Doing {
        collect,
        forget_evicted,
        // A stopped run was collected at once.
        trim: collect || (trim && is_rested),
        evict_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn pressed() -> Sight {
        Sight {
            level: PressureLevel::Elevated,
            ticks_since_collection: COLLECT_EVERY_TICKS,
            over_bytes: 10 * MIB,
            staying_bytes: 400 * MIB,
            ..Sight::default()
        }
    }

    #[test]
    fn without_pressure_only_what_evictions_left_is_collected() {
        let quiet = Sight {
            level: PressureLevel::Normal,
            garbage_bytes: 500 * MIB,
            ..pressed()
        };
        assert_eq!(decide(&quiet), Doing::default());
        let evicted = Sight {
            evicted_bytes: COLLECT_FROM_BYTES,
            staying_bytes: COLLECT_FROM_BYTES * GARBAGE_SHARE,
            is_idle: true,
            is_resting: true,
            ..quiet
        };
        assert!(decide(&evicted).collect);
        let busy = Sight {
            is_idle: false,
            ..evicted
        };
        assert!(!decide(&busy).collect);
        let again = Sight {
            ticks_since_collection: COLLECT_EVERY_TICKS - 1,
            ..evicted
        };
        assert!(!decide(&again).collect);
    }

    #[test]
    fn the_more_stays_the_more_garbage_is_worth_a_collection_unless_memory_is_short() {
        let evicted = Sight {
            level: PressureLevel::Normal,
            staying_bytes: 400 * MIB,
            evicted_bytes: 199 * MIB,
            garbage_bytes: 500 * MIB,
            is_idle: true,
            is_resting: true,
            ..pressed()
        };
        assert!(!decide(&evicted).collect);
        let more = Sight {
            evicted_bytes: 200 * MIB,
            ..evicted
        };
        assert!(decide(&more).collect);
        let short = Sight {
            level: PressureLevel::Elevated,
            ..evicted
        };
        assert!(decide(&short).collect);
    }

    #[test]
    fn a_burst_is_collected_after_when_it_is_over() {
        let resting = Sight {
            level: PressureLevel::Normal,
            staying_bytes: 100 * MIB,
            evicted_bytes: 399 * MIB,
            garbage_bytes: 500 * MIB,
            is_idle: true,
            is_resting: true,
            ..pressed()
        };
        assert!(decide(&resting).collect);
        let in_the_middle = Sight {
            is_resting: false,
            ..resting
        };
        assert!(!decide(&in_the_middle).collect);
        let never_rests = Sight {
            evicted_bytes: 400 * MIB,
            ..in_the_middle
        };
        assert!(decide(&never_rests).collect);
    }

    #[test]
    fn what_v8_has_collected_by_itself_is_not_collected_again() {
        let collected = Sight {
            level: PressureLevel::Normal,
            staying_bytes: 100 * MIB,
            evicted_bytes: 60 * MIB,
            garbage_bytes: 49 * MIB,
            is_idle: true,
            is_resting: true,
            ..pressed()
        };
        let doing = decide(&collected);
        assert!(!doing.collect && doing.forget_evicted);
        let still_there = Sight {
            garbage_bytes: 50 * MIB,
            ..collected
        };
        let doing = decide(&still_there);
        assert!(doing.collect && !doing.forget_evicted);
        let few = Sight {
            evicted_bytes: 49 * MIB,
            ..collected
        };
        assert_eq!(decide(&few), Doing::default());
    }

    #[test]
    fn a_quiet_worker_collects_what_its_tasks_left() {
        let quiet = Sight {
            garbage_bytes: COLLECT_FROM_BYTES,
            ticks_since_collection: COLLECT_EVERY_TICKS,
            is_idle: true,
            is_quiet: true,
            ..Sight::default()
        };
        assert!(decide(&quiet).collect);
        let busy = Sight {
            is_quiet: false,
            ..quiet
        };
        assert!(!decide(&busy).collect);
        let clean = Sight {
            garbage_bytes: COLLECT_AT_LEISURE_FROM_BYTES - 1,
            ..quiet
        };
        assert!(!decide(&clean).collect && decide(&clean).trim);
    }

    #[test]
    fn what_a_stopped_entry_took_from_malloc_is_given_back() {
        let stopped = Sight {
            is_trim_due: true,
            ticks_since_collection: COLLECT_EVERY_TICKS,
            ..Sight::default()
        };
        let expected = Doing {
            trim: true,
            ..Doing::default()
        };
        assert_eq!(decide(&stopped), expected);
        let again = Sight {
            ticks_since_collection: COLLECT_EVERY_TICKS - 1,
            ..stopped
        };
        assert_eq!(decide(&again), Doing::default());
    }

    #[test]
    fn malloc_gives_back_what_is_free_once_a_minute() {
        let minute = Sight {
            ticks_since_collection: COLLECT_EVERY_TICKS,
            ticks_since_trim: TRIM_EVERY_TICKS,
            ..Sight::default()
        };
        assert!(decide(&minute).trim);
        let less = Sight {
            ticks_since_trim: TRIM_EVERY_TICKS - 1,
            ..minute
        };
        assert_eq!(decide(&less), Doing::default());
    }

    #[test]
    fn under_pressure_garbage_goes_before_runs() {
        let garbage = Sight {
            garbage_bytes: 3 * MIB,
            ..pressed()
        };
        let expected = Doing {
            collect: true,
            trim: true,
            ..Doing::default()
        };
        assert_eq!(decide(&garbage), expected);
    }

    #[test]
    fn runs_go_when_there_is_no_garbage_and_none_is_on_its_way() {
        assert_eq!(decide(&pressed()).evict_bytes, 10 * MIB);
        let far_over = Sight {
            over_bytes: 300 * MIB,
            ..pressed()
        };
        assert_eq!(decide(&far_over).evict_bytes, 50 * MIB);
        let leaving = Sight {
            leaving_bytes: 1,
            ..pressed()
        };
        assert_eq!(decide(&leaving).evict_bytes, 0);
        let stopping = Sight {
            is_stopping: true,
            ..pressed()
        };
        assert_eq!(decide(&stopping).evict_bytes, 0);
        let just_collected = Sight {
            ticks_since_collection: 1,
            ..pressed()
        };
        assert_eq!(decide(&just_collected).evict_bytes, 0);
    }
}
