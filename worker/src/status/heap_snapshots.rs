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
        "file": taken.file,
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
