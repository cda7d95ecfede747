//! sdk-core's own metrics, for our `/metrics` page.
//!
//! sdk-core keeps its Prometheus registry to itself: the only meter that fills one comes with an
//! HTTP server of its own (`start_prometheus_metric_exporter`). So that server gets a free port
//! on the loopback address, and our page fetches from it. The other way, a meter of our own,
//! would have to reproduce how sdk-core names, buckets and labels, and its heartbeats read label
//! values back from the meter's private attribute types.
//!
//! Names are those of every Temporal SDK: prefix `temporal_`, label `service_name`, milliseconds,
//! no `_total` and no unit suffix.

use super::error::StatusError;
use crate::memory::plain_http::get_text;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use temporalio_common::telemetry::metrics::CoreMeter;
use temporalio_common::telemetry::{PrometheusExporterOptions, start_prometheus_metric_exporter};
use tokio::task::AbortHandle;

const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);
/// A worker's page is some ten kilobytes; users' own metrics may add to it.
const BODY_BYTES_MAX: usize = 16 << 20;

/// Reads sdk-core's metrics. The exporter ends when this is dropped.
#[derive(Debug)]
pub struct CoreMetricsHandle {
    url: String,
    exporter: AbortHandle,
}

/// A meter for `TelemetryOptions::builder().metrics(..)`, and the handle that reads what it
/// collects. One pair per process is enough.
///
/// # Errors
/// [`StatusError::CoreMetrics`] outside a tokio runtime, or when no loopback port can be had.
pub fn core_metrics() -> Result<(Arc<dyn CoreMeter>, CoreMetricsHandle), StatusError> {
    let failed = |reason: String| StatusError::CoreMetrics { reason };
    // The exporter spawns a task, which panics without a runtime.
    tokio::runtime::Handle::try_current().map_err(|error| failed(error.to_string()))?;
    let options = PrometheusExporterOptions::builder()
        .socket_addr(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .build();
    let started =
        start_prometheus_metric_exporter(options).map_err(|error| failed(error.to_string()))?;
    let handle = CoreMetricsHandle {
        url: format!("http://{}/metrics", started.bound_addr),
        exporter: started.abort_handle,
    };
    Ok((started.meter, handle))
}

impl CoreMetricsHandle {
    /// The metrics in Prometheus text format.
    ///
    /// # Errors
    /// A sentence when the exporter does not answer.
    pub async fn encode(&self) -> Result<String, String> {
        let fetched = get_text(&self.url, ANSWER_TIME_MAX, BODY_BYTES_MAX).await;
        fetched.map_err(|error| format!("the metrics of sdk-core are missing: {error}"))
    }

    /// A handle on any page, for tests of what depends on it.
    #[cfg(test)]
    pub(super) fn fetching(url: String) -> Self {
        let exporter = tokio::spawn(std::future::pending::<()>()).abort_handle();
        Self { url, exporter }
    }
}

impl Drop for CoreMetricsHandle {
    fn drop(&mut self) {
        self.exporter.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::telemetry::{TelemetryOptions, telemetry_init};

    #[tokio::test]
    async fn reads_what_the_meter_collects_under_the_usual_names() {
        let (meter, handle) = core_metrics().expect("starts");
        let options = TelemetryOptions::builder().metrics(meter).build();
        let telemetry = telemetry_init(options).expect("telemetry");
        let mut meter = telemetry.get_temporal_metric_meter().expect("a meter");
        meter.merge_attributes(Default::default());
        let attributes = meter.get_default_attributes().clone();
        meter.counter("sticky_cache_hit".into()).add(3, &attributes);
        let latency = meter.histogram_duration("workflow_task_execution_latency".into());
        latency.record(Duration::from_millis(15), &attributes);

        let text = handle.encode().await.expect("answers");
        for line in [
            "# TYPE temporal_sticky_cache_hit counter",
            "temporal_sticky_cache_hit{service_name=\"temporal-core-sdk\"} 3",
            "temporal_workflow_task_execution_latency_sum{service_name=\"temporal-core-sdk\"} 15",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }

    #[tokio::test]
    async fn the_exporter_ends_with_its_handle() {
        let (_meter, handle) = core_metrics().expect("starts");
        assert_eq!(handle.encode().await, Ok(String::new()));
        let exporter = handle.exporter.clone();
        let url = handle.url.clone();
        drop(handle);
        while !exporter.is_finished() {
            tokio::task::yield_now().await;
        }
        let orphan = CoreMetricsHandle::fetching(url);
        let reason = orphan.encode().await.expect_err("nobody answers");
        assert!(reason.starts_with("the metrics of sdk-core are missing: http://127.0.0.1:"));
    }

    #[test]
    fn outside_a_runtime_it_is_an_error() {
        let error = core_metrics().expect_err("no runtime here");
        assert!(matches!(error, StatusError::CoreMetrics { .. }), "{error}");
    }
}
