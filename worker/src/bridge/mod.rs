//! The conformance bridge: activations in, completions out, without a server and without sdk-core's state machines.
//!
//! `burdock activate` is this over standard input and output. What workflow code says on the way goes to standard error,
//! one JSON object a line, see [`Line`].
#![forbid(unsafe_code)]

mod activation_answer;
mod error;
mod frames;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod lines;
mod serve;

pub use activation_answer::Bridge;
pub use error::BridgeError;
pub use frames::{FrameError, FrameReader, MESSAGE_BYTES_MAX, write_frame};
pub use lines::{Line, Origin, console_line};
pub use serve::serve;
