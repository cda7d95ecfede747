//! Takes one heap snapshot, on the thread of its isolate.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::error::SnapshotError;
use super::file::SnapshotFile;
use super::headroom::check_headroom;
use super::mounts::is_kept_in_memory;
use super::need::{heap_bytes, snapshot_file_bytes, snapshot_need_bytes};
use super::utc::compact_utc;
use crate::engine::{HeapShape, WorkflowIsolate};
use crate::memory::ProcessMemory;

/// Whose turn it is: only one snapshot is taken at a time.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<AtomicBool>);

/// The turn of one snapshot, until it is dropped.
#[derive(Debug)]
pub struct Turn(Arc<AtomicBool>);

impl Turns {
    /// The turn, unless somebody has it.
    ///
    /// # Errors
    /// [`SnapshotError::Busy`].
    pub fn take(&self) -> Result<Turn, SnapshotError> {
        if self.0.swap(true, Ordering::AcqRel) {
            return Err(SnapshotError::Busy);
        }
        Ok(Turn(Arc::clone(&self.0)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// One snapshot that is wanted.
#[derive(Debug)]
pub struct SnapshotOrder {
    /// Number of the isolate.
    pub isolate: usize,
    /// The folder for the file.
    pub folder: PathBuf,
    /// What the process may take.
    pub limit_bytes: Option<u64>,
    /// Held until the snapshot is done.
    pub turn: Turn,
}

/// A snapshot that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotTaken {
    /// Number of the isolate.
    pub isolate: usize,
    /// The file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// How long the isolate did nothing else.
    pub took: Duration,
}

/// Takes the snapshot if there is room for it. The isolate does nothing else meanwhile.
///
/// # Errors
/// When there is no room, or when the file cannot be written; then there is none.
pub fn take_snapshot(
    isolate: &mut WorkflowIsolate,
    order: &SnapshotOrder,
) -> Result<SnapshotTaken, SnapshotError> {
    let began = Instant::now();
    let path = order.folder.join(file_name(order.isolate));
    // First of all, because it is what goes wrong most.
    let mut file = SnapshotFile::create(path)?;
    let heap = isolate.collected_heap();
    make_sure_of_room(heap, order)?;
    let mut ended = false;
    isolate.heap_snapshot(&mut |piece| {
        ended = piece.is_empty();
        file.write(piece)
    });
    if !ended && !file.is_broken() {
        // V8 had no memory for the graph.
        return Err(SnapshotError::Incomplete {
            isolate: order.isolate,
        });
    }
    let (file, bytes) = file.finish()?;
    Ok(SnapshotTaken {
        isolate: order.isolate,
        file,
        bytes,
        took: began.elapsed(),
    })
}

fn file_name(isolate: usize) -> String {
    let (pid, time) = (std::process::id(), compact_utc(SystemTime::now()));
    format!("burdock-{pid}-isolate-{isolate}-{time}.heapsnapshot")
}

fn make_sure_of_room(heap: HeapShape, order: &SnapshotOrder) -> Result<(), SnapshotError> {
    let mut need_bytes = snapshot_need_bytes(heap);
    if counts_as_memory(&order.folder) {
        need_bytes = need_bytes.saturating_add(snapshot_file_bytes(heap));
    }
    // Nothing to go by is no reason to refuse what the limit may well allow.
    let rss_bytes = ProcessMemory::read(Path::new("/")).map_or(0, |memory| memory.rss_bytes);
    tracing::debug!(?heap, need_bytes, rss_bytes, "heap snapshot");
    check_headroom(order.limit_bytes, rss_bytes, heap_bytes(heap), need_bytes)?;
    Ok(())
}

fn counts_as_memory(folder: &Path) -> bool {
    match (
        folder.canonicalize(),
        std::fs::read_to_string("/proc/self/mountinfo"),
    ) {
        (Ok(folder), Ok(mountinfo)) => is_kept_in_memory(&folder, &mountinfo),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_turn_at_a_time() {
        let turns = Turns::default();
        let turn = turns.take().expect("the first");
        assert!(matches!(turns.take(), Err(SnapshotError::Busy)));
        drop(turn);
        assert!(turns.take().is_ok());
    }

    #[test]
    fn a_name_says_process_isolate_and_time() {
        let name = file_name(3);
        let start = format!("burdock-{}-isolate-3-20", std::process::id());
        assert!(
            name.starts_with(&start) && name.ends_with("Z.heapsnapshot"),
            "{name}"
        );
    }
}
