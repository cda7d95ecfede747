//! The governor's clock: watches the process, has isolates collect and measure, and asks for evictions.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

use super::MemoryGovernor;
use super::recovery::{Pressed, restart_reason};
use super::watch::{Sight, decide, is_worth_asking};
use crate::engine::{PrivateBytes, allow_private_bytes, has_overflowed, is_stopping, trim_malloc};
use crate::hosting::IsolatePool;
use crate::memory::{CacheLimits, Pressure, PressureLevel, ProcessMemory};

const TICK: Duration = Duration::from_millis(200);
/// Ticks between two questions to idle isolates whether they want to measure.
const MEASURE_EVERY_TICKS: u32 = 5;
/// Ticks without a new task after which garbage is worth a collection of its own: the 8 s after which V8's memory reducer
/// would, were its tasks run in an isolate that does nothing.
const QUIET_TICKS: u32 = 40;

/// Ticks without a new task after which a burst is over: a second.
const RESTING_TICKS: u32 = 5;

/// Ticks in which an entry that is being stopped gives back what it took. One that takes longer than 10 s may never.
const STOPPING_TICKS_MAX: u32 = 50;

/// What the clock remembers from one tick to the next.
struct Clock {
    pressure: Pressure,
    pressed: Pressed,
    ticks_since_collection: u32,
    ticks_since_measure: u32,
    /// Ticks without a new task.
    quiet_ticks: u32,
    tasks_begun: u64,
    /// Ticks since `malloc` gave back what is free, and the tasks that had begun by then.
    ticks_since_trim: u32,
    tasks_at_trim: u64,
    /// Ticks since an entry has been being stopped.
    stopping_ticks: u32,
    /// Resident pages of files, as they were before memory first overflowed into one.
    file_bytes: u64,
    /// What the last collection left: free parts of pages and the young generation are no reason to collect again.
    uncollectable_bytes: u64,
}

impl MemoryGovernor {
    /// Watches until the future is dropped.
    pub(crate) async fn run(self: Arc<Self>, pool: Arc<IsolatePool>) {
        let mut clock = Clock {
            pressure: Pressure::new(self.thresholds),
            pressed: Pressed::default(),
            ticks_since_collection: 0,
            ticks_since_measure: 0,
            quiet_ticks: 0,
            tasks_begun: 0,
            ticks_since_trim: 0,
            tasks_at_trim: 0,
            stopping_ticks: 0,
            file_bytes: 0,
            uncollectable_bytes: 0,
        };
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            clock.ticks_since_collection = clock.ticks_since_collection.saturating_add(1);
            clock.ticks_since_measure = clock.ticks_since_measure.saturating_add(1);
            clock.ticks_since_trim = clock.ticks_since_trim.saturating_add(1);
            clock.listen(self.backlog.lock().begun(), is_stopping());
            if let Ok(memory) = ProcessMemory::read(Path::new("/")) {
                self.keep_under(&memory, &mut clock, &pool).await;
            }
            if clock.ticks_since_measure >= MEASURE_EVERY_TICKS {
                clock.ticks_since_measure = 0;
                for measurement in pool.measure_when_idle().await {
                    self.ledger.lock().measured(&measurement);
                }
                self.bring_back(&pool.reformed_runs());
                pool.close_idle_quarantine();
                self.keep_limits();
            }
        }
    }

    async fn keep_under(&self, memory: &ProcessMemory, clock: &mut Clock, pool: &IsolatePool) {
        if !has_overflowed() {
            clock.file_bytes = memory.file_bytes;
        }
        // Pages of what overflowed can be written out, see the engine's page guard.
        let overflow_bytes = memory.file_bytes.saturating_sub(clock.file_bytes);
        let used_bytes = memory
            .rss_bytes
            .saturating_sub(memory.shmem_bytes.saturating_add(overflow_bytes));
        let beside_files = |bytes: u64| bytes.saturating_sub(clock.file_bytes);
        allow_private_bytes(PrivateBytes {
            limit_bytes: beside_files(self.thresholds.critical_bytes),
            overflow_from_bytes: beside_files(self.thresholds.elevated_bytes),
            refuse_from_bytes: beside_files(self.thresholds.refuse_bytes),
        });
        self.room.lock().read(used_bytes);
        let level = self.observe(&mut clock.pressure, used_bytes);
        self.adjust_admission();
        self.watch_lost_isolates(level, clock, pool);
        let doing = decide(&self.look(level, used_bytes, clock, pool).await);
        if doing.evict_bytes > 0 {
            self.evict(doing.evict_bytes);
            clock.ticks_since_collection = 0;
        }
        if doing.forget_evicted {
            self.ledger.lock().forget_evicted_bytes();
        }
        if doing.collect {
            self.ledger.lock().forget_evicted_bytes();
            pool.collect_garbage().await;
            clock.ticks_since_collection = 0;
            clock.uncollectable_bytes = Self::garbage_bytes(pool).await;
        }
        if doing.trim {
            self.ledger.lock().forget_trim();
            let _ = tokio::task::spawn_blocking(trim_malloc).await;
            (clock.ticks_since_collection, clock.ticks_since_trim) = (0, 0);
            clock.tasks_at_trim = clock.tasks_begun;
        }
    }

    fn watch_lost_isolates(&self, level: PressureLevel, clock: &mut Clock, pool: &IsolatePool) {
        let now = Instant::now();
        let pressed_since = clock.pressed.observe(level, now);
        let Some(reason) = restart_reason(&pool.lost_isolates(), pressed_since, now) else {
            return;
        };
        self.restart.send_if_modified(|restart| {
            let is_first = restart.is_none();
            if is_first {
                *restart = Some(reason);
            }
            is_first
        });
    }

    fn observe(&self, pressure: &mut Pressure, used_bytes: u64) -> PressureLevel {
        let reading = pressure.observe(used_bytes);
        if reading.changed() {
            let is_worse = reading.level > reading.before;
            let (before, now, used_mib) = (reading.before, reading.level, used_bytes >> 20);
            if is_worse && reading.level >= PressureLevel::High {
                tracing::warn!(%before, %now, used_mib, "memory pressure");
            } else {
                tracing::info!(%before, %now, used_mib, "memory pressure");
            }
            self.admission
                .send_modify(|admission| admission.pressure = reading.level);
        }
        reading.level
    }

    async fn look(
        &self,
        level: PressureLevel,
        used_bytes: u64,
        clock: &Clock,
        pool: &IsolatePool,
    ) -> Sight {
        let mut sight = self.sight(level, used_bytes, clock, pool.is_idle());
        if sight.is_quiet || level > PressureLevel::Normal || is_worth_asking(&sight) {
            let garbage_bytes = Self::garbage_bytes(pool).await;
            sight.garbage_bytes = garbage_bytes.saturating_sub(clock.uncollectable_bytes);
        }
        sight
    }

    /// All but the garbage in the heaps.
    fn sight(&self, level: PressureLevel, used_bytes: u64, clock: &Clock, is_idle: bool) -> Sight {
        let ends_at = self
            .thresholds
            .elevated_bytes
            .saturating_sub(self.thresholds.hysteresis_bytes);
        let ledger = self.ledger.lock();
        Sight {
            level,
            ticks_since_collection: clock.ticks_since_collection,
            over_bytes: used_bytes.saturating_sub(ends_at),
            staying_bytes: ledger.staying_bytes(),
            leaving_bytes: ledger.leaving_bytes(),
            evicted_bytes: ledger.evicted_bytes(),
            garbage_bytes: 0,
            is_trim_due: ledger.is_trim_due(),
            ticks_since_trim: if clock.tasks_begun == clock.tasks_at_trim {
                0
            } else {
                clock.ticks_since_trim
            },
            is_stopping: (1..STOPPING_TICKS_MAX).contains(&clock.stopping_ticks),
            is_idle,
            is_resting: clock.quiet_ticks >= RESTING_TICKS,
            is_quiet: clock.quiet_ticks == QUIET_TICKS,
        }
    }

    /// What heaps hold beyond what is known to be alive.
    async fn garbage_bytes(pool: &IsolatePool) -> u64 {
        let heaps = pool.heap_samples().await;
        let garbage = heaps.iter().map(|heap| {
            heap.physical_heap_bytes
                .saturating_sub(heap.live_heap_bytes)
        });
        garbage.sum::<usize>() as u64
    }

    fn evict(&self, bytes: u64) {
        let unlimited = CacheLimits::default();
        let victims = self.ledger.lock().victims(&unlimited, bytes);
        tracing::debug!(bytes, runs = victims.len(), "evicting under pressure");
        self.request(victims.iter().map(AsRef::as_ref));
    }
}

impl Clock {
    fn listen(&mut self, tasks_begun: u64, is_stopping: bool) {
        self.stopping_ticks = if is_stopping {
            self.stopping_ticks.saturating_add(1)
        } else {
            0
        };
        self.quiet_ticks = if tasks_begun == self.tasks_begun {
            self.quiet_ticks.saturating_add(1)
        } else {
            0
        };
        self.tasks_begun = tasks_begun;
    }
}
