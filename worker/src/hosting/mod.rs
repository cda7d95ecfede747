//! Hosting: the isolate threads and which run lives on which.
//!
//! A run stays on the thread that it was created on until it is evicted. Requests to a thread wait in a bounded mailbox,
//! so a busy isolate slows polling down instead of piling up activations.
#![forbid(unsafe_code)]

mod isolate_thread;
mod loss;
mod placement;
mod pool;

pub use loss::Loss;
pub use pool::{HostingError, IsolatePool};
