//! Heap snapshots of one isolate, in the format that Chrome DevTools opens.

use deno_core::v8;
use v8::inspector::{
    Channel, ChannelImpl, StringBuffer, StringView, V8Inspector, V8InspectorClient,
    V8InspectorClientImpl, V8InspectorClientTrustLevel,
};

use super::entry::enter;
use super::heap::spaces_of;
use super::host_natives::BundleSlot;
use super::isolate::WorkflowIsolate;

/// What a heap is made of, as far as it decides what a snapshot of it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapShape {
    /// Bytes of objects that have a page for themselves: long strings and arrays, large tables. Without the bundle's own
    /// text.
    pub large_object_bytes: u64,
    /// Bytes of all others.
    pub small_object_bytes: u64,
}

impl HeapShape {
    fn of(isolate: &mut v8::OwnedIsolate) -> Self {
        let mut shape = Self::default();
        for space in spaces_of(isolate) {
            if space.holds_large_objects() {
                shape.large_object_bytes += space.used_bytes;
            } else {
                shape.small_object_bytes += space.used_bytes;
            }
        }
        shape
    }
}

impl WorkflowIsolate {
    /// Collects what is garbage and tells what is left. A snapshot begins with the same collection.
    pub fn collected_heap(&mut self) -> HeapShape {
        self.isolate.low_memory_notification();
        let mut shape = HeapShape::of(&mut self.isolate);
        let code_bytes = self
            .isolate
            .get_slot::<BundleSlot>()
            .map_or(0, |bundle| string_bytes(bundle.0.code()));
        shape.large_object_bytes = shape.large_object_bytes.saturating_sub(code_bytes);
        shape
    }

    /// Writes a snapshot of the heap in pieces; `write` returns false to have no more of them. Each run stands under
    /// `burdockCachedWorkflows` of the host's global object as `WORKFLOW ID (TYPE, RUN ID)`. No workflow code runs.
    /// V8 builds the whole graph in memory before the first piece: see
    /// [`snapshot_need_bytes`](crate::heap_snapshot::snapshot_need_bytes).
    pub fn heap_snapshot(&mut self, write: &mut dyn FnMut(&[u8]) -> bool) {
        self.show_runs(true);
        take(&mut self.isolate, write);
        self.show_runs(false);
    }

    fn show_runs(&mut self, shown: bool) {
        let Self {
            host,
            watchdog,
            isolate,
            ..
        } = self;
        v8::scope_with_context!(let scope, isolate, &host.host_context);
        let step = match shown {
            true => &host.steps.show_runs,
            false => &host.steps.hide_runs,
        };
        // A second time, if a collection of the snapshot met the heap's limit and stopped the first.
        let done = (0..2).any(|_| enter(scope, watchdog, step, &[]).is_ok());
        if !done {
            tracing::warn!("the runs of the isolate could not be named in a heap snapshot");
        }
    }
}

/// What V8 takes for the characters of a string: one byte each in Latin-1, two in all others.
fn string_bytes(text: &str) -> u64 {
    let is_latin_1 = text.chars().all(|character| u32::from(character) < 256);
    let units = if is_latin_1 {
        text.chars().count()
    } else {
        2 * text.encode_utf16().count()
    };
    units as u64
}

/// Takes a snapshot and leaves nothing of it in memory.
fn take(isolate: &mut v8::OwnedIsolate, write: &mut dyn FnMut(&[u8]) -> bool) {
    isolate.take_heap_snapshot(&mut *write);
    forget_object_ids(isolate);
    trim_malloc();
}

/// V8 numbers every object of a snapshot and follows its moves from then on, so that the next snapshot shows the same
/// number. That slows each collection down and takes memory for as long as the isolate lives. Of all that V8 exports,
/// only the inspector's `HeapProfiler.disable` ends it.
fn forget_object_ids(isolate: &mut v8::OwnedIsolate) {
    const DISABLE: &[u8] = br#"{"id":1,"method":"HeapProfiler.disable"}"#;
    let client = V8InspectorClient::new(Box::new(Silent));
    let inspector = V8Inspector::create(isolate, client);
    let session = inspector.connect(
        1,
        Channel::new(Box::new(Silent)),
        StringView::empty(),
        V8InspectorClientTrustLevel::FullyTrusted,
    );
    session.dispatch_protocol_message(StringView::from(DISABLE));
}

/// An inspector's client that wants to hear nothing.
struct Silent;

impl V8InspectorClientImpl for Silent {}

impl ChannelImpl for Silent {
    fn send_response(&self, _call_id: i32, _message: v8::UniquePtr<StringBuffer>) {}

    fn send_notification(&self, _message: v8::UniquePtr<StringBuffer>) {}

    fn flush_protocol_notifications(&self) {}
}

/// Gives memory that glibc's `malloc` holds for later back to the system; does nothing under another C library. glibc with
/// this call after evictions left least, or as little as jemalloc, in the comparison of `docs/allocators.md`, and needs no
/// library; nine tenths of what stays is V8's heap, which no allocator changes. Takes
/// some milliseconds for each 100 MB that are free.
pub fn trim_malloc() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            /// `malloc_trim(3)`: thread-safe, and fine with any `pad`.
            safe fn malloc_trim(pad: usize) -> i32;
        }
        malloc_trim(0);
    }
}

#[cfg(test)]
mod tests;
