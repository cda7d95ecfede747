//! The worker's log: one subscriber for our events, workflow logs and sdk-core's.
#![forbid(unsafe_code)]

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::WorkerConfig;
use crate::config::elements::LogFormat;

/// Starts logging to standard error for a command that is no worker.
pub fn start_command_logging(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("error"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let _ = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
}

/// Starts logging to standard error. A second call changes nothing.
pub fn start_logging(config: &WorkerConfig) {
    let filter = EnvFilter::try_new(&*config.log_filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let json = match *config.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Fails only if a subscriber is there already.
    let _ = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder
            .with_ansi(std::io::stderr().is_terminal())
            .try_init()
    };
}
