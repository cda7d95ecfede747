//! Errors of the status page, one variant per remedy.

use std::io;
use std::net::SocketAddr;

/// Why the status page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// Another process (or another worker) listens there.
    #[error(
        "the status address {addr} is already in use: stop the process that listens there, or set \
         `status-addr` to another address (port 0 picks a free one)"
    )]
    AddressInUse {
        /// The address as configured.
        addr: SocketAddr,
    },
    /// The address is not one that this process may listen on.
    #[error(
        "cannot listen on the status address {addr} ({source}): set `status-addr` to an address \
         of this machine and to a port that this user may open"
    )]
    AddressUnusable {
        /// The address as configured.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// sdk-core's metrics exporter did not start.
    #[error("cannot start the metrics exporter of sdk-core on the loopback address: {reason}")]
    CoreMetrics {
        /// What it said.
        reason: String,
    },
}

impl StatusError {
    pub(super) fn bind(addr: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::AddressInUse { addr },
            _ => Self::AddressUnusable { addr, source },
        }
    }
}
