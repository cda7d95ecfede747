//! Why the bridge ended early, typed by what the user does about it.

use burdock_bundle::BundleError;

use super::frames::FrameError;
use crate::engine::EngineError;
use crate::exit_code::ExitCode;
use crate::hosting::HostingError;

/// An end that is not the end of the input.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
    /// The bundle file is no bundle that can be hosted.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The bundle does not run, or an isolate is lost.
    #[error(transparent)]
    Hosting(#[from] HostingError),
    /// The input is no sequence of activations.
    #[error(transparent)]
    Input(#[from] FrameError),
    /// Completions cannot be written, for a reason other than a reader that has gone away.
    #[error("a completion cannot be written to standard output: {0}; check where it leads")]
    Output(std::io::Error),
    /// The machine refuses what the program needs to run at all.
    #[error("the async runtime cannot be started: {0}; check the limits on threads and open files")]
    Runtime(std::io::Error),
}

impl BridgeError {
    /// The exit code that tells the caller what to do.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Bundle(_) => ExitCode::Bundle,
            Self::Hosting(error) => hosting_exit_code(error),
            Self::Input(_) => ExitCode::Input,
            Self::Output(_) | Self::Runtime(_) => ExitCode::Failure,
        }
    }
}

/// A bundle that does not load is to be corrected; a lost isolate is not.
pub(crate) fn hosting_exit_code(error: &HostingError) -> ExitCode {
    match error {
        HostingError::Engine(
            EngineError::Syntax { .. } | EngineError::Load { .. } | EngineError::Api { .. },
        ) => ExitCode::Bundle,
        HostingError::Engine(_)
        | HostingError::Thread(_)
        | HostingError::Ended(_)
        | HostingError::Lost(_) => ExitCode::Failure,
    }
}
