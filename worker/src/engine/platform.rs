//! V8's process-wide state.

use std::sync::Once;

use deno_core::v8;

/// Flags that every isolate of the process shares. V8 refuses code caches made under other flags.
const FLAGS: &[&str] = &[
    // Stack traces of workflow failures keep as many frames as under Node.
    "--stack-trace-limit=10",
    // V8 15.0 loses stack checks with it: an inlined loop without a check of its own, such as that of `fill`, makes the
    // compiler drop the check of the loop around it (`LoopStackCheckElisionReducer`), and nothing can stop that loop.
    "--no-turboshaft-loop-unrolling",
    // `sharing` keeps references to the elements of arrays: `shift` must not move where these begin.
    "--no-move-object-start",
];

/// The V8 whose private layout `heap_walk` and `page_guard` rely on; the crate that has it is pinned in `Cargo.toml`.
const V8_VERSION: &str = "15.0.245.2-rusty";

/// Background threads for garbage collection and compilation. Two suffice for the isolates of one worker; each costs
/// a stack and a malloc arena.
const PLATFORM_THREADS: u32 = 2;

static INITIALIZED: Once = Once::new();

/// Starts V8. Must first be called on a thread from which all isolate threads descend (memory protection keys are
/// inherited), hence from `main` before the runtime starts. Later calls do nothing.
///
/// # Panics
/// When another V8 was linked than the one whose private layout the engine knows.
pub fn initialize_v8() {
    INITIALIZED.call_once(|| {
        let version = v8::V8::get_version();
        assert_eq!(
            version, V8_VERSION,
            "another V8 is linked than the one this worker was written for; build it with the versions of its Cargo.lock"
        );
        v8::V8::set_flags_from_string(&FLAGS.join(" "));
        v8::V8::initialize_platform(
            v8::new_default_platform(PLATFORM_THREADS, false).make_shared(),
        );
        v8::V8::initialize();
    });
}

/// Runs the tasks that V8 posted to this isolate's thread, such as the finishing of a background compilation.
pub(super) fn pump_foreground_tasks(isolate: &mut v8::OwnedIsolate) {
    let platform = v8::V8::get_current_platform();
    while v8::Platform::pump_message_loop(&platform, isolate, false) {}
}
