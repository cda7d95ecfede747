//! When only a new process helps: a lost isolate whose thread does not end keeps its memory and perhaps a processor, and a thread
//! cannot be ended from outside. A pure rule from what is seen.

use std::time::{Duration, Instant};

use crate::engine::LostThread;
use crate::hosting::LostIsolate;
use crate::memory::PressureLevel;

/// How long the thread of a lost isolate may go on: some of V8's long operations end after all.
const RUNNING_GRACE: Duration = Duration::from_secs(30);

/// How long what lost isolates hold may keep the worker from taking tasks.
const PRESSED_GRACE: Duration = Duration::from_secs(10);

/// Why the worker has to be restarted, if it has to be: one sentence. `pressed_since` is when the memory pressure became high
/// and has been since.
pub(super) fn restart_reason(
    lost: &[LostIsolate],
    pressed_since: Option<Instant>,
    now: Instant,
) -> Option<String> {
    let running = lost.iter().find(|lost| {
        lost.thread == LostThread::Running && now.duration_since(lost.since) >= RUNNING_GRACE
    });
    if let Some(LostIsolate { isolate, since, .. }) = running {
        let seconds = now.duration_since(*since).as_secs();
        return Some(format!(
            "Isolate {isolate} was lost {seconds} s ago and its thread still runs, which only a restart of the worker ends."
        ));
    }
    let oldest = lost.iter().map(|lost| lost.since).min()?;
    let blocked_since = oldest.max(pressed_since?);
    (now.duration_since(blocked_since) >= PRESSED_GRACE).then(|| {
        let held_mib = lost.iter().map(|lost| lost.held_bytes).sum::<u64>() >> 20;
        let count = lost.len();
        format!(
            "{count} lost {} {held_mib} MiB, and the worker takes no tasks for lack of memory; only a restart gives it back.",
            if count == 1 { "isolate holds" } else { "isolates hold" }
        )
    })
}

/// Since when the pressure has been high.
#[derive(Debug, Default)]
pub(super) struct Pressed(Option<Instant>);

impl Pressed {
    pub(super) fn observe(&mut self, level: PressureLevel, now: Instant) -> Option<Instant> {
        if level < PressureLevel::High {
            self.0 = None;
        } else {
            self.0.get_or_insert(now);
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(thread: LostThread, since: Instant) -> LostIsolate {
        LostIsolate {
            isolate: 1,
            reason: "an entry that was stopped does not end".to_owned(),
            thread,
            since,
            held_bytes: 280 << 20,
        }
    }

    #[test]
    fn a_thread_that_still_runs_after_its_grace_time_needs_a_restart() {
        let since = Instant::now();
        let running = [lost(LostThread::Running, since)];
        let almost = since + RUNNING_GRACE - Duration::from_nanos(1);
        assert_eq!(restart_reason(&running, None, almost), None);
        let reason = restart_reason(&running, None, since + RUNNING_GRACE);
        assert!(reason.is_some_and(|reason| reason.starts_with("Isolate 1 was lost 30 s ago")));
        assert_eq!(restart_reason(&[], None, since + RUNNING_GRACE), None);
    }

    #[test]
    fn one_that_sleeps_needs_one_only_if_its_memory_keeps_the_worker_from_taking_tasks() {
        let since = Instant::now();
        let parked = [lost(LostThread::Parked, since)];
        let later = since + Duration::from_secs(3600);
        assert_eq!(restart_reason(&parked, None, later), None);
        let just_now = later - Duration::from_secs(9);
        assert_eq!(restart_reason(&parked, Some(just_now), later), None);
        let for_long = later - PRESSED_GRACE;
        let reason = restart_reason(&parked, Some(for_long), later);
        assert!(reason.is_some_and(|reason| reason.contains("1 lost isolate holds 280 MiB")));
    }

    #[test]
    fn pressure_from_before_the_loss_does_not_count() {
        let since = Instant::now();
        let parked = [lost(LostThread::Parked, since)];
        let before = since.checked_sub(PRESSED_GRACE);
        assert_eq!(restart_reason(&parked, before, since), None);
        assert_eq!(restart_reason(&[], before, since), None);
    }

    #[test]
    fn pressure_that_falls_below_high_begins_anew() {
        let now = Instant::now();
        let mut pressed = Pressed::default();
        assert_eq!(pressed.observe(PressureLevel::Elevated, now), None);
        assert_eq!(pressed.observe(PressureLevel::High, now), Some(now));
        let later = now + Duration::from_secs(1);
        assert_eq!(pressed.observe(PressureLevel::Critical, later), Some(now));
        assert_eq!(pressed.observe(PressureLevel::Normal, later), None);
        assert_eq!(pressed.observe(PressureLevel::High, later), Some(later));
    }
}
