//! Any bytes are fields of a message or an error, as prost says too.
#![no_main]

use burdock_worker::fuzzing::{check_wire, messages};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    burdock_fuzz::check_both(bytes, &messages(), check_wire);
});
