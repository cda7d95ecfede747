//! The listener of the status page: few connections, short ones, one request each.

use super::error::StatusError;
use super::patience::Patience;
use super::routes::StatusService;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const CONNECTION_LIMITS: ConnectionLimits = ConnectionLimits {
    count_max: 32,
    time_max: Duration::from_secs(10),
};
/// A probe's request is a few hundred bytes; hyper's smallest buffer is this.
const REQUEST_BYTES_MAX: usize = 16 << 10;
/// How long `stop` waits for requests under way.
const STOP_TIME_MAX: Duration = Duration::from_secs(2);
/// Pause after a failed accept (out of file descriptors, say), against a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound address that does not answer yet.
#[derive(Debug)]
pub struct StatusServer {
    listener: TcpListener,
    local_addr: SocketAddr,
    limits: ConnectionLimits,
}

#[derive(Debug, Clone, Copy)]
struct ConnectionLimits {
    /// Further connections wait in the listener's backlog.
    count_max: usize,
    /// From accept to the last byte; the slowest page needs about two answer times of the worker. A request that
    /// takes longer asks for it, see [`Patience`].
    time_max: Duration,
}

/// A server that answers. Dropping it ends it at once; [`RunningStatusServer::stop`] lets
/// requests under way finish.
#[derive(Debug)]
pub struct RunningStatusServer {
    local_addr: SocketAddr,
    stopping: CancellationToken,
    accepting: JoinHandle<()>,
}

impl StatusServer {
    /// Takes the address; port 0 takes a free one.
    ///
    /// # Errors
    /// [`StatusError::AddressInUse`] and [`StatusError::AddressUnusable`].
    pub async fn bind(addr: SocketAddr) -> Result<Self, StatusError> {
        let refused = |source| StatusError::bind(addr, source);
        let listener = TcpListener::bind(addr).await.map_err(refused)?;
        let local_addr = listener.local_addr().map_err(refused)?;
        Ok(Self {
            listener,
            local_addr,
            limits: CONNECTION_LIMITS,
        })
    }

    /// The address with the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Answers from now on. Needs a tokio runtime.
    pub fn start(self, service: StatusService) -> RunningStatusServer {
        let stopping = CancellationToken::new();
        let router = service.router();
        let accepting = accept(self.listener, router, self.limits, stopping.clone());
        RunningStatusServer {
            local_addr: self.local_addr,
            accepting: tokio::spawn(accepting),
            stopping,
        }
    }
}

impl RunningStatusServer {
    /// The address that answers.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Closes the listener and waits for requests under way, two seconds at most.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        if let Err(error) = (&mut self.accepting).await {
            tracing::warn!(%error, "the status page ended abnormally");
        }
    }
}

impl Drop for RunningStatusServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stopping: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < limits.count_max => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, router.clone(), limits.time_max));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the status page cannot accept a connection");
                        sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
    }
    drop(listener);
    let draining = async { while connections.join_next().await.is_some() {} };
    // What is left after this is aborted with the set.
    let _ = timeout(STOP_TIME_MAX, draining).await;
}

async fn serve(stream: TcpStream, router: Router, time_max: Duration) {
    let (patience, mut deadline) = Patience::new(time_max);
    let router = router.layer(Extension(patience));
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(REQUEST_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::select! {
        ended = connection => if let Err(error) = ended {
            tracing::debug!(%error, "a status connection broke");
        },
        () = deadline.passed() => tracing::debug!("a status connection took too long"),
    }
}

#[cfg(test)]
mod tests;
