//! Connects to the server, with growing pauses until it answers or `connect-timeout` is over.

use std::time::{Duration, Instant};

use temporalio_client::errors::ClientConnectError;
use temporalio_client::{Connection, ConnectionOptions};
use temporalio_sdk_core::{Worker, WorkerValidationError};
use tokio::time::timeout;
use tonic::{Code, Status};

use super::error::RunError;
use super::state::WorkerState;
use crate::config::ClientConfig;

/// The first pause; each is twice the one before.
const PAUSE_MIN: Duration = Duration::from_millis(200);
/// The longest time of one attempt.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What an attempt's failure means.
#[derive(Debug, PartialEq, Eq)]
enum Attempt {
    /// Trying again may help.
    Retry(String),
    /// The server answered no.
    Refused(String),
    /// No attempt can succeed with these settings.
    Settings(String),
}

/// Waits for the server.
pub(super) struct Patience<'a> {
    /// Told what it waits for; nothing where no worker is being started.
    state: Option<&'a WorkerState>,
    address: String,
    began: Instant,
    timeout: Duration,
    pause: Duration,
    /// Why the last attempt failed.
    reason: Option<String>,
}

impl<'a> Patience<'a> {
    pub(super) fn new(state: &'a WorkerState, address: String, timeout: Duration) -> Self {
        Self {
            state: Some(state),
            address,
            began: Instant::now(),
            timeout,
            pause: PAUSE_MIN,
            reason: None,
        }
    }

    fn waits_for(&self, what: Option<String>) {
        if let Some(state) = self.state {
            state.set_waiting_for(what);
        }
    }

    /// Connects.
    pub(super) async fn connect(
        &mut self,
        options: ConnectionOptions,
    ) -> Result<Connection, RunError> {
        loop {
            let attempt =
                match timeout(self.attempt_time(), Connection::connect(options.clone())).await {
                    Ok(Ok(connection)) => return Ok(connection),
                    Ok(Err(error)) => judge_connect(&error),
                    Err(_) => self.no_answer(),
                };
            self.after(attempt).await?;
        }
    }

    /// Lets sdk-core look up the namespace.
    pub(super) async fn validate(&mut self, worker: &Worker) -> Result<(), RunError> {
        loop {
            let attempt = match timeout(self.attempt_time(), worker.validate()).await {
                Ok(Ok(_)) => {
                    self.waits_for(None);
                    return Ok(());
                }
                Ok(Err(WorkerValidationError::NamespaceDescribeError { source, .. })) => {
                    judge_status(&source)
                }
                Err(_) => self.no_answer(),
            };
            self.after(attempt).await?;
        }
    }

    /// One attempt may not use up more than what is left.
    fn attempt_time(&self) -> Duration {
        ATTEMPT_TIMEOUT.min(self.timeout.saturating_sub(self.began.elapsed()))
    }

    /// An attempt that ran out of time. The last one may have had next to none, so what was found before says more.
    fn no_answer(&self) -> Attempt {
        let found = self.reason.clone();
        Attempt::Retry(
            found.unwrap_or_else(|| "it accepts connections and says nothing".to_owned()),
        )
    }

    async fn after(&mut self, attempt: Attempt) -> Result<(), RunError> {
        let address = self.address.clone();
        let reason = match attempt {
            Attempt::Retry(reason) => reason,
            Attempt::Refused(reason) => return Err(RunError::Refused { address, reason }),
            Attempt::Settings(reason) => {
                return Err(RunError::ConnectionSettings { address, reason });
            }
        };
        self.reason = Some(reason.clone());
        let left = self.timeout.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return Err(RunError::Unreachable {
                address,
                waited: self.timeout,
                reason,
            });
        }
        let pause = self.pause.min(left);
        tracing::warn!(
            address,
            reason,
            pause_ms = pause.as_millis() as u64,
            "the Temporal server does not answer; trying again"
        );
        self.waits_for(Some(format!(
            "the Temporal server at {address} does not answer: {reason}"
        )));
        tokio::time::sleep(pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(())
    }
}

/// Connects without a worker to be started. `timeout` bounds all attempts together.
pub(crate) async fn connect_within(
    client: &ClientConfig,
    identity: String,
    timeout: Duration,
) -> Result<Connection, RunError> {
    let mut patience = Patience {
        state: None,
        address: client.target.to_string(),
        began: Instant::now(),
        timeout,
        pause: PAUSE_MIN,
        reason: None,
    };
    patience
        .connect(client.connection_options(identity, ATTEMPT_TIMEOUT, None))
        .await
}

fn judge_connect(error: &ClientConnectError) -> Attempt {
    match error {
        ClientConnectError::SystemInfoCallError(status) => judge_status(status),
        ClientConnectError::TonicTransportError(error) => {
            Attempt::Retry(with_tls_hint(chain(error)))
        }
        ClientConnectError::DnsResolutionError { .. } => Attempt::Retry(error.to_string()),
        other => Attempt::Settings(other.to_string()),
    }
}

fn judge_status(status: &Status) -> Attempt {
    let reason = format!("{} ({:?})", status.message(), status.code());
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied | Code::NotFound | Code::InvalidArgument => {
            Attempt::Refused(reason)
        }
        Code::Unimplemented => Attempt::Settings(format!(
            "what answers there is no Temporal server: {reason}"
        )),
        _ => Attempt::Retry(reason),
    }
}

/// A handshake with a server that speaks plain text ends in an error that does not say so.
fn with_tls_hint(reason: String) -> String {
    if reason.contains("InvalidContentType") {
        format!("the server does not speak TLS, so set `tls` to false ({reason})")
    } else {
        reason
    }
}

/// An error with its causes: the outermost alone says "transport error".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_final_and_anything_else_is_tried_again() {
        for code in [
            Code::Unauthenticated,
            Code::PermissionDenied,
            Code::NotFound,
            Code::InvalidArgument,
        ] {
            assert!(
                matches!(judge_status(&Status::new(code, "no")), Attempt::Refused(_)),
                "{code:?}"
            );
        }
        for code in [
            Code::Unavailable,
            Code::DeadlineExceeded,
            Code::Unknown,
            Code::ResourceExhausted,
        ] {
            assert!(
                matches!(judge_status(&Status::new(code, "later")), Attempt::Retry(_)),
                "{code:?}"
            );
        }
    }

    #[test]
    fn settings_that_cannot_work_are_not_tried_again() {
        let error = ClientConnectError::InvalidConfig("x".to_owned());
        assert!(matches!(judge_connect(&error), Attempt::Settings(_)));
    }
}
