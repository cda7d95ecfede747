//! The SDK's `log`: one call is one event of the worker's log.

use serde_json::{Map, Value};

use crate::engine::SinkCall;

/// A call's message and attributes.
#[derive(Debug, PartialEq)]
struct LogEntry {
    message: String,
    workflow_id: String,
    run_id: String,
    workflow_type: String,
    /// The other attributes as JSON; empty if there are none.
    attributes: String,
}

impl LogEntry {
    fn read(arguments_json: &str) -> Self {
        let arguments: Vec<Value> = serde_json::from_str(arguments_json).unwrap_or_default();
        let mut arguments = arguments.into_iter();
        let message = arguments.next().map_or_else(String::new, text);
        let mut attributes = match arguments.next() {
            Some(Value::Object(attributes)) => attributes,
            _ => Map::new(),
        };
        let mut take = |name: &str| attributes.remove(name).map_or_else(String::new, text);
        let (workflow_id, run_id) = (take("workflowId"), take("runId"));
        let workflow_type = take("workflowType");
        // Said once for the whole worker already.
        take("namespace");
        take("taskQueue");
        let attributes = if attributes.is_empty() {
            String::new()
        } else {
            Value::Object(attributes).to_string()
        };
        Self {
            message,
            workflow_id,
            run_id,
            workflow_type,
            attributes,
        }
    }
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

macro_rules! emit {
    ($level:ident, $entry:expr) => {
        tracing::$level!(
            target: "burdock::workflow",
            workflow_id = $entry.workflow_id,
            run_id = $entry.run_id,
            workflow_type = $entry.workflow_type,
            attributes = $entry.attributes,
            "{}",
            $entry.message
        )
    };
}

/// Logs one call; the function's name is the level.
pub(super) fn log(call: &SinkCall) {
    let entry = LogEntry::read(&call.arguments_json);
    match call.function.as_str() {
        "trace" => emit!(trace, entry),
        "debug" => emit!(debug, entry),
        "warn" => emit!(warn, entry),
        "error" => emit!(error, entry),
        _ => emit!(info, entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_split_into_the_run_and_the_rest() {
        let entry = LogEntry::read(
            r#"["hello",{"workflowId":"w","runId":"r","workflowType":"t","namespace":"n","taskQueue":"q","lead":7}]"#,
        );
        assert_eq!(
            entry,
            LogEntry {
                message: "hello".to_owned(),
                workflow_id: "w".to_owned(),
                run_id: "r".to_owned(),
                workflow_type: "t".to_owned(),
                attributes: r#"{"lead":7}"#.to_owned(),
            }
        );
    }

    #[test]
    fn arguments_of_any_shape_are_logged() {
        assert_eq!(LogEntry::read("[42]").message, "42");
        assert_eq!(LogEntry::read("[]").message, "");
        assert_eq!(LogEntry::read("not json").message, "");
        assert_eq!(LogEntry::read(r#"["m","no object"]"#).attributes, "");
    }
}
