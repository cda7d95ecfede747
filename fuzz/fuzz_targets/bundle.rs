//! Any text is a bundle or a refusal that names the file.
#![no_main]

use burdock_bundle::fuzzing::{check_bundle, mutated_bundle};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    burdock_fuzz::check_both(bytes, &mutated_bundle(), check_bundle);
});
