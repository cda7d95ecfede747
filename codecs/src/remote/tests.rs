//! The client against a real server on this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse as _;
use axum::response::Response;
use parking_lot::Mutex;
use tokio::net::TcpListener;

use super::*;
use crate::testing::payload;

#[derive(Default)]
struct Seen {
    requests: AtomicUsize,
    last: Mutex<Option<(String, HeaderMap)>>,
}

/// A server that answers every request by `answer`, which is given the number of the request, from 1.
async fn server(
    answer: impl Fn(usize, Bytes) -> Response + Clone + Send + Sync + 'static,
) -> (String, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let shared = Arc::clone(&seen);
    let handle = move |uri: Uri, headers: HeaderMap, body: Bytes| {
        let number = shared.requests.fetch_add(1, Ordering::SeqCst) + 1;
        *shared.last.lock() = Some((uri.path().to_owned(), headers));
        let answered = answer(number, body);
        async move { answered }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let _ = axum::serve(listener, Router::new().fallback(handle)).await;
    });
    (format!("http://{address}"), seen)
}

fn codec(endpoint: &str) -> RemoteCodec {
    let endpoint = CodecEndpoint::parse(endpoint).unwrap();
    let authorization = CodecAuthorization::parse("Bearer x").unwrap();
    RemoteCodec::new(&endpoint, "ns", Some(&authorization)).unwrap()
}

#[tokio::test]
async fn payloads_go_there_and_back_with_namespace_and_authorization() {
    let (address, seen) = server(|_, body| body.into_response()).await;
    let codec = codec(&format!("{address}/a/{{namespace}}/"));
    let payloads = vec![payload("x"), payload("y")];
    assert_eq!(
        codec.encode(payloads.clone(), None).await,
        Ok(payloads.clone())
    );
    let (path, headers) = seen.last.lock().take().unwrap();
    assert_eq!(path, "/a/ns/encode");
    assert_eq!(headers["x-namespace"], "ns");
    assert_eq!(headers["authorization"], "Bearer x");
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(codec.decode(payloads.clone(), None).await, Ok(payloads));
    assert_eq!(seen.last.lock().take().unwrap().0, "/a/ns/decode");
}

#[tokio::test]
async fn an_overloaded_server_is_asked_again_and_a_refusing_one_is_not() {
    let (address, seen) = server(|number, body| match number {
        1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => body.into_response(),
    })
    .await;
    assert!(
        codec(&address)
            .encode(vec![payload("x")], None)
            .await
            .is_ok()
    );
    assert_eq!(seen.requests.load(Ordering::SeqCst), 2);
    let (address, seen) = server(|_, _| StatusCode::BAD_GATEWAY.into_response()).await;
    let fault = codec(&address).encode(vec![payload("x")], None).await;
    assert!(
        matches!(fault, Err(CodecFault::Unavailable(_))),
        "{fault:?}"
    );
    assert_eq!(seen.requests.load(Ordering::SeqCst), 3);
    let (address, seen) =
        server(|_, _| (StatusCode::INTERNAL_SERVER_ERROR, "hush").into_response()).await;
    let fault = codec(&address)
        .encode(vec![payload("x")], None)
        .await
        .unwrap_err();
    assert!(fault.to_string().contains("500") && !fault.to_string().contains("hush"));
    assert_eq!(seen.requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn another_number_of_payloads_is_refused() {
    let (address, _) = server(|_, _| r#"{"payloads":[{},{}]}"#.into_response()).await;
    let fault = codec(&address)
        .decode(vec![payload("x")], None)
        .await
        .unwrap_err();
    assert!(
        matches!(&fault, CodecFault::Answer(text) if text.contains("2 payloads to 1")),
        "{fault}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, seen) = server(|_, body| body.into_response()).await;
    let (address, _) = server(move |_, _| {
        let location = [("location", format!("{elsewhere}/encode"))];
        (StatusCode::TEMPORARY_REDIRECT, location).into_response()
    })
    .await;
    let fault = codec(&address)
        .encode(vec![payload("x")], None)
        .await
        .unwrap_err();
    assert!(fault.to_string().contains("redirects"), "{fault}");
    assert_eq!(seen.requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let fault = codec(&format!("http://{address}"))
        .encode(vec![payload("x")], None)
        .await
        .unwrap_err();
    assert!(matches!(fault, CodecFault::Unavailable(_)), "{fault}");
    assert!(fault.to_string().contains("codec-endpoint"), "{fault}");
}
