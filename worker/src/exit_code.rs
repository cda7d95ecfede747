//! The exit codes of `burdock`. They are part of its interface: a supervisor may decide by them.
//!
//! Where a meaning of BSD's `sysexits.h` fits, its number is used.
#![forbid(unsafe_code)]

/// How the process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// Everything went as asked, a drained shutdown included.
    Ok = 0,
    /// An internal failure: a defect of the worker or of the machine, not of the input.
    Failure = 1,
    /// `burdock replay`: the code of at least one workflow does not do what its history says.
    Nondeterminism = 10,
    /// `burdock replay`: no code contradicts its history, but at least one history failed its workflow task.
    ReplayFailure = 11,
    /// `burdock heap`: the worker took no heap snapshot; the sentence is the worker's own.
    SnapshotRefused = 12,
    /// The command line, an environment variable or a configuration file is wrong (`EX_USAGE`).
    Usage = 64,
    /// The workflow bundle is missing, unreadable or no bundle that this worker can host
    /// (`EX_DATAERR`).
    Bundle = 65,
    /// Activations or histories cannot be read: a file is missing, cut off, or no message of the protocol
    /// (`EX_NOINPUT`).
    Input = 66,
    /// The Temporal server could not be reached within `connect-timeout`, or `burdock heap` found no worker
    /// (`EX_UNAVAILABLE`). Starting again later may help.
    Connect = 69,
    /// An isolate was lost and its thread does not end, or too many isolates were lost (`EX_SOFTWARE`). The worker has drained;
    /// start it again.
    IsolateLost = 70,
    /// The address of the status server is occupied or cannot be bound (`EX_CANTCREAT`).
    StatusPort = 73,
    /// The worker stopped on request, but work was still in flight when `shutdown-grace-time`
    /// ended (`EX_TEMPFAIL`). Nothing is lost: the server hands that work out again.
    DrainedLate = 75,
    /// The server refused the namespace or the credentials (`EX_NOPERM`).
    NamespaceOrCredentials = 77,
    /// A second signal arrived during the shutdown and ended the process at once
    /// (128 + `SIGINT`, as a shell reports it).
    InterruptedTwice = 130,
}

impl ExitCode {
    /// Every code, in ascending order.
    pub const ALL: [Self; 14] = [
        Self::Ok,
        Self::Failure,
        Self::Nondeterminism,
        Self::ReplayFailure,
        Self::SnapshotRefused,
        Self::Usage,
        Self::Bundle,
        Self::Input,
        Self::Connect,
        Self::IsolateLost,
        Self::StatusPort,
        Self::DrainedLate,
        Self::NamespaceOrCredentials,
        Self::InterruptedTwice,
    ];

    /// The number that the operating system sees.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// A few words for help texts and logs.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "ended as asked",
            Self::Failure => "internal failure",
            Self::Nondeterminism => "workflow code does not do what a history says",
            Self::ReplayFailure => "a replayed history failed its workflow task",
            Self::SnapshotRefused => "the worker took no heap snapshot",
            Self::Usage => "wrong flag, variable or configuration file",
            Self::Bundle => "workflow bundle missing or unusable",
            Self::Input => "activations or histories cannot be read",
            Self::Connect => "Temporal server not reached within connect-timeout, or no worker",
            Self::IsolateLost => "an isolate was lost for good",
            Self::StatusPort => "status address occupied",
            Self::DrainedLate => "work was still in flight when shutdown-grace-time ended",
            Self::NamespaceOrCredentials => "namespace or credentials refused",
            Self::InterruptedTwice => "ended at once by a second signal",
        }
    }
}

impl From<ExitCode> for u8 {
    fn from(code: ExitCode) -> Self {
        code.as_u8()
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.as_u8())
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode;

    #[test]
    fn the_numbers_are_a_promise() {
        let numbers = ExitCode::ALL.map(ExitCode::as_u8);
        assert_eq!(
            numbers,
            [0, 1, 10, 11, 12, 64, 65, 66, 69, 70, 73, 75, 77, 130]
        );
    }

    #[test]
    fn every_meaning_is_its_own() {
        let mut meanings = ExitCode::ALL.map(ExitCode::meaning).to_vec();
        meanings.sort_unstable();
        meanings.dedup();
        assert_eq!(meanings.len(), ExitCode::ALL.len());
    }
}
