//! Heap snapshots of single isolates: whether there is room for one, and the file that it becomes.
//!
//! V8 builds the graph of a whole heap in memory before it writes the first byte, several times what the heap takes. So
//! the need is estimated first ([`need`]), and a snapshot that could take the process over its limit is refused.
#![forbid(unsafe_code)]

mod error;
mod file;
mod headroom;
mod mounts;
mod need;
mod take;
mod utc;

pub use error::SnapshotError;
#[cfg(test)]
pub(crate) use need::snapshot_file_bytes;
pub use need::snapshot_need_bytes;
pub use take::{SnapshotOrder, SnapshotTaken, Turn, Turns, take_snapshot};
