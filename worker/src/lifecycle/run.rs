//! One worker from start to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use temporalio_client::errors::ClientNewError;
use temporalio_client::{Client, ClientOptions, Connection};

use super::activities::built_in_activities;
use super::error::RunError;
use super::extensions::WorkerExtensions;
use super::observed::Observed;
use super::running::Running;
use super::shutdown::Signals;
use super::state::WorkerState;
use crate::config::WorkerConfig;
use crate::status::RunState;

/// A worker that polls, for the program that it runs in.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Where the status server listens.
    pub status: Option<SocketAddr>,
    connection: Connection,
    namespace: String,
}

impl Ready {
    /// A client on the worker's own connection. A workflow of the worker's task queue that it starts with
    /// `enable_eager_workflow_start` has its first task handed to this worker in the answer, if a slot is free, without
    /// the way through the task queue. Hold it no longer than the worker runs.
    ///
    /// # Errors
    /// Options that the client refuses.
    pub fn client(&self) -> Result<Client, ClientNewError> {
        let options = ClientOptions::new(self.namespace.clone()).build();
        Client::new(self.connection.clone(), options)
    }
}

/// Called once, when the worker polls.
pub type Announce = Box<dyn FnOnce(&Ready) + Send>;

/// Runs a worker with the built-in activities until a signal ends it.
///
/// # Errors
/// When it cannot start, loses an isolate, or does not drain in time.
pub async fn run_worker(config: WorkerConfig, announce: Announce) -> Result<(), RunError> {
    let extensions = WorkerExtensions {
        activities: built_in_activities(&config)?,
        ..WorkerExtensions::default()
    };
    run_worker_with(config, extensions, announce).await
}

/// Runs a worker with extensions of one's own until a signal ends it. Must be called inside of a tokio
/// runtime whose threads descend from the one that called [`initialize_v8`](crate::engine::initialize_v8).
///
/// # Errors
/// When it cannot start, loses an isolate, or does not drain in time.
pub async fn run_worker_with(
    config: WorkerConfig,
    extensions: WorkerExtensions,
    announce: Announce,
) -> Result<(), RunError> {
    let mut signals = Signals::listen().map_err(|error| RunError::Core(error.to_string()))?;
    let state = Arc::new(WorkerState::new(&config));
    let observed = Observed::start(&config, &state).await?;
    let started = tokio::select! {
        started = Running::start(&config, extensions, &state, &observed) => Some(started),
        name = signals.next() => {
            tracing::info!(signal = name, "stopping before the worker polls");
            None
        }
    };
    let result = match started {
        None => Ok(()),
        Some(Err(error)) => Err(error),
        Some(Ok(running)) => {
            announce(&Ready {
                status: observed.address,
                connection: running.connection.clone(),
                namespace: config.client.namespace.clone(),
            });
            running.serve(&config, &state, signals).await
        }
    };
    state.set_run_state(if result.is_ok() {
        RunState::Stopped
    } else {
        RunState::Failed
    });
    observed.stop().await;
    result
}
