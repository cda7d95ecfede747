//! Any source map is read or is damaged, and look-ups by its checkpoints answer like those without.
#![no_main]

use burdock_bundle::fuzzing::{check_source_map, source_map};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    burdock_fuzz::check_both(bytes, &source_map(), check_source_map);
});
