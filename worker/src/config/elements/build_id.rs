//! `build-id`: which build of the workflow code this worker runs.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::name;

/// The build id that the worker reports. Left out, it is derived from the bundle.
pub struct BuildId;

impl Element for BuildId {
    type Value = String;

    const KEY: Key = Key::worker("build-id", Group::Workflows, Shape::Text)
        .takes("ID")
        .means("The build id that the worker reports")
        .defaults_to("derived from the bundle");

    fn parse(text: &str) -> Result<String, Problem> {
        name(text, "2026-07-31.4")
    }
}
