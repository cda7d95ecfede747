//! The variables of contexts: read and written by V8's own functions, which know what optimised code relies on.
//!
//! V8's API has neither. As in `heap_walk::internals`, the mangled names are those of the exact version of the crate `v8`, and
//! another one without them fails to link.

use deno_core::v8;

use super::handles::{handle, object};
use crate::engine::heap_walk::internals::Tagged;

/// `Context::length_` as a small integer (`src/objects/contexts.h`).
const LENGTH_BYTES: usize = 8;
const SMI_SHIFT: u32 = 32;
/// `SCOPE_INFO_INDEX` and `PREVIOUS_INDEX`, which never change, come first.
const FIRST_VARIABLE: usize = 2;

#[allow(
    improper_ctypes,
    reason = "the isolate is passed as the opaque pointer that it is"
)]
unsafe extern "C" {
    /// `DirectHandle<Object> Context::Get(DirectHandle<Context>, int, Isolate*)`; a `DirectHandle` is a pointer to a place.
    #[link_name = "_ZN2v88internal7Context3GetENS0_12DirectHandleIS1_EEiPNS0_7IsolateE"]
    fn context_get(
        context: *const Tagged,
        index: i32,
        isolate: v8::UnsafeRawIsolatePtr,
    ) -> *const Tagged;

    /// `void Context::Set(DirectHandle<Context>, int, DirectHandle<Object>, Isolate*)`.
    #[link_name = "_ZN2v88internal7Context3SetENS0_12DirectHandleIS1_EEiNS2_INS0_6ObjectEEEPNS0_7IsolateE"]
    fn context_set(
        context: *const Tagged,
        index: i32,
        value: *const Tagged,
        isolate: v8::UnsafeRawIsolatePtr,
    );
}

/// A context behind a handle that no program sees.
#[derive(Clone, Copy)]
pub(super) struct Variables<'s>(v8::Local<'s, v8::Value>);

impl<'s> Variables<'s> {
    /// # Safety
    /// The handle must be to a context.
    pub(super) unsafe fn of(context: v8::Local<'s, v8::Value>) -> Self {
        Self(context)
    }

    /// Indices of its variables.
    pub(super) fn indices(self) -> std::ops::Range<usize> {
        // SAFETY: by `of`; nothing is allocated here.
        let length = unsafe { object(self.0) }.word(LENGTH_BYTES).unwrap_or(0) >> SMI_SHIFT;
        FIRST_VARIABLE..length
    }

    pub(super) fn get(
        self,
        scope: &mut v8::PinScope<'s, '_>,
        index: usize,
    ) -> v8::Local<'s, v8::Value> {
        let isolate = raw_isolate(scope);
        // SAFETY: a context by `of`, an index within it, and a place that lives as long as the scope.
        let value = unsafe { *context_get(place(self.0), index_of(index), isolate) };
        handle(scope, value)
    }

    pub(super) fn set(
        self,
        scope: &mut v8::PinScope<'_, '_>,
        index: usize,
        value: v8::Local<'_, v8::Value>,
    ) {
        let isolate = raw_isolate(scope);
        // SAFETY: as for `get`.
        unsafe { context_set(place(self.0), index_of(index), place(value), isolate) };
    }
}

/// Whether two values are the same, numbers by their values.
pub(super) fn same(first: v8::Local<'_, v8::Value>, second: v8::Local<'_, v8::Value>) -> bool {
    // SAFETY: places of handles.
    let (first_word, second_word) = unsafe { (*place(first), *place(second)) };
    // A hole cannot be passed to V8's comparison; it equals only itself.
    first_word == second_word
        || (first.is_number() && second.is_number() && first.same_value(second))
}

fn place(local: v8::Local<'_, v8::Value>) -> *const Tagged {
    (&raw const *local).cast()
}

fn index_of(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

fn raw_isolate(scope: &mut v8::PinScope<'_, '_>) -> v8::UnsafeRawIsolatePtr {
    let isolate: &v8::Isolate = scope;
    // SAFETY: used for one call, while the scope is borrowed.
    unsafe { isolate.as_raw_isolate_ptr() }
}
