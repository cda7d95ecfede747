//! How much the buffers of an isolate may take.
//!
//! Only the run that is entered can touch pages, and it can touch its own buffers alone: runs cannot exchange objects. So
//! what can become resident in one entry is what that run has not touched yet, and the rule is: *all that is resident, and all
//! that the entered run has not touched, stay below the limit.* It is asked when an entry begins and when the run asks for
//! more; untouched buffers of idle runs cost nothing and are counted when their own runs are entered.

/// The buffers of one isolate, as they count for the run that is entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holdings {
    /// Of all runs.
    pub(super) resident_bytes: usize,
    /// What the entered run may touch and has not.
    pub(super) untouched_bytes: usize,
}

impl Holdings {
    /// What may still be asked for; nothing when the limit is passed already.
    pub(super) fn headroom_bytes(self, limit_bytes: usize) -> Option<usize> {
        let taken_bytes = self.resident_bytes.checked_add(self.untouched_bytes)?;
        limit_bytes.checked_sub(taken_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_that_is_entered_may_touch_all_that_it_has_not_touched() {
        let holdings = Holdings {
            resident_bytes: 60,
            untouched_bytes: 30,
        };
        assert_eq!(holdings.headroom_bytes(100), Some(10));
        assert_eq!(holdings.headroom_bytes(90), Some(0));
        assert_eq!(holdings.headroom_bytes(89), None);
    }

    #[test]
    fn no_sum_is_too_large_to_be_refused() {
        let holdings = Holdings {
            resident_bytes: usize::MAX,
            untouched_bytes: 1,
        };
        assert_eq!(holdings.headroom_bytes(usize::MAX), None);
    }
}
