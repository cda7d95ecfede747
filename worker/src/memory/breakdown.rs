//! Resident memory, explained: whose it is, part by part.
//!
//! Four readings of one moment are put together: what the kernel says is resident and by whom it was mapped
//! ([`RegionBytes`]), what V8 says its heaps hold, what `malloc` says is in use, and what the worker knows of its own
//! things. What no reading accounts for is shown as unexplained, with its sign: it is never spread over other parts.

use super::regions::RegionBytes;
use serde::Serialize;

/// One isolate's heap, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeapReading {
    /// Objects that were alive when that was last measured; never more than `used_bytes` counts.
    pub live_bytes: u64,
    /// Objects, alive or not yet collected.
    pub used_bytes: u64,
    /// Pages that were written, by V8's count.
    pub physical_bytes: u64,
    /// Resident contents of buffers, and other memory that objects hold outside the heap.
    pub external_bytes: u64,
    /// What of that lies in mappings, which are marked as V8's; the rest is in blocks of `malloc`.
    pub external_mapped_bytes: u64,
    /// What V8 itself took from `malloc`, for compilation for example.
    pub malloced_bytes: u64,
    /// Machine code and its metadata, inside the heap.
    pub code_bytes: u64,
    /// Bytecode and other trusted objects, inside the heap.
    pub bytecode_bytes: u64,
}

/// What `malloc` says of itself, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MallocReading {
    /// Blocks in use, large ones included.
    pub allocated_bytes: u64,
    /// Of those, large blocks that have mappings of their own.
    pub mapped_bytes: u64,
    /// Free blocks that `malloc` keeps; they need not be resident.
    pub free_bytes: u64,
}

/// Everything that is known at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryReadings {
    /// Resident memory of the process.
    pub rss_bytes: u64,
    /// By mapping.
    pub regions: RegionBytes,
    /// One entry for each isolate.
    pub heaps: Vec<HeapReading>,
    /// `None` where the allocator is not one that tells.
    pub malloc: Option<MallocReading>,
    /// The bundle's text and its source map.
    pub bundle_bytes: u64,
    /// What sdk-core and the worker keep for cached runs.
    pub core_runs_bytes: u64,
    /// What activities in flight hold, as far as the worker knows.
    pub activities_bytes: u64,
}

/// The parts of resident memory, in bytes; none overlaps another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryParts {
    /// Live objects of the isolates' heaps, code and bytecode included.
    pub heap_live_bytes: u64,
    /// Objects that wait for their collection.
    pub heap_garbage_bytes: u64,
    /// Resident pages of the heaps without objects.
    pub heap_free_bytes: u64,
    /// What V8 mapped outside of the isolates' heaps: pooled pages, tables, the shared read-only heap.
    pub v8_other_bytes: u64,
    /// What objects of the heaps hold outside of them: resident contents of buffers, mostly.
    pub external_bytes: u64,
    /// What V8 took from `malloc`.
    pub v8_malloced_bytes: u64,
    /// The bundle's text and its source map.
    pub bundle_bytes: u64,
    /// What sdk-core and the worker keep for cached runs.
    pub core_runs_bytes: u64,
    /// What activities in flight hold.
    pub activities_bytes: u64,
    /// Other blocks in use: Rust, gRPC, sdk-core's buffers.
    pub other_malloced_bytes: u64,
    /// Freed blocks that the allocator has not given back.
    pub allocator_retained_bytes: u64,
    /// Stacks of all threads.
    pub thread_stacks_bytes: u64,
    /// The program and its libraries.
    pub file_mappings_bytes: u64,
}

impl MemoryParts {
    /// Every part with the name that it has in metrics.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 13] {
        [
            ("heap_live", self.heap_live_bytes),
            ("heap_garbage", self.heap_garbage_bytes),
            ("heap_free", self.heap_free_bytes),
            ("v8_other", self.v8_other_bytes),
            ("external", self.external_bytes),
            ("v8_malloced", self.v8_malloced_bytes),
            ("bundle", self.bundle_bytes),
            ("core_runs", self.core_runs_bytes),
            ("activities", self.activities_bytes),
            ("other_malloced", self.other_malloced_bytes),
            ("allocator_retained", self.allocator_retained_bytes),
            ("thread_stacks", self.thread_stacks_bytes),
            ("file_mappings", self.file_mappings_bytes),
        ]
    }

    fn total_bytes(&self) -> u64 {
        self.named()
            .iter()
            .fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }
}

/// Parts and rest of one moment's resident memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryBreakdown {
    /// What is broken down.
    pub rss_bytes: u64,
    /// They add up to `rss_bytes - unexplained_bytes`.
    pub parts: MemoryParts,
    /// Below zero where the parts claim more than is resident.
    pub unexplained_bytes: i64,
    /// Machine code, contained in `heap_live_bytes`.
    pub code_bytes: u64,
    /// Bytecode, contained in `heap_live_bytes`.
    pub bytecode_bytes: u64,
}

impl MemoryBreakdown {
    /// Puts the readings together.
    #[must_use]
    pub fn of(readings: &MemoryReadings) -> Self {
        let sum = |value: fn(&HeapReading) -> u64| {
            readings
                .heaps
                .iter()
                .map(value)
                .fold(0, u64::saturating_add)
        };
        let used = sum(|heap| heap.used_bytes);
        let live = sum(|heap| heap.live_bytes.min(heap.used_bytes));
        // V8 counts pages up to the highest one that was written; the kernel knows which of them are still there.
        let buffers = sum(|heap| heap.external_mapped_bytes).min(readings.regions.v8_bytes);
        let beside_buffers = readings.regions.v8_bytes - buffers;
        let resident = sum(|heap| heap.physical_bytes)
            .min(beside_buffers)
            .max(used);
        let mut parts = MemoryParts {
            heap_live_bytes: live,
            heap_garbage_bytes: used - live,
            heap_free_bytes: resident - used,
            v8_other_bytes: beside_buffers.saturating_sub(resident),
            v8_malloced_bytes: sum(|heap| heap.malloced_bytes),
            external_bytes: sum(|heap| heap.external_bytes).saturating_sub(buffers),
            bundle_bytes: readings.bundle_bytes,
            core_runs_bytes: readings.core_runs_bytes,
            activities_bytes: readings.activities_bytes,
            thread_stacks_bytes: readings.regions.stack_bytes,
            file_mappings_bytes: readings.regions.file_bytes,
            ..MemoryParts::default()
        };
        parts.split_malloced(&Malloced::of(readings));
        parts.external_bytes = parts.external_bytes.saturating_add(buffers);
        Self {
            rss_bytes: readings.rss_bytes,
            unexplained_bytes: difference(readings.rss_bytes, parts.total_bytes()),
            parts,
            code_bytes: sum(|heap| heap.code_bytes),
            bytecode_bytes: sum(|heap| heap.bytecode_bytes),
        }
    }

    /// Size of the unexplained rest as a share of resident memory, 0 to 1.
    #[must_use]
    pub fn unexplained_share(&self) -> f64 {
        if self.rss_bytes == 0 {
            return 0.0;
        }
        self.unexplained_bytes.unsigned_abs() as f64 / self.rss_bytes as f64
    }
}

/// What `malloc` holds, as far as it is resident.
struct Malloced {
    in_use_bytes: u64,
    retained_bytes: u64,
    /// Blocks that were taken and not touched yet, such as a new array buffer of zeros; at least this much of them.
    untouched_bytes: u64,
}

impl Malloced {
    fn of(readings: &MemoryReadings) -> Self {
        let regions = &readings.regions;
        let Some(malloc) = readings.malloc else {
            return Self {
                in_use_bytes: regions.malloc_arena_bytes,
                retained_bytes: 0,
                untouched_bytes: 0,
            };
        };
        let absent = regions
            .other_mapped_bytes
            .saturating_sub(regions.other_bytes);
        let large_untouched = absent.min(malloc.mapped_bytes);
        let large = (malloc.mapped_bytes - large_untouched).min(regions.other_bytes);
        let small_allocated = malloc.allocated_bytes.saturating_sub(malloc.mapped_bytes);
        let small = small_allocated.min(regions.malloc_arena_bytes);
        let untouched = large_untouched.saturating_add(small_allocated - small);
        Self {
            in_use_bytes: small + large,
            retained_bytes: regions.malloc_arena_bytes - small,
            untouched_bytes: untouched,
        }
    }
}

impl MemoryParts {
    /// Known users of `malloc` are taken out of what is in use. If they claim more than that, the claim stands and the
    /// difference shows as unexplained.
    fn split_malloced(&mut self, malloced: &Malloced) {
        self.external_bytes = self.external_bytes.saturating_sub(malloced.untouched_bytes);
        let known = [
            self.external_bytes,
            self.v8_malloced_bytes,
            self.bundle_bytes,
            self.core_runs_bytes,
            self.activities_bytes,
        ];
        let known = known.into_iter().fold(0, u64::saturating_add);
        self.other_malloced_bytes = malloced.in_use_bytes.saturating_sub(known);
        self.allocator_retained_bytes = malloced.retained_bytes;
    }
}

fn difference(whole: u64, parts: u64) -> i64 {
    let size = i64::try_from(whole.abs_diff(parts)).unwrap_or(i64::MAX);
    if whole >= parts { size } else { -size }
}

#[cfg(test)]
#[path = "breakdown_tests.rs"]
mod tests;
