//! The memory limits that Amazon ECS states in its task metadata, version 4.
//!
//! On Fargate with a limit on the task only, no control group shows it and `MemTotal` is the
//! larger micro-VM's, so the metadata are the one true source. `${ECS_CONTAINER_METADATA_URI_V4}`
//! answers with the container and `.../task` with the task; `Limits.Memory` is in MiB and absent
//! where no limit is set (AWS: "Amazon ECS task metadata endpoint version 4").

use super::plain_http::{GetError, get_text};
use serde::Deserialize;
use std::time::Duration;

/// The environment variable in which the ECS agent puts the container's metadata address.
pub(super) const METADATA_URI_VARIABLE: &str = "ECS_CONTAINER_METADATA_URI_V4";

/// The endpoint is on the same host and answers in milliseconds.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(1);
/// It may refuse the first request of a starting container; missing the limit would be costly.
const ATTEMPTS_MAX: u32 = 3;
/// Task metadata list every container; real answers are some kilobytes.
const BODY_BYTES_MAX: usize = 1 << 20;

/// `Limits.Memory` in bytes, or why there is none (`Ok(None)`: stated as unlimited).
pub(super) async fn memory_limit_bytes(url: &str) -> Result<Option<u64>, String> {
    let text = get_with_retries(url)
        .await
        .map_err(|error| error.to_string())?;
    let metadata: Metadata = serde_json::from_str(&text)
        .map_err(|error| format!("{url} answered with unexpected metadata: {error}"))?;
    Ok(metadata
        .limits
        .and_then(|limits| limits.memory)
        .and_then(mib_to_bytes))
}

/// The address of the task's metadata, given the container's.
pub(super) fn task_url(container_url: &str) -> String {
    format!("{}/task", container_url.trim_end_matches('/'))
}

async fn get_with_retries(url: &str) -> Result<String, GetError> {
    let mut attempt = 1;
    loop {
        match get_text(url, ANSWER_TIME_MAX, BODY_BYTES_MAX).await {
            Err(error) if attempt < ATTEMPTS_MAX && !matches!(error, GetError::Url { .. }) => {
                tracing::debug!(%error, attempt, "reading the ECS task metadata again");
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

fn mib_to_bytes(mib: f64) -> Option<u64> {
    let usable = mib.is_finite() && mib > 0.0 && mib < (1u64 << 40) as f64;
    usable.then_some((mib * 1_048_576.0) as u64)
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "Limits")]
    limits: Option<Limits>,
}

#[derive(Deserialize)]
struct Limits {
    #[serde(rename = "Memory")]
    memory: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Fails `failures` times, then answers with `body`; gives the URL and the request count.
    async fn metadata_server(failures: u32, body: &'static str) -> (String, Arc<AtomicU32>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("bind");
        let url = format!("http://{}/v4/box", listener.local_addr().expect("address"));
        let requests = Arc::new(AtomicU32::new(0));
        let counter = requests.clone();
        let answer = move || async move {
            if counter.fetch_add(1, Ordering::SeqCst) < failures {
                return (StatusCode::INTERNAL_SERVER_ERROR, "not yet");
            }
            (StatusCode::OK, body)
        };
        let app = Router::new().route("/v4/box", get(answer));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (url, requests)
    }

    #[tokio::test]
    async fn reads_mebibytes() {
        let body = r#"{"DockerId":"x","Limits":{"CPU":2,"Memory":512},"Networks":[]}"#;
        let (url, _) = metadata_server(0, body).await;
        assert_eq!(memory_limit_bytes(&url).await, Ok(Some(512 << 20)));
    }

    #[tokio::test]
    async fn an_absent_or_zero_limit_is_none() {
        for body in [
            r#"{"Limits":{"CPU":2}}"#,
            r#"{"Limits":{"Memory":0}}"#,
            r#"{"Limits":{"Memory":null}}"#,
            "{}",
        ] {
            let (url, _) = metadata_server(0, body).await;
            assert_eq!(memory_limit_bytes(&url).await, Ok(None), "{body}");
        }
    }

    #[tokio::test]
    async fn tries_again_and_gives_up_after_three_attempts() {
        let (url, requests) = metadata_server(2, r#"{"Limits":{"Memory":1}}"#).await;
        assert_eq!(memory_limit_bytes(&url).await, Ok(Some(1 << 20)));
        assert_eq!(requests.load(Ordering::SeqCst), 3);

        let (url, requests) = metadata_server(9, "").await;
        let reason = memory_limit_bytes(&url).await.expect_err("always fails");
        assert!(reason.contains("500") && reason.contains(&url), "{reason}");
        assert_eq!(requests.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn says_what_is_wrong_with_the_answer_or_the_address() {
        let (url, _) = metadata_server(0, r#"{"Limits":{"Memory":"lots"}}"#).await;
        let reason = memory_limit_bytes(&url).await.expect_err("a string");
        assert!(reason.contains("unexpected metadata"), "{reason}");
        let reason = memory_limit_bytes("https://169.254.170.2/v4/x")
            .await
            .expect_err("TLS");
        assert!(reason.contains("https://169.254.170.2/v4/x"), "{reason}");
    }

    #[test]
    fn the_task_is_below_the_container() {
        assert_eq!(task_url("http://h/v4/id"), "http://h/v4/id/task");
        assert_eq!(task_url("http://h/v4/id/"), "http://h/v4/id/task");
    }
}
