//! Settings for unit tests, given as on the command line.

use crate::config::{
    Environment, Surroundings, WorkerConfig, WorkerFlags, cli::Command, parse_cli, resolve_worker,
};

/// The flags of `burdock worker`: those that are required, and these.
fn flags(line: &[&str]) -> WorkerFlags {
    let required = ["burdock", "worker", "--task-queue=q", "--bundle=b.js"];
    match parse_cli(required.iter().chain(line)).map(|cli| cli.command) {
        Ok(Command::Worker(flags)) => *flags,
        other => panic!("{other:?}"),
    }
}

/// The configuration for these flags.
pub(super) fn config(line: &[&str]) -> WorkerConfig {
    let surroundings = Surroundings {
        environment: Environment::default(),
        process_id: 7,
        host_name: "host".to_owned(),
    };
    resolve_worker(&flags(line), &surroundings).unwrap()
}
