//! `burdock worker`.

use super::{on_runtime, refuse};
use crate::config::{Surroundings, WorkerFlags, resolve_worker};
use crate::exit_code::ExitCode;
use crate::lifecycle::run_worker;
use crate::logging::start_logging;

pub(super) fn run(flags: &WorkerFlags, surroundings: &Surroundings) -> ExitCode {
    let config = match resolve_worker(flags, surroundings) {
        Ok(config) => config,
        Err(errors) => return refuse(&errors, ExitCode::Usage),
    };
    start_logging(&config);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    on_runtime(async {
        run_worker(config, Box::new(|_| {})).await?;
        Ok(ExitCode::Ok)
    })
}
