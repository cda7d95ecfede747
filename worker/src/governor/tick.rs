//! The governor's clock: watches the process, has isolates collect and measure, and asks for evictions.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::MemoryGovernor;
use super::watch::{Sight, decide};
use crate::engine::{allow_private_bytes, trim_malloc};
use crate::hosting::IsolatePool;
use crate::memory::{CacheLimits, Pressure, PressureLevel, ProcessMemory};

const TICK: Duration = Duration::from_millis(200);
/// Ticks between two questions to idle isolates whether they want to measure.
const MEASURE_EVERY_TICKS: u32 = 5;

impl MemoryGovernor {
    /// Watches until the future is dropped.
    pub(crate) async fn run(self: Arc<Self>, pool: Arc<IsolatePool>) {
        let mut pressure = Pressure::new(self.thresholds);
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks_since_collection = 0_u32;
        let mut ticks_since_measure = 0_u32;
        let mut uncollectable_bytes = 0;
        loop {
            ticks.tick().await;
            ticks_since_collection = ticks_since_collection.saturating_add(1);
            ticks_since_measure = ticks_since_measure.saturating_add(1);
            let Ok(memory) = ProcessMemory::read(Path::new("/")) else {
                continue;
            };
            // Shared pages are those of objects that got no memory, see the engine's page guard.
            let used_bytes = memory.rss_bytes.saturating_sub(memory.shmem_bytes);
            let private_bytes = self
                .thresholds
                .critical_bytes
                .saturating_sub(memory.file_bytes);
            allow_private_bytes(private_bytes);
            let level = self.observe(&mut pressure, used_bytes);
            self.adjust_admission();
            let sight = self
                .look(level, used_bytes, ticks_since_collection, &pool)
                .await;
            let garbage_bytes = sight.garbage_bytes;
            let doing = decide(&Sight {
                garbage_bytes: garbage_bytes.saturating_sub(uncollectable_bytes),
                ..sight
            });
            if doing.evict_bytes > 0 {
                self.evict(doing.evict_bytes);
                ticks_since_collection = 0;
            }
            if doing.collect {
                self.ledger.lock().forget_evicted_bytes();
                pool.collect_garbage().await;
                let _ = tokio::task::spawn_blocking(trim_malloc).await;
                ticks_since_collection = 0;
                // Free parts of pages and the young generation stay: no reason to collect again.
                uncollectable_bytes = Self::garbage_bytes(&pool).await;
            }
            if ticks_since_measure >= MEASURE_EVERY_TICKS {
                ticks_since_measure = 0;
                for measurement in pool.measure_when_idle().await {
                    self.ledger.lock().measured(&measurement);
                }
                self.keep_limits();
            }
        }
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
        ticks_since_collection: u32,
        pool: &IsolatePool,
    ) -> Sight {
        let garbage_bytes = if level > PressureLevel::Normal {
            Self::garbage_bytes(pool).await
        } else {
            0
        };
        let ends_at = self
            .thresholds
            .elevated_bytes
            .saturating_sub(self.thresholds.hysteresis_bytes);
        let ledger = self.ledger.lock();
        Sight {
            level,
            ticks_since_collection,
            over_bytes: used_bytes.saturating_sub(ends_at),
            staying_bytes: ledger.staying_bytes(),
            leaving_bytes: ledger.leaving_bytes(),
            evicted_bytes: ledger.evicted_bytes(),
            garbage_bytes,
            is_idle: pool.is_idle(),
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
