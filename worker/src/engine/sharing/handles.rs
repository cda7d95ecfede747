//! Handles from references, and back.

use deno_core::v8;

use super::kinds::{ELEMENTS_DATA_BYTES, elements_of};
use crate::engine::heap_walk::Root;
use crate::engine::heap_walk::internals::{HeapObject, Tagged};

/// A handle to a value that a field holds. May be one that no program sees (a hidden class, a hole): it is then only
/// passed to V8's own functions for such values, or put into an array that no program sees either.
pub(super) fn handle<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: Tagged,
) -> v8::Local<'s, v8::Value> {
    // SAFETY: without direct handles, a handle is a pointer to a place that holds a reference (`v8-local-handle.h`); `value` is
    // such a place for as long as `Local::new` reads it, which copies it into the scope.
    let place: v8::Local<'_, v8::Value> = unsafe { std::mem::transmute(&raw const value) };
    v8::Local::new(scope, place)
}

/// The object behind a handle.
///
/// # Safety
/// The value must be an object of the heap, and nothing may be allocated there while the result is used.
pub(super) unsafe fn object<T>(local: v8::Local<'_, T>) -> HeapObject {
    // SAFETY: the caller's promise.
    unsafe { HeapObject::at(Root::of(local).tagged()) }
}

/// Handles to values of all kinds. Nothing is allocated on the heap, so references that are not handles yet stay valid.
pub(super) fn handles<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    values: &[Tagged],
) -> Vec<v8::Local<'s, v8::Value>> {
    values.iter().map(|value| handle(scope, *value)).collect()
}

/// Keeps values alive and up to date while the collector moves them.
pub(super) fn keep(
    scope: &mut v8::PinScope<'_, '_>,
    values: &[v8::Local<'_, v8::Value>],
) -> v8::Global<v8::Array> {
    let array = v8::Array::new_with_elements(scope, values);
    v8::Global::new(scope, array)
}

/// The values of such an array.
///
/// # Safety
/// The array must come from [`keep`], and nothing may be allocated on the heap while the result is used.
pub(super) unsafe fn kept<'a>(
    array: &v8::Global<v8::Array>,
    scope: &mut v8::PinScope<'_, '_>,
) -> &'a [Tagged] {
    v8::scope!(let scope, scope);
    let array = v8::Local::new(scope, array);
    let length = array.length() as usize;
    if length == 0 {
        return &[];
    }
    // SAFETY: V8 made the array with elements of just this length, and no program has ever seen it.
    unsafe {
        let elements = elements_of(object(array)).map_or(0, HeapObject::address);
        std::slice::from_raw_parts((elements + ELEMENTS_DATA_BYTES) as *const Tagged, length)
    }
}
