//! `bundle`: the workflow bundle that this worker hosts.

use std::path::PathBuf;

use super::path::parse_path;
use crate::config::key::{Element, Group, Key, Problem, Shape};

/// The file that `bundleWorkflowCode` of npm `@temporalio/worker` wrote. Required when
/// `workflow-slots` is above 0; there is no default, because no file is a sensible guess.
pub struct Bundle;

impl Element for Bundle {
    type Value = PathBuf;

    const KEY: Key = Key::worker("bundle", Group::Workflows, Shape::Text)
        .takes("FILE")
        .means("The workflow bundle that `bundleWorkflowCode` of npm `@temporalio/worker` wrote")
        .required("when --workflow-slots is above 0");

    fn parse(text: &str) -> Result<PathBuf, Problem> {
        parse_path(text, "dist/workflow-bundle.js")
    }
}
