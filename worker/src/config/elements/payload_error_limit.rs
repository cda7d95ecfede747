//! `disable-payload-error-limit`: whether the worker sends what the server's limits forbid.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::yes_or_no;

/// Whether completions with payloads beyond the server's limits are sent all the same. By default such a completion
/// becomes a failed task, as in the Node worker, and the limit that it broke is named.
pub struct DisablePayloadErrorLimit;

impl Element for DisablePayloadErrorLimit {
    type Value = bool;

    const KEY: Key = Key::worker(
        "disable-payload-error-limit",
        Group::Connection,
        Shape::Boolean,
    )
    .takes("true|false")
    .means("Whether payloads beyond the server's limits are sent all the same")
    .defaults_to("false");

    fn parse(text: &str) -> Result<bool, Problem> {
        yes_or_no(text)
    }
}
