//! One test per rule, and a model that is too simple to be wrong.

use EvictionReason::{CacheBytes, CacheFull, IsolateBudget, ProcessPressure};
use proptest::prelude::*;

use super::*;

fn cost(bytes: u64) -> RunCost {
    RunCost {
        heap_bytes: bytes,
        ..RunCost::default()
    }
}

/// Runs `a`, `b`, `c`.. of these sizes on isolate 0, idle, the first used longest ago.
fn cache(sizes: &[u64]) -> StickyLru {
    let mut cache = StickyLru::new();
    for (letter, bytes) in ('a'..).zip(sizes) {
        cache.insert(&letter.to_string(), 0, cost(*bytes), false);
    }
    cache
}

fn by_count(count: usize) -> CacheLimits {
    CacheLimits {
        count: Some(count),
        ..CacheLimits::default()
    }
}

fn by_bytes(bytes: u64) -> CacheLimits {
    CacheLimits {
        bytes: Some(bytes),
        ..CacheLimits::default()
    }
}

fn victims(
    cache: &mut StickyLru,
    limits: &CacheLimits,
    extra: u64,
) -> Vec<(String, EvictionReason)> {
    let victims = cache.victims(limits, extra).into_iter();
    victims
        .map(|(run_id, reason)| (run_id.to_string(), reason))
        .collect()
}

fn named(victims: &[(&str, EvictionReason)]) -> Vec<(String, EvictionReason)> {
    victims
        .iter()
        .map(|(run_id, reason)| ((*run_id).to_owned(), *reason))
        .collect()
}

#[test]
fn nothing_leaves_while_the_limits_hold() {
    let mut cache = cache(&[5, 5]);
    let limits = CacheLimits {
        count: Some(2),
        bytes: Some(10),
        bytes_per_isolate: Some(10),
    };
    assert_eq!(victims(&mut cache, &limits, 0), []);
    assert_eq!(victims(&mut cache, &CacheLimits::default(), 0), []);
}

#[test]
fn the_least_recently_used_leave_until_the_number_holds() {
    let mut cache = cache(&[1, 1, 1, 1]);
    cache.touch("a");
    let expected = named(&[("b", CacheFull), ("c", CacheFull)]);
    assert_eq!(victims(&mut cache, &by_count(2), 0), expected);
}

#[test]
fn the_least_recently_used_leave_until_the_bytes_hold() {
    let mut cache = cache(&[10, 20, 30]);
    assert_eq!(
        victims(&mut cache, &by_bytes(30), 0),
        named(&[("a", CacheBytes), ("b", CacheBytes)])
    );
    assert_eq!((cache.staying_bytes(), cache.leaving_bytes()), (30, 30));
}

#[test]
fn only_runs_of_the_isolate_that_is_full_leave_for_it() {
    let mut cache = cache(&[10, 10]);
    cache.insert("x", 1, cost(50), false);
    cache.insert("y", 1, cost(10), false);
    let limits = CacheLimits {
        bytes_per_isolate: Some(20),
        ..CacheLimits::default()
    };
    assert_eq!(
        victims(&mut cache, &limits, 0),
        named(&[("x", IsolateBudget)])
    );
    assert_eq!((cache.isolate_bytes(0), cache.isolate_bytes(1)), (20, 10));
}

#[test]
fn who_alone_holds_too_much_pushes_nobody_out() {
    let limits = CacheLimits {
        bytes_per_isolate: Some(20),
        ..CacheLimits::default()
    };
    let mut idle = cache(&[5, 5, 11, 5]);
    assert_eq!(
        victims(&mut idle, &limits, 0),
        named(&[("c", IsolateBudget)])
    );
    let mut busy = cache(&[5, 5, 11, 5]);
    busy.begin("c");
    assert_eq!(victims(&mut busy, &limits, 0), []);
    busy.end("c");
    assert_eq!(
        victims(&mut busy, &limits, 0),
        named(&[("c", IsolateBudget)])
    );
    let limits = CacheLimits {
        bytes: Some(20),
        bytes_per_isolate: Some(100),
        ..CacheLimits::default()
    };
    let mut cache = cache(&[5, 10, 51]);
    assert_eq!(victims(&mut cache, &limits, 0), named(&[("c", CacheBytes)]));
}

#[test]
fn memory_that_is_asked_back_is_freed_and_no_more() {
    let mut cache = cache(&[10, 10, 10]);
    assert_eq!(
        victims(&mut cache, &CacheLimits::default(), 11),
        named(&[("a", ProcessPressure), ("b", ProcessPressure)])
    );
}

#[test]
fn what_leaves_for_a_limit_counts_as_given_back() {
    let mut cache = cache(&[10, 10, 10]);
    assert_eq!(
        victims(&mut cache, &by_count(2), 10),
        named(&[("a", CacheFull)])
    );
}

#[test]
fn busy_runs_stay_and_leave_when_they_are_idle() {
    let mut cache = cache(&[1, 1]);
    cache.begin("a");
    cache.begin("b");
    assert_eq!(victims(&mut cache, &by_count(0), 0), []);
    cache.end("b");
    cache.end("a");
    assert_eq!(
        victims(&mut cache, &by_count(0), 0),
        named(&[("a", CacheFull), ("b", CacheFull)])
    );
}

#[test]
fn a_run_is_chosen_once_until_it_is_kept() {
    let mut cache = cache(&[1, 1, 1]);
    assert_eq!(
        victims(&mut cache, &by_count(2), 0),
        named(&[("a", CacheFull)])
    );
    assert_eq!(victims(&mut cache, &by_count(2), 0), []);
    cache.keep("a");
    assert_eq!(
        victims(&mut cache, &by_count(2), 0),
        named(&[("a", CacheFull)])
    );
    cache.remove("a");
    assert_eq!((cache.len(), cache.leaving_bytes()), (2, 0));
}

#[test]
fn a_run_that_others_evict_is_nobody_s_victim() {
    let mut cache = cache(&[1, 1]);
    assert!(cache.leave("a"));
    assert_eq!(
        victims(&mut cache, &by_count(0), 0),
        named(&[("b", CacheFull)])
    );
}

#[test]
fn a_measure_changes_the_bytes_and_not_the_order() {
    let mut cache = cache(&[1, 1]);
    cache.set_cost("a", cost(100));
    assert_eq!((cache.staying_bytes(), cache.isolate_bytes(0)), (101, 101));
    assert_eq!(
        victims(&mut cache, &by_bytes(50), 0),
        named(&[("a", CacheBytes)])
    );
}

#[test]
fn a_run_that_is_not_cached_is_passed_over() {
    let mut cache = cache(&[1]);
    assert!(!cache.touch("z") && !cache.begin("z") && !cache.end("z"));
    assert!(!cache.set_cost("z", cost(9)) && !cache.keep("z") && !cache.leave("z"));
    assert_eq!((cache.remove("z"), cache.len()), (None, 1));
}

#[test]
fn a_run_that_comes_again_on_another_isolate_counts_there() {
    let mut cache = cache(&[10]);
    cache.leave("a");
    cache.insert("a", 1, cost(3), true);
    assert_eq!(
        (cache.len(), cache.staying_bytes(), cache.leaving_bytes()),
        (1, 3, 0)
    );
    assert_eq!((cache.isolate_bytes(0), cache.isolate_bytes(1)), (0, 3));
}

/// One run of the model.
#[derive(Clone, Debug)]
struct Run {
    id: u8,
    isolate: usize,
    bytes: u64,
    is_busy: bool,
    is_leaving: bool,
}

/// All runs in the order of use. Every question is answered by looking at all of them.
#[derive(Clone, Debug, Default)]
struct Model(Vec<Run>);

impl Model {
    fn of(&mut self, id: u8) -> Option<&mut Run> {
        self.0.iter_mut().find(|run| run.id == id)
    }

    fn use_now(&mut self, id: u8) {
        if let Some(position) = self.0.iter().position(|run| run.id == id) {
            let run = self.0.remove(position);
            self.0.push(run);
        }
    }

    fn staying(&self) -> impl Iterator<Item = &Run> {
        self.0.iter().filter(|run| !run.is_leaving)
    }

    fn bytes_of(&self, isolate: usize) -> u64 {
        self.staying()
            .filter(|run| run.isolate == isolate)
            .map(|run| run.bytes)
            .sum()
    }

    fn next_victim(&self, limits: &CacheLimits, wants_more: bool) -> Option<(u8, EvictionReason)> {
        let oldest_idle = |fits: &dyn Fn(&Run) -> bool| {
            let run = self.staying().find(|run| !run.is_busy && fits(run))?;
            Some(run.id)
        };
        for isolate in 0..3 {
            let Some(limit) = limits.bytes_per_isolate else {
                break;
            };
            let here = |run: &Run| run.isolate == isolate;
            let is_hog = |run: &Run| here(run) && limits.is_hog(cost(run.bytes));
            let busy = self.staying().filter(|run| run.is_busy && is_hog(run));
            let busy_bytes: u64 = busy.map(|run| run.bytes).sum();
            if self.bytes_of(isolate) - busy_bytes > limit
                && let Some(id) = oldest_idle(&is_hog).or_else(|| oldest_idle(&here))
            {
                return Some((id, IsolateBudget));
            }
        }
        let oldest = || oldest_idle(&|_| true);
        let is_hog = |run: &Run| limits.is_hog(cost(run.bytes));
        let staying = self.staying().filter(|run| !(run.is_busy && is_hog(run)));
        let bytes = staying.map(|run| run.bytes).sum::<u64>();
        if limits
            .count
            .is_some_and(|count| self.staying().count() > count)
        {
            Some((oldest()?, CacheFull))
        } else if limits.bytes.is_some_and(|limit| bytes > limit) {
            Some((oldest_idle(&is_hog).or_else(oldest)?, CacheBytes))
        } else {
            wants_more.then_some((oldest()?, ProcessPressure))
        }
    }

    fn victims(&mut self, limits: &CacheLimits, extra_bytes: u64) -> Vec<(String, EvictionReason)> {
        let mut victims = Vec::new();
        let mut freed_bytes = 0;
        while let Some((id, reason)) = self.next_victim(limits, freed_bytes < extra_bytes) {
            let Some(run) = self.of(id) else { break };
            run.is_leaving = true;
            freed_bytes += run.bytes;
            victims.push((id.to_string(), reason));
        }
        victims
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, usize, u64, bool),
    Touch(u8),
    Begin(u8),
    End(u8),
    Cost(u8, u64),
    Keep(u8),
    Leave(u8),
    Remove(u8),
    Victims(CacheLimits, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let id = || 0..12_u8;
    let limits = (
        prop::option::of(0..10_usize),
        prop::option::of(0..300_u64),
        prop::option::of(0..150_u64),
    )
        .prop_map(|(count, bytes, bytes_per_isolate)| CacheLimits {
            count,
            bytes,
            bytes_per_isolate,
        });
    prop_oneof![
        4 => (id(), 0..3_usize, 0..100_u64, any::<bool>())
            .prop_map(|(id, isolate, bytes, is_busy)| Step::Insert(id, isolate, bytes, is_busy)),
        1 => id().prop_map(Step::Touch),
        2 => id().prop_map(Step::Begin),
        2 => id().prop_map(Step::End),
        1 => (id(), 0..100_u64).prop_map(|(id, bytes)| Step::Cost(id, bytes)),
        1 => id().prop_map(Step::Keep),
        1 => id().prop_map(Step::Leave),
        1 => id().prop_map(Step::Remove),
        2 => (limits, prop_oneof![Just(0), 0..200_u64]).prop_map(|(limits, extra)| Step::Victims(limits, extra)),
    ]
}

/// What the cache and the model chose.
type Chosen = [Vec<(String, EvictionReason)>; 2];

/// Takes a step in both; the victims of each, where it asks for some.
fn take(step: Step, cache: &mut StickyLru, model: &mut Model) -> Option<Chosen> {
    match step {
        Step::Insert(id, isolate, bytes, is_busy) => {
            cache.insert(&id.to_string(), isolate, cost(bytes), is_busy);
            model.0.retain(|run| run.id != id);
            model.0.push(Run {
                id,
                isolate,
                bytes,
                is_busy,
                is_leaving: false,
            });
        }
        Step::Touch(id) => {
            cache.touch(&id.to_string());
            model.use_now(id);
        }
        Step::Begin(id) => {
            cache.begin(&id.to_string());
            model.use_now(id);
            model.of(id).into_iter().for_each(|run| run.is_busy = true);
        }
        Step::End(id) => {
            cache.end(&id.to_string());
            model.of(id).into_iter().for_each(|run| run.is_busy = false);
        }
        Step::Cost(id, bytes) => {
            cache.set_cost(&id.to_string(), cost(bytes));
            model.of(id).into_iter().for_each(|run| run.bytes = bytes);
        }
        Step::Keep(id) => {
            cache.keep(&id.to_string());
            model
                .of(id)
                .into_iter()
                .for_each(|run| run.is_leaving = false);
        }
        Step::Leave(id) => {
            cache.leave(&id.to_string());
            model
                .of(id)
                .into_iter()
                .for_each(|run| run.is_leaving = true);
        }
        Step::Remove(id) => {
            cache.remove(&id.to_string());
            model.0.retain(|run| run.id != id);
        }
        Step::Victims(limits, extra) => {
            return Some([
                victims(cache, &limits, extra),
                model.victims(&limits, extra),
            ]);
        }
    }
    None
}

proptest! {
    /// After any steps the cache chooses the same victims for the same reasons as the model, and counts the same.
    #[test]
    fn the_cache_does_what_the_model_does(steps in prop::collection::vec(step(), 1..80)) {
        let mut cache = StickyLru::new();
        let mut model = Model::default();
        for step in steps {
            if let Some([ours, theirs]) = take(step, &mut cache, &mut model) {
                prop_assert_eq!(ours, theirs);
            }
            prop_assert_eq!(cache.len(), model.0.len());
            prop_assert_eq!(cache.staying_bytes(), model.staying().map(|run| run.bytes).sum::<u64>());
            let leaving = model.0.iter().filter(|run| run.is_leaving);
            prop_assert_eq!(cache.leaving_bytes(), leaving.map(|run| run.bytes).sum::<u64>());
            for isolate in 0..3 {
                prop_assert_eq!(cache.isolate_bytes(isolate), model.bytes_of(isolate));
            }
        }
    }
}
