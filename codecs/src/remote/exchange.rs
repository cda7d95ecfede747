//! One question to a codec server, asked again where that may help.

use std::error::Error;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, StatusCode};
use url::Url;

use crate::fault::CodecFault;

/// Attempts for one question, the first one included.
const ATTEMPTS_MAX: u32 = 3;
/// Pause before the second attempt; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// A Temporal server takes 2 MiB in a payload by default and 4 MiB in a message; base64 makes a third more of it.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How much of an answer is logged.
const LOGGED_CHARS_MAX: usize = 200;

/// Posts JSON; the body of a successful answer. The caller limits the time of all attempts together.
pub(super) async fn post(client: &Client, url: &Url, body: Vec<u8>) -> Result<Vec<u8>, CodecFault> {
    let mut pause = FIRST_PAUSE;
    let mut attempt = 1;
    loop {
        let fault = match attempt_once(client, url, body.clone()).await {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        };
        if attempt == ATTEMPTS_MAX || !is_worth_another_attempt(&fault) {
            return Err(fault);
        }
        tracing::debug!(%fault, attempt, "asking the codec server again");
        tokio::time::sleep(pause).await;
        pause *= 2;
        attempt += 1;
    }
}

fn is_worth_another_attempt(fault: &CodecFault) -> bool {
    matches!(fault, CodecFault::Unavailable(_))
}

async fn attempt_once(client: &Client, url: &Url, body: Vec<u8>) -> Result<Vec<u8>, CodecFault> {
    let request = client
        .post(url.clone())
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    let response = request
        .send()
        .await
        .map_err(|error| unreachable(url, error))?;
    let status = response.status();
    let answer = read(url, response).await?;
    match fault_of(url, status) {
        None => Ok(answer),
        Some(fault) => {
            // The answer stays out of the fault, which ends up in the history: it may quote the payloads.
            let text: String = String::from_utf8_lossy(&answer)
                .chars()
                .take(LOGGED_CHARS_MAX)
                .collect();
            tracing::debug!(%url, %status, answer = ?text, "the codec server refused");
            Err(fault)
        }
    }
}

async fn read(url: &Url, mut response: Response) -> Result<Vec<u8>, CodecFault> {
    let mut answer = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(url, error))?
    {
        if answer.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(CodecFault::Answer(format!(
                "{url} answered with more than {ANSWER_BYTES_MAX} bytes; correct the codec server"
            )));
        }
        answer.extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn unreachable(url: &Url, error: reqwest::Error) -> CodecFault {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(deeper) = source {
        text.push_str(": ");
        text.push_str(&deeper.to_string());
        source = deeper.source();
    }
    CodecFault::Unavailable(format!(
        "{url} cannot be reached ({text}); start the codec server, or correct `codec-endpoint`"
    ))
}

/// What a status means for the operator; nothing for success.
fn fault_of(url: &Url, status: StatusCode) -> Option<CodecFault> {
    let says = format!("{url} answered with HTTP status {status}");
    let fault = match status {
        status if status.is_success() => return None,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            CodecFault::Refused(format!("{says}; correct `codec-auth`"))
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            CodecFault::Refused(format!("{says}; correct `codec-endpoint`"))
        }
        status if status.is_redirection() => CodecFault::Refused(format!(
            "{says}, and redirects are not followed; give the final address in `codec-endpoint`"
        )),
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => {
            CodecFault::Unavailable(format!("{says}; see why the codec server is overloaded"))
        }
        _ => CodecFault::Refused(format!(
            "{says}; see the codec server's log, or its answer in this worker's log at level debug"
        )),
    };
    Some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_remedy() {
        let url = Url::parse("http://c.example/encode").unwrap();
        let statuses = [
            (401, "codec-auth", false),
            (403, "codec-auth", false),
            (404, "codec-endpoint", false),
            (308, "redirects", false),
            (400, "log", false),
            (500, "log", false),
            (429, "overloaded", true),
            (503, "overloaded", true),
        ];
        for (status, part, again) in statuses {
            let status = StatusCode::from_u16(status).unwrap();
            let fault = fault_of(&url, status).unwrap();
            let text = fault.to_string();
            assert!(
                text.contains(part) && text.contains(status.as_str()),
                "{text}"
            );
            assert_eq!(is_worth_another_attempt(&fault), again, "{status}");
        }
        assert_eq!(fault_of(&url, StatusCode::OK), None);
    }
}
