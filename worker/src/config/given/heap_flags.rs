//! The flags of `burdock heap`.

use clap::Args;

use super::WorkerFlags;
use crate::config::elements::StatusAddr;
use crate::config::key::Element;

/// Which isolate of which worker.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(allow_negative_numbers = true)]
pub struct HeapFlags {
    /// A TOML file with settings of the worker [env: BURDOCK_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,

    /// Number of the isolate, from 0 [default: the one with the largest heap]
    #[arg(long, value_name = "N")]
    pub isolate: Option<String>,

    /// Address of the worker's status server [env: BURDOCK_STATUS_ADDR] [default: 127.0.0.1:8077]
    #[arg(long, value_name = "IP:PORT")]
    pub status_addr: Option<String>,
}

impl HeapFlags {
    /// The same flags as the worker has them; all others are not given.
    pub(in crate::config) fn as_worker_flags(&self) -> WorkerFlags {
        WorkerFlags::of([(StatusAddr::KEY, self.status_addr.clone())])
            .with_config(self.config.clone())
    }
}
