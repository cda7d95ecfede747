//! Runs that are kept apart: who was stopped, or evicted because it alone held too much, is tried again on an isolate of its
//! kind, where it holds up no healthy neighbour. A pure memory of who they are.

use std::collections::VecDeque;

/// Runs that are kept apart at a time. Where more offend it is no longer few among many, and one isolate for all of them
/// would be the narrowest place of the worker: the others are placed like any run.
pub(super) const APART_MAX: u64 = 4;

/// Offenders that are remembered. Of more the oldest is forgotten.
const OFFENDERS_MAX: usize = 256;

/// Who offended and was not well-behaved since.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    offenders: VecDeque<String>,
}

impl Quarantine {
    /// The run leaves its isolate for what it did.
    pub(super) fn note_offence(&mut self, run_id: &str) {
        if self.is_offender(run_id) {
            return;
        }
        if self.offenders.len() >= OFFENDERS_MAX {
            self.offenders.pop_front();
        }
        self.offenders.push_back(run_id.to_owned());
    }

    /// The run was kept apart, and leaves for no fault of its own.
    pub(super) fn forgive(&mut self, run_id: &str) {
        self.offenders.retain(|offender| offender != run_id);
    }

    /// Whether the run is to be kept apart.
    pub(super) fn is_offender(&self, run_id: &str) -> bool {
        self.offenders.iter().any(|offender| offender == run_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offender_is_one_until_it_is_forgiven() {
        let mut quarantine = Quarantine::default();
        quarantine.note_offence("a");
        quarantine.note_offence("a");
        assert!(quarantine.is_offender("a") && !quarantine.is_offender("b"));
        quarantine.forgive("a");
        assert!(!quarantine.is_offender("a"));
    }

    #[test]
    fn of_too_many_the_oldest_is_forgotten() {
        let mut quarantine = Quarantine::default();
        for run in 0..=OFFENDERS_MAX {
            quarantine.note_offence(&run.to_string());
        }
        assert!(!quarantine.is_offender("0") && quarantine.is_offender("1"));
    }
}
