//! The `burdock` command.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    burdock_worker::commands::run(std::env::args_os()).into()
}
