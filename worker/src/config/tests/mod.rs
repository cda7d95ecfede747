//! The configuration as a whole: from flags, variables and files to the resolved values.

mod client;
mod codec;
mod memory;
mod mixtures;
mod tuning;
mod versioning;
mod worker;

use std::path::{Path, PathBuf};

use super::{Environment, Surroundings, WorkerConfig, WorkerFlags, parse_cli, resolve_worker};
use crate::config::cli::Command;

/// The surroundings with these variables and without a home.
fn surroundings<const N: usize>(variables: [(&str, &str); N]) -> Surroundings {
    Surroundings {
        environment: Environment::from(variables),
        process_id: 7,
        host_name: "host".to_owned(),
    }
}

/// The flags of `burdock worker` and these.
fn flags(line: &[&str]) -> WorkerFlags {
    let line = ["burdock", "worker"].iter().chain(line);
    match parse_cli(line).unwrap().command {
        Command::Worker(flags) => *flags,
        other => panic!("{other:?}"),
    }
}

/// The configuration for these flags, besides those that are required.
fn resolved<const N: usize>(line: &[&str], variables: [(&str, &str); N]) -> WorkerConfig {
    let line = [&["--task-queue=q", "--bundle=b.js"], line].concat();
    resolve_worker(&flags(&line), &surroundings(variables)).unwrap()
}

/// The mistakes for these flags, besides those that are required; one line each.
fn mistakes<const N: usize>(line: &[&str], variables: [(&str, &str); N]) -> Vec<String> {
    let line = [&["--task-queue=q", "--bundle=b.js"], line].concat();
    let errors = resolve_worker(&flags(&line), &surroundings(variables)).unwrap_err();
    errors.errors().iter().map(ToString::to_string).collect()
}

/// A folder for the files of one test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and returns its path.
    fn file(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}
