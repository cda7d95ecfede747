//! Any `burdock.toml` is a configuration or mistakes of one line each.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use burdock_worker::fuzzing::{check_settings, settings};

/// One file for each process, so that several can run at once.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    std::env::temp_dir().join(format!("burdock-fuzz-{}.toml", std::process::id()))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    burdock_fuzz::check_both(bytes, &settings(), |text| check_settings(text, &FILE));
});
