//! The subcommands of `burdock`.
#![forbid(unsafe_code)]

mod activate;
mod config;
mod dev;
mod dev_server;
mod heap;
mod hosting;
mod replay;
mod worker;

use std::ffi::OsString;
use std::io::Write as _;

use crate::config::{Command, Surroundings, parse_cli};
use crate::engine::{initialize_v8, tune_malloc};
use crate::exit_code::ExitCode;
use crate::lifecycle::RunError;

/// Runs the command line `arguments`, the program's name included.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match parse_cli(arguments) {
        Ok(cli) => cli,
        Err(error) if error.is_answer() => return print(&error.to_string()),
        Err(error) => return refuse(&error, error.exit_code()),
    };
    let surroundings = Surroundings::of_process();
    match cli.command {
        Command::Worker(flags) => worker::run(&flags, &surroundings),
        Command::Replay(flags) => replay::run(&flags, &surroundings),
        Command::Activate(flags) => activate::run(&flags, &surroundings),
        Command::Dev(flags) => dev::run(&flags, &surroundings),
        Command::Heap(flags) => heap::run(&flags, &surroundings),
        Command::Config(flags) => config::run(&flags, &surroundings),
    }
}

/// Runs `main` on a runtime whose threads, like those of the isolates, descend from the one that started V8.
fn on_runtime(main: impl Future<Output = Result<ExitCode, RunError>>) -> ExitCode {
    tune_malloc();
    initialize_v8();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            return complain(
                &format!("the async runtime cannot be started: {error}"),
                ExitCode::Failure,
            );
        }
    };
    match runtime.block_on(main) {
        Ok(code) => code,
        Err(error) => complain(&error, error.exit_code()),
    }
}

/// Runs a command that asks a few questions and hosts no workflows.
fn on_small_runtime(main: impl Future<Output = ExitCode>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(main),
        Err(error) => {
            let sentence = format!("the async runtime cannot be started: {error}");
            complain(&sentence, ExitCode::Failure)
        }
    }
}

/// Everything that is wrong with the settings, a line each.
fn refuse(errors: &dyn std::fmt::Display, code: ExitCode) -> ExitCode {
    eprintln!("{errors}");
    code
}

/// One sentence to standard error.
fn complain(error: &dyn std::fmt::Display, code: ExitCode) -> ExitCode {
    eprintln!("burdock: {error}");
    code
}

/// To standard output; a reader that has gone away is no error.
fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    ExitCode::Ok
}
