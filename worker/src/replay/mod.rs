//! Replay: do the workflows of a bundle still do what histories say?
//!
//! Histories come from files, folders or a server ([`Source`]), go over several isolates, each with a replay worker of
//! sdk-core (`lane`), and each ends in one [`Outcome`]. A nondeterminism error is looked at again in an isolate that
//! notes where each command comes from, so that the report names the line of workflow code.
#![forbid(unsafe_code)]

mod commands;
mod core;
mod divergence;
mod events;
mod file;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod lane;
mod outcome;
mod progress;
mod proto_json;
mod question;
mod recorded;
mod report;
mod run;
mod server;
mod source;
mod stack;

pub use divergence::Divergence;
pub use outcome::{HistoryReport, Outcome, RunInfo};
pub use progress::ProgressDisplay;
pub(crate) use question::ask_in_replay;
pub use recorded::{RecordedHistory, Unreadable};
pub use report::{Summary, json_line, json_summary, text_report};
pub use run::{Progress, ReplayError, replay_histories};
pub use server::{QueryRefused, Server};
pub use source::Source;
pub use stack::Place;
