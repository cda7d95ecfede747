//! Heap snapshots on demand: by `SIGUSR1`, and for the status server.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::state::WorkerState;
use crate::config::WorkerConfig;
use crate::config::elements::HeapSnapshotDir;
use crate::heap_snapshot::{SnapshotError, SnapshotOrder, SnapshotTaken, Turns};
use crate::hosting::IsolatePool;
use crate::status::{BoxFuture, HeapSnapshotSource};

/// Takes heap snapshots of the worker's isolates, one at a time.
pub(super) struct HeapSnapshots {
    /// Nothing: switched off.
    folder: Option<PathBuf>,
    limit_bytes: Option<u64>,
    state: Arc<WorkerState>,
    turns: Turns,
}

impl HeapSnapshots {
    pub(super) fn new(
        config: &WorkerConfig,
        limit_bytes: Option<u64>,
        state: Arc<WorkerState>,
    ) -> Self {
        let folder = match &*config.heap_snapshot_dir {
            HeapSnapshotDir::Off => None,
            // Whoever reads the answer may be in another folder.
            HeapSnapshotDir::Folder(folder) => {
                Some(std::path::absolute(folder).unwrap_or_else(|_| folder.clone()))
            }
        };
        Self {
            folder,
            limit_bytes,
            state,
            turns: Turns::default(),
        }
    }

    /// Takes one of this isolate, or of the one with the largest heap, and logs what came of it.
    async fn take_and_log(&self, isolate: Option<usize>) -> Result<SnapshotTaken, SnapshotError> {
        let taken = self.take_one(isolate).await;
        match &taken {
            Ok(taken) => tracing::info!(
                isolate = taken.isolate,
                file = %taken.file.display(),
                bytes = taken.bytes,
                took_ms = taken.took.as_millis(),
                "heap snapshot taken"
            ),
            Err(error) => tracing::warn!(%error, "no heap snapshot was taken"),
        }
        taken
    }

    async fn take_one(&self, isolate: Option<usize>) -> Result<SnapshotTaken, SnapshotError> {
        let folder = self.folder.clone().ok_or(SnapshotError::Off)?;
        let turn = self.turns.take()?;
        let pool = self.state.pool().ok_or(SnapshotError::NoIsolates)?;
        let isolate = chosen(&pool, isolate).await?;
        let order = SnapshotOrder {
            isolate,
            folder,
            limit_bytes: self.limit_bytes,
            turn,
        };
        let answer = pool.snapshot(order).await;
        // A worker that ends takes the pool apart, for which it must be its only owner.
        drop(pool);
        answer
            .await
            .unwrap_or(Err(SnapshotError::Ended { isolate }))
    }
}

/// The isolate that was named, or the one with the largest heap.
async fn chosen(pool: &IsolatePool, isolate: Option<usize>) -> Result<usize, SnapshotError> {
    let last = pool
        .isolates()
        .checked_sub(1)
        .ok_or(SnapshotError::NoIsolates)?;
    match isolate {
        Some(isolate) if isolate > last => Err(SnapshotError::UnknownIsolate { isolate, last }),
        Some(isolate) => Ok(isolate),
        None => {
            let samples = pool.heap_samples().await;
            let heaps: Vec<usize> = samples.iter().map(|heap| heap.used_heap_bytes).collect();
            Ok(largest(&heaps))
        }
    }
}

/// The first of the largest.
fn largest(heaps: &[usize]) -> usize {
    heaps
        .iter()
        .enumerate()
        .rev()
        .max_by_key(|(_, bytes)| **bytes)
        .map_or(0, |(isolate, _)| isolate)
}

/// What the status server asks.
pub(super) struct OnDemand(pub(super) Arc<HeapSnapshots>);

impl HeapSnapshotSource for OnDemand {
    fn take(&self, isolate: Option<usize>) -> BoxFuture<'_, Result<SnapshotTaken, SnapshotError>> {
        let snapshots = Arc::clone(&self.0);
        // A task of its own, so that a client that goes away does not end it.
        let taking = tokio::spawn(async move { snapshots.take_and_log(isolate).await });
        Box::pin(async move { taking.await.unwrap_or(Err(SnapshotError::NoIsolates)) })
    }
}

/// Takes a snapshot at every `SIGUSR1`, which would end the process otherwise.
pub(super) fn at_signals(snapshots: Arc<HeapSnapshots>) -> std::io::Result<JoinHandle<()>> {
    let signal = signal(SignalKind::user_defined1())?;
    Ok(tokio::spawn(serve(signal, snapshots)))
}

async fn serve(mut signal: Signal, snapshots: Arc<HeapSnapshots>) {
    while signal.recv().await.is_some() {
        // Its outcome is logged; there is nobody else to tell.
        let _ = snapshots.take_and_log(None).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_heap_is_chosen_and_the_first_of_equals() {
        assert_eq!(largest(&[1, 7, 7, 3]), 1);
        assert_eq!(largest(&[0]), 0);
    }
}
