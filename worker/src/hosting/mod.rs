//! Hosting: the isolate threads and which run lives on which.
//!
//! A run stays on the thread that it was created on until it is evicted. Requests to a thread wait in a bounded mailbox,
//! so a busy isolate slows polling down instead of piling up activations. Runs that offended are tried again on a thread of
//! their own, which comes up for them and goes when none is left.
#![forbid(unsafe_code)]

mod isolate_thread;
mod loss;
mod lost_isolates;
mod placement;
mod pool;
mod quarantine;
mod question;
mod reading;
mod threads;

pub use loss::Loss;
pub use lost_isolates::LostIsolate;
pub use placement::Parting;
pub use pool::{HostingError, IsolatePool};
