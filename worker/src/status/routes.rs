//! The pages: `/status` (and `/`), `/live`, `/ready`, `/metrics`; and what can be asked for: `/heap-snapshot`.

use super::core_metrics::CoreMetricsHandle;
use super::health::Verdict;
use super::heap_snapshots::take_heap_snapshot;
use super::prometheus_text::{CONTENT_TYPE, Kind, PrometheusText, plain};
use super::sampler::Sampler;
use super::source::{HeapSnapshotSource, WorkerHealth};
use super::worker_metrics;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use std::sync::Arc;

/// The only path that changes anything, and hence is no page.
const HEAP_SNAPSHOT: &str = "/heap-snapshot";

/// What the pages show.
#[derive(Clone)]
pub struct StatusService {
    sampler: Arc<Sampler>,
    core_metrics: Option<Arc<CoreMetricsHandle>>,
    pub(super) heap_snapshots: Option<Arc<dyn HeapSnapshotSource>>,
}

impl StatusService {
    /// Without `core_metrics`, `/metrics` has only the worker's own.
    pub fn new(sampler: Arc<Sampler>, core_metrics: Option<CoreMetricsHandle>) -> Self {
        Self {
            sampler,
            core_metrics: core_metrics.map(Arc::new),
            heap_snapshots: None,
        }
    }

    /// Lets heap snapshots be asked for.
    #[must_use]
    pub fn with_heap_snapshots(mut self, source: Arc<dyn HeapSnapshotSource>) -> Self {
        self.heap_snapshots = Some(source);
        self
    }

    pub(super) fn router(self) -> Router {
        Router::new()
            .route("/", get(status))
            .route("/status", get(status))
            .route("/live", get(live))
            .route("/ready", get(ready))
            .route("/metrics", get(metrics))
            .route(HEAP_SNAPSHOT, post(take_heap_snapshot))
            .method_not_allowed_fallback(method_not_allowed)
            .fallback(not_found)
            .with_state(self)
    }
}

async fn status(State(service): State<StatusService>) -> Response {
    Json(service.sampler.sample().await).into_response()
}

async fn live(State(service): State<StatusService>) -> Response {
    let (health, verdict) = service.sampler.live().await;
    probe_answer("live", &health, &verdict)
}

async fn ready(State(service): State<StatusService>) -> Response {
    let (health, verdict) = service.sampler.ready();
    probe_answer("ready", &health, &verdict)
}

fn probe_answer(probe: &str, health: &WorkerHealth, verdict: &Verdict) -> Response {
    let run_state = health.run_state;
    match verdict {
        Verdict::Good => Json(json!({ probe: true, "runState": run_state })).into_response(),
        Verdict::Bad { reason, message } => {
            let body = json!({
                probe: false,
                "runState": run_state,
                "reason": reason,
                "message": message,
            });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}

async fn metrics(State(service): State<StatusService>) -> Response {
    let (sample, core) = tokio::join!(service.sampler.sample(), service.core_text());
    let (_, ready) = service.sampler.ready();
    let mut body = worker_metrics::encode(&sample, ready.is_good());
    body.push_str(&core);
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response()
}

impl StatusService {
    /// sdk-core's metrics after a gauge that says whether they are there: a page without them is
    /// better than none.
    async fn core_text(&self) -> String {
        let Some(handle) = &self.core_metrics else {
            return String::new();
        };
        let fetched = handle.encode().await;
        let mut text = PrometheusText::default();
        let help = "1 when the metrics of sdk-core are on this page.";
        text.family(
            "burdock_core_metrics_up",
            Kind::Gauge,
            help,
            plain(fetched.is_ok().into()),
        );
        let mut text = text.into_string();
        match fetched {
            Ok(core) => text.push_str(&core),
            Err(reason) => tracing::warn!(reason, "the metrics page is incomplete"),
        }
        text
    }
}

async fn not_found() -> Response {
    let message = "There is no such page: GET is answered on /status, /live, /ready and /metrics, POST on /heap-snapshot.\n";
    (StatusCode::NOT_FOUND, message).into_response()
}

async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let allowed = if uri.path() == HEAP_SNAPSHOT {
        "POST"
    } else {
        "GET"
    };
    let message = format!("{method} is not answered here: use {allowed}.\n");
    (StatusCode::METHOD_NOT_ALLOWED, message).into_response()
}
