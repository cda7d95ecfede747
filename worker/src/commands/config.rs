//! `burdock config`.

use super::{print, refuse};
use crate::config::{ConfigFlags, OutputFormat, Surroundings, render, resolve_worker, to_json};
use crate::exit_code::ExitCode;

pub(super) fn run(flags: &ConfigFlags, surroundings: &Surroundings) -> ExitCode {
    match resolve_worker(&flags.worker, surroundings) {
        Ok(config) => match flags.output {
            OutputFormat::Text => print(&render(&config)),
            OutputFormat::Json => print(&format!("{:#}\n", to_json(&config))),
        },
        Err(errors) => refuse(&errors, ExitCode::Usage),
    }
}
