//! One request over unencrypted HTTP/1.1, for addresses on this machine or on its own link: the
//! container metadata service, sdk-core's metrics exporter, a worker's status server. No redirects, no proxies.

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::HOST;
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Why a request gave no text. The URL is in each message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GetError {
    #[error("`{url}` is not a plain `http://HOST[:PORT]/PATH` address")]
    Url { url: String },
    #[error("{url} did not answer within {limit_ms} ms")]
    TimedOut { url: String, limit_ms: u128 },
    #[error("{url} cannot be read: {reason}")]
    Transport { url: String, reason: String },
    #[error("{url} answered with HTTP status {status}")]
    Status { url: String, status: StatusCode },
}

/// The body of `url` as text, read whole within `limit` and up to `body_bytes_max`.
pub(crate) async fn get_text(
    url: &str,
    limit: Duration,
    body_bytes_max: usize,
) -> Result<String, GetError> {
    match request(Method::GET, url, limit, body_bytes_max).await? {
        (StatusCode::OK, text) => Ok(text),
        (status, _) => Err(GetError::Status {
            url: url.to_owned(),
            status,
        }),
    }
}

/// Status and body of the answer to a `POST` without a body.
pub(crate) async fn post(
    url: &str,
    limit: Duration,
    body_bytes_max: usize,
) -> Result<(StatusCode, String), GetError> {
    request(Method::POST, url, limit, body_bytes_max).await
}

async fn request(
    method: Method,
    url: &str,
    limit: Duration,
    body_bytes_max: usize,
) -> Result<(StatusCode, String), GetError> {
    match timeout(limit, exchange(method, url, body_bytes_max)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(GetError::TimedOut {
            url: url.to_owned(),
            limit_ms: limit.as_millis(),
        }),
    }
}

async fn exchange(
    method: Method,
    url: &str,
    body_bytes_max: usize,
) -> Result<(StatusCode, String), GetError> {
    let transport = |reason: String| GetError::Transport {
        url: url.to_owned(),
        reason,
    };
    let target = Target::parse(url)?;
    let stream = TcpStream::connect((target.host.as_str(), target.port))
        .await
        .map_err(|error| transport(error.to_string()))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| transport(error.to_string()))?;
    let request = Request::builder()
        .method(method)
        .uri(&target.path_and_query)
        .header(HOST, &target.authority)
        .body(Empty::<Bytes>::new())
        .map_err(|error| transport(error.to_string()))?;
    let reading = async {
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| transport(error.to_string()))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), body_bytes_max);
        let bytes = body
            .collect()
            .await
            .map_err(|error| transport(error.to_string()))?
            .to_bytes();
        let text = String::from_utf8(bytes.into())
            .map_err(|_| transport("the body is not UTF-8".into()))?;
        Ok((status, text))
    };
    // The connection makes no progress unless it is polled; both end with this future.
    tokio::pin!(reading, connection);
    tokio::select! {
        outcome = &mut reading => outcome,
        ended = &mut connection => match ended {
            // Everything has arrived; what is left is in the reader's buffer.
            Ok(()) => reading.await,
            Err(error) => Err(transport(error.to_string())),
        },
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Target {
    host: String,
    port: u16,
    authority: String,
    path_and_query: String,
}

impl Target {
    fn parse(url: &str) -> Result<Self, GetError> {
        let refused = || GetError::Url {
            url: url.to_owned(),
        };
        let uri: Uri = url.parse().map_err(|_| refused())?;
        let authority = uri.authority().ok_or_else(refused)?;
        if uri.scheme_str() != Some("http") || authority.as_str().contains('@') {
            return Err(refused());
        }
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(refused());
        }
        Ok(Self {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(80),
            authority: authority.to_string(),
            path_and_query: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    const LIMIT: Duration = Duration::from_secs(5);

    /// Answers one connection with `answer` and gives back the request's text.
    async fn one_answer(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}/a?b=c", listener.local_addr().expect("address"));
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("accept");
            let mut request = vec![0; 4096];
            let count = stream.read(&mut request).await.expect("read");
            stream.write_all(answer.as_bytes()).await.expect("write");
            String::from_utf8_lossy(&request[..count]).into_owned()
        });
        (url, served)
    }

    #[tokio::test]
    async fn reads_a_body_with_and_without_a_length() {
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        ] {
            let (url, served) = one_answer(answer).await;
            let text = get_text(&url, LIMIT, 100).await.expect("a body");
            assert_eq!(text, "hello", "{answer:?}");
            let request = served.await.expect("served");
            assert!(request.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{request}");
        }
    }

    #[tokio::test]
    async fn refuses_other_statuses_large_bodies_and_broken_answers() {
        for (answer, expected) in [
            ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "404"),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello!",
                "length limit",
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel",
                "cannot be read",
            ),
            ("nonsense\r\n\r\n", "cannot be read"),
        ] {
            let (url, _served) = one_answer(answer).await;
            let error = get_text(&url, LIMIT, 5).await.expect_err("refused");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.to_string().contains(&url), "{error}");
        }
    }

    #[tokio::test]
    async fn a_silent_server_runs_into_the_time_limit() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}/", listener.local_addr().expect("address"));
        let limit = Duration::from_millis(20);
        let error = get_text(&url, limit, 5).await.expect_err("silence");
        assert!(
            matches!(error, GetError::TimedOut { limit_ms: 20, .. }),
            "{error}"
        );
    }

    #[test]
    fn takes_only_plain_http_addresses() {
        for url in [
            "https://h/",
            "h:80",
            "/path",
            "http://",
            "http://u:p@h/",
            "ftp://h/",
            "",
        ] {
            assert!(Target::parse(url).is_err(), "{url:?}");
        }
        let target = Target::parse("http://[::1]:81/x?y").expect("IPv6");
        assert_eq!((target.host.as_str(), target.port), ("::1", 81));
        assert_eq!(target.path_and_query, "/x?y");
        assert_eq!(Target::parse("http://h").expect("no path").port, 80);
    }
}
