//! The rules of `/live` and `/ready`.
//!
//! Live means that a restart would not help: a server that does not answer never makes a worker
//! dead, only not ready.

use super::source::{RunState, WorkerHealth};
use crate::governor::Closed;
use std::time::Duration;

/// How long silence is still life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LivenessLimits {
    /// The event loop must have answered within this time. Above the workflow timeout, so that
    /// one looping workflow does not cost the whole worker its life.
    pub event_loop_silent_max: Duration,
    /// A running worker's poll loop must have polled within this time.
    pub poller_silent_max: Duration,
}

impl Default for LivenessLimits {
    fn default() -> Self {
        Self {
            event_loop_silent_max: Duration::from_secs(30),
            poller_silent_max: Duration::from_secs(60),
        }
    }
}

/// The answer to a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// HTTP 200.
    Good,
    /// HTTP 503.
    Bad {
        /// A stable code in capitals.
        reason: &'static str,
        /// One sentence.
        message: String,
    },
}

impl Verdict {
    fn bad(reason: &'static str, message: impl Into<String>) -> Self {
        Self::Bad {
            reason,
            message: message.into(),
        }
    }

    /// Whether the probe passes.
    pub fn is_good(&self) -> bool {
        *self == Self::Good
    }
}

/// Whether the process should be left alone (`Good`) or replaced.
pub fn judge_live(
    health: &WorkerHealth,
    event_loop_silent_for: Duration,
    limits: &LivenessLimits,
) -> Verdict {
    if health.run_state == RunState::Failed {
        return Verdict::bad("FAILED", "The worker has failed; see its log.");
    }
    if let Some(reason) = &health.restart_reason {
        return Verdict::bad("ISOLATE_LOST", reason.as_str());
    }
    if event_loop_silent_for > limits.event_loop_silent_max {
        let seconds = event_loop_silent_for.as_secs();
        let message = format!("The worker's event loop has not answered for {seconds} s.");
        return Verdict::bad("EVENT_LOOP_SILENT", message);
    }
    // A worker that drains has stopped polling on purpose.
    if health.run_state != RunState::Running {
        return Verdict::Good;
    }
    let silent = health.pollers.iter().find_map(|poller| {
        let silent_for = poller.silent_for.filter(|_| !poller.outstanding)?;
        (silent_for > limits.poller_silent_max).then_some((poller.name, silent_for))
    });
    match silent {
        None => Verdict::Good,
        Some((name, silent_for)) => {
            let seconds = silent_for.as_secs();
            let message = format!("The {name} poll loop has not polled for {seconds} s.");
            Verdict::bad("POLLER_SILENT", message)
        }
    }
}

/// Whether the worker takes new tasks.
pub fn judge_ready(health: &WorkerHealth) -> Verdict {
    match health.run_state {
        RunState::Failed => {
            return Verdict::bad("FAILED", "The worker has failed; see its log.");
        }
        RunState::Stopping | RunState::Draining | RunState::Drained => {
            return Verdict::bad("DRAINING", "The worker is shutting down.");
        }
        RunState::Stopped => return Verdict::bad("STOPPED", "The worker has stopped."),
        RunState::Initialized | RunState::Running => {}
    }
    let waiting = |otherwise: &str| {
        let waiting_for = health.waiting_for.clone();
        waiting_for.unwrap_or_else(|| otherwise.to_owned())
    };
    if !health.namespace_validated {
        let message = waiting("The server has not confirmed the namespace yet.");
        return Verdict::bad("NAMESPACE_NOT_VALIDATED", message);
    }
    if !health.first_poll_issued {
        let message = waiting("The worker has not polled yet.");
        return Verdict::bad("FIRST_POLL_PENDING", message);
    }
    match health.closed {
        None => Verdict::Good,
        Some(Closed::MemoryPressure(level)) => Verdict::bad(
            "MEMORY_PRESSURE",
            format!("Memory pressure is {level}; the worker takes no tasks until it falls."),
        ),
        Some(Closed::Backlog) => Verdict::bad(
            "BACKLOG",
            "The tasks in flight take longer than a task may wait; the worker takes no further ones until it has caught up.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::poll_watch::PollerHealth;
    use super::*;
    use crate::memory::PressureLevel;

    const NOW: Duration = Duration::ZERO;

    fn running() -> WorkerHealth {
        WorkerHealth {
            run_state: RunState::Running,
            namespace_validated: true,
            first_poll_issued: true,
            num_cached_workflows: 0,
            pollers: vec![poller(true, 3600), poller(false, 1)],
            ..WorkerHealth::default()
        }
    }

    fn poller(outstanding: bool, silent_seconds: u64) -> PollerHealth {
        PollerHealth {
            name: "workflow",
            outstanding,
            silent_for: Some(Duration::from_secs(silent_seconds)),
        }
    }

    fn live(health: &WorkerHealth, event_loop_silent_for: Duration) -> Verdict {
        judge_live(health, event_loop_silent_for, &LivenessLimits::default())
    }

    fn reason(verdict: &Verdict) -> Option<&'static str> {
        match verdict {
            Verdict::Good => None,
            Verdict::Bad { reason, .. } => Some(reason),
        }
    }

    #[test]
    fn a_polling_worker_is_live_and_ready() {
        assert_eq!(live(&running(), NOW), Verdict::Good);
        assert_eq!(judge_ready(&running()), Verdict::Good);
    }

    #[test]
    fn a_silent_event_loop_is_dead_in_every_state_just_above_the_limit() {
        let limit = LivenessLimits::default().event_loop_silent_max;
        for run_state in [RunState::Initialized, RunState::Running, RunState::Draining] {
            let health = WorkerHealth {
                run_state,
                ..running()
            };
            assert_eq!(live(&health, limit), Verdict::Good);
            let verdict = live(&health, limit + Duration::from_nanos(1));
            assert_eq!(reason(&verdict), Some("EVENT_LOOP_SILENT"));
        }
    }

    #[test]
    fn a_loop_that_stopped_polling_is_dead_unless_the_worker_drains() {
        let mut health = running();
        health.pollers = vec![poller(true, 0), poller(false, 60)];
        assert_eq!(live(&health, NOW), Verdict::Good);
        health.pollers[1] = poller(false, 61);
        assert_eq!(reason(&live(&health, NOW)), Some("POLLER_SILENT"));
        health.run_state = RunState::Draining;
        assert_eq!(live(&health, NOW), Verdict::Good);
    }

    #[test]
    fn a_loop_that_never_polled_is_not_judged_yet() {
        let mut health = running();
        health.pollers[0].outstanding = false;
        health.pollers[0].silent_for = None;
        assert_eq!(live(&health, NOW), Verdict::Good);
    }

    #[test]
    fn a_failed_worker_is_neither_live_nor_ready() {
        let mut health = running();
        health.run_state = RunState::Failed;
        assert_eq!(reason(&live(&health, NOW)), Some("FAILED"));
        assert_eq!(reason(&judge_ready(&health)), Some("FAILED"));
    }

    #[test]
    fn a_lost_isolate_that_only_a_restart_ends_is_dead_in_every_state() {
        for run_state in [RunState::Running, RunState::Draining] {
            let health = WorkerHealth {
                run_state,
                restart_reason: Some("Isolate 1 was lost.".to_owned()),
                ..running()
            };
            assert_eq!(reason(&live(&health, NOW)), Some("ISOLATE_LOST"));
        }
    }

    #[test]
    fn a_worker_that_takes_no_tasks_is_not_ready_but_live() {
        for (closed, expected) in [
            (
                Closed::MemoryPressure(PressureLevel::High),
                "MEMORY_PRESSURE",
            ),
            (Closed::Backlog, "BACKLOG"),
        ] {
            let health = WorkerHealth {
                closed: Some(closed),
                ..running()
            };
            assert_eq!(reason(&judge_ready(&health)), Some(expected));
            assert_eq!(live(&health, NOW), Verdict::Good);
        }
    }

    #[test]
    fn ready_needs_the_namespace_then_a_poll() {
        let mut health = running();
        health.run_state = RunState::Initialized;
        health.first_poll_issued = false;
        assert_eq!(reason(&judge_ready(&health)), Some("FIRST_POLL_PENDING"));
        health.namespace_validated = false;
        assert_eq!(
            reason(&judge_ready(&health)),
            Some("NAMESPACE_NOT_VALIDATED")
        );
        assert_eq!(live(&health, NOW), Verdict::Good);
    }

    #[test]
    fn says_what_the_worker_waits_for() {
        let health = WorkerHealth {
            waiting_for: Some("The server at h:1 does not answer (attempt 3).".to_owned()),
            ..WorkerHealth::default()
        };
        let Verdict::Bad { message, .. } = judge_ready(&health) else {
            panic!("must not be ready");
        };
        assert_eq!(message, "The server at h:1 does not answer (attempt 3).");
    }

    #[test]
    fn a_worker_that_ends_is_not_ready_and_still_live() {
        for (run_state, expected) in [
            (RunState::Stopping, "DRAINING"),
            (RunState::Draining, "DRAINING"),
            (RunState::Drained, "DRAINING"),
            (RunState::Stopped, "STOPPED"),
        ] {
            let mut health = running();
            health.run_state = run_state;
            assert_eq!(reason(&judge_ready(&health)), Some(expected));
            assert_eq!(live(&health, NOW), Verdict::Good);
        }
    }
}
