//! Why payloads could not be encoded or decoded.

use std::fmt;
use std::time::Duration;

/// Which way payloads go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From workflow or activity code to the server.
    Encode,
    /// From the server to workflow or activity code.
    Decode,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encode => "encode",
            Self::Decode => "decode",
        })
    }
}

/// What went wrong in a codec, by remedy. Each text is the end of a sentence and must hold no plaintext: it goes to the
/// server in a failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecFault {
    /// The payload itself cannot be read: it was damaged, or something else wrote it.
    #[error("{0}")]
    Payload(String),
    /// The codec lacks a key, or its key is another one: correct the codec's keys.
    #[error("{0}")]
    Key(String),
    /// The codec's server does not answer, or is overloaded: bring it back.
    #[error("{0}")]
    Unavailable(String),
    /// The codec's server refuses the request: correct endpoint, credentials, or the server.
    #[error("{0}")]
    Refused(String),
    /// The codec answered with something that is no answer: correct the codec.
    #[error("{0}")]
    Answer(String),
    /// The codec did not end in time: see what it waits for, or allow it more time.
    #[error("it did not end within {} ms; see what it waits for, or raise `codec-timeout`", .0.as_millis())]
    TimedOut(Duration),
    /// The codec panicked: correct the codec.
    #[error("it panicked: {0}; correct the codec")]
    Panicked(String),
}

/// Payloads that could not be encoded or decoded: which codec, which field, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("payload codec `{codec}` could not {direction} {field}{}: {fault}", of(.subject))]
pub struct CodecError {
    /// The codec's name.
    pub codec: String,
    /// Which way the payloads went.
    pub direction: Direction,
    /// The protobuf field that holds the payloads.
    pub field: &'static str,
    /// The run or activity that the payloads are for; empty if it is not known.
    pub subject: String,
    /// What went wrong.
    pub fault: CodecFault,
}

impl CodecError {
    /// The same error with what the payloads are for.
    #[must_use]
    pub(crate) fn of(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }
}

fn of(subject: &str) -> String {
    if subject.is_empty() {
        String::new()
    } else {
        format!(" of {subject}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_which_codec_which_way_which_field_and_for_whom() {
        let error = CodecError {
            codec: "zip".into(),
            direction: Direction::Decode,
            field: "a.B.c",
            subject: String::new(),
            fault: CodecFault::TimedOut(Duration::from_millis(20)),
        };
        assert_eq!(
            error.to_string(),
            "payload codec `zip` could not decode a.B.c: it did not end within 20 ms; \
             see what it waits for, or raise `codec-timeout`"
        );
        let error = error.of("run r (workflow type T)").to_string();
        assert!(
            error.contains("a.B.c of run r (workflow type T): "),
            "{error}"
        );
    }
}
