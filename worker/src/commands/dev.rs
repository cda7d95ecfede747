//! `burdock dev`: a dev server and a worker in one command.

use std::net::SocketAddr;

use serde_json::json;

use super::{dev_server, on_runtime, print, refuse};
use crate::config::{ClientConfig, DevConfig, DevFlags, Surroundings, resolve_dev};
use crate::exit_code::ExitCode;
use crate::lifecycle::{Ready, RunError, run_worker};
use crate::logging::start_logging;

pub(super) fn run(flags: &DevFlags, surroundings: &Surroundings) -> ExitCode {
    let config = match resolve_dev(flags, surroundings) {
        Ok(config) => config,
        Err(errors) => return refuse(&errors, ExitCode::Usage),
    };
    start_logging(&config.worker);
    for warning in &config.worker.warnings {
        tracing::warn!("{warning}");
    }
    on_runtime(serve(config))
}

async fn serve(config: DevConfig) -> Result<ExitCode, RunError> {
    let DevConfig { mut worker, server } = config;
    let namespace = worker.client.namespace.clone();
    let mut running = dev_server::start(&server, &namespace)
        .await
        .map_err(RunError::DevServer)?;
    let address = running.target.clone();
    let client = address
        .parse::<SocketAddr>()
        .ok()
        .and_then(|server| ClientConfig::local(server, namespace.clone()));
    worker.client = client
        .ok_or_else(|| RunError::DevServer(format!("its address {address} cannot be read")))?;
    let task_queue = worker.task_queue.to_string();
    let announce = move |ready: &Ready| {
        let line = json!({
            "address": address,
            "namespace": namespace,
            "taskQueue": task_queue,
            "statusAddress": ready.status.map(|status| status.to_string()),
        });
        print(&format!("{line}\n"));
    };
    let result = run_worker(worker, Box::new(announce)).await;
    if let Err(error) = running.shutdown().await {
        tracing::warn!(%error, "the dev server did not stop");
    }
    result.map(|()| ExitCode::Ok)
}
