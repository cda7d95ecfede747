//! Reads the process's memory: the cheap counters every second for the slopes, the mappings seldom for the parts.

use super::memory_sample::Slopes;
use super::run_costs::RunCosts;
use super::source::{IsolateSample, WorkerParts};
use crate::memory::regression::Regression;
use crate::memory::{
    HeapReading, MallocReading, MemoryBreakdown, MemoryReadings, ProcessMemory, RegionBytes,
};
use parking_lot::Mutex;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Parts are read again when they are this old: just under the interval of the log line, so that every line has its own.
const PARTS_AGE_MAX: Duration = Duration::from_secs(9);

/// Asks the allocator for its counters.
pub(super) type ReadMalloc = fn() -> Option<MallocReading>;

pub(super) struct MemoryWatch {
    root: PathBuf,
    read_malloc: ReadMalloc,
    explained: tokio::sync::Mutex<Option<Explained>>,
    lines: Mutex<Lines>,
}

/// The parts of one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Explained {
    pub at: Instant,
    pub breakdown: Option<MemoryBreakdown>,
    pub allocator: Option<MallocReading>,
}

#[derive(Default)]
struct Lines {
    last: Option<Instant>,
    rss: Regression,
    anon: Regression,
}

impl MemoryWatch {
    pub fn new(root: PathBuf, read_malloc: ReadMalloc) -> Self {
        Self {
            root,
            read_malloc,
            explained: tokio::sync::Mutex::default(),
            lines: Mutex::default(),
        }
    }

    /// Takes one sample for the slopes.
    pub fn observe(&self, now: Instant, cached_workflows: u64, memory: ProcessMemory) {
        let mut lines = self.lines.lock();
        let since_last = lines
            .last
            .map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        lines.last = Some(now);
        lines
            .rss
            .observe(since_last, cached_workflows, memory.rss_bytes);
        lines
            .anon
            .observe(since_last, cached_workflows, memory.anon_bytes);
    }

    pub fn slopes(&self) -> Slopes {
        let lines = self.lines.lock();
        Slopes {
            rss: lines.rss.slope(),
            anon: lines.anon.slope(),
        }
    }

    /// The parts, read now unless the last reading is young enough. Those who ask at the same time share one reading.
    pub async fn explained(
        &self,
        parts: &WorkerParts,
        costs: &RunCosts,
        now: Instant,
    ) -> Explained {
        let mut last = self.explained.lock().await;
        if let Some(young) =
            last.filter(|last| now.saturating_duration_since(last.at) < PARTS_AGE_MAX)
        {
            return young;
        }
        let (root, read_malloc) = (self.root.clone(), self.read_malloc);
        let known = known_readings(parts, costs);
        let reading = tokio::task::spawn_blocking(move || {
            let memory = ProcessMemory::read(&root)?;
            let malloc = read_malloc();
            let regions = RegionBytes::read(&root)?;
            let rss_bytes = memory.rss_bytes;
            let breakdown = MemoryBreakdown::of(&MemoryReadings {
                rss_bytes,
                regions,
                malloc,
                ..known
            });
            Ok((breakdown, malloc))
        });
        let reading = reading
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Err(error) = &reading {
            tracing::debug!(%error, "resident memory cannot be explained");
        }
        let (breakdown, allocator) = reading.map_or((None, None), |(breakdown, malloc)| {
            (Some(breakdown), malloc)
        });
        *last.insert(Explained {
            at: now,
            breakdown,
            allocator,
        })
    }
}

/// What the worker itself contributes to the readings.
fn known_readings(parts: &WorkerParts, costs: &RunCosts) -> MemoryReadings {
    MemoryReadings {
        heaps: parts.isolates.iter().map(heap_reading).collect(),
        bundle_bytes: parts.bundle_bytes,
        core_runs_bytes: costs.host_bytes,
        activities_bytes: parts.activities_bytes,
        ..MemoryReadings::default()
    }
}

fn heap_reading(isolate: &IsolateSample) -> HeapReading {
    HeapReading {
        live_bytes: isolate.live_heap_bytes,
        used_bytes: isolate.used_heap_bytes,
        physical_bytes: isolate.physical_heap_bytes,
        external_bytes: isolate.external_bytes,
        external_mapped_bytes: isolate.array_buffers_mapped_resident_bytes,
        malloced_bytes: isolate.malloced_bytes,
        code_bytes: isolate.code_bytes,
        bytecode_bytes: isolate.bytecode_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{busy_parts, proc_root, write_smaps};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn malloc() -> Option<MallocReading> {
        Some(MallocReading {
            allocated_bytes: 700,
            mapped_bytes: 0,
            free_bytes: 9,
        })
    }

    async fn explained(watch: &MemoryWatch, at: Instant) -> Option<MemoryBreakdown> {
        let parts = busy_parts();
        let costs = RunCosts::of(&parts.cached_runs);
        watch.explained(&parts, &costs, at).await.breakdown
    }

    #[tokio::test]
    async fn joins_kernel_allocator_and_worker() {
        let root = proc_root(8, 4);
        write_smaps(root.path(), 4, 4);
        let watch = MemoryWatch::new(root.path().to_path_buf(), malloc);
        let found = explained(&watch, Instant::now()).await.expect("readable");
        assert_eq!((found.rss_bytes, found.unexplained_bytes), (8192, 0));
        assert_eq!(found.parts.heap_live_bytes, 120);
        assert_eq!(found.parts.heap_garbage_bytes, 30);
        assert_eq!(
            found.parts.v8_other_bytes,
            4096 - found.parts.heap_free_bytes - 150
        );
        assert_eq!(found.parts.external_bytes, 33);
        assert_eq!(
            found.parts.core_runs_bytes, 2,
            "what the host holds for the runs"
        );
        assert_eq!(found.parts.bundle_bytes, 40);
        assert_eq!(found.parts.allocator_retained_bytes, 4096 - 700);
    }

    #[tokio::test]
    async fn the_mappings_are_read_seldom() {
        let root = proc_root(8, 4);
        write_smaps(root.path(), 4, 4);
        let watch = MemoryWatch::new(root.path().to_path_buf(), malloc);
        let start = Instant::now();
        let first = explained(&watch, start).await;
        write_smaps(root.path(), 6, 4);
        assert_eq!(
            explained(&watch, start + PARTS_AGE_MAX - SECOND).await,
            first
        );
        assert_ne!(explained(&watch, start + PARTS_AGE_MAX).await, first);
    }

    #[tokio::test]
    async fn without_mappings_there_are_no_parts() {
        let root = proc_root(8, 4);
        let watch = MemoryWatch::new(root.path().to_path_buf(), malloc);
        assert_eq!(explained(&watch, Instant::now()).await, None);
    }

    #[test]
    fn slopes_come_from_what_was_observed() {
        let watch = MemoryWatch::new(PathBuf::from("/"), malloc);
        assert_eq!(watch.slopes(), Slopes::default());
        let start = Instant::now();
        for index in 0..100_u32 {
            let count = u64::from(index);
            let memory = ProcessMemory {
                rss_bytes: 9_000_000 + 3000 * count,
                anon_bytes: 2000 * count,
                ..ProcessMemory::default()
            };
            watch.observe(start + index * SECOND, count, memory);
        }
        let slopes = watch.slopes();
        let bytes = |slope: Option<crate::memory::regression::Slope>| {
            slope.map(|slope| slope.bytes_per_workflow.round())
        };
        assert_eq!(
            (bytes(slopes.rss), bytes(slopes.anon)),
            (Some(3000.0), Some(2000.0))
        );
    }
}
