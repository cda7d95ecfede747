//! The C library's allocator, which serves Rust, sdk-core and V8's own needs outside of its heap.

/// Gives free memory of the allocator back to the system. Takes its locks one after the other, for tens of milliseconds when
/// there is much: not for a thread that somebody waits for.
pub fn trim_allocator() {
    #[cfg(target_env = "gnu")]
    // SAFETY: the function may be called at any time and from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
