//! `burdock activate`.

use std::io::{BufReader, stdin, stdout};

use super::hosting::isolate_settings;
use super::refuse;
use crate::bridge::{Bridge, BridgeError, Line, console_line, serve};
use crate::config::{HostingConfig, HostingFlags, Surroundings, resolve_hosting};
use crate::engine::{ConsoleOutput, initialize_v8};
use crate::exit_code::ExitCode;
use crate::hosting::IsolatePool;
use crate::logging::start_command_logging;

/// Activations are answered one by one, so more isolates only spread the runs.
const ISOLATES_DEFAULT: usize = 1;

pub(super) fn run(flags: &HostingFlags, surroundings: &Surroundings) -> ExitCode {
    let config = match resolve_hosting(flags, surroundings, ISOLATES_DEFAULT) {
        Ok(config) => config,
        Err(errors) => return refuse(&errors, ExitCode::Usage),
    };
    // Each line of standard error is JSON here.
    start_command_logging(&config.log_filter, true);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    match answer_activations(&config) {
        Ok(()) => ExitCode::Ok,
        Err(error) => {
            Line::of_burdock("error", &error.to_string()).write();
            error.exit_code()
        }
    }
}

fn answer_activations(config: &HostingConfig) -> Result<(), BridgeError> {
    initialize_v8();
    let settings = isolate_settings(config, ConsoleOutput::Calls(console_line))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(BridgeError::Runtime)?;
    let pool = runtime.block_on(IsolatePool::start(*config.isolates, 1, &settings))?;
    let mut bridge = Bridge::new(pool);
    let served = serve(
        &runtime,
        &mut bridge,
        BufReader::new(stdin().lock()),
        &mut stdout().lock(),
    );
    bridge.shut_down();
    served
}
