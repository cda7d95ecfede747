//! The memory of buffers: `ArrayBuffer`s of every kind and WebAssembly memories. V8 keeps it outside of its heap.
//!
//! It comes about in two ways, and both are counted here, for the isolate and for the run that was entered:
//! - V8 asks the embedder's allocator (`array_buffers.rs`) for buffers of a fixed length. Large ones get mappings, so
//!   that the kernel can tell which of their pages exist.
//! - V8 reserves address space and makes the first part of it accessible: resizable and growable buffers, and WebAssembly
//!   memories. `commit_guard` stands in for the C library's functions by which it does.
//!
//! What a buffer may take and what it takes are two things: pages that were never touched do not exist. Costs, budgets and
//! the cache go by resident pages; limits go by what may become resident before the next look (`room`).

mod account;
mod commit_guard;
mod ranges;
mod resident;
mod room;

pub(super) use account::{BufferAccount, BufferBytes, EntryRefusal};
pub(super) use commit_guard::{count_for_this_thread, note_reserved};
pub(super) use ranges::Held;
