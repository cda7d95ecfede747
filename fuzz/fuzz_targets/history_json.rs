//! Any history file is a history or a reason why not.
#![no_main]

use burdock_worker::fuzzing::{check_history, histories};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    burdock_fuzz::check_both(bytes, &histories(), check_history);
});
