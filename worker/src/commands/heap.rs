//! `burdock heap`: asks a running worker for a heap snapshot.

use std::time::Duration;

use serde_json::Value;

use super::{complain, on_small_runtime, print, refuse};
use crate::config::{HeapConfig, HeapFlags, Surroundings, resolve_heap};
use crate::exit_code::ExitCode;
use crate::memory::plain_http::post;

/// The worker itself gives up earlier.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(31 * 60);
/// An answer is a path and a few numbers, or a sentence.
const BODY_BYTES_MAX: usize = 64 << 10;

pub(super) fn run(flags: &HeapFlags, surroundings: &Surroundings) -> ExitCode {
    let config = match resolve_heap(flags, surroundings) {
        Ok(config) => config,
        Err(errors) => return refuse(&errors, ExitCode::Usage),
    };
    on_small_runtime(ask(&config))
}

async fn ask(config: &HeapConfig) -> ExitCode {
    let mut url = format!("http://{}/heap-snapshot", config.status_addr);
    if let Some(isolate) = config.isolate {
        url.push_str(&format!("?isolate={isolate}"));
    }
    let (status, text) = match post(&url, ANSWER_TIME_MAX, BODY_BYTES_MAX).await {
        Ok(answer) => answer,
        Err(error) => {
            let sentence =
                format!("{error}: name the status server of a running worker by --status-addr");
            return complain(&sentence, ExitCode::Connect);
        }
    };
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    match (answer["file"].as_str(), answer["error"].as_str()) {
        (Some(file), _) if status.is_success() => print(&format!("{file}\n")),
        (_, Some(error)) => complain(&error, ExitCode::SnapshotRefused),
        _ => {
            let sentence = format!(
                "{url} answered with HTTP status {status} and no heap snapshot: name the status server of a worker of \
                 this version by --status-addr"
            );
            complain(&sentence, ExitCode::Connect)
        }
    }
}
