//! Real requests over loopback connections.

use super::super::core_metrics::CoreMetricsHandle;
use super::super::sampler::Sampler;
use super::super::source::RunState;
use super::super::test_support::FakeWorker;
use super::*;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

async fn exchange(addr: SocketAddr, request: &str) -> Answer {
    let mut stream = TcpStream::connect(addr).await.expect("connect");
    stream.write_all(request.as_bytes()).await.expect("write");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("read");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    Answer {
        status: head[9..12].parse().expect("a status"),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

async fn request(server: &RunningStatusServer, method: &str, path: &str) -> Answer {
    let text = format!("{method} {path} HTTP/1.1\r\nhost: h\r\n\r\n");
    exchange(server.local_addr(), &text).await
}

async fn get(server: &RunningStatusServer, path: &str) -> Answer {
    request(server, "GET", path).await
}

async fn get_status(addr: SocketAddr) -> Answer {
    exchange(addr, "GET /status HTTP/1.1\r\nhost: h\r\n\r\n").await
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn server_with(
    worker: Arc<FakeWorker>,
    core_metrics: Option<CoreMetricsHandle>,
) -> RunningStatusServer {
    limited_server(worker, core_metrics, CONNECTION_LIMITS).await
}

async fn limited_server(
    worker: Arc<FakeWorker>,
    core_metrics: Option<CoreMetricsHandle>,
    limits: ConnectionLimits,
) -> RunningStatusServer {
    let sampler = Arc::new(Sampler::new(worker, None));
    let mut server = StatusServer::bind(loopback()).await.expect("bind");
    assert_ne!(server.local_addr().port(), 0);
    server.limits = limits;
    server.start(StatusService::new(sampler, core_metrics))
}

#[tokio::test]
async fn both_status_pages_show_the_sample() {
    let server = server_with(FakeWorker::running(), None).await;
    for path in ["/", "/status"] {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.head.contains("content-type: application/json"),
            "{}",
            answer.head
        );
        let status = answer.json();
        assert_eq!(status["runState"], "RUNNING");
        assert_eq!(status["numCachedWorkflows"], 5);
        assert!(
            status["rssBytes"].as_u64().is_some_and(|bytes| bytes > 0),
            "{status}"
        );
    }
}

#[tokio::test]
async fn ready_follows_the_worker_s_life() {
    let worker = FakeWorker::running();
    let server = server_with(worker.clone(), None).await;
    worker.edit(|_, health| {
        health.run_state = RunState::Initialized;
        health.namespace_validated = false;
        health.first_poll_issued = false;
    });
    let answer = get(&server, "/ready").await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.json(),
        json!({
            "ready": false,
            "runState": "INITIALIZED",
            "reason": "NAMESPACE_NOT_VALIDATED",
            "message": "The server has not confirmed the namespace yet.",
        })
    );

    worker.edit(|_, health| {
        health.run_state = RunState::Running;
        health.namespace_validated = true;
        health.first_poll_issued = true;
    });
    let answer = get(&server, "/ready").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({ "ready": true, "runState": "RUNNING" })
    );

    worker.edit(|_, health| health.run_state = RunState::Draining);
    let answer = get(&server, "/ready").await;
    assert_eq!(
        (answer.status, answer.json()["reason"].as_str()),
        (503, Some("DRAINING"))
    );
}

#[tokio::test]
async fn live_says_why_not() {
    let worker = FakeWorker::running();
    let server = server_with(worker.clone(), None).await;
    let answer = get(&server, "/live").await;
    assert_eq!((answer.status, &answer.json()["live"]), (200, &json!(true)));

    worker.edit(|_, health| health.run_state = RunState::Failed);
    let answer = get(&server, "/live").await;
    assert_eq!(
        (answer.status, &answer.json()["live"]),
        (503, &json!(false))
    );
    assert_eq!(answer.json()["reason"], "FAILED");
}

#[tokio::test]
async fn metrics_are_ours_and_those_of_core() {
    let (meter, handle) = super::super::core_metrics().expect("starts");
    meter
        .counter("temporal_request".into())
        .add(2, &meter.new_attributes(Default::default()));
    let server = server_with(FakeWorker::running(), Some(handle)).await;
    let answer = get(&server, "/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.head.contains("text/plain; version=0.0.4"),
        "{}",
        answer.head
    );
    for line in [
        "burdock_cached_workflows 5",
        "burdock_core_metrics_up 1",
        "temporal_request 2",
    ] {
        assert!(
            answer.body.lines().any(|found| found == line),
            "{line}\n{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn metrics_without_core_s_say_so() {
    let gone = CoreMetricsHandle::fetching("http://127.0.0.1:1/metrics".to_owned());
    let server = server_with(FakeWorker::running(), Some(gone)).await;
    let answer = get(&server, "/metrics").await;
    assert_eq!(answer.status, 200);
    for line in ["burdock_cached_workflows 5", "burdock_core_metrics_up 0"] {
        assert!(
            answer.body.lines().any(|found| found == line),
            "{line}\n{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn other_pages_and_methods_get_a_sentence() {
    let server = server_with(FakeWorker::running(), None).await;
    let answer = get(&server, "/nothing").await;
    assert_eq!(answer.status, 404);
    assert!(
        answer.body.contains("/status, /live, /ready and /metrics"),
        "{}",
        answer.body
    );
    let answer = request(&server, "POST", "/status").await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.body, "POST is not answered here: use GET.\n");
    assert!(answer.head.contains("allow: get"), "{}", answer.head);
    let answer = get(&server, "/heap-snapshot").await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.body, "GET is not answered here: use POST.\n");
    let answer = request(&server, "HEAD", "/live").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

#[tokio::test]
async fn a_heap_snapshot_of_nothing_is_refused_with_a_reason() {
    let server = server_with(FakeWorker::running(), None).await;
    let answer = request(&server, "POST", "/heap-snapshot?isolate=0").await;
    assert_eq!(answer.status, 503);
    let error = answer.json()["error"].to_string();
    assert!(error.contains("no isolates"), "{error}");
    for query in ["isolate=", "isolate=-1", "isolate=x", "isolat=0"] {
        let answer = request(&server, "POST", &format!("/heap-snapshot?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn an_endless_request_is_refused() {
    let server = server_with(FakeWorker::running(), None).await;
    let long = "x".repeat(REQUEST_BYTES_MAX);
    let text = format!("GET /status HTTP/1.1\r\nhost: h\r\npadding: {long}\r\n\r\n");
    assert_eq!(exchange(server.local_addr(), &text).await.status, 431);
    assert_eq!(get(&server, "/live").await.status, 200);
}

#[tokio::test]
async fn a_silent_connection_is_closed_and_makes_room() {
    let limits = ConnectionLimits {
        count_max: 1,
        time_max: Duration::from_millis(50),
    };
    let server = limited_server(FakeWorker::running(), None, limits).await;
    let mut silent = TcpStream::connect(server.local_addr())
        .await
        .expect("connect");
    assert_eq!(get(&server, "/ready").await.status, 200);
    let mut rest = Vec::new();
    silent
        .read_to_end(&mut rest)
        .await
        .expect("closed in order");
    assert!(rest.is_empty(), "{rest:?}");
}

#[tokio::test]
async fn connections_above_the_limit_wait_their_turn() {
    let limits = ConnectionLimits {
        count_max: 1,
        ..CONNECTION_LIMITS
    };
    let worker = FakeWorker::running();
    worker.fall_silent();
    let server = limited_server(worker.clone(), None, limits).await;
    let first = tokio::spawn(get_status(server.local_addr()));
    worker.asked(1).await;
    // `/ready` needs no answer of the worker: only the limit holds it back.
    let second = get(&server, "/ready");
    tokio::pin!(second);
    for _ in 0..1000 {
        tokio::select! {
            biased;
            _ = &mut second => panic!("answered next to the first one"),
            () = tokio::task::yield_now() => {}
        }
    }
    worker.answer_again();
    assert_eq!(second.await.status, 200);
    assert_eq!(first.await.expect("answered").status, 200);
}

#[tokio::test]
async fn an_occupied_address_names_the_key_to_change() {
    let first = StatusServer::bind(loopback()).await.expect("bind");
    let addr = first.local_addr();
    let error = StatusServer::bind(addr).await.expect_err("occupied");
    assert!(matches!(error, StatusError::AddressInUse { .. }));
    let message = error.to_string();
    assert!(message.contains(&addr.to_string()) && message.contains("`status-addr`"));
    assert!(message.contains("port 0 picks a free one"), "{message}");
}

#[tokio::test]
async fn a_foreign_address_names_the_key_to_change() {
    // TEST-NET-1 (RFC 5737): never an address of this machine.
    let addr = SocketAddr::from(([192, 0, 2, 1], 0));
    let error = StatusServer::bind(addr).await.expect_err("foreign");
    assert!(
        matches!(error, StatusError::AddressUnusable { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("`status-addr`"), "{error}");
}

#[tokio::test]
async fn stop_finishes_what_is_under_way_and_frees_the_address() {
    let worker = FakeWorker::running();
    worker.fall_silent();
    let server = server_with(worker.clone(), None).await;
    let addr = server.local_addr();
    let under_way = tokio::spawn(get_status(addr));
    worker.asked(1).await;
    let stopping = tokio::spawn(server.stop());
    worker.answer_again();
    assert_eq!(under_way.await.expect("answered").status, 200);
    stopping.await.expect("stopped");
    StatusServer::bind(addr).await.expect("the address is free");
}
