//! What goes to standard error: one JSON object a line.

use std::io::Write as _;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::engine::{ConsoleCall, SinkCall};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// A `console` method of workflow code.
    Console,
    /// A sink of workflow code, the SDK's `log` and `metricMeter` included.
    Sink,
    /// The program itself: why it ends.
    Burdock,
}

/// One line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line<'a> {
    /// Who speaks.
    pub origin: Origin,
    /// The run that it is about, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<&'a str>,
    /// That run's workflow id, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<&'a str>,
    /// Name of the console's method or of the logger's function; `info` for other sinks.
    pub level: &'a str,
    /// Name of the sink.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sink: Option<&'a str>,
    /// Name of the sink's function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<&'a str>,
    /// The values, as a JSON array; what JSON lacks is written as text.
    pub args: Box<RawValue>,
}

impl<'a> Line<'a> {
    /// A line of the program's own.
    #[must_use]
    pub fn of_burdock(level: &'a str, message: &str) -> Self {
        Self {
            origin: Origin::Burdock,
            run_id: None,
            workflow_id: None,
            level,
            sink: None,
            function: None,
            args: raw_array(&serde_json::json!([message]).to_string()),
        }
    }

    pub(super) fn of_console(call: &'a ConsoleCall) -> Self {
        Self {
            origin: Origin::Console,
            run_id: call.run_id.as_deref(),
            workflow_id: call.workflow_id.as_deref(),
            level: &call.level,
            sink: None,
            function: None,
            args: raw_array(&call.arguments_json),
        }
    }

    pub(super) fn of_sink(
        run_id: &'a str,
        workflow_id: Option<&'a str>,
        call: &'a SinkCall,
    ) -> Self {
        let is_logger = matches!(
            call.interface.as_str(),
            "__temporal_logger" | "defaultWorkerLogger"
        );
        Self {
            origin: Origin::Sink,
            run_id: Some(run_id),
            workflow_id,
            level: if is_logger { &call.function } else { "info" },
            sink: Some(&call.interface),
            function: Some(&call.function),
            args: raw_array(&call.arguments_json),
        }
    }

    /// Writes the line to standard error in one piece. A reader that has gone away is no error.
    pub fn write(&self) {
        let Ok(mut text) = serde_json::to_vec(self) else {
            return;
        };
        text.push(b'\n');
        let _ = std::io::stderr().lock().write_all(&text);
    }
}

/// Writes one call of a `console` method.
pub fn console_line(call: &ConsoleCall) {
    Line::of_console(call).write();
}

/// JSON text as it is; a text that is no JSON is written as one string.
fn raw_array(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned())
        .or_else(|_| RawValue::from_string(serde_json::json!([text]).to_string()))
        .unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &Line<'_>) -> String {
        serde_json::to_string(line).expect("lines have string keys")
    }

    #[test]
    fn a_console_call_has_its_run_level_and_values() {
        let call = ConsoleCall {
            level: "warn".to_owned(),
            run_id: Some("r".to_owned()),
            workflow_id: Some("w".to_owned()),
            arguments_json: r#"["a",{"b":1}]"#.to_owned(),
        };
        assert_eq!(
            text(&Line::of_console(&call)),
            r#"{"origin":"console","runId":"r","workflowId":"w","level":"warn","args":["a",{"b":1}]}"#
        );
    }

    #[test]
    fn only_the_logger_has_levels() {
        let level = |interface: &str| {
            let call = SinkCall {
                interface: interface.to_owned(),
                function: "warn".to_owned(),
                arguments_json: "[]".to_owned(),
                replaying: false,
                info_json: None,
            };
            Line::of_sink("r", None, &call).level.to_owned()
        };
        assert_eq!(level("__temporal_logger"), "warn");
        assert_eq!(level("__temporal_metrics"), "info");
    }

    #[test]
    fn a_text_that_is_no_json_does_not_break_the_line() {
        let line = text(&Line {
            args: raw_array("[1,"),
            ..Line::of_burdock("error", "")
        });
        assert_eq!(
            line,
            r#"{"origin":"burdock","level":"error","args":["[1,"]}"#
        );
    }
}
