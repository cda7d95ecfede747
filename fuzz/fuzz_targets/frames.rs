//! Any bytes on standard input are messages or an error that names its place.
#![no_main]

use burdock_worker::fuzzing::{check_frames, frames};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    burdock_fuzz::check_both(bytes, &frames(), check_frames);
});
