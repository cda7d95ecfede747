//! `identity`: who this worker is in the server's events and in the Web UI.

use crate::config::environment::Surroundings;
use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::source::{Setting, Source};
use crate::config::units::name;

/// The identity of the worker.
pub struct Identity;

impl Element for Identity {
    type Value = String;

    const KEY: Key = Key::worker("identity", Group::Connection, Shape::Text)
        .takes("NAME")
        .means("Who this worker is to the server")
        .defaults_to("process id@host name");

    fn parse(text: &str) -> Result<String, Problem> {
        name(text, "worker-7@eu-west-1")
    }
}

/// `pid@hostname`, as every Temporal SDK names itself, so that one host's workers stay apart.
pub(in crate::config) fn default(surroundings: &Surroundings) -> Setting<String> {
    Setting {
        value: format!("{}@{}", surroundings.process_id, surroundings.host_name),
        source: Source::Detected("process id and host name"),
    }
}
