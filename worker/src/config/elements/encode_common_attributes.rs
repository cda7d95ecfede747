//! `encode-common-attributes`: whether messages of activities' failures are payloads, so that a codec can hide them.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::yes_or_no;

/// Whether message and stack trace of a failure of an activity in Rust are written as a payload, as by the option of
/// `DefaultFailureConverter` of the same name. Workflow code's own failures are its converter's affair.
pub struct EncodeCommonAttributes;

impl Element for EncodeCommonAttributes {
    type Value = bool;

    const KEY: Key = Key::worker(
        "encode-common-attributes",
        Group::Activities,
        Shape::Boolean,
    )
    .takes("true|false")
    .means(
        "Whether messages of failures of activities in Rust are payloads, for codecs to \
         hide",
    )
    .defaults_to("false");

    fn parse(text: &str) -> Result<bool, Problem> {
        yes_or_no(text)
    }
}
