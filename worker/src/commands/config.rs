//! `burdock config`.

use serde_json::json;

use super::{on_small_runtime, print, refuse};
use crate::config::memory_table::memory_json;
use crate::config::{
    ConfigFlags, OutputFormat, Surroundings, WorkerConfig, memory_table, render, resolve_worker,
    to_json,
};
use crate::exit_code::ExitCode;
use crate::lifecycle::PlannedMemory;

pub(super) fn run(flags: &ConfigFlags, surroundings: &Surroundings) -> ExitCode {
    let config = match resolve_worker(&flags.worker, surroundings) {
        Ok(config) => config,
        Err(errors) => return refuse(&errors, ExitCode::Usage),
    };
    on_small_runtime(async {
        match PlannedMemory::find(&config).await {
            Ok(memory) => print(&shown(&config, &memory, flags.output)),
            Err(error) => refuse(&format!("error: {error}"), ExitCode::Usage),
        }
    })
}

fn shown(config: &WorkerConfig, memory: &PlannedMemory, output: OutputFormat) -> String {
    let PlannedMemory { limit, plan } = memory;
    let planned = config.planned(limit, plan);
    match output {
        OutputFormat::Text => {
            format!(
                "{}\n{}",
                render(&planned),
                memory_table(config, limit, plan)
            )
        }
        OutputFormat::Json => {
            let mut json = to_json(&planned);
            json["memoryPlan"] = memory_json(config, limit, plan);
            if let Some(warnings) = json["warnings"].as_array_mut() {
                warnings.extend(plan.warnings().into_iter().map(|warning| json!(warning)));
            }
            format!("{json:#}\n")
        }
    }
}
