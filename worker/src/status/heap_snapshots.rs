//! `POST /heap-snapshot?isolate=N`.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::patience::Patience;
use super::routes::StatusService;
use crate::heap_snapshot::{SnapshotError, SnapshotTaken};

/// How long the answer may take: V8 writes about 10 MB of heap a second.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30 * 60);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    isolate: Option<usize>,
}

/// Answers `{isolate, file, bytes, durationMs}` or `{error}`.
pub(super) async fn take_heap_snapshot(
    State(service): State<StatusService>,
    Extension(patience): Extension<Patience>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(Asked { isolate })) = asked else {
        let error =
            "the query is not understood: leave it out, or give a number as in `?isolate=0`";
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    };
    patience.extend(ANSWER_TIME_MAX);
    let taken = match &service.heap_snapshots {
        Some(source) => source.take(isolate).await,
        None => Err(SnapshotError::NoIsolates),
    };
    match taken {
        Ok(taken) => Json(body(&taken)).into_response(),
        Err(error) => {
            let body = json!({ "error": error.to_string() });
            (status(&error), Json(body)).into_response()
        }
    }
}

fn body(taken: &SnapshotTaken) -> serde_json::Value {
    json!({
        "isolate": taken.isolate,
        "file": taken.file.to_string_lossy(),
        "bytes": taken.bytes,
        "durationMs": u64::try_from(taken.took.as_millis()).unwrap_or(u64::MAX),
    })
}

fn status(error: &SnapshotError) -> StatusCode {
    match error {
        SnapshotError::Off => StatusCode::FORBIDDEN,
        SnapshotError::UnknownIsolate { .. } => StatusCode::NOT_FOUND,
        SnapshotError::Busy => StatusCode::CONFLICT,
        SnapshotError::NoHeadroom(_) | SnapshotError::DiskFull { .. } => {
            StatusCode::INSUFFICIENT_STORAGE
        }
        SnapshotError::NoIsolates | SnapshotError::Ended { .. } => StatusCode::SERVICE_UNAVAILABLE,
        SnapshotError::File { .. } | SnapshotError::Incomplete { .. } => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::io;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_client_can_tell_why_there_is_no_snapshot() {
        let path = || PathBuf::from("/x");
        let source = || io::Error::from(io::ErrorKind::Other);
        for (error, expected) in [
            (SnapshotError::Off, 403),
            (
                SnapshotError::UnknownIsolate {
                    isolate: 3,
                    last: 1,
                },
                404,
            ),
            (SnapshotError::Busy, 409),
            (
                SnapshotError::File {
                    path: path(),
                    source: source(),
                },
                500,
            ),
            (SnapshotError::Incomplete { isolate: 0 }, 500),
            (SnapshotError::NoIsolates, 503),
            (SnapshotError::Ended { isolate: 0 }, 503),
            (
                SnapshotError::DiskFull {
                    path: path(),
                    source: source(),
                },
                507,
            ),
        ] {
            assert_eq!(status(&error).as_u16(), expected, "{error}");
        }
    }

    #[test]
    fn a_path_that_is_no_text_is_shown_as_far_as_it_is() {
        let taken = SnapshotTaken {
            isolate: 2,
            file: PathBuf::from(OsStr::from_bytes(b"/x/\xff.heapsnapshot")),
            bytes: 7,
            took: Duration::from_micros(1500),
        };
        let expected = json!({
            "isolate": 2,
            "file": "/x/\u{fffd}.heapsnapshot",
            "bytes": 7,
            "durationMs": 1,
        });
        assert_eq!(body(&taken), expected);
    }
}
