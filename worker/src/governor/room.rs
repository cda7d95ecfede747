//! Room for further runs: what is used, and what the new runs in flight may still take.
//!
//! A reading of the process is some time old, and a run that has not been entered yet has taken nothing. Each new run in flight
//! is expected to take what first activations of its type took of late; the gate counts all of these before it lets
//! another in, and a run is not entered where what is left is less than the isolates could take at once.

use std::collections::HashMap;

/// The weight of the newest first activation in what is expected.
const NEWEST: f64 = 0.125;
/// Types whose runs are told apart; a type is the user's text, so there may be many. Others are taken for a mean run.
const TYPES_MAX: usize = 1000;

/// A run in flight that was not cached.
#[derive(Debug)]
struct Waiting {
    workflow_type: String,
    expected_bytes: u64,
}

/// What is known of the room.
#[derive(Debug)]
pub(super) struct Room {
    limit_bytes: u64,
    isolates: u64,
    used_bytes: u64,
    /// By first activations since the reading of `used_bytes`.
    taken_bytes: u64,
    waiting: HashMap<String, Waiting>,
    reserved_bytes: u64,
    mean_bytes: Option<f64>,
    by_type: HashMap<String, f64>,
}

impl Room {
    /// Room below `limit_bytes` for what `isolates` run.
    pub(super) fn new(limit_bytes: u64, isolates: usize) -> Self {
        Self {
            limit_bytes,
            isolates: u64::try_from(isolates.max(1)).unwrap_or(u64::MAX),
            used_bytes: 0,
            taken_bytes: 0,
            waiting: HashMap::new(),
            reserved_bytes: 0,
            mean_bytes: None,
            by_type: HashMap::new(),
        }
    }

    /// What the process uses.
    pub(super) fn read(&mut self, used_bytes: u64) {
        self.used_bytes = used_bytes;
        self.taken_bytes = 0;
    }

    /// A task of a run that is not cached begins. False: it must not be entered.
    pub(super) fn begin(&mut self, run_id: &str, workflow_type: &str) -> bool {
        let expected_bytes = self.expected_bytes(workflow_type);
        // Of those that wait, as many as there are isolates are entered before the next look.
        let at_once_bytes = expected_bytes.saturating_mul(self.isolates);
        if self.left_bytes() < at_once_bytes {
            return false;
        }
        let waiting = Waiting {
            workflow_type: workflow_type.to_owned(),
            expected_bytes,
        };
        self.reserved_bytes = self.reserved_bytes.saturating_add(expected_bytes);
        if let Some(before) = self.waiting.insert(run_id.to_owned(), waiting) {
            self.reserved_bytes = self.reserved_bytes.saturating_sub(before.expected_bytes);
        }
        true
    }

    /// The first activation has ended; the run holds so much, if it did not fail.
    pub(super) fn activated(&mut self, run_id: &str, held_bytes: Option<u64>) {
        let Some(waiting) = self.end(run_id) else {
            return;
        };
        let Some(held_bytes) = held_bytes else {
            return;
        };
        self.taken_bytes = self.taken_bytes.saturating_add(held_bytes);
        let learn = |known: Option<f64>| {
            known.map_or(held_bytes as f64, |known| {
                known + (held_bytes as f64 - known) * NEWEST
            })
        };
        self.mean_bytes = Some(learn(self.mean_bytes));
        if let Some(known) = self.by_type.get_mut(&waiting.workflow_type) {
            *known = learn(Some(*known));
        } else if self.by_type.len() < TYPES_MAX {
            self.by_type.insert(waiting.workflow_type, learn(None));
        }
    }

    /// The task has ended, whether its run was entered or not.
    pub(super) fn ended(&mut self, run_id: &str) {
        self.end(run_id);
    }

    /// Whether what is in flight leaves room for one more run, whatever its type.
    pub(super) fn has_room(&self) -> bool {
        let more_bytes = self.mean_bytes.unwrap_or(0.0) as u64;
        let reserved_bytes = self.reserved_bytes.saturating_add(more_bytes);
        self.left_bytes() >= reserved_bytes
    }

    fn end(&mut self, run_id: &str) -> Option<Waiting> {
        let waiting = self.waiting.remove(run_id)?;
        self.reserved_bytes = self.reserved_bytes.saturating_sub(waiting.expected_bytes);
        Some(waiting)
    }

    fn left_bytes(&self) -> u64 {
        let used_bytes = self.used_bytes.saturating_add(self.taken_bytes);
        self.limit_bytes.saturating_sub(used_bytes)
    }

    fn expected_bytes(&self, workflow_type: &str) -> u64 {
        let known = self.by_type.get(workflow_type).copied();
        known.or(self.mean_bytes).unwrap_or(0.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// 1000 MiB for two isolates, where runs of the type `large` take 10 MiB.
    fn learned() -> Room {
        let mut room = Room::new(1000 * MIB, 2);
        assert!(room.begin("first", "large"));
        room.activated("first", Some(10 * MIB));
        room.read(0);
        room
    }

    #[test]
    fn nothing_is_expected_of_runs_before_the_first() {
        let mut room = Room::new(MIB, 2);
        for run in 0..100 {
            assert!(room.begin(&run.to_string(), "any") && room.has_room());
        }
    }

    #[test]
    fn every_new_run_in_flight_is_counted_with_what_its_type_took() {
        let mut room = learned();
        room.read(950 * MIB);
        for run in 0..4 {
            assert!(room.has_room());
            assert!(room.begin(&run.to_string(), "large"));
        }
        assert!(room.has_room(), "one more");
        assert!(room.begin("last", "large"));
        assert!(!room.has_room());
        room.ended("last");
        assert!(room.has_room(), "its task failed");
    }

    #[test]
    fn what_was_taken_since_the_reading_is_used() {
        let mut room = learned();
        room.read(970 * MIB);
        assert!(room.begin("a", "large"));
        room.activated("a", Some(20 * MIB));
        assert!(!room.has_room());
        assert!(!room.begin("b", "large"));
        room.read(900 * MIB);
        assert!(room.has_room() && room.begin("b", "large"));
    }

    #[test]
    fn a_run_is_entered_where_all_isolates_could_take_as_much() {
        let mut room = learned();
        room.read(980 * MIB);
        assert!(room.begin("a", "large"));
        room.read(981 * MIB);
        assert!(!room.begin("b", "large"));
    }

    #[test]
    fn small_runs_are_let_in_beside_large_ones() {
        let mut room = learned();
        for run in 0..40 {
            let run = run.to_string();
            assert!(room.begin(&run, "small"));
            room.activated(&run, Some(MIB / 20));
        }
        room.read(990 * MIB);
        assert!(!room.begin("a", "large"));
        assert!(room.begin("b", "small") && room.has_room());
    }

    #[test]
    fn a_run_that_failed_teaches_nothing() {
        let mut room = learned();
        assert!(room.begin("a", "large"));
        room.activated("a", None);
        room.read(981 * MIB);
        assert!(!room.begin("b", "large"));
    }

    #[test]
    fn a_run_that_begins_twice_is_counted_once() {
        let mut room = learned();
        assert!(room.begin("a", "large") && room.begin("a", "large"));
        assert_eq!(room.reserved_bytes, 10 * MIB);
        room.ended("a");
        assert_eq!(room.reserved_bytes, 0);
    }

    #[test]
    fn types_beyond_a_number_are_taken_for_mean_runs() {
        let mut room = Room::new(u64::MAX, 1);
        for of in 0..=TYPES_MAX {
            let name = of.to_string();
            assert!(room.begin(&name, &name));
            room.activated(&name, Some(8));
        }
        assert_eq!(room.by_type.len(), TYPES_MAX);
        assert_eq!(room.expected_bytes("unknown"), 8);
    }
}
