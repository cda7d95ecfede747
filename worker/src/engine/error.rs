//! What keeps a bundle from running in an isolate.

/// The bundle cannot be hosted.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// V8 cannot parse the bundle.
    #[error(
        "the bundle {file}:{line}:{column} is no valid JavaScript: {message}\n{excerpt}\nbuild the bundle again"
    )]
    Syntax {
        file: String,
        /// One-based.
        line: u32,
        /// One-based.
        column: u32,
        message: String,
        /// The line with a caret under the place.
        excerpt: String,
    },
    /// The bundle's own code threw while it was loaded, before any workflow.
    #[error(
        "the bundle {file} throws while it is loaded: {message}; mend the code that runs outside of any workflow and build the bundle again"
    )]
    Load { file: String, message: String },
    /// The script ran but did not define what a workflow bundle defines.
    #[error(
        "the bundle {file} does not define `{missing}`; build it with `bundleWorkflowCode` of @temporalio/worker"
    )]
    Api { file: String, missing: &'static str },
    /// The operating system refused a thread.
    #[error("the watchdog thread cannot be started: {0}; raise the limit on threads")]
    Thread(#[from] std::io::Error),
    /// A defect of the host's own scripts.
    #[error("the host script {script} failed: {message}; this is a defect of Burdock")]
    HostScript {
        script: &'static str,
        message: String,
    },
}
