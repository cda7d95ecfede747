//! Why a worker could not start or ended, typed by what the user does about it.

use std::time::Duration;

use burdock_bundle::BundleError;

use crate::engine::EngineError;
use crate::exit_code::ExitCode;
use crate::hosting::HostingError;
use crate::memory::PlanError;
use crate::status::StatusError;

/// A worker that did not end as asked.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The bundle file is no bundle that can be hosted.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The bundle does not run, or an isolate is lost.
    #[error(transparent)]
    Hosting(#[from] HostingError),
    /// The status address cannot be bound.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// Nobody answered within `connect-timeout`.
    #[error(
        "the Temporal server at {address} did not answer within {waited:?}: {reason}; check `address`, the network and whether the server runs"
    )]
    Unreachable {
        address: String,
        waited: Duration,
        reason: String,
    },
    /// The server answered and refused.
    #[error(
        "the Temporal server at {address} refused the worker: {reason}; check `namespace`, `api-key` and the `tls-*` settings"
    )]
    Refused { address: String, reason: String },
    /// The connection's settings cannot be used at all.
    #[error("the settings of the connection to {address} cannot be used: {reason}; correct them")]
    ConnectionSettings { address: String, reason: String },
    /// The memory limit does not allow for this worker.
    #[error(transparent)]
    Memory(#[from] PlanError),
    /// The store of the built-in activities cannot be used.
    #[error("the activity store cannot be opened: {0}; check `activity-store`")]
    ActivityStore(String),
    /// What the program adds to the worker does not fit its settings, or itself.
    #[error("{0}")]
    Extensions(String),
    /// The payload codec of the settings cannot be used.
    #[error("the codec server cannot be used: {0}; check `codec-endpoint` and `namespace`")]
    Codec(String),
    /// `burdock dev` could not start its server.
    #[error("{0}")]
    DevServer(String),
    /// sdk-core refused settings that we let pass.
    #[error("sdk-core refused the worker's settings: {0}; this is a defect of Burdock")]
    Core(String),
    /// A lost isolate cannot be got rid of.
    #[error("{0} The worker has drained and ends; the server hands its tasks out again")]
    IsolateLost(String),
    /// Work was still in flight when the grace time ended.
    #[error(
        "work was still in flight {0} s after the shutdown began; the server hands it out again; raise `shutdown-grace-time` to wait longer"
    )]
    DrainedLate(u64),
}

impl RunError {
    /// The exit code that tells a supervisor what to do.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Bundle(_) => ExitCode::Bundle,
            Self::Hosting(HostingError::Engine(error)) => match error {
                EngineError::Syntax { .. } | EngineError::Load { .. } | EngineError::Api { .. } => {
                    ExitCode::Bundle
                }
                EngineError::Thread(_) | EngineError::HostScript { .. } => ExitCode::Failure,
            },
            Self::Status(_) => ExitCode::StatusPort,
            Self::Unreachable { .. } | Self::DevServer(_) => ExitCode::Connect,
            Self::Refused { .. } => ExitCode::NamespaceOrCredentials,
            Self::ConnectionSettings { .. }
            | Self::Memory(_)
            | Self::ActivityStore(_)
            | Self::Extensions(_)
            | Self::Codec(_) => ExitCode::Usage,
            Self::Hosting(HostingError::Ended(_)) | Self::IsolateLost(_) => ExitCode::IsolateLost,
            Self::Hosting(_) | Self::Core(_) => ExitCode::Failure,
            Self::DrainedLate(_) => ExitCode::DrainedLate,
        }
    }
}
